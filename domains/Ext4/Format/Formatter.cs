using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Group;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Makes a new file system. The superblock, descriptors and bitmaps are laid out here; the root directory, lost+found and
/// the journal are then made with the same code that a mounted file system uses.
/// </summary>
/// <remarks>
/// Inode tables are not cleared: the descriptors say that they have never been used, and Linux clears them in the
/// background when it mounts (INODE_ZEROED is not set). Bitmaps of groups that nothing lies in are not written either.
/// </remarks>
internal sealed class Formatter(DomainServices services, BufferCache cache)
{
    private const uint LostAndFoundBlocks = 4;

    internal Errno Format(CallContext context, ReadOnlySpan<byte> label)
    {
        var layout = new FormatLayout(cache.DeviceBytes);
        if (!layout.IsBigEnough)
        {
            services.Report(Severity.Error, $"a disk of {cache.DeviceBytes} bytes is too small for a file system");
            return Errno.NoSpace;
        }

        cache.SetBlockShift(Ext4Spec.PageShift);
        long micros = context.WallClockMicros;
        ulong entropy = (ulong)micros ^ ((ulong)context.UptimeMicros << 40);
        byte[] raw = NewSuperblock.Make(layout, label, micros / 1_000_000, entropy);
        string problem = Superblock.Parse(raw, cache.DeviceBytes, out Superblock? superblock);
        if (superblock is null)
        {
            throw new InvalidOperationException($"the formatter made a bad superblock: {problem}");
        }

        var volume = new Volume(services, superblock, cache, isReadOnly: false);
        cache.Sealer = volume;
        volume.Transaction.Begin();
        Errno error = Fill(context, volume, layout);
        volume.Transaction.End();
        error = error == Errno.None ? cache.Flush(context) : error;
        if (error != Errno.None)
        {
            services.Report(Severity.Error, $"formatting failed: {error}");
        }

        return error;
    }

    private Errno Fill(CallContext context, Volume volume, FormatLayout layout)
    {
        Errno error = ClearStart(context, volume.Superblock);
        for (uint group = 0; group < layout.GroupCount && error == Errno.None; group++)
        {
            volume.Groups.Define(group, layout.BlockBitmap(group), layout.InodeBitmap(group), layout.InodeTable(group));
            error = FillGroup(context, volume, layout, group);
        }

        if (error != Errno.None)
        {
            return error;
        }

        volume.Extents.Zone = new SystemZone(volume.Superblock, volume.Groups);
        Mounting.SumFreeCounts(volume);
        error = MakeDirectories(context, volume);
        if (error == Errno.None && layout.JournalBlocks > 0)
        {
            error = MakeJournal(context, volume, layout.JournalBlocks);
        }

        if (error == Errno.None)
        {
            error = volume.StoreSuperblock(context);
        }

        return error == Errno.None ? WriteCopies(context, volume) : error;
    }

