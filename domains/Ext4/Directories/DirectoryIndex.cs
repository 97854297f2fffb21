using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Directory;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The hash index of large directories: finds the block of entries that a name belongs in, splits full blocks, and makes
/// an index out of a directory that has outgrown its first block.
/// </summary>
internal sealed class DirectoryIndex(Volume volume, DirectoryBlocks blocks)
{
    private readonly HtreeHash hashes = new(volume.Superblock.GetHashSeed());
    private readonly LeafSplit split = new(volume, blocks);
    private readonly uint[] pathBlocks = new uint[Spec.IndirectLevelsMax + 1];
    private readonly int[] pathIndices = new int[Spec.IndirectLevelsMax + 1];
    private int levels;
    private int hashVersion;

    private bool HasTail => volume.Superblock.HasMetadataChecksum;

    /// <summary>Looks a name up.</summary>
    /// <returns><see cref="Errno.NoEntry"/> when there is none.</returns>
    internal Errno Find(CallContext context, Inode directory, ReadOnlySpan<byte> name, out BlockBuffer buffer, out int offset)
    {
        offset = -1;
        Errno error = Probe(context, directory, name, out uint hash, out uint leaf);
        buffer = default;
        while (error == Errno.None)
        {
            error = blocks.GetLeaf(context, directory, leaf, out buffer);
            if (error != Errno.None)
            {
                break;
            }

            offset = DirectoryBlock.Find(volume.Cache.Read(context, buffer), blocks.Limit, name);
            if (offset >= 0)
            {
                return Errno.None;
            }

            error = NextLeaf(context, directory, hash, out leaf);
        }

        return error;
    }

