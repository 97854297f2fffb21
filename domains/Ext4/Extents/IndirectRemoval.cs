using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.IndirectMap;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>Takes blocks from a file with an <see cref="IndirectMap"/>, from the end to the start, and the tables that become empty.</summary>
internal sealed class IndirectRemoval(Volume volume, IndirectMap map)
{
    private uint first;
    private uint end;
    private bool isCut;

    /// <summary>Frees the blocks of a range.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="inode">The file.</param>
    /// <param name="firstBlock">The first of them.</param>
    /// <param name="endBlock">Behind the last.</param>
    /// <param name="cuts">Whether the rest is left to do after a power cut in between.</param>
    internal Errno Remove(CallContext context, Inode inode, uint firstBlock, uint endBlock, bool cuts)
    {
        inode.ForgetRun();
        inode.IsMapChanged = true;
        (first, end, isCut) = (firstBlock, endBlock, cuts);
        ulong start = Spec.DirectBlocks;
        for (int level = 1; level < Spec.LevelsMax; level++)
        {
            start += map.SpanOf(level);
        }

        for (int level = Spec.LevelsMax; level > 0; level--)
        {
            int index = Spec.DirectBlocks + level - 1;
            Errno error = RemoveEntries(context, inode, 0, index, index + 1, level, start);
            if (error != Errno.None)
            {
                return error;
            }

            start -= map.SpanOf(level - 1);
        }

        return RemoveEntries(context, inode, 0, 0, Spec.DirectBlocks, 0, 0);
    }

    /// <summary>
    /// Removes what entries of a table lead to. The table is fetched anew for each: a commit in between may have let it go.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="inode">The file.</param>
    /// <param name="table">The table; 0 for the inode.</param>
    /// <param name="from">The first entry.</param>
    /// <param name="to">Behind the last.</param>
    /// <param name="level">Tables below each of them.</param>
    /// <param name="start">The file block of the first.</param>
    private Errno RemoveEntries(CallContext context, Inode inode, ulong table, int from, int to, int level, ulong start)
    {
        ulong span = map.SpanOf(level);
        for (int index = to - 1; index >= from; index--)
        {
            ulong block = start + ((ulong)(index - from) * span);
            if (block >= end || block + span <= first)
            {
                continue;
            }

            Errno error = Read(context, inode, table, out ReadOnlySpan<byte> entries);
            uint entry = error == Errno.None ? IndirectMap.Entry(entries, index) : 0;
            if (error == Errno.None && entry != 0)
            {
                error = level == 0
                    ? RemoveRun(context, inode, table, entries, from, block, ref index)
                    : RemoveTable(context, inode, table, index, level, block, entry);
                error = error == Errno.None
                    ? isCut ? volume.Continue(context, inode) : volume.ContinueWhole(context, inode)
                    : error;
            }

            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }

    /// <summary>Frees neighbours on the disk that end with an entry, and goes on before them.</summary>
    private Errno RemoveRun(
        CallContext context, Inode inode, ulong table, ReadOnlySpan<byte> entries, int from, ulong block, ref int index)
    {
        uint last = IndirectMap.Entry(entries, index);
        int count = 1;
        while (index - count >= from && block - (uint)count >= first && count < Ext4Limits.DirectoryBlocksPerStep
            && last > count && IndirectMap.Entry(entries, index - count) == last - (uint)count)
        {
            count++;
        }

        uint physical = last - (uint)count + 1;
        Errno error = map.CheckNumbers(inode, physical, (uint)count);
        if (error == Errno.None)
        {
            error = Clear(context, inode, table, index - count + 1, count);
        }

        index -= count - 1;
        if (error != Errno.None)
        {
            return error;
        }

        volume.BlockAllocator.Charge(inode, -count);
        return volume.BlockAllocator.Free(context, physical, (uint)count, isMetadata: inode.IsDirectory);
    }

    private Errno RemoveTable(CallContext context, Inode inode, ulong table, int index, int level, ulong start, uint child)
    {
        int count = volume.BlockBytes / sizeof(uint);
        Errno error = RemoveEntries(context, inode, child, 0, count, level - 1, start);
        ReadOnlySpan<byte> entries = default;
        if (error == Errno.None)
        {
            error = Read(context, inode, child, out entries);
        }

        if (error != Errno.None || entries.ContainsAnyExcept((byte)0))
        {
            return error;
        }

        error = Clear(context, inode, table, index, 1);
        if (error != Errno.None)
        {
            return error;
        }

        volume.BlockAllocator.Charge(inode, -1);
        return volume.BlockAllocator.Free(context, child, 1, isMetadata: true);
    }

    private Errno Read(CallContext context, Inode inode, ulong table, out ReadOnlySpan<byte> entries)
    {
        entries = inode.Block;
        if (table == 0)
        {
            return Errno.None;
        }

        Errno error = map.GetTable(context, inode, table, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            entries = volume.Cache.Read(context, buffer);
        }

        return error;
    }

    private Errno Clear(CallContext context, Inode inode, ulong table, int index, int count)
    {
        Errno error = map.ModifyTable(context, inode, table, out Span<byte> entries);
        for (int at = index; at < index + count && error == Errno.None; at++)
        {
            Put32(entries, at * sizeof(uint), 0);
        }

        return error;
    }
}
