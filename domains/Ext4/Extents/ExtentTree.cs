using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Extent;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Maps the blocks of a file to the disk, and adds to the map. Nodes are re-read by block number rather than held, so that
/// an allocation in between may evict them.
/// </summary>
internal sealed partial class ExtentTree(Volume volume)
{
    private readonly ExtentPath path = new();

    /// <summary>The maps of files without extents.</summary>
    internal IndirectMap Indirect { get; } = new(volume);

    /// <summary>Blocks that no file may own; null until the descriptors have been read.</summary>
    internal SystemZone? Zone { get; set; }

    private int BlockCapacity => (volume.BlockBytes - Spec.HeaderBytes) / Spec.EntryBytes;

    /// <summary>An empty tree in the inode.</summary>
    internal static void Initialize(Inode inode)
    {
        inode.Block.Clear();
        ExtentNode.SetHeader(inode.Block, 0, Spec.RootEntriesMax, 0);
        inode.Flags |= Ext4Spec.InodeFlags.Extents;
        inode.ForgetRun();
    }

    /// <summary>The run of blocks that a file block is in, from that block on; a hole reaches to the next extent.</summary>
    internal Errno Find(CallContext context, Inode inode, uint block, out BlockRun run)
    {
        run = inode.LastRun;
        if (run.Contains(block))
        {
            run = Tail(run, block);
            return Errno.None;
        }

        Errno error;
        if (!inode.HasExtents)
        {
            error = Indirect.Find(context, inode, block, out run);
            inode.LastRun = error == Errno.None && !run.IsHole ? run : inode.LastRun;
            return error;
        }

        error = Descend(context, inode, block, path);
        if (error != Errno.None)
        {
            return error;
        }

        int index = path.IndexAt(path.Depth);
        if (index >= 0)
        {
            error = GetNode(context, inode, path.BlockAt(path.Depth), out ReadOnlySpan<byte> leaf);
            if (error != Errno.None)
            {
                return error;
            }

            run = ExtentNode.Run(leaf, index);
            if (run.Contains(block))
            {
                inode.LastRun = run;
                run = Tail(run, block);
                return Errno.None;
            }
        }

        run = new BlockRun(block, Math.Max(path.NextFirst, block + 1) - block, 0, false);
        return Errno.None;
    }

    /// <summary>Adds a run where the file has a hole, merging it with a neighbour if possible.</summary>
    /// <returns><see cref="Errno.NoSpace"/> when the tree needs a block and there is none; nothing has changed then.</returns>
    internal Errno Insert(CallContext context, Inode inode, BlockRun run)
    {
        if (!inode.HasExtents)
        {
            return Indirect.Insert(context, inode, run);
        }

        inode.ForgetRun();
        for (int attempt = 0; attempt <= 2 * (Spec.DepthMax + 1); attempt++)
        {
            Errno error = Descend(context, inode, run.First, path);
            if (error == Errno.None)
            {
                error = GetNode(context, inode, path.BlockAt(path.Depth), out ReadOnlySpan<byte> leaf);
                if (error == Errno.None && (!ExtentNode.IsFull(leaf) || CanMerge(leaf, path.IndexAt(path.Depth), run)))
                {
                    return InsertInLeaf(context, inode, run);
                }
            }

            if (error == Errno.None)
            {
                error = MakeRoom(context, inode);
            }

            if (error != Errno.None)
            {
                return error;
            }
        }

        return volume.Damaged($"inode {inode.Number}: the extent tree does not take another extent");
    }

    /// <summary>
    /// Turns blocks of one extent from unwritten to written or back. The extent may fall in three; room for that is made
    /// first, so that nothing has changed when there is none.
    /// </summary>
    internal Errno Convert(CallContext context, Inode inode, uint first, uint count, bool isUnwritten)
    {
        inode.ForgetRun();
        Errno error = FindExtent(context, inode, first, 0, out BlockRun whole);
        if (error == Errno.None
            && (!whole.Contains(first) || whole.IsUnwritten == isUnwritten || first - whole.First + count > whole.Count))
        {
            error = volume.Damaged($"inode {inode.Number}: blocks {first} to {first + count - 1} are not one extent");
        }

        uint before = first - whole.First;
        uint after = whole.Count - before - count;
        int more = (before > 0 ? 1 : 0) + (after > 0 ? 1 : 0);
        if (error == Errno.None && more > 0)
        {
            error = FindExtent(context, inode, first, more, out whole);
        }

        ulong block = path.BlockAt(path.Depth);
        Span<byte> leaf = default;
        if (error == Errno.None)
        {
            error = ModifyNode(context, inode, block, out leaf);
        }

        if (error != Errno.None)
        {
            return error;
        }

        int index = path.IndexAt(path.Depth);
        if (before > 0)
        {
            ExtentNode.SetRun(leaf, index, whole with { Count = before });
            ExtentNode.OpenGap(leaf, ++index);
        }

        ExtentNode.SetRun(leaf, index, new BlockRun(first, count, whole.Physical + before, isUnwritten));
        if (after > 0)
        {
            ExtentNode.OpenGap(leaf, index + 1);
            ulong physical = whole.Physical + before + count;
            ExtentNode.SetRun(leaf, index + 1, new BlockRun(first + count, after, physical, whole.IsUnwritten));
        }

        ExtentNode.TryJoin(leaf, index);
        ExtentNode.TryJoin(leaf, index - 1);
        SealNode(inode, block, leaf);
        return Errno.None;
    }

