using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Group;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Free blocks by their bitmaps. Allocation goes for the goal itself, then for a run of fair length near it, then for
/// anything.
/// </summary>
internal sealed class BlockAllocator(Volume volume)
{
    private readonly Superblock superblock = volume.Superblock;
    private readonly GroupTable groups = volume.Groups;

    /// <summary>What has been freed since the last commit.</summary>
    internal PendingFrees PendingFrees { get; } = new();

    /// <summary>Free blocks that can be used before the next commit.</summary>
    internal ulong ReadyBlocks => superblock.FreeBlocks - Math.Min(PendingFrees.Blocks, superblock.FreeBlocks);

    /// <summary>Blocks kept back for extent trees.</summary>
    internal ulong KeptBackBlocks { get; } = Math.Min(volume.Superblock.BlockCount / 50, Ext4Limits.KeptBackBlocksMax);

    /// <summary>Those of the ready blocks that anything may have.</summary>
    internal ulong RoomBlocks => ReadyBlocks - Math.Min(ReadyBlocks, KeptBackBlocks);

    /// <summary>Where the first block of a file is best put: in the group of its inode.</summary>
    internal ulong GoalFor(Inode inode) => superblock.GroupStart((inode.Number - 1) / superblock.InodesPerGroup);

    /// <summary>Notes that an inode owns more or fewer blocks.</summary>
    internal void Charge(Inode inode, long blockCount)
    {
        bool isInBlocks = inode.HasFlag(Ext4Spec.InodeFlags.HugeFile);
        long units = isInBlocks ? blockCount : blockCount * (volume.BlockBytes / Ext4Spec.SectorBytes);
        inode.SectorCount = units < 0 && inode.SectorCount < (ulong)-units ? 0 : inode.SectorCount + (ulong)units;
    }

    /// <summary>Allocates blocks in a row.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="goal">Where they would be best.</param>
    /// <param name="countMax">How many are wanted.</param>
    /// <param name="start">The first one.</param>
    /// <param name="count">How many there are, at least one.</param>
    /// <param name="isForTree">Whether the blocks that are kept back may be taken too.</param>
    internal Errno Allocate(
        CallContext context, ulong goal, uint countMax, out ulong start, out uint count, bool isForTree = false)
    {
        start = 0;
        count = 0;
        countMax = (uint)Math.Min(countMax, isForTree ? ReadyBlocks : RoomBlocks);
        if (countMax == 0)
        {
            return Errno.NoSpace;
        }

        goal = goal > superblock.FirstDataBlock && goal < superblock.BlockCount ? goal : superblock.FirstDataBlock;
        uint wanted = Math.Min(countMax, Ext4Limits.ContiguousBlocksWanted);
        Errno error = Search(context, goal, wanted, countMax, out start, out count);
        return error == Errno.NoSpace && wanted > 1 ? Search(context, goal, 1, countMax, out start, out count) : error;
    }

    /// <summary>Frees blocks, which may lie in several groups. Blocks that are free already, or no file's, are damage.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="start">The first one.</param>
    /// <param name="count">How many.</param>
    /// <param name="isMetadata">Whether copies of them may be in the journal.</param>
    internal Errno Free(CallContext context, ulong start, uint count, bool isMetadata)
    {
        if (!superblock.IsInRange(start, count) || volume.Extents.Zone!.Overlaps(start, count))
        {
            return volume.Damaged($"blocks {start} to {start + count - 1} are to be freed, but belong to no file");
        }

        while (count > 0)
        {
            uint group = superblock.GroupOf(start);
            uint first = (uint)(start - superblock.GroupStart(group));
            uint inGroup = Math.Min(count, superblock.BlocksInGroup(group) - first);
            Errno error = volume.Journal is null
                ? FreeInGroup(context, group, first, inGroup)
                : FreeLater(context, group, first, inGroup);
            if (error != Errno.None)
            {
                return error;
            }

            for (ulong block = start; block < start + inGroup; block++)
            {
                volume.Cache.Forget(block);
                if (isMetadata && volume.Journal is { IsAborted: false } journal)
                {
                    journal.Revoke(block);
                }
            }

            start += inGroup;
            count -= inGroup;
        }

        return Errno.None;
    }

