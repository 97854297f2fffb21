using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Extent;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>Takes blocks from a file, from the end of a range to its start, and the nodes of the tree that become empty.</summary>
internal sealed class ExtentRemoval(Volume volume)
{
    private readonly ExtentPath path = new();
    private readonly IndirectRemoval indirect = new(volume, volume.Extents.Indirect);

    /// <summary>Frees every block of the file from <paramref name="first"/> on.</summary>
    internal Errno Truncate(CallContext context, Inode inode, uint first) =>
        Remove(context, inode, first, uint.MaxValue, isCut: true);

    /// <summary>Frees the blocks in the middle of a file.</summary>
    internal Errno Punch(CallContext context, Inode inode, uint first, uint end) =>
        Remove(context, inode, first, end, isCut: false);

    /// <summary>Each step frees something, removes an empty node, or comes nearer to the start.</summary>
    private Errno Remove(CallContext context, Inode inode, uint first, uint end, bool isCut)
    {
        if (!inode.HasExtents)
        {
            return indirect.Remove(context, inode, first, end, isCut);
        }

        inode.ForgetRun();
        while (end > first)
        {
            Errno error = volume.Extents.Descend(context, inode, end - 1, path);
            if (error == Errno.None)
            {
                error = RemoveLast(context, inode, first, ref end);
            }

            if (error == Errno.None && end > first)
            {
                error = isCut ? volume.Continue(context, inode) : volume.ContinueWhole(context, inode);
            }

            if (error != Errno.None)
            {
                return error;
            }
        }

        return Flatten(context, inode);
    }

    /// <summary>Removes what the range has of the last extent that starts before its end.</summary>
    private Errno RemoveLast(CallContext context, Inode inode, uint first, ref uint end)
    {
        Errno error = volume.Extents.GetNode(context, inode, path.BlockAt(path.Depth), out ReadOnlySpan<byte> leaf);
        if (error != Errno.None)
        {
            return error;
        }

        int index = path.IndexAt(path.Depth);
        if (index < 0)
        {
            // Either an empty leaf, which is damage that is harmless once the leaf is gone, or all extents lie behind.
            return ExtentNode.Count(leaf) == 0 && path.Depth > 0
                ? RemoveNode(context, inode)
                : GoLeft(context, inode, first, ref end);
        }

        BlockRun run = ExtentNode.Run(leaf, index);
        uint runEnd = run.First + run.Count;
        if (runEnd <= first)
        {
            end = first;
            return Errno.None;
        }

        uint cutEnd = Math.Min(runEnd, end);
        uint cutFirst = Math.Max(Math.Max(run.First, first), cutEnd - Math.Min(cutEnd, BlocksPerStep(inode)));
        if (run.First < cutFirst && cutEnd < runEnd)
        {
            error = volume.Extents.FindExtent(context, inode, run.First, 1, out _);
            if (error == Errno.None)
            {
                error = volume.Extents.Descend(context, inode, run.First, path);
            }
        }

        if (error == Errno.None)
        {
            error = Cut(context, inode, run, cutFirst, cutEnd);
            end = cutFirst;
        }

        return error;
    }

    /// <summary>A step must fit into a transaction: each group has a bitmap, each block of a directory a revoke record.</summary>
    private uint BlocksPerStep(Inode inode) =>
        inode.IsDirectory ? Ext4Limits.DirectoryBlocksPerStep : Ext4Limits.GroupsPerStep * volume.Superblock.BlocksPerGroup;

    /// <summary>The extents of this leaf lie behind the range: goes on before the block that leads to it.</summary>
    private Errno GoLeft(CallContext context, Inode inode, uint first, ref uint end)
    {
        for (int level = path.Depth - 1; level >= 0; level--)
        {
            if (path.IndexAt(level) > 0)
            {
                Errno error = volume.Extents.GetNode(context, inode, path.BlockAt(level), out ReadOnlySpan<byte> node);
                end = error == Errno.None ? Math.Min(end - 1, ExtentNode.FirstBlock(node, path.IndexAt(level))) : end;
                return error;
            }
        }

        end = first;
        return Errno.None;
    }