    /// <summary>The extent that starts at or before a block, in a leaf with room for some more; the path leads to it.</summary>
    internal Errno FindExtent(CallContext context, Inode inode, uint block, int room, out BlockRun run)
    {
        run = default;
        for (int attempt = 0; attempt <= 2 * (Spec.DepthMax + 1); attempt++)
        {
            Errno error = Descend(context, inode, block, path);
            ReadOnlySpan<byte> leaf = default;
            if (error == Errno.None)
            {
                error = GetNode(context, inode, path.BlockAt(path.Depth), out leaf);
            }

            if (error == Errno.None && ExtentNode.Count(leaf) + room <= ExtentNode.Max(leaf))
            {
                int index = path.IndexAt(path.Depth);
                run = index < 0 ? default : ExtentNode.Run(leaf, index);
                return Errno.None;
            }

            error = error == Errno.None ? MakeRoom(context, inode) : error;
            if (error != Errno.None)
            {
                return error;
            }
        }

        return volume.Damaged($"inode {inode.Number}: the extent tree does not take another extent");
    }

    /// <summary>Finds the way to the leaf that holds a file block, checking every node on it.</summary>
    internal Errno Descend(CallContext context, Inode inode, uint block, ExtentPath way)
    {
        ulong nodeBlock = 0;
        way.NextFirst = uint.MaxValue;
        int depth = -1;
        for (int level = 0; level <= Spec.DepthMax; level++)
        {
            Errno error = GetNode(context, inode, nodeBlock, out ReadOnlySpan<byte> node);
            if (error != Errno.None)
            {
                return error;
            }

            int nodeDepth = ExtentNode.Depth(node);
            depth = level == 0 ? nodeDepth : depth;
            if (nodeDepth != depth - level)
            {
                return volume.Damaged(
                    $"extent block {nodeBlock} of inode {inode.Number}: depth {nodeDepth}, expected {depth - level}");
            }

            int index = ExtentNode.Search(node, block);
            if (index + 1 < ExtentNode.Count(node))
            {
                way.NextFirst = Math.Min(way.NextFirst, ExtentNode.FirstBlock(node, index + 1));
            }

            if (nodeDepth == 0)
            {
                way.Set(level, nodeBlock, index);
                way.Depth = level;
                return Errno.None;
            }

            way.Set(level, nodeBlock, Math.Max(index, 0));
            nodeBlock = ExtentNode.Child(node, Math.Max(index, 0));
            if (index < 0)
            {
                way.NextFirst = uint.MaxValue;
            }
        }

        return volume.Damaged($"inode {inode.Number}: the extent tree is too deep");
    }

