using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.AttributeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The block of extended attributes that an inode may have beside those within it. Linux lets inodes with the same
/// attributes share one: a shared block is never changed, the inode gets one of its own.
/// </summary>
internal sealed class AttributeBlocks(Volume volume)
{
    private readonly byte[] old = new byte[Ext4Spec.PageBytes];

    /// <summary>The block of an inode that has one, checked.</summary>
    internal Errno Get(CallContext context, Inode inode, out BlockBuffer buffer)
    {
        buffer = default;
        ulong block = inode.AttributeBlock;
        Errno error = !volume.Superblock.IsInRange(block, 1) || volume.Extents.Zone!.Overlaps(block, 1)
            ? volume.Damaged($"inode {inode.Number}: attribute block {block}")
            : volume.Cache.Get(context, block, out buffer);
        if (error != Errno.None || volume.Cache.IsVerified(buffer, BlockKind.Attributes))
        {
            return error;
        }

        ReadOnlySpan<byte> bytes = volume.Cache.Read(context, buffer);
        uint references = U32(bytes, Spec.BlockReferenceCount);
        bool isBlock = U32(bytes, 0) == Spec.Magic && U32(bytes, Spec.BlockCount) == 1;
        if (!isBlock || references == 0 || references > Spec.ReferenceCountMax)
        {
            return volume.Damaged($"attribute block {block} of inode {inode.Number}: magic 0x{U32(bytes, 0):x8}, "
                + $"{references} references");
        }

        uint expected = ComputeChecksum(bytes, block);
        if (volume.Superblock.HasMetadataChecksum && U32(bytes, Spec.BlockChecksum) != expected)
        {
            return volume.DamagedChecksum("attributes", block, U32(bytes, Spec.BlockChecksum), expected);
        }

        string problem = AttributeRegion.Check(bytes, Spec.BlockHeaderBytes);
        if (problem.Length > 0)
        {
            return volume.Damaged($"attribute block {block} of inode {inode.Number}: {problem}");
        }

        volume.Cache.SetVerified(buffer, BlockKind.Attributes);
        return Errno.None;
    }

    /// <summary>Changes what the block has: one entry goes, one comes, or both. The last takes the block along.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="inode">To be stored by the caller.</param>
    /// <param name="skipped">The entry that goes; -1 for none.</param>
    /// <param name="added">What comes; nothing if its index is 0.</param>
    /// <param name="value">Its value.</param>
    /// <returns><see cref="Errno.NoSpace"/> when it does not fit or there is no block; nothing has changed then.</returns>
    internal Errno Change(
        CallContext context, Inode inode, int skipped, AttributeName added, ReadOnlySpan<byte> value)
    {
        Span<byte> copy = old.AsSpan(0, volume.BlockBytes);
        copy.Clear();
        uint references = 0;
        if (inode.AttributeBlock != 0)
        {
            Errno error = Get(context, inode, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            volume.Cache.Read(context, buffer).CopyTo(copy);
            references = U32(copy, Spec.BlockReferenceCount);
        }

        if (added.Index != 0 && !AttributeRegion.Fits(copy, Spec.BlockHeaderBytes, skipped, added, value.Length))
        {
            return Errno.NoSpace;
        }

        if (added.Index == 0 && IsOnly(copy, skipped))
        {
            return Release(context, inode);
        }

        Errno found = references == 1 ? Errno.None : AllocateOwn(context, inode);
        return found == Errno.None ? Fill(context, inode.AttributeBlock, skipped, added, value) : found;
    }

    /// <summary>The inode has no block of attributes any more; the last one that shares it frees it.</summary>
    internal Errno Release(CallContext context, Inode inode)
    {
        ulong block = inode.AttributeBlock;
        if (block == 0)
        {
            return Errno.None;
        }

        Errno error = Get(context, inode, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        inode.AttributeBlock = 0;
        volume.BlockAllocator.Charge(inode, -1);
        uint references = U32(volume.Cache.Read(context, buffer), Spec.BlockReferenceCount);
        if (references == 1)
        {
            return volume.BlockAllocator.Free(context, block, 1, isMetadata: true);
        }

        Span<byte> shared = volume.Transaction.Modify(context, buffer);
        Put32(shared, Spec.BlockReferenceCount, references - 1);
        Seal(shared, block);
        return Errno.None;
    }

    private bool IsOnly(ReadOnlySpan<byte> copy, int skipped) =>
        skipped == Spec.BlockHeaderBytes && AttributeRegion.IsEnd(copy, AttributeRegion.Next(copy, skipped));

    /// <summary>A block of the inode's own, in place of none or of a shared one.</summary>
    private Errno AllocateOwn(CallContext context, Inode inode)
    {
        ulong goal = volume.BlockAllocator.GoalFor(inode);
        Errno error = volume.BlockAllocator.Allocate(context, goal, 1, out ulong block, out _);
        if (error == Errno.None)
        {
            error = volume.Cache.GetCleared(context, block, out _);
            error = error == Errno.None ? Release(context, inode) : error;
            if (error != Errno.None)
            {
                _ = volume.BlockAllocator.Free(context, block, 1, isMetadata: true);
                return error;
            }

            inode.AttributeBlock = block;
            volume.BlockAllocator.Charge(inode, 1);
        }

        return error;
    }

    private Errno Fill(CallContext context, ulong block, int skipped, AttributeName added, ReadOnlySpan<byte> value)
    {
        Errno error = volume.Cache.Get(context, block, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> bytes = volume.Transaction.Modify(context, buffer);
        bytes[..Spec.BlockHeaderBytes].Clear();
        Put32(bytes, 0, Spec.Magic);
        Put32(bytes, Spec.BlockReferenceCount, 1);
        Put32(bytes, Spec.BlockCount, 1);
        AttributeRegion.Rebuild(
            old.AsSpan(0, volume.BlockBytes), Spec.BlockHeaderBytes, skipped, bytes, added, value, isBlock: true);
        Put32(bytes, Spec.BlockHash, AttributeRegion.BlockHash(bytes, Spec.BlockHeaderBytes));
        Seal(bytes, block);
        volume.Cache.SetVerified(buffer, BlockKind.Attributes);
        return Errno.None;
    }

    private void Seal(Span<byte> bytes, ulong block)
    {
        if (volume.Superblock.HasMetadataChecksum)
        {
            Put32(bytes, Spec.BlockChecksum, ComputeChecksum(bytes, block));
        }
    }

    private uint ComputeChecksum(ReadOnlySpan<byte> bytes, ulong block)
    {
        uint crc = Checksum.Crc32C(volume.Superblock.ChecksumSeed, (uint)block);
        crc = Checksum.Crc32C(crc, (uint)(block >> 32));
        crc = Checksum.Crc32CZeroes(Checksum.Crc32C(crc, bytes[..Spec.BlockChecksum]), 4);
        return Checksum.Crc32C(crc, bytes[(Spec.BlockChecksum + 4)..]);
    }
}
