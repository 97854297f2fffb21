using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>Divides the entries of a full block between it and a new one, by hash.</summary>
internal sealed class LeafSplit(Volume volume, DirectoryBlocks blocks)
{
    private readonly byte[] copy = new byte[Ext4Spec.PageBytes];
    private readonly uint[] entryHashes = new uint[Ext4Spec.PageBytes / 12];
    private readonly int[] entryOffsets = new int[Ext4Spec.PageBytes / 12];

    /// <summary>Moves the entries with the larger hashes, about half of the bytes, to a new block.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="leaf">The full block.</param>
    /// <param name="hashes">To hash names with.</param>
    /// <param name="version">Which hash.</param>
    /// <param name="splitHash">For the new block's index entry: its smallest hash, plus 1 if the old block has it too.</param>
    /// <param name="newLeaf">The new block.</param>
    internal Errno Split(
        CallContext context, Inode directory, uint leaf, HtreeHash hashes, int version, out uint splitHash, out uint newLeaf)
    {
        splitHash = 0;
        Errno error = blocks.Append(context, directory, out newLeaf, out BlockBuffer newBuffer);
        BlockBuffer buffer = default;
        if (error == Errno.None)
        {
            error = blocks.GetLeaf(context, directory, leaf, out buffer);
        }

        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> block = volume.Transaction.Modify(context, buffer);
        Span<byte> newBlock = volume.Transaction.Modify(context, newBuffer);
        block.CopyTo(copy);
        int count = Map(hashes, version);
        int kept = FindMiddle(count);
        Rebuild(block, 0, kept);
        Rebuild(newBlock, kept, count);
        blocks.SealLeaf(context, directory, buffer, block);
        blocks.SealLeaf(context, directory, newBuffer, newBlock);
        blocks.NoteMoved(buffer);
        if (count > kept && kept > 0)
        {
            splitHash = entryHashes[kept] | (entryHashes[kept] == entryHashes[kept - 1] ? 1u : 0);
        }

        return count > kept && kept > 0
            ? Errno.None
            : volume.Damaged($"directory {directory.Number}: block {leaf} has no room, but {count} entries");
    }

    /// <summary>Copies all entries of a directory's first block except "." and ".." to another one.</summary>
    /// <returns>False when the block does not start with these two.</returns>
    internal bool MoveAllButOwn(ReadOnlySpan<byte> block, Span<byte> target)
    {
        int parent = DirectoryBlock.RecordLength(block, 0);
        bool hasOwn = parent == 12 && DirectoryBlock.NameLength(block, 0) == 1 && DirectoryBlock.Name(block, 0)[0] == '.'
            && DirectoryBlock.NameLength(block, parent) == 2 && DirectoryBlock.Name(block, parent).SequenceEqual(".."u8);
        if (!hasOwn)
        {
            return false;
        }

        block.CopyTo(copy);
        int count = 0;
        for (int offset = parent + DirectoryBlock.RecordLength(block, parent); offset < blocks.Limit;
             offset += DirectoryBlock.RecordLength(block, offset))
        {
            if (DirectoryBlock.Inode(block, offset) != 0)
            {
                entryOffsets[count++] = offset;
            }
        }

        Rebuild(target, 0, count);
        return true;
    }

    private int Map(HtreeHash hashes, int version)
    {
        int count = 0;
        for (int offset = 0; offset < blocks.Limit; offset += DirectoryBlock.RecordLength(copy, offset))
        {
            if (DirectoryBlock.Inode(copy, offset) != 0)
            {
                entryHashes[count] = hashes.Compute(DirectoryBlock.Name(copy, offset), version);
                entryOffsets[count++] = offset;
            }
        }

        Array.Sort(entryHashes, entryOffsets, 0, count);
        return count;
    }

    /// <summary>How many entries stay: the upper ones go until they are about half of the bytes.</summary>
    private int FindMiddle(int count)
    {
        int moved = 0;
        int kept = count;
        while (kept > 1)
        {
            int length = DirectoryBlock.BytesFor(DirectoryBlock.NameLength(copy, entryOffsets[kept - 1]));
            if (moved + (length / 2) > blocks.Limit / 2)
            {
                break;
            }

            moved += length;
            kept--;
        }

        return kept == count ? count / 2 : kept;
    }

    /// <summary>Fills a block with entries of the copy, the last one's record reaching to the limit.</summary>
    private void Rebuild(Span<byte> target, int from, int to)
    {
        DirectoryBlock.Initialize(target, blocks.Limit);
        int offset = 0;
        for (int index = from; index < to; index++)
        {
            int source = entryOffsets[index];
            ReadOnlySpan<byte> name = DirectoryBlock.Name(copy, source);
            int length = index == to - 1 ? blocks.Limit - offset : DirectoryBlock.BytesFor(name.Length);
            uint inode = DirectoryBlock.Inode(copy, source);
            DirectoryBlock.Put(target, offset, length, inode, DirectoryBlock.Type(copy, source), name);
            offset += length;
        }
    }
}