    private Errno Search(CallContext context, ulong goal, uint wanted, uint countMax, out ulong start, out uint count)
    {
        start = 0;
        count = 0;
        uint goalGroup = superblock.GroupOf(goal);
        for (uint step = 0; step <= groups.Count; step++)
        {
            uint group = (goalGroup + step) % groups.Count;
            if (groups.FreeBlocks(group) < wanted)
            {
                continue;
            }

            uint from = step == 0 ? (uint)(goal - superblock.GroupStart(group)) : 0;
            Errno error = TakeFromGroup(context, group, from, wanted, countMax, out uint first, out count);
            if (error != Errno.NoSpace)
            {
                start = superblock.GroupStart(group) + first;
                return error;
            }
        }

        return Errno.NoSpace;
    }

    private Errno TakeFromGroup(
        CallContext context, uint group, uint from, uint wanted, uint countMax, out uint first, out uint count)
    {
        count = 0;
        first = 0;
        Errno error = GetBitmap(context, group, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        uint end = superblock.BlocksInGroup(group);
        ReadOnlySpan<byte> bits = volume.Cache.Read(context, buffer);
        uint atGoal = Math.Min(Bitmap.FindSet(bits, from, end), from + countMax) - from;
        if (atGoal > 0 && from > 0)
        {
            (first, count) = (from, atGoal);
        }
        else
        {
            FindRun(bits, from, end, wanted, countMax, out first, out count);
        }

        return count == 0 ? Errno.NoSpace : Take(context, group, buffer, first, count);
    }

    private static void FindRun(
        ReadOnlySpan<byte> bits, uint from, uint end, uint wanted, uint countMax, out uint first, out uint count)
    {
        first = from;
        count = 0;
        for (uint index = from; index < end;)
        {
            uint start = Bitmap.FindClear(bits, index, end);
            uint stop = Bitmap.FindSet(bits, start, end);
            if (start < end && stop - start >= wanted)
            {
                first = start;
                count = Math.Min(stop - start, countMax);
                return;
            }

            index = stop;
        }
    }

    private Errno Take(CallContext context, uint group, BlockBuffer buffer, uint first, uint count)
    {
        Errno error = groups.Touch(context, group, isBlockBitmap: true, isInodeBitmap: false);
        if (error != Errno.None)
        {
            return error;
        }

        if (volume.Extents.Zone!.Overlaps(superblock.GroupStart(group) + first, count) || groups.FreeBlocks(group) < count)
        {
            return volume.Damaged($"block bitmap of group {group} (block {buffer.Block}): metadata is marked as free");
        }

        Bitmap.SetRange(volume.Transaction.Modify(context, buffer), first, count);
        groups.SetFreeBlocks(group, groups.FreeBlocks(group) - count);
        superblock.FreeBlocks -= Math.Min(count, superblock.FreeBlocks);
        return Errno.None;
    }

    /// <summary>Gives back what has been freed: it can be used again after the commit that this is part of.</summary>
    internal Errno ApplyFrees(CallContext context)
    {
        volume.Transaction.Begin();
        Errno error = Errno.None;
        for (int index = 0; index < PendingFrees.Count && error == Errno.None; index++)
        {
            ulong start = PendingFrees.Start(index);
            uint group = superblock.GroupOf(start);
            superblock.FreeBlocks -= Math.Min(PendingFrees.BlockCount(index), superblock.FreeBlocks);
            error = FreeInGroup(context, group, (uint)(start - superblock.GroupStart(group)), PendingFrees.BlockCount(index));
        }

        PendingFrees.Clear();
        volume.Transaction.End();
        return error;
    }

    /// <summary>The bitmap joins the transaction now, but changes only when it is committed.</summary>
    private Errno FreeLater(CallContext context, uint group, uint first, uint count)
    {
        Errno error = GetBitmap(context, group, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            error = groups.Touch(context, group, isBlockBitmap: true, isInodeBitmap: false);
        }

        if (error != Errno.None)
        {
            return error;
        }

        if (Bitmap.FindClear(volume.Transaction.Modify(context, buffer), first, first + count) < first + count)
        {
            return volume.Damaged($"block bitmap of group {group} (block {buffer.Block}): blocks from "
                + $"{superblock.GroupStart(group) + first} are freed twice");
        }

        PendingFrees.Add(superblock.GroupStart(group) + first, count);
        superblock.FreeBlocks += count;
        return Errno.None;
    }

    private Errno FreeInGroup(CallContext context, uint group, uint first, uint count)
    {
        Errno error = GetBitmap(context, group, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            error = groups.Touch(context, group, isBlockBitmap: true, isInodeBitmap: false);
        }

        if (error != Errno.None)
        {
            return error;
        }

        if (!Bitmap.TryClearRange(volume.Transaction.Modify(context, buffer), first, count))
        {
            return volume.Damaged($"block bitmap of group {group} (block {buffer.Block}): blocks from "
                + $"{superblock.GroupStart(group) + first} are freed twice");
        }

        groups.SetFreeBlocks(group, groups.FreeBlocks(group) + count);
        superblock.FreeBlocks += count;
        return Errno.None;
    }

    /// <summary>The bitmap of a group, checked once after it has been read, or made when it was never written.</summary>
    private Errno GetBitmap(CallContext context, uint group, out BlockBuffer buffer)
    {
        if (groups.HasFlag(group, Spec.BlockUninitialized))
        {
            return MakeBitmap(context, group, out buffer);
        }

        Errno error = volume.Cache.Get(context, groups.BlockBitmap(group), out buffer);
        if (error != Errno.None || volume.Cache.IsVerified(buffer))
        {
            return error;
        }

        ReadOnlySpan<byte> bits = volume.Cache.Read(context, buffer);
        if (superblock.HasMetadataChecksum)
        {
            uint expected = groups.BitmapChecksum(bits, superblock.BlocksPerGroup) & groups.BitmapChecksumMask;
            if (groups.BlockBitmapChecksum(group) != expected)
            {
                return volume.DamagedChecksum(
                    $"block bitmap of group {group}", buffer.Block, groups.BlockBitmapChecksum(group), expected);
            }
        }

        uint free = Bitmap.CountClear(bits, superblock.BlocksInGroup(group));
        if (free != groups.FreeBlocks(group))
        {
            return volume.Damaged($"block bitmap of group {group} (block {buffer.Block}): {free} free blocks, "
                + $"{groups.FreeBlocks(group)} by the descriptor");
        }

        volume.Cache.SetVerified(buffer);
        return Errno.None;
    }

    /// <summary>BLOCK_UNINIT (group_descr.rst): only the group's own metadata is in use.</summary>
    private Errno MakeBitmap(CallContext context, uint group, out BlockBuffer buffer)
    {
        Errno error = volume.Cache.GetCleared(context, groups.BlockBitmap(group), out buffer);
        if (error == Errno.None)
        {
            error = groups.Touch(context, group, isBlockBitmap: true, isInodeBitmap: false);
        }

        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> bits = volume.Transaction.Modify(context, buffer);
        BlockBitmapLayout.Fill(bits, superblock, groups, group);
        uint free = Bitmap.CountClear(bits, superblock.BlocksInGroup(group));
        if (free != groups.FreeBlocks(group))
        {
            return volume.Damaged($"group {group} has no block bitmap yet: {free} free blocks, "
                + $"{groups.FreeBlocks(group)} by the descriptor");
        }

        groups.ClearFlag(group, Spec.BlockUninitialized);
        volume.Cache.SetVerified(buffer);
        return Errno.None;
    }
}
