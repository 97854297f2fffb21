using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Directory;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The blocks of directories: fetched by their number within the directory, checked, and given their checksums. A block
/// holds entries, or it is the root or a node of the directory's hash index.
/// </summary>
internal sealed class DirectoryBlocks(Volume volume, NameCache names)
{
    private readonly ulong[] unsealedBlocks = new ulong[Ext4Limits.UnsealedBlocksMax];
    private readonly uint[] unsealedSeeds = new uint[Ext4Limits.UnsealedBlocksMax];
    private int unsealedCount;

    /// <summary>End of the entries in a block.</summary>
    internal int Limit => volume.BlockBytes - (HasTail ? Spec.TailBytes : 0);

    private bool HasTail => volume.Superblock.HasMetadataChecksum;

    internal uint Count(Inode directory) =>
        (uint)Math.Min(directory.SizeBytes >> volume.Cache.BlockShift, uint.MaxValue);

    /// <summary>A block of either kind; the kind can be told by <see cref="IsIndex"/>.</summary>
    internal Errno Get(CallContext context, Inode directory, uint number, out BlockBuffer buffer)
    {
        Errno error = Fetch(context, directory, number, out buffer);
        return error != Errno.None
            ? error
            : Verify(context, directory, number, buffer, IsIndex(directory, number, volume.Cache.Read(context, buffer)));
    }

    /// <summary>A block of entries; damage when it is of the index.</summary>
    internal Errno GetLeaf(CallContext context, Inode directory, uint number, out BlockBuffer buffer)
    {
        Errno error = Fetch(context, directory, number, out buffer);
        if (error != Errno.None)
        {
            return error;
        }

        return IsIndex(directory, number, volume.Cache.Read(context, buffer))
            ? volume.Damaged($"directory {directory.Number}: block {number} is of the index, entries were expected")
            : Verify(context, directory, number, buffer, isIndex: false);
    }

    /// <summary>A block of the index; damage when it is none.</summary>
    internal Errno GetIndex(CallContext context, Inode directory, uint number, out BlockBuffer buffer)
    {
        Errno error = Fetch(context, directory, number, out buffer);
        if (error != Errno.None)
        {
            return error;
        }

        return number != 0 && !LooksLikeNode(volume.Cache.Read(context, buffer))
            ? volume.Damaged($"directory {directory.Number}: block {number} is not of the index")
            : Verify(context, directory, number, buffer, isIndex: true);
    }

    /// <summary>Adds a block without entries at the end of a directory.</summary>
    internal Errno Append(CallContext context, Inode directory, out uint number, out BlockBuffer buffer)
    {
        buffer = default;
        number = Count(directory);
        ulong goal = volume.BlockAllocator.GoalFor(directory);
        BlockRun before = default;
        Errno error = number > 0 ? volume.Extents.Find(context, directory, number - 1, out before) : Errno.None;
        if (error != Errno.None)
        {
            return error;
        }

        goal = before.IsHole ? goal : before.Physical + 1;
        error = volume.BlockAllocator.Allocate(context, goal, 1, out ulong physical, out _);
        if (error != Errno.None)
        {
            return error;
        }

        error = volume.Cache.GetCleared(context, physical, out buffer);
        if (error == Errno.None)
        {
            error = volume.Extents.Insert(context, directory, new BlockRun(number, 1, physical, false));
        }

        if (error != Errno.None)
        {
            _ = volume.BlockAllocator.Free(context, physical, 1, isMetadata: true);
            return error;
        }

        volume.BlockAllocator.Charge(directory, 1);
        directory.SizeBytes += (ulong)volume.BlockBytes;
        error = volume.Cache.Get(context, physical, out buffer);
        if (error == Errno.None)
        {
            Span<byte> block = volume.Transaction.Modify(context, buffer);
            DirectoryBlock.Initialize(block, Limit);
            SealLeaf(context, directory, buffer, block);
        }

        return error;
    }

    /// <summary>Adds an entry where there is room for it.</summary>
    internal DirectoryPlace InsertInLeaf(
        CallContext context, Inode directory, BlockBuffer buffer, int room, ReadOnlySpan<byte> name, uint inode, byte type)
    {
        Span<byte> block = volume.Transaction.Modify(context, buffer);
        int offset = DirectoryBlock.Insert(block, room, inode, type, name);
        SealLeaf(context, directory, buffer, block);
        return new DirectoryPlace(buffer.Block, offset, inode);
    }

    /// <summary>Entries of a block have been moved.</summary>
    internal void NoteMoved(BlockBuffer buffer) => names.NoteMoved(buffer.Block);

    /// <summary>
    /// Gives a changed block of entries its tail. The checksum over the whole block is made when the block is about to be
    /// written, once for all changes until then.
    /// </summary>
    internal void SealLeaf(CallContext context, Inode directory, BlockBuffer buffer, Span<byte> block)
    {
        volume.Cache.SetVerified(buffer, BlockKind.DirectoryLeaf);
        if (!HasTail)
        {
            return;
        }

        Span<byte> tail = block[Limit..];
        tail[..Spec.TailChecksum].Clear();
        Put16(tail, 4, Spec.TailBytes);
        tail[7] = Spec.TailFileType;
        if (volume.Cache.SetUnsealed(buffer))
        {
            if (unsealedCount == unsealedBlocks.Length)
            {
                Seal(context);
                _ = volume.Cache.SetUnsealed(buffer);
            }

            unsealedBlocks[unsealedCount] = buffer.Block;
            unsealedSeeds[unsealedCount++] = directory.ChecksumSeed(volume.Superblock);
        }
    }