    /// <summary>Adds a name that the directory does not have.</summary>
    internal Errno Insert(
        CallContext context, Inode directory, ReadOnlySpan<byte> name, uint inode, byte type, out DirectoryPlace place)
    {
        place = default;
        // At most: grow the index, split a node, split the leaf twice for names of very different length.
        for (int attempt = 0; attempt < 6; attempt++)
        {
            Errno error = Probe(context, directory, name, out _, out uint leaf);
            BlockBuffer buffer = default;
            if (error == Errno.None)
            {
                error = blocks.GetLeaf(context, directory, leaf, out buffer);
            }

            if (error != Errno.None)
            {
                return error;
            }

            int room = DirectoryBlock.FindRoom(volume.Cache.Read(context, buffer), blocks.Limit, name.Length);
            if (room >= 0)
            {
                place = blocks.InsertInLeaf(context, directory, buffer, room, name, inode, type);
                return Errno.None;
            }

            error = MakeRoom(context, directory, leaf);
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.NoSpace;
    }

    /// <summary>Turns a directory of one block into an indexed one of two: its entries move to the second.</summary>
    internal Errno Convert(CallContext context, Inode directory)
    {
        Errno error = blocks.Append(context, directory, out uint number, out BlockBuffer target);
        BlockBuffer root = default;
        if (error == Errno.None)
        {
            error = blocks.GetLeaf(context, directory, 0, out root);
        }

        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> rootBytes = volume.Transaction.Modify(context, root);
        Span<byte> targetBytes = volume.Transaction.Modify(context, target);
        if (!split.MoveAllButOwn(rootBytes, targetBytes))
        {
            return volume.Damaged($"directory {directory.Number}: block 0 does not start with \".\" and \"..\"");
        }

        blocks.SealLeaf(context, directory, target, targetBytes);
        blocks.NoteMoved(root);
        IndexNode.InitializeRoot(rootBytes, NewVersion, HasTail, number);
        directory.Flags |= Ext4Spec.InodeFlags.Index;
        blocks.SealIndex(directory, 0, root, rootBytes);
        return Errno.None;
    }

    /// <summary>The hash of a name in this directory, indexed or about to be.</summary>
    internal Errno ComputeHash(CallContext context, Inode directory, ReadOnlySpan<byte> name, out uint hash)
    {
        Errno error = LoadVersion(context, directory);
        hash = error == Errno.None ? hashes.Compute(name, hashVersion) : 0;
        return error;
    }

    /// <summary>Learns which hash a directory has.</summary>
    internal Errno LoadVersion(CallContext context, Inode directory)
    {
        int version = NewVersion;
        Errno error = Errno.None;
        if (directory.HasFlag(Ext4Spec.InodeFlags.Index))
        {
            error = blocks.GetIndex(context, directory, 0, out BlockBuffer buffer);
            version = error == Errno.None ? IndexNode.HashVersion(volume.Cache.Read(context, buffer)) : version;
        }

        hashVersion = HtreeHash.EffectiveVersion(version, volume.Superblock.HasUnsignedHash);
        return error;
    }

    /// <summary>The hash of a name with the version that <see cref="LoadVersion"/> has found.</summary>
    internal uint HashOf(ReadOnlySpan<byte> name) => hashes.Compute(name, hashVersion);

    /// <summary>Goes down the index to the first leaf for a hash; the path is kept.</summary>
    internal Errno Seek(CallContext context, Inode directory, uint hash, out uint leaf)
    {
        leaf = 0;
        Errno error = blocks.GetIndex(context, directory, 0, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        ReadOnlySpan<byte> node = volume.Cache.Read(context, buffer);
        levels = IndexNode.Levels(node);
        uint number = 0;
        for (int level = 0; level <= levels; level++)
        {
            pathBlocks[level] = number;
            pathIndices[level] = IndexNode.Search(node, number, hash);
            uint child = IndexNode.Child(node, number, pathIndices[level]);
            if (level == levels)
            {
                leaf = child;
                return Errno.None;
            }

            number = child;
            error = number == 0 ? Bad(directory) : blocks.GetIndex(context, directory, number, out buffer);
            if (error != Errno.None)
            {
                return error;
            }

            node = volume.Cache.Read(context, buffer);
        }

        return Bad(directory);
    }

    /// <summary>Goes on to the next leaf of the path.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="leaf">The leaf; 0 when there is none any more.</param>
    /// <param name="hash">The smallest hash that it may have; odd when the leaf before has names of this hash too.</param>
    internal Errno Next(CallContext context, Inode directory, out uint leaf, out uint hash)
    {
        leaf = 0;
        hash = 0;
        for (int level = levels; level >= 0; level--)
        {
            Errno error = blocks.GetIndex(context, directory, pathBlocks[level], out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            ReadOnlySpan<byte> node = volume.Cache.Read(context, buffer);
            if (pathIndices[level] + 1 < IndexNode.Count(node, pathBlocks[level]))
            {
                pathIndices[level]++;
                hash = IndexNode.Hash(node, pathBlocks[level], pathIndices[level]);
                leaf = IndexNode.Child(node, pathBlocks[level], pathIndices[level]);
                return level == levels ? Errno.None : FirstLeafBelow(context, directory, leaf, out leaf);
            }
        }

        return Errno.None;
    }

    private int NewVersion => Math.Min(volume.Superblock.DefaultHashVersion, HtreeHash.VersionMax);

    private Errno Probe(CallContext context, Inode directory, ReadOnlySpan<byte> name, out uint hash, out uint leaf)
    {
        leaf = 0;
        Errno error = ComputeHash(context, directory, name, out hash);
        return error == Errno.None ? Seek(context, directory, hash, out leaf) : error;
    }

    private Errno Bad(Inode directory) => volume.Damaged($"directory {directory.Number}: the index leads back to its root");

    /// <summary>Names of one hash may fill several leaves: the next entry then has the hash with its lowest bit set.</summary>
    private Errno NextLeaf(CallContext context, Inode directory, uint hash, out uint leaf)
    {
        Errno error = Next(context, directory, out leaf, out uint first);
        return error != Errno.None || (leaf != 0 && first == (hash | 1)) ? error : Errno.NoEntry;
    }

    private Errno FirstLeafBelow(CallContext context, Inode directory, uint number, out uint leaf)
    {
        leaf = 0;
        if (number == 0)
        {
            return Bad(directory);
        }

        Errno error = blocks.GetIndex(context, directory, number, out BlockBuffer buffer);
        pathBlocks[levels] = number;
        pathIndices[levels] = 0;
        leaf = error == Errno.None ? IndexNode.Child(volume.Cache.Read(context, buffer), number, 0) : 0;
        return error;
    }

    /// <summary>One step towards room for a name in a full leaf: the index first, when it is full too.</summary>
    private Errno MakeRoom(CallContext context, Inode directory, uint leaf)
    {
        uint number = pathBlocks[levels];
        Errno error = blocks.GetIndex(context, directory, number, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        if (IndexNode.IsFull(volume.Cache.Read(context, buffer), number))
        {
            return levels == 0 ? AddLevel(context, directory) : SplitNode(context, directory);
        }

        error = split.Split(context, directory, leaf, hashes, hashVersion, out uint splitHash, out uint newLeaf);
        return error == Errno.None ? InsertInNode(context, directory, levels, splitHash, newLeaf) : error;
    }

    private Errno InsertInNode(CallContext context, Inode directory, int level, uint hash, uint child)
    {
        uint number = pathBlocks[level];
        Errno error = blocks.GetIndex(context, directory, number, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            Span<byte> node = volume.Transaction.Modify(context, buffer);
            IndexNode.Insert(node, number, pathIndices[level] + 1, hash, child);
            blocks.SealIndex(directory, number, buffer, node);
        }

        return error;
    }

    /// <summary>The root is full and leads to leaves: its entries move down into a node.</summary>
    private Errno AddLevel(CallContext context, Inode directory)
    {
        Errno error = blocks.Append(context, directory, out uint number, out BlockBuffer buffer);
        BlockBuffer rootBuffer = default;
        if (error == Errno.None)
        {
            error = blocks.GetIndex(context, directory, 0, out rootBuffer);
        }

        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> root = volume.Transaction.Modify(context, rootBuffer);
        Span<byte> node = volume.Transaction.Modify(context, buffer);
        IndexNode.InitializeNode(node, HasTail);
        IndexNode.CopyEntries(root, 0, 0, IndexNode.Count(root, 0), node, number);
        IndexNode.SetCount(root, 0, 1);
        IndexNode.SetChild(root, 0, 0, number);
        IndexNode.SetLevels(root, 1);
        blocks.SealIndex(directory, number, buffer, node);
        blocks.SealIndex(directory, 0, rootBuffer, root);
        return Errno.None;
    }

    /// <summary>A node is full: its upper half moves to a new one, which the root must have room for.</summary>
    private Errno SplitNode(CallContext context, Inode directory)
    {
        Errno error = blocks.GetIndex(context, directory, 0, out BlockBuffer rootBuffer);
        if (error != Errno.None)
        {
            return error;
        }

        if (IndexNode.IsFull(volume.Cache.Read(context, rootBuffer), 0))
        {
            return Errno.NoSpace;
        }

        uint number = pathBlocks[levels];
        error = blocks.Append(context, directory, out uint newNumber, out BlockBuffer newBuffer);
        BlockBuffer buffer = default;
        if (error == Errno.None)
        {
            error = blocks.GetIndex(context, directory, number, out buffer);
        }

        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> node = volume.Transaction.Modify(context, buffer);
        Span<byte> newNode = volume.Transaction.Modify(context, newBuffer);
        int count = IndexNode.Count(node, number);
        int kept = count / 2;
        uint hash = IndexNode.Hash(node, number, kept);
        IndexNode.InitializeNode(newNode, HasTail);
        IndexNode.CopyEntries(node, number, kept, count - kept, newNode, newNumber);
        IndexNode.SetCount(node, number, kept);
        blocks.SealIndex(directory, newNumber, newBuffer, newNode);
        blocks.SealIndex(directory, number, buffer, node);
        return InsertInNode(context, directory, 0, hash, newNumber);
    }
}