    /// <summary>Boot block, superblock and descriptors: nothing of what was on the disk may stay there.</summary>
    private Errno ClearStart(CallContext context, Superblock superblock)
    {
        for (uint block = 0; block <= superblock.DescriptorBlocks; block++)
        {
            Errno error = cache.GetCleared(context, block, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            cache.Modify(context, buffer, isMetadata: true);
        }

        return Errno.None;
    }

    private Errno FillGroup(CallContext context, Volume volume, FormatLayout layout, uint group)
    {
        GroupTable groups = volume.Groups;
        Superblock superblock = volume.Superblock;
        bool hasBlockBitmap = layout.IsFlexLeader(group) || group == layout.GroupCount - 1;
        uint free = superblock.BlocksInGroup(group) - CopyBlocks(superblock, group);
        Errno error = Errno.None;
        if (hasBlockBitmap)
        {
            error = FillBlockBitmap(context, volume, layout, group, out free);
        }

        if (error == Errno.None && group == 0)
        {
            error = FillInodeBitmap(context, volume);
        }

        if (error == Errno.None)
        {
            error = groups.Touch(context, group, hasBlockBitmap, isInodeBitmap: group == 0);
        }

        if (error != Errno.None)
        {
            return error;
        }

        uint reserved = group == 0 ? Ext4Spec.FirstFreeInode - 1 : 0;
        groups.SetFreeBlocks(group, free);
        groups.SetFreeInodes(group, superblock.InodesPerGroup - reserved);
        groups.SetUnusedInodes(group, superblock.InodesPerGroup - reserved);
        groups.SetFlags(group, (group == 0 ? 0 : Spec.InodeUninitialized) | (hasBlockBitmap ? 0 : Spec.BlockUninitialized));
        return group == 0 ? volume.Inodes.ClearSlots(context, 1, reserved) : Errno.None;
    }

    private Errno FillBlockBitmap(CallContext context, Volume volume, FormatLayout layout, uint group, out uint free)
    {
        free = 0;
        Errno error = cache.GetCleared(context, layout.BlockBitmap(group), out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> bits = volume.Transaction.Modify(context, buffer);
        BlockBitmapLayout.Fill(bits, volume.Superblock, volume.Groups, group);
        for (uint member = group; layout.IsFlexLeader(group) && member < group + layout.GroupsInFlex(group); member++)
        {
            BlockBitmapLayout.SetOwn(bits, volume.Superblock, group, layout.BlockBitmap(member), 1);
            BlockBitmapLayout.SetOwn(bits, volume.Superblock, group, layout.InodeBitmap(member), 1);
            BlockBitmapLayout.SetOwn(bits, volume.Superblock, group, layout.InodeTable(member), layout.InodeTableBlocks);
        }

        free = Bitmap.CountClear(bits, volume.Superblock.BlocksInGroup(group));
        cache.SetVerified(buffer);
        return Errno.None;
    }

    /// <summary>Group 0 has the reserved inodes.</summary>
    private Errno FillInodeBitmap(CallContext context, Volume volume)
    {
        Errno error = cache.GetCleared(context, volume.Groups.InodeBitmap(0), out BlockBuffer buffer);
        if (error == Errno.None)
        {
            Span<byte> bits = volume.Transaction.Modify(context, buffer);
            uint perGroup = volume.Superblock.InodesPerGroup;
            Bitmap.SetRange(bits, 0, Ext4Spec.FirstFreeInode - 1);
            Bitmap.SetRange(bits, perGroup, ((uint)bits.Length * 8) - perGroup);
            cache.SetVerified(buffer);
        }

        return error;
    }

    private static uint CopyBlocks(Superblock superblock, uint group) =>
        superblock.HasSuperblockCopy(group) ? 1 + superblock.DescriptorBlocks : 0;

    private static Errno MakeDirectories(CallContext context, Volume volume)
    {
        Errno error = volume.Life.CreateReserved(context, Ext4Spec.RootInode, FileMode.Directory | 0x1ED, out Inode root);
        if (error == Errno.None)
        {
            root.LinkCount = 2;
            error = volume.Directories.Initialize(context, root, root.Number);
        }

        if (error == Errno.None)
        {
            error = volume.Groups.Touch(context, 0, isBlockBitmap: false, isInodeBitmap: false);
            volume.Groups.SetUsedDirectories(0, 1);
        }

        if (error == Errno.None)
        {
            error = volume.Inodes.Store(context, root);
        }

        if (error != Errno.None)
        {
            return error;
        }

        var names = new NameOperations(volume);
        error = names.Create(context, root.Number, "lost+found"u8, FileMode.Directory | 0x1C0, 0, 0, 0, out ulong number);
        return error == Errno.None ? ExtendLostAndFound(context, volume, number) : error;
    }

    /// <summary>e2fsck puts what it finds here, and must not have to allocate for the first entries.</summary>
    private static Errno ExtendLostAndFound(CallContext context, Volume volume, ulong number)
    {
        Errno error = volume.Inodes.Load(context, number, out Inode lostAndFound);
        for (uint index = 1; index < LostAndFoundBlocks && error == Errno.None; index++)
        {
            error = volume.Directories.AddEmptyBlock(context, lostAndFound);
        }

        return error == Errno.None ? volume.Inodes.Store(context, lostAndFound) : error;
    }

    /// <summary>The journal is a file whose blocks are all there, cleared, behind a superblock that says it is empty.</summary>
    private Errno MakeJournal(CallContext context, Volume volume, uint blockCount)
    {
        Errno error = volume.Life.CreateReserved(context, Ext4Spec.JournalInode, FileMode.Regular | 0x180, out Inode journal);
        journal.SizeBytes = (ulong)blockCount * FormatLayout.BlockBytes;
        for (uint block = 0; block < blockCount && error == Errno.None;)
        {
            uint wanted = blockCount - block;
            ulong goal = volume.BlockAllocator.GoalFor(journal);
            error = volume.BlockAllocator.Allocate(context, goal, wanted, out ulong start, out uint count);
            if (error == Errno.None)
            {
                volume.BlockAllocator.Charge(journal, count);
                error = volume.Extents.Insert(context, journal, new BlockRun(block, count, start, false));
            }

            for (uint index = 0; index < count && error == Errno.None; index++)
            {
                error = FillJournalBlock(context, start + index, block + index == 0 ? blockCount : 0);
            }

            block += count;
        }

        if (error == Errno.None)
        {
            error = volume.Inodes.Store(context, journal);
            volume.Superblock.BackUpJournal(journal);
        }

        return error;
    }

    private Errno FillJournalBlock(CallContext context, ulong block, uint superblockLength)
    {
        Errno error = cache.GetCleared(context, block, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> bytes = cache.Modify(context, buffer, isMetadata: true);
        if (superblockLength > 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, JournalSpec.Magic);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[JournalSpec.BlockType..], JournalSpec.SuperblockV2);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[JournalSpec.Superblock.BlockBytes..], FormatLayout.BlockBytes);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[JournalSpec.Superblock.Length..], superblockLength);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[JournalSpec.Superblock.First..], 1);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[JournalSpec.Superblock.Sequence..], 1);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[JournalSpec.Superblock.UserCount..], 1);
        }

        return Errno.None;
    }

    /// <summary>Copies of the superblock and the descriptors, for e2fsck.</summary>
    private Errno WriteCopies(CallContext context, Volume volume)
    {
        volume.Seal(context);
        Superblock superblock = volume.Superblock;
        for (uint group = 1; group < superblock.GroupCount; group++)
        {
            if (!superblock.HasSuperblockCopy(group))
            {
                continue;
            }

            ulong start = superblock.GroupStart(group);
            Errno error = cache.GetCleared(context, start, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            superblock.StoreCopy(cache.Modify(context, buffer, isMetadata: true), group);
            for (uint index = 1; index <= superblock.DescriptorBlocks && error == Errno.None; index++)
            {
                error = CopyBlock(context, index, start + index);
            }

            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }

    private Errno CopyBlock(CallContext context, ulong from, ulong to)
    {
        Errno error = cache.GetCleared(context, to, out BlockBuffer target);
        BlockBuffer source = default;
        if (error == Errno.None)
        {
            error = cache.Get(context, from, out source);
        }

        if (error == Errno.None)
        {
            cache.Read(context, source).CopyTo(cache.Modify(context, target, isMetadata: true));
        }

        return error;
    }
}