    /// <summary>The bytes of a node, checked; block 0 stands for the root in the inode.</summary>
    internal Errno GetNode(CallContext context, Inode inode, ulong block, out ReadOnlySpan<byte> node)
    {
        if (block == 0)
        {
            node = inode.Block;
            string problem = inode.HasExtents ? ExtentNode.Check(node, Spec.RootEntriesMax, volume.Superblock, Zone) : "";
            return !inode.HasExtents
                ? Errno.NotSupported
                : problem.Length == 0 ? Errno.None : volume.Damaged($"extent root of inode {inode.Number}: {problem}");
        }

        node = default;
        Errno error = volume.Cache.Get(context, block, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        node = volume.Cache.Read(context, buffer);
        if (!volume.Cache.IsVerified(buffer, BlockKind.ExtentNode))
        {
            error = CheckBlock(inode, block, node);
            if (error == Errno.None)
            {
                volume.Cache.SetVerified(buffer, BlockKind.ExtentNode);
            }
        }

        return error;
    }

    /// <summary>The bytes of a node, to be changed; <see cref="SealNode"/> when done.</summary>
    internal Errno ModifyNode(CallContext context, Inode inode, ulong block, out Span<byte> node)
    {
        if (block == 0)
        {
            node = inode.Block;
            return Errno.None;
        }

        // Checked again in case that the page was dropped since: a damaged file may own a node of its own tree as data.
        node = default;
        Errno error = GetNode(context, inode, block, out _);
        BlockBuffer buffer = default;
        if (error == Errno.None)
        {
            error = volume.Cache.Get(context, block, out buffer);
        }

        if (error == Errno.None)
        {
            node = volume.Transaction.Modify(context, buffer);
        }

        return error;
    }

    /// <summary>Sets the checksum of a changed node.</summary>
    internal void SealNode(Inode inode, ulong block, Span<byte> node)
    {
        inode.IsMapChanged = true;
        if (block != 0 && volume.Superblock.HasMetadataChecksum)
        {
            int tail = Spec.HeaderBytes + (ExtentNode.Max(node) * Spec.EntryBytes);
            Put32(node, tail, Checksum.Crc32C(inode.ChecksumSeed(volume.Superblock), node[..tail]));
        }
    }

    private static BlockRun Tail(BlockRun run, uint block)
    {
        uint skipped = block - run.First;
        return new BlockRun(block, run.Count - skipped, run.Physical + skipped, run.IsUnwritten);
    }

    private Errno CheckBlock(Inode inode, ulong block, ReadOnlySpan<byte> node)
    {
        int tail = Spec.HeaderBytes + (ExtentNode.Max(node) * Spec.EntryBytes);
        if (volume.Superblock.HasMetadataChecksum && tail + Spec.TailBytes <= node.Length)
        {
            uint found = U32(node, tail);
            uint expected = Checksum.Crc32C(inode.ChecksumSeed(volume.Superblock), node[..tail]);
            if (found != expected)
            {
                return volume.DamagedChecksum($"extent block of inode {inode.Number}", block, found, expected);
            }
        }

        string problem = ExtentNode.Check(node, BlockCapacity, volume.Superblock, Zone);
        return problem.Length == 0 ? Errno.None : volume.Damaged($"extent block {block} of inode {inode.Number}: {problem}");
    }

    private static bool CanMerge(ReadOnlySpan<byte> leaf, int index, BlockRun run) =>
        (index >= 0 && ExtentNode.CanJoin(ExtentNode.Run(leaf, index), run))
        || (index + 1 < ExtentNode.Count(leaf) && ExtentNode.CanJoin(run, ExtentNode.Run(leaf, index + 1)));

    private Errno InsertInLeaf(CallContext context, Inode inode, BlockRun run)
    {
        ulong block = path.BlockAt(path.Depth);
        int index = path.IndexAt(path.Depth);
        Errno error = ModifyNode(context, inode, block, out Span<byte> leaf);
        if (error != Errno.None)
        {
            return error;
        }

        BlockRun left = index >= 0 ? ExtentNode.Run(leaf, index) : default;
        if (left.Count > 0 && (ulong)left.First + left.Count > run.First)
        {
            return volume.Damaged($"inode {inode.Number}: block {run.First} is mapped already");
        }

        bool hasRight = index + 1 < ExtentNode.Count(leaf);
        BlockRun right = hasRight ? ExtentNode.Run(leaf, index + 1) : default;
        if (left.Count > 0 && ExtentNode.CanJoin(left, run))
        {
            ExtentNode.SetRun(leaf, index, left with { Count = left.Count + run.Count });
            ExtentNode.TryJoin(leaf, index);
        }
        else if (hasRight && ExtentNode.CanJoin(run, right))
        {
            ExtentNode.SetRun(leaf, index + 1, run with { Count = run.Count + right.Count });
        }
        else
        {
            ExtentNode.OpenGap(leaf, index + 1);
            ExtentNode.SetRun(leaf, index + 1, run);
        }

        SealNode(inode, block, leaf);
        return index < 0 ? CorrectKeys(context, inode, path, path.Depth) : Errno.None;
    }

    /// <summary>The first entry of a node has changed: so do the index entries that lead to it, which e2fsck compares.</summary>
    internal Errno CorrectKeys(CallContext context, Inode inode, ExtentPath way, int level)
    {
        Errno error = GetNode(context, inode, way.BlockAt(level), out ReadOnlySpan<byte> child);
        uint first = error == Errno.None ? ExtentNode.FirstBlock(child, 0) : 0;
        for (level--; level >= 0 && error == Errno.None; level--)
        {
            error = ModifyNode(context, inode, way.BlockAt(level), out Span<byte> node);
            if (error == Errno.None)
            {
                ExtentNode.SetFirstBlock(node, way.IndexAt(level), first);
                SealNode(inode, way.BlockAt(level), node);
            }

            if (way.IndexAt(level) > 0)
            {
                break;
            }
        }

        return error;
    }
}
