using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Group;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Free inodes by their bitmaps. A file goes to the group of its directory; a directory at the top level goes to the group
/// with most room, a deeper one stays near its parent: the idea of Orlov's allocator, without its debts.
/// </summary>
internal sealed class InodeAllocator(Volume volume)
{
    /// <summary>All below the first free one are in use, so that none is skipped on an image without damage.</summary>
    private const uint UnusedInodesSkippedMax = 128;

    private readonly Superblock superblock = volume.Superblock;
    private readonly GroupTable groups = volume.Groups;

    internal Errno Allocate(CallContext context, Inode parent, bool isDirectory, out uint number)
    {
        number = 0;
        uint parentGroup = (parent.Number - 1) / superblock.InodesPerGroup;
        uint first = isDirectory && parent.Number == Ext4Spec.RootInode ? EmptiestGroup() : parentGroup;
        for (uint step = 0; step < groups.Count; step++)
        {
            uint group = (first + step) % groups.Count;
            if (groups.FreeInodes(group) > 0)
            {
                Errno error = TakeFromGroup(context, group, isDirectory, out number);
                if (error != Errno.NoSpace)
                {
                    return error;
                }
            }
        }

        return Errno.NoSpace;
    }

    internal Errno Free(CallContext context, uint number, bool isDirectory)
    {
        uint group = (number - 1) / superblock.InodesPerGroup;
        uint index = (number - 1) % superblock.InodesPerGroup;
        Errno error = GetBitmap(context, group, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            error = groups.Touch(context, group, isBlockBitmap: false, isInodeBitmap: true);
        }

        if (error != Errno.None)
        {
            return error;
        }

        if (number < superblock.FirstInode || !Bitmap.TryClearRange(volume.Transaction.Modify(context, buffer), index, 1))
        {
            return volume.Damaged($"inode bitmap of group {group} (block {buffer.Block}): inode {number} is freed twice");
        }

        groups.SetFreeInodes(group, groups.FreeInodes(group) + 1);
        superblock.FreeInodes++;
        if (isDirectory)
        {
            groups.SetUsedDirectories(group, groups.UsedDirectories(group) - Math.Min(1, groups.UsedDirectories(group)));
        }

        return Errno.None;
    }

    /// <summary>Whether an inode is marked as in use.</summary>
    internal Errno CheckInUse(CallContext context, uint number, out bool isInUse)
    {
        Errno error = GetBitmap(context, (number - 1) / superblock.InodesPerGroup, out BlockBuffer buffer);
        isInUse = error == Errno.None
            && number >= superblock.FirstInode
            && Bitmap.IsSet(volume.Cache.Read(context, buffer), (number - 1) % superblock.InodesPerGroup);
        return error;
    }

    private uint EmptiestGroup()
    {
        uint best = 0;
        ulong bestRoom = 0;
        for (uint group = 0; group < groups.Count; group++)
        {
            ulong room = (ulong)groups.FreeBlocks(group) * groups.FreeInodes(group);
            if (room > bestRoom)
            {
                (best, bestRoom) = (group, room);
            }
        }

        return best;
    }

