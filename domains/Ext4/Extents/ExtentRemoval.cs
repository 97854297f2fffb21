using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Extent;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>Cuts a file: frees its blocks from the end, and the nodes of the tree that become empty.</summary>
internal sealed class ExtentRemoval(Volume volume)
{
    private readonly ExtentPath path = new();

    /// <summary>Frees every block of the file from <paramref name="first"/> on.</summary>
    internal Errno Truncate(CallContext context, Inode inode, uint first)
    {
        inode.ForgetRun();
        while (true)
        {
            Errno error = volume.Extents.Descend(context, inode, uint.MaxValue, path);
            if (error != Errno.None)
            {
                return error;
            }

            error = CutLast(context, inode, first, out bool isDone);
            if (error != Errno.None)
            {
                return error;
            }

            if (isDone)
            {
                return Flatten(context, inode);
            }

            error = volume.Continue(context, inode);
            if (error != Errno.None)
            {
                return error;
            }
        }
    }

    /// <summary>Removes or shortens the last extent of the file; each call frees something or is the last.</summary>
    private Errno CutLast(CallContext context, Inode inode, uint first, out bool isDone)
    {
        isDone = true;
        ulong block = path.BlockAt(path.Depth);
        int index = path.IndexAt(path.Depth);
        if (index < 0)
        {
            // An empty leaf below the root: damage that is harmless once the leaf is gone.
            isDone = path.Depth == 0;
            return isDone ? Errno.None : RemoveNode(context, inode);
        }

        Errno error = volume.Extents.ModifyNode(context, inode, block, out Span<byte> leaf);
        if (error != Errno.None)
        {
            return error;
        }

        BlockRun run = ExtentNode.Run(leaf, index);
        if (run.First + run.Count <= first)
        {
            return Errno.None;
        }

        uint kept = run.First < first ? first - run.First : 0;
        isDone = kept > 0;
        if (inode.IsDirectory && run.Count - kept > Ext4Limits.DirectoryBlocksPerStep)
        {
            kept = run.Count - Ext4Limits.DirectoryBlocksPerStep;
            isDone = false;
        }

        if (kept > 0)
        {
            ExtentNode.SetRun(leaf, index, run with { Count = kept });
        }
        else
        {
            ExtentNode.Remove(leaf, index);
        }

        bool isEmpty = ExtentNode.Count(leaf) == 0;
        volume.Extents.SealNode(inode, block, leaf);
        error = volume.BlockAllocator.Free(context, run.Physical + kept, run.Count - kept, isMetadata: inode.IsDirectory);
        volume.BlockAllocator.Charge(inode, -(long)(run.Count - kept));
        return error != Errno.None || !isEmpty || path.Depth == 0 ? error : RemoveNode(context, inode);
    }

    /// <summary>Frees the empty leaf at the end of the path, and every node that becomes empty by that.</summary>
    private Errno RemoveNode(CallContext context, Inode inode)
    {
        for (int level = path.Depth; level > 0; level--)
        {
            Errno error = volume.BlockAllocator.Free(context, path.BlockAt(level), 1, isMetadata: true);
            volume.BlockAllocator.Charge(inode, -1);
            if (error != Errno.None)
            {
                return error;
            }

            ulong parentBlock = path.BlockAt(level - 1);
            error = volume.Extents.ModifyNode(context, inode, parentBlock, out Span<byte> parent);
            if (error != Errno.None)
            {
                return error;
            }

            ExtentNode.Remove(parent, path.IndexAt(level - 1));
            volume.Extents.SealNode(inode, parentBlock, parent);
            if (ExtentNode.Count(parent) > 0)
            {
                return Errno.None;
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
