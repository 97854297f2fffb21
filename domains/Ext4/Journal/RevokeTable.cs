namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The revoke records of a log: for each block the last transaction whose copies of it, and all older ones, are not to be
/// replayed. Open addressing, sized once.
/// </summary>
internal sealed class RevokeTable
{
    private readonly ulong[] blocks;
    private readonly uint[] sequences;
    private readonly bool[] isUsed;
    private readonly int mask;

    /// <param name="countMax">Most records.</param>
    internal RevokeTable(int countMax)
    {
        int capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)((2 * countMax) + 1));
        blocks = new ulong[capacity];
        sequences = new uint[capacity];
        isUsed = new bool[capacity];
        mask = capacity - 1;
    }

    internal void Add(ulong block, uint sequence)
    {
        int slot = SlotOf(block);
        if (!isUsed[slot] || IsLater(sequence, sequences[slot]))
        {
            (isUsed[slot], blocks[slot], sequences[slot]) = (true, block, sequence);
        }
    }

    /// <summary>Whether a block's copy in a transaction is not to be replayed.</summary>
    internal bool IsRevoked(ulong block, uint sequence)
    {
        int slot = SlotOf(block);
        return isUsed[slot] && !IsLater(sequence, sequences[slot]);
    }

    /// <summary>Sequence numbers wrap around (tid_gt of Linux).</summary>
    private static bool IsLater(uint sequence, uint other) => (int)(sequence - other) > 0;

    private int SlotOf(ulong block)
    {
        int slot = (int)((block * 0x9E3779B97F4A7C15) >> 33) & mask;
        while (isUsed[slot] && blocks[slot] != block)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }
}