    private Errno Cut(CallContext context, Inode inode, BlockRun run, uint cutFirst, uint cutEnd)
    {
        ulong block = path.BlockAt(path.Depth);
        Errno error = volume.Extents.ModifyNode(context, inode, block, out Span<byte> leaf);
        if (error != Errno.None)
        {
            return error;
        }

        int index = path.IndexAt(path.Depth);
        uint before = cutFirst - run.First;
        uint after = run.First + run.Count - cutEnd;
        BlockRun rest = run with { First = cutEnd, Count = after, Physical = run.Physical + (cutEnd - run.First) };
        if (before == 0 && after == 0)
        {
            ExtentNode.Remove(leaf, index);
        }
        else if (before == 0)
        {
            ExtentNode.SetRun(leaf, index, rest);
        }
        else
        {
            ExtentNode.SetRun(leaf, index, run with { Count = before });
        }

        if (before > 0 && after > 0)
        {
            ExtentNode.OpenGap(leaf, index + 1);
            ExtentNode.SetRun(leaf, index + 1, rest);
        }

        volume.Extents.SealNode(inode, block, leaf);
        if (path.Depth > 0 && ExtentNode.Count(leaf) == 0)
        {
            error = RemoveNode(context, inode);
        }
        else if (path.Depth > 0 && index == 0 && before == 0)
        {
            error = volume.Extents.CorrectKeys(context, inode, path, path.Depth);
        }

        if (error != Errno.None)
        {
            return error;
        }

        volume.BlockAllocator.Charge(inode, -(long)(cutEnd - cutFirst));
        return volume.BlockAllocator.Free(context, run.Physical + before, cutEnd - cutFirst, isMetadata: inode.IsDirectory);
    }

    /// <summary>Frees the empty leaf at the end of the path, and every node that becomes empty by that.</summary>
    private Errno RemoveNode(CallContext context, Inode inode)
    {
        for (int level = path.Depth; level > 0; level--)
        {
            ulong parentBlock = path.BlockAt(level - 1);
            Errno error = volume.Extents.ModifyNode(context, inode, parentBlock, out Span<byte> parent);
            if (error != Errno.None)
            {
                return error;
            }

            ExtentNode.Remove(parent, path.IndexAt(level - 1));
            volume.Extents.SealNode(inode, parentBlock, parent);
            bool isEmpty = ExtentNode.Count(parent) == 0;
            if (!isEmpty && path.IndexAt(level - 1) == 0)
            {
                error = volume.Extents.CorrectKeys(context, inode, path, level - 1);
            }

            volume.BlockAllocator.Charge(inode, -1);
            error = error == Errno.None
                ? volume.BlockAllocator.Free(context, path.BlockAt(level), 1, isMetadata: true)
                : error;
            if (error != Errno.None || !isEmpty)
            {
                return error;
            }
        }

        ExtentNode.SetHeader(inode.Block, 0, Spec.RootEntriesMax, 0);
        return Errno.None;
    }

    /// <summary>While the root has one child whose entries fit into the root, the child goes.</summary>
    private Errno Flatten(CallContext context, Inode inode)
    {
        while (ExtentNode.Depth(inode.Block) > 0 && ExtentNode.Count(inode.Block) == 1)
        {
            ulong block = ExtentNode.Child(inode.Block, 0);
            Errno error = volume.Extents.GetNode(context, inode, block, out ReadOnlySpan<byte> node);
            if (error != Errno.None || ExtentNode.Count(node) > Spec.RootEntriesMax)
            {
                return error;
            }

            int length = Spec.HeaderBytes + (ExtentNode.Count(node) * Spec.EntryBytes);
            int depth = ExtentNode.Depth(node);
            node[..length].CopyTo(inode.Block);
            ExtentNode.SetHeader(inode.Block, ExtentNode.Count(node), Spec.RootEntriesMax, depth);
            error = volume.BlockAllocator.Free(context, block, 1, isMetadata: true);
            volume.BlockAllocator.Charge(inode, -1);
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }
}
