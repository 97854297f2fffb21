using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Extent;

namespace RedLeafSharp.Domains.Ext4;

/// <content>Room for another extent: nodes are split, and the root grows into a block of its own.</content>
internal sealed partial class ExtentTree
{
    /// <summary>The leaf on the path is full: splits the topmost full node below one with room, or grows the root.</summary>
    private Errno MakeRoom(CallContext context, Inode inode)
    {
        int level = path.Depth - 1;
        for (; level >= 0; level--)
        {
            Errno error = GetNode(context, inode, path.BlockAt(level), out ReadOnlySpan<byte> node);
            if (error != Errno.None)
            {
                return error;
            }

            if (!ExtentNode.IsFull(node))
            {
                break;
            }
        }

        return level < 0 ? GrowRoot(context, inode) : Split(context, inode, level);
    }

    private Errno GrowRoot(CallContext context, Inode inode)
    {
        if (path.Depth == Spec.DepthMax)
        {
            return Errno.FileTooLarge;
        }

        Errno error = AllocateNode(context, inode, path.Depth, out ulong block, out Span<byte> node);
        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> root = inode.Block;
        uint first = ExtentNode.FirstBlock(root, 0);
        ExtentNode.MoveTail(root, 0, node);
        SealNode(inode, block, node);
        ExtentNode.SetHeader(root, 1, Spec.RootEntriesMax, path.Depth + 1);
        ExtentNode.SetChild(root, 0, first, block);
        return Errno.None;
    }

    /// <summary>
    /// Splits the node below <paramref name="level"/>. When the path goes to its end, as in a file that grows, only the
    /// last entry moves, so that nodes stay full.
    /// </summary>
    private Errno Split(CallContext context, Inode inode, int level)
    {
        ulong block = path.BlockAt(level + 1);
        Errno error = AllocateNode(context, inode, path.Depth - level - 1, out ulong newBlock, out Span<byte> newNode);
        if (error != Errno.None)
        {
            return error;
        }

        error = ModifyNode(context, inode, block, out Span<byte> node);
        if (error != Errno.None)
        {
            return error;
        }

        int count = ExtentNode.Count(node);
        int start = path.IndexAt(level + 1) >= count - 1 ? count - 1 : count / 2;
        ExtentNode.MoveTail(node, start, newNode);
        uint first = ExtentNode.FirstBlock(newNode, 0);
        SealNode(inode, block, node);
        SealNode(inode, newBlock, newNode);
        error = ModifyNode(context, inode, path.BlockAt(level), out Span<byte> parent);
        if (error != Errno.None)
        {
            return error;
        }

        int position = path.IndexAt(level) + 1;
        ExtentNode.OpenGap(parent, position);
        ExtentNode.SetChild(parent, position, first, newBlock);
        SealNode(inode, path.BlockAt(level), parent);
        return Errno.None;
    }

    private Errno AllocateNode(CallContext context, Inode inode, int depth, out ulong block, out Span<byte> node)
    {
        node = default;
        ulong goal = path.Depth > 0 ? path.BlockAt(path.Depth) : volume.BlockAllocator.GoalFor(inode);
        Errno error = volume.BlockAllocator.Allocate(context, goal, 1, out block, out _, isForTree: true);
        if (error != Errno.None)
        {
            return error;
        }

        error = volume.Cache.GetCleared(context, block, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        volume.BlockAllocator.Charge(inode, 1);
        node = volume.Transaction.Modify(context, buffer);
        ExtentNode.SetHeader(node, 0, BlockCapacity, depth);
        volume.Cache.SetVerified(buffer, BlockKind.ExtentNode);
        return Errno.None;
    }
}
