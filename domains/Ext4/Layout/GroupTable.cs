using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Group;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The group descriptors, all in memory since the mount. A change marks the group; its checksums and its place in the
/// descriptor block are brought up to date when dirty pages are written, once for many changes.
/// </summary>
internal sealed class GroupTable(Volume volume)
{
    private readonly Superblock superblock = volume.Superblock;
    private readonly byte[] raw = new byte[(long)volume.Superblock.GroupCount * volume.Superblock.DescriptorBytes];
    private readonly byte[] pending = new byte[volume.Superblock.GroupCount];
    private readonly uint[] pendingGroups = new uint[volume.Superblock.GroupCount];
    private int pendingCount;
    private bool isSealing;

    [Flags]
    private enum Pending : byte
    {
        None = 0,
        Descriptor = 1,
        BlockBitmap = 2,
        InodeBitmap = 4,
    }

    internal uint Count => superblock.GroupCount;

    /// <summary>Reads and checks all descriptors.</summary>
    internal Errno Load(CallContext context)
    {
        Errno error = Read(context);
        for (uint group = 0; group < Count && error == Errno.None; group++)
        {
            error = Check(group);
        }

        return error;
    }

    /// <summary>Reads all descriptors; before the journal has been replayed they need not be right.</summary>
    internal Errno Read(CallContext context)
    {
        int perBlock = superblock.BlockBytes / superblock.DescriptorBytes;
        for (uint index = 0; index < superblock.DescriptorBlocks; index++)
        {
            ulong block = DescriptorBlock(index * (uint)perBlock);
            Errno error = volume.Cache.Get(context, block, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            int start = (int)index * superblock.BlockBytes;
            int length = Math.Min(superblock.BlockBytes, raw.Length - start);
            volume.Cache.Read(context, buffer)[..length].CopyTo(raw.AsSpan(start));
        }

        return Errno.None;
    }

    internal ulong BlockBitmap(uint group) => Wide(group, Spec.BlockBitmap);

    internal ulong InodeBitmap(uint group) => Wide(group, Spec.InodeBitmap);

    internal ulong InodeTable(uint group) => Wide(group, Spec.InodeTable);

    internal uint FreeBlocks(uint group) => Half(group, Spec.FreeBlocks, Spec.FreeBlocksHigh);

    internal uint FreeInodes(uint group) => Half(group, Spec.FreeInodes, Spec.FreeInodesHigh);

    internal uint UsedDirectories(uint group) => Half(group, Spec.UsedDirectories, Spec.UsedDirectoriesHigh);

    /// <summary>Inodes at the end of the table that have never been used, and may hold anything.</summary>
    internal uint UnusedInodes(uint group) => HasChecksum ? Half(group, Spec.UnusedInodes, Spec.UnusedInodesHigh) : 0;

    internal bool HasFlag(uint group, ushort flag) => HasChecksum && (U16(Of(group), Spec.Flags) & flag) != 0;

    internal void ClearFlag(uint group, ushort flag) => Put16(Of(group), Spec.Flags, U16(Of(group), Spec.Flags) & ~(uint)flag);

    internal void SetFlags(uint group, int flags) => Put16(Of(group), Spec.Flags, (uint)flags);

    /// <summary>A new group: where its metadata is.</summary>
    internal void Define(uint group, ulong blockBitmap, ulong inodeBitmap, ulong inodeTable)
    {
        PutWide(group, Spec.BlockBitmap, blockBitmap);
        PutWide(group, Spec.InodeBitmap, inodeBitmap);
        PutWide(group, Spec.InodeTable, inodeTable);
    }

    internal uint BlockBitmapChecksum(uint group) => Half(group, Spec.BlockBitmapChecksum, Spec.BlockBitmapChecksumHigh);

    internal uint InodeBitmapChecksum(uint group) => Half(group, Spec.InodeBitmapChecksum, Spec.InodeBitmapChecksumHigh);

    /// <summary>Narrow descriptors hold only the lower half of a bitmap's checksum.</summary>
    internal uint BitmapChecksumMask => IsWide ? ~0u : 0xFFFF;

    internal void SetFreeBlocks(uint group, uint value) => PutHalf(group, Spec.FreeBlocks, Spec.FreeBlocksHigh, value);

    internal void SetFreeInodes(uint group, uint value) => PutHalf(group, Spec.FreeInodes, Spec.FreeInodesHigh, value);

    internal void SetUsedDirectories(uint group, uint value) =>
        PutHalf(group, Spec.UsedDirectories, Spec.UsedDirectoriesHigh, value);

    internal void SetUnusedInodes(uint group, uint value) => PutHalf(group, Spec.UnusedInodes, Spec.UnusedInodesHigh, value);

    /// <summary>
    /// Tells that the descriptor is about to change, with the block or the inode bitmap. The descriptor's block is brought
    /// into the cache now and stays there while it waits to be written, so that sealing needs no reading.
    /// </summary>
    internal Errno Touch(CallContext context, uint group, bool isBlockBitmap, bool isInodeBitmap)
    {
        Errno error = volume.Cache.Get(context, DescriptorBlock(group), out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        volume.Transaction.Modify(context, buffer);
        if (pending[group] == 0)
        {
            pendingGroups[pendingCount++] = group;
        }

        pending[group] |= (byte)(Pending.Descriptor
            | (isBlockBitmap ? Pending.BlockBitmap : 0) | (isInodeBitmap ? Pending.InodeBitmap : 0));
        return Errno.None;
    }

    /// <summary>Computes the checksums that wait and copies the descriptors to their block.</summary>
    internal void Seal(CallContext context)
    {
        if (pendingCount == 0 || isSealing)
        {
            return;
        }

        isSealing = true;
        volume.Transaction.Begin();
        for (int index = 0; index < pendingCount; index++)
        {
            SealGroup(context, pendingGroups[index]);
            pending[pendingGroups[index]] = 0;
        }

        pendingCount = 0;
        volume.Transaction.End();
        isSealing = false;
    }

    internal uint BitmapChecksum(ReadOnlySpan<byte> bitmap, uint bitCount) =>
        Checksum.Crc32C(superblock.ChecksumSeed, bitmap[..(int)(bitCount / 8)]);

    /// <summary>The checksum over one descriptor (group_descr.rst); 16 bits.</summary>
    internal static uint DescriptorChecksum(Superblock superblock, ReadOnlySpan<byte> descriptor, uint group)
    {
        if (superblock.HasMetadataChecksum)
        {
            uint crc = Checksum.Crc32C(superblock.ChecksumSeed, group);
            crc = Checksum.Crc32CZeroes(Checksum.Crc32C(crc, descriptor[..Spec.Checksum]), 2);
            return Checksum.Crc32C(crc, descriptor[(Spec.Checksum + 2)..]) & 0xFFFF;
        }

        ushort crc16 = Checksum.Crc16(0xFFFF, superblock.Uuid);
        crc16 = Checksum.Crc16(crc16, group);
        crc16 = Checksum.Crc16(crc16, descriptor[..Spec.Checksum]);
        return Checksum.Crc16(crc16, descriptor[(Spec.Checksum + 2)..]);
    }

    private bool HasChecksum => superblock.HasMetadataChecksum || superblock.HasDescriptorChecksum;

    private bool IsWide => superblock.DescriptorBytes >= Spec.Bytes64;

    private Span<byte> Of(uint group) => raw.AsSpan((int)group * superblock.DescriptorBytes, superblock.DescriptorBytes);

    /// <summary>Behind the superblock, which bigalloc may have in block 1 although the first block that counts is 0.</summary>
    private ulong DescriptorBlock(uint group) =>
        (ulong)(SuperblockSpec.OffsetBytes / superblock.BlockBytes) + 1 + (group / (uint)(superblock.BlockBytes / superblock.DescriptorBytes));

    private ulong Wide(uint group, int offset)
    {
        ReadOnlySpan<byte> descriptor = Of(group);
        return U32(descriptor, offset) | (IsWide ? (ulong)U32(descriptor, offset + Spec.WideHigh) << 32 : 0);
    }

    private void PutWide(uint group, int offset, ulong value)
    {
        Put32(Of(group), offset, (uint)value);
        if (IsWide)
        {
            Put32(Of(group), offset + Spec.WideHigh, (uint)(value >> 32));
        }
    }

    private uint Half(uint group, int low, int high)
    {
        ReadOnlySpan<byte> descriptor = Of(group);
        return U16(descriptor, low) | (IsWide ? (uint)U16(descriptor, high) << 16 : 0);
    }

    private void PutHalf(uint group, int low, int high, uint value)
    {
        Span<byte> descriptor = Of(group);
        Put16(descriptor, low, value & 0xFFFF);
        if (IsWide)
        {
            Put16(descriptor, high, value >> 16);
        }
    }

    private Errno Check(uint group)
    {
        uint found = U16(Of(group), Spec.Checksum);
        uint expected = HasChecksum ? DescriptorChecksum(superblock, Of(group), group) : found;
        if (found != expected)
        {
            return volume.DamagedChecksum($"descriptor of group {group}", DescriptorBlock(group), found, expected);
        }

        bool areBlocksInRange = superblock.IsInRange(BlockBitmap(group), 1)
            && superblock.IsInRange(InodeBitmap(group), 1)
            && superblock.IsInRange(InodeTable(group), superblock.InodeTableBlocks);
        bool areCountsInRange = FreeBlocks(group) <= superblock.BlocksInGroup(group)
            && FreeInodes(group) <= superblock.InodesPerGroup
            && UnusedInodes(group) <= superblock.InodesPerGroup;
        return areBlocksInRange && areCountsInRange
            ? Errno.None
            : volume.Damaged($"descriptor of group {group} (block {DescriptorBlock(group)}): bitmaps {BlockBitmap(group)} and "
                + $"{InodeBitmap(group)}, table {InodeTable(group)}, free {FreeBlocks(group)} and {FreeInodes(group)}");
    }

    private void SealGroup(CallContext context, uint group)
    {
        var what = (Pending)pending[group];
        if (superblock.HasMetadataChecksum && (what & Pending.BlockBitmap) != 0)
        {
            uint checksum = CachedBitmapChecksum(context, BlockBitmap(group), superblock.BlocksPerGroup);
            PutHalf(group, Spec.BlockBitmapChecksum, Spec.BlockBitmapChecksumHigh, checksum);
        }

        if (superblock.HasMetadataChecksum && (what & Pending.InodeBitmap) != 0)
        {
            uint checksum = CachedBitmapChecksum(context, InodeBitmap(group), superblock.InodesPerGroup);
            PutHalf(group, Spec.InodeBitmapChecksum, Spec.InodeBitmapChecksumHigh, checksum);
        }

        Span<byte> descriptor = Of(group);
        if (HasChecksum)
        {
            Put16(descriptor, Spec.Checksum, DescriptorChecksum(superblock, descriptor, group));
        }

        if (volume.Cache.Get(context, DescriptorBlock(group), out BlockBuffer buffer) != Errno.None)
        {
            return;
        }

        int perBlock = superblock.BlockBytes / superblock.DescriptorBytes;
        int offset = (int)(group % (uint)perBlock) * superblock.DescriptorBytes;
        descriptor.CopyTo(volume.Transaction.Modify(context, buffer)[offset..]);
    }

    private uint CachedBitmapChecksum(CallContext context, ulong block, uint bitCount)
    {
        return volume.Cache.Get(context, block, out BlockBuffer buffer) == Errno.None
            ? BitmapChecksum(volume.Cache.Read(context, buffer), bitCount)
            : 0;
    }
}
