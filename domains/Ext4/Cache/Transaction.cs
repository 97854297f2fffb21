namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The one way to change metadata. Every change of an operation happens between <see cref="Begin"/> and <see cref="End"/>
/// through <see cref="Modify"/>, which is what a journal needs to know of: which blocks belong together.
/// </summary>
/// <remarks>
/// With a journal the blocks go to its log first; operations that follow each other share one transaction of the journal.
/// Without one they just wait in the buffer cache to be written.
/// </remarks>
internal sealed class Transaction(BufferCache cache)
{
    private int depth;

    internal bool IsOpen => depth > 0;

    /// <summary>Where the changes go; null on a file system without one, and while it is being made or mounted.</summary>
    internal Journal? Journal { get; set; }

    internal void Begin() => depth++;

    internal void End() => depth--;

    /// <summary>The bytes of a block that the open transaction changes.</summary>
    internal Span<byte> Modify(CallContext context, BlockBuffer buffer)
    {
        if (depth == 0)
        {
            throw new InvalidOperationException($"block {buffer.Block} is changed outside a transaction");
        }

        return Journal is { IsAborted: false } journal
            ? journal.Join(context, buffer)
            : cache.Modify(context, buffer, isMetadata: true);
    }
}
