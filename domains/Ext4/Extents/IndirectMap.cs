using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.IndirectMap;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The map of blocks of files that ext2 or ext3 has made (ifork.rst, "Direct/Indirect Block Addressing"): twelve block numbers in the
/// inode, then one of a table of numbers, one of a table of tables, and one of a table of those. 0 is a hole. The tables have
/// neither magic nor checksum, so each number is checked when it is used.
/// </summary>
/// <remarks><see cref="ExtentTree"/> and <see cref="ExtentRemoval"/> pass on what is asked of an inode without extents.</remarks>
internal sealed class IndirectMap(Volume volume)
{
    private const int EntryBytes = sizeof(uint);

    /// <summary>Blocks that a map can name.</summary>
    internal ulong BlocksMax => (uint)Spec.DirectBlocks + SpanOf(1) + SpanOf(2) + SpanOf(3);

    private int EntriesPerTable => volume.BlockBytes / EntryBytes;

    /// <summary>The run of blocks that a file block is in, from that block on, at most to the end of its table.</summary>
    internal Errno Find(CallContext context, Inode inode, uint block, out BlockRun run)
    {
        run = new BlockRun(block, uint.MaxValue - block, 0, false);
        if (!TryLocate(block, out int index, out int level, out ulong within))
        {
            return Errno.None;
        }

        ReadOnlySpan<byte> table = inode.Block;
        int end = level == 0 ? Spec.DirectBlocks : index + 1;
        for (; level > 0; level--)
        {
            uint entry = Entry(table, index);
            if (entry == 0)
            {
                run = run with { Count = (uint)Math.Min(SpanOf(level) - within, run.Count) };
                return Errno.None;
            }

            Errno error = GetTable(context, inode, entry, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            table = volume.Cache.Read(context, buffer);
            (index, within) = Split(within, level);
            end = EntriesPerTable;
        }

        run = Measure(table, index, end, block);
        return run.IsHole ? Errno.None : CheckNumbers(inode, run.Physical, run.Count);
    }

    /// <summary>Blocks from this one to the end of its table: what one <see cref="Insert"/> can map; 0 behind the last.</summary>
    internal uint RoomFrom(uint block) =>
        !TryLocate(block, out int index, out int level, out ulong within) ? 0
        : level == 0 ? (uint)(Spec.DirectBlocks - index)
        : (uint)EntriesPerTable - (uint)(within % (uint)EntriesPerTable);

    /// <summary>Maps a run where the file has a hole, within one table.</summary>
    /// <returns><see cref="Errno.NoSpace"/> when a table is needed and there is no block for it; the run is not mapped then.</returns>
    internal Errno Insert(CallContext context, Inode inode, BlockRun run)
    {
        inode.ForgetRun();
        inode.IsMapChanged = true;
        if (!TryLocate(run.First, out int index, out int level, out ulong within))
        {
            return Errno.FileTooLarge;
        }

        ulong table = 0;
        for (; level > 0; level--)
        {
            Errno error = GetOrMakeTable(context, inode, table, index, run.Physical, out table);
            if (error != Errno.None)
            {
                return error;
            }

            (index, within) = Split(within, level);
        }

        Errno got = ModifyTable(context, inode, table, out Span<byte> entries);
        for (uint block = 0; block < run.Count && got == Errno.None; block++)
        {
            Put32(entries, (index + (int)block) * EntryBytes, (uint)(run.Physical + block));
        }

        return got;
    }

    /// <summary>The data that a table, or the inode, maps from an entry on.</summary>
    internal static BlockRun Measure(ReadOnlySpan<byte> table, int index, int end, uint block)
    {
        uint first = Entry(table, index);
        uint count = 1;
        while (index + count < end && Entry(table, index + (int)count) == (first == 0 ? 0 : first + count))
        {
            count++;
        }

        return new BlockRun(block, count, first, false);
    }

    internal static uint Entry(ReadOnlySpan<byte> table, int index) => U32(table, index * EntryBytes);

    /// <summary>Blocks of a file below an entry with so many levels of tables under it.</summary>
    internal ulong SpanOf(int level)
    {
        ulong span = 1;
        for (; level > 0; level--)
        {
            span *= (uint)EntriesPerTable;
        }

        return span;
    }

    /// <summary>A table, if that block can be one.</summary>
    internal Errno GetTable(CallContext context, Inode inode, ulong block, out BlockBuffer buffer)
    {
        buffer = default;
        Errno error = CheckNumbers(inode, block, 1);
        return error == Errno.None ? volume.Cache.Get(context, block, out buffer) : error;
    }

    /// <summary>The entries of a table, to be changed; block 0 stands for those in the inode.</summary>
    internal Errno ModifyTable(CallContext context, Inode inode, ulong block, out Span<byte> entries)
    {
        entries = inode.Block;
        if (block == 0)
        {
            return Errno.None;
        }

        Errno error = GetTable(context, inode, block, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            entries = volume.Transaction.Modify(context, buffer);
        }

        return error;
    }

    internal Errno CheckNumbers(Inode inode, ulong first, uint count) =>
        volume.Superblock.IsInRange(first, count) && !(volume.Extents.Zone?.Overlaps(first, count) ?? false)
            ? Errno.None
            : volume.Damaged($"inode {inode.Number}: its map of blocks has {count} from {first}");

    /// <summary>Where the way to a file block begins.</summary>
    /// <param name="block">The block.</param>
    /// <param name="index">The entry in the inode.</param>
    /// <param name="level">Tables on the way.</param>
    /// <param name="within">The block's place among those below the entry.</param>
    /// <returns>False when the map does not reach so far.</returns>
    private bool TryLocate(uint block, out int index, out int level, out ulong within)
    {
        index = (int)Math.Min(block, Spec.DirectBlocks);
        level = 0;
        within = 0;
        if (block < Spec.DirectBlocks)
        {
            return true;
        }

        within = block - (uint)Spec.DirectBlocks;
        for (level = 1; level <= Spec.LevelsMax; level++)
        {
            if (within < SpanOf(level))
            {
                return true;
            }

            within -= SpanOf(level);
            index++;
        }

        return false;
    }

    /// <summary>One step down: the entry in the next table, and the place below that.</summary>
    private (int Index, ulong Within) Split(ulong within, int level)
    {
        ulong span = SpanOf(level - 1);
        return ((int)(within / span), within % span);
    }

    private Errno GetOrMakeTable(CallContext context, Inode inode, ulong parent, int index, ulong goal, out ulong child)
    {
        child = 0;
        Errno error = Errno.None;
        ReadOnlySpan<byte> entries = inode.Block;
        if (parent != 0)
        {
            error = GetTable(context, inode, parent, out BlockBuffer buffer);
            entries = error == Errno.None ? volume.Cache.Read(context, buffer) : entries;
        }

        if (error != Errno.None)
        {
            return error;
        }

        child = Entry(entries, index);
        return child != 0 ? Errno.None : MakeTable(context, inode, parent, index, goal, out child);
    }

    private Errno MakeTable(CallContext context, Inode inode, ulong parent, int index, ulong goal, out ulong child)
    {
        Errno error = volume.BlockAllocator.Allocate(context, goal, 1, out child, out _, isForTree: true);
        if (error != Errno.None)
        {
            return error;
        }

        error = volume.Cache.GetCleared(context, child, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            volume.Transaction.Modify(context, buffer);
            error = ModifyTable(context, inode, parent, out Span<byte> entries);
            if (error == Errno.None)
            {
                Put32(entries, index * EntryBytes, (uint)child);
                volume.BlockAllocator.Charge(inode, 1);
                return Errno.None;
            }
        }

        _ = volume.BlockAllocator.Free(context, child, 1, isMetadata: true);
        return error;
    }
}