    private Errno TakeFromGroup(CallContext context, uint group, bool isDirectory, out uint number)
    {
        number = 0;
        Errno error = GetBitmap(context, group, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        uint reserved = group == 0 ? superblock.FirstInode - 1 : 0;
        uint index = Bitmap.FindClear(volume.Cache.Read(context, buffer), reserved, superblock.InodesPerGroup);
        if (index >= superblock.InodesPerGroup)
        {
            return Errno.NoSpace;
        }

        error = ExtendUsed(context, group, index);
        if (error == Errno.None)
        {
            // Clearing slots may have taken many gets.
            error = GetBitmap(context, group, out buffer);
        }

        if (error == Errno.None)
        {
            error = groups.Touch(context, group, isBlockBitmap: false, isInodeBitmap: true);
        }

        if (error != Errno.None)
        {
            return error;
        }

        Bitmap.Set(volume.Transaction.Modify(context, buffer), index);
        groups.SetFreeInodes(group, groups.FreeInodes(group) - 1);
        superblock.FreeInodes -= Math.Min(1, superblock.FreeInodes);
        if (isDirectory)
        {
            groups.SetUsedDirectories(group, groups.UsedDirectories(group) + 1);
        }

        number = (group * superblock.InodesPerGroup) + index + 1;
        return Errno.None;
    }

    /// <summary>
    /// Moves the end of the used part of the inode table behind an inode. Slots in between may hold anything, as mkfs does
    /// not clear the tables: they are cleared now.
    /// </summary>
    private Errno ExtendUsed(CallContext context, uint group, uint index)
    {
        uint unused = groups.UnusedInodes(group);
        uint used = superblock.InodesPerGroup - unused;
        if (index < used)
        {
            return Errno.None;
        }

        if (index - used >= UnusedInodesSkippedMax)
        {
            return volume.Damaged($"inode bitmap of group {group}: inodes are in use that have never been used");
        }

        uint firstNumber = (group * superblock.InodesPerGroup) + used + 1;
        Errno error = groups.HasFlag(group, Spec.InodeTableZeroed)
            ? Errno.None
            : volume.Inodes.ClearSlots(context, firstNumber, index + 1 - used);
        if (error == Errno.None)
        {
            groups.SetUnusedInodes(group, superblock.InodesPerGroup - index - 1);
        }

        return error;
    }

    private Errno GetBitmap(CallContext context, uint group, out BlockBuffer buffer)
    {
        if (groups.HasFlag(group, Spec.InodeUninitialized))
        {
            return MakeBitmap(context, group, out buffer);
        }

        Errno error = volume.Cache.Get(context, groups.InodeBitmap(group), out buffer);
        if (error != Errno.None || volume.Cache.IsVerified(buffer))
        {
            return error;
        }

        ReadOnlySpan<byte> bits = volume.Cache.Read(context, buffer);
        if (superblock.HasMetadataChecksum)
        {
            uint expected = groups.BitmapChecksum(bits, superblock.InodesPerGroup) & groups.BitmapChecksumMask;
            if (groups.InodeBitmapChecksum(group) != expected)
            {
                return volume.DamagedChecksum(
                    $"inode bitmap of group {group}", buffer.Block, groups.InodeBitmapChecksum(group), expected);
            }
        }

        uint free = Bitmap.CountClear(bits, superblock.InodesPerGroup);
        if (free != groups.FreeInodes(group))
        {
            return volume.Damaged($"inode bitmap of group {group} (block {buffer.Block}): {free} free inodes, "
                + $"{groups.FreeInodes(group)} by the descriptor");
        }

        volume.Cache.SetVerified(buffer);
        return Errno.None;
    }

    /// <summary>INODE_UNINIT (group_descr.rst): no inode of the group is in use, and the bitmap was never written.</summary>
    private Errno MakeBitmap(CallContext context, uint group, out BlockBuffer buffer)
    {
        Errno error = volume.Cache.GetCleared(context, groups.InodeBitmap(group), out buffer);
        if (error == Errno.None)
        {
            error = groups.Touch(context, group, isBlockBitmap: false, isInodeBitmap: true);
        }

        if (error != Errno.None)
        {
            return error;
        }

        if (groups.FreeInodes(group) != superblock.InodesPerGroup)
        {
            return volume.Damaged($"group {group} has no inode bitmap yet, but {groups.FreeInodes(group)} free inodes");
        }

        Span<byte> bits = volume.Transaction.Modify(context, buffer);
        Bitmap.SetRange(bits, superblock.InodesPerGroup, ((uint)bits.Length * 8) - superblock.InodesPerGroup);
        groups.ClearFlag(group, Spec.InodeUninitialized);
        volume.Cache.SetVerified(buffer);
        return Errno.None;
    }
}
