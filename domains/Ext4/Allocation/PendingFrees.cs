namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Blocks freed in the running transaction. They must not be used again before it is committed: file data is written to its
/// place at once, and after a power cut the old owner would have it.
/// </summary>
internal sealed class PendingFrees
{
    private readonly ulong[] starts = new ulong[Ext4Limits.PendingFreesMax];
    private readonly uint[] counts = new uint[Ext4Limits.PendingFreesMax];

    /// <summary>Runs of blocks.</summary>
    internal int Count { get; private set; }

    internal ulong Blocks { get; private set; }

    /// <summary>Adds a run within one group.</summary>
    internal void Add(ulong start, uint count)
    {
        if (Count == starts.Length)
        {
            throw new InvalidOperationException("more runs of blocks are freed than were announced");
        }

        starts[Count] = start;
        counts[Count++] = count;
        Blocks += count;
    }

    internal ulong Start(int index) => starts[index];

    internal uint BlockCount(int index) => counts[index];

    internal void Clear()
    {
        Count = 0;
        Blocks = 0;
    }
}