    /// <summary>
    /// Makes the checksums that wait. None of these blocks can have left the cache: they wait to be written themselves. The
    /// latest come first, for a block that has been freed by one directory and taken by another.
    /// </summary>
    internal void Seal(CallContext context)
    {
        int count = unsealedCount;
        unsealedCount = 0;
        for (int index = count - 1; index >= 0; index--)
        {
            if (volume.Cache.TryPeek(unsealedBlocks[index], out BlockBuffer buffer) && volume.Cache.TakeUnsealed(buffer))
            {
                volume.Transaction.Begin();
                Span<byte> block = volume.Transaction.Modify(context, buffer);
                Put32(block, Limit + Spec.TailChecksum, Checksum.Crc32C(unsealedSeeds[index], block[..Limit]));
                volume.Transaction.End();
            }
        }
    }

    /// <summary>Gives a changed block of the index its tail.</summary>
    internal void SealIndex(Inode directory, uint number, BlockBuffer buffer, Span<byte> block)
    {
        // A block of entries that has just become the root no longer waits for a checksum of the other kind.
        _ = volume.Cache.TakeUnsealed(buffer);
        if (HasTail)
        {
            int tail = IndexNode.TailOffset(block, number);
            Put32(block, tail + 4, IndexChecksum(directory, number, block));
        }

        volume.Cache.SetVerified(buffer, IndexKind(number));
    }

    /// <summary>
    /// The root is block 0 of a directory with the index flag. A node looks like one empty entry over the whole block, which no
    /// block of entries with a tail can have; without tails it cannot be told from an empty block of entries, and as such has none.
    /// </summary>
    internal bool IsIndex(Inode directory, uint number, ReadOnlySpan<byte> block) =>
        directory.HasFlag(Ext4Spec.InodeFlags.Index) && (number == 0 || (HasTail && LooksLikeNode(block)));

    private static bool LooksLikeNode(ReadOnlySpan<byte> block) =>
        DirectoryBlock.Inode(block, 0) == 0 && DirectoryBlock.RecordLength(block, 0) == block.Length;

    private static BlockKind IndexKind(uint number) => number == 0 ? BlockKind.DirectoryRoot : BlockKind.DirectoryNode;

    private Errno Fetch(CallContext context, Inode directory, uint number, out BlockBuffer buffer)
    {
        buffer = default;
        Errno error = volume.Extents.Find(context, directory, number, out BlockRun run);
        if (error != Errno.None)
        {
            return error;
        }

        return !run.IsWritten || number >= Count(directory)
            ? volume.Damaged($"directory {directory.Number}: block {number} is a hole")
            : volume.Cache.Get(context, run.Physical, out buffer);
    }

    private Errno Verify(CallContext context, Inode directory, uint number, BlockBuffer buffer, bool isIndex)
    {
        BlockKind kind = isIndex ? IndexKind(number) : BlockKind.DirectoryLeaf;
        if (volume.Cache.IsVerified(buffer, kind))
        {
            return Errno.None;
        }

        ReadOnlySpan<byte> block = volume.Cache.Read(context, buffer);
        Errno error = isIndex
            ? CheckIndex(directory, number, buffer.Block, block)
            : CheckLeaf(directory, number, buffer.Block, block);
        if (error == Errno.None)
        {
            volume.Cache.SetVerified(buffer, kind);
        }

        return error;
    }

    private Errno CheckLeaf(Inode directory, uint number, ulong physical, ReadOnlySpan<byte> block)
    {
        if (HasTail)
        {
            ReadOnlySpan<byte> tail = block[Limit..];
            bool isTail = U32(tail, 0) == 0 && U16(tail, 4) == Spec.TailBytes && tail[6] == 0 && tail[7] == Spec.TailFileType;
            uint expected = Checksum.Crc32C(directory.ChecksumSeed(volume.Superblock), block[..Limit]);
            if (!isTail || U32(tail, Spec.TailChecksum) != expected)
            {
                return volume.DamagedChecksum(
                    $"directory {directory.Number}, block {number}", physical, U32(tail, Spec.TailChecksum), expected);
            }
        }

        string problem = DirectoryBlock.Check(block, Limit, volume.Superblock.InodeCount);
        return problem.Length == 0
            ? Errno.None
            : volume.Damaged($"directory {directory.Number}, block {number} (block {physical}): {problem}");
    }

    private Errno CheckIndex(Inode directory, uint number, ulong physical, ReadOnlySpan<byte> block)
    {
        // With a wrong limit there is no telling where the checksum is; the check below says so.
        int limit = IndexNode.Limit(block, number);
        bool isLimitRight = limit == IndexNode.LimitFor(block.Length, number, HasTail);
        bool hasChecksum = HasTail && isLimitRight && IndexNode.Count(block, number) <= limit;
        if (hasChecksum)
        {
            uint found = U32(block, IndexNode.TailOffset(block, number) + 4);
            uint expected = IndexChecksum(directory, number, block);
            if (found != expected)
            {
                return volume.DamagedChecksum($"directory {directory.Number}, index block {number}", physical, found, expected);
            }
        }

        string problem = IndexNode.Check(block, number, HasTail, Count(directory));
        return problem.Length == 0
            ? Errno.None
            : volume.Damaged($"directory {directory.Number}, index block {number} (block {physical}): {problem}");
    }

    private uint IndexChecksum(Inode directory, uint number, ReadOnlySpan<byte> block)
    {
        int used = IndexNode.CountOffset(number) + (IndexNode.Count(block, number) * Spec.IndexEntryBytes);
        uint crc = Checksum.Crc32C(directory.ChecksumSeed(volume.Superblock), block[..used]);
        crc = Checksum.Crc32C(crc, block.Slice(IndexNode.TailOffset(block, number), 4));
        return Checksum.Crc32CZeroes(crc, 4);
    }
}
