namespace RedLeafSharp.Cli.Fuse;

/// <summary>
/// The nodes that Linux refers to, with its count of references, and those of them that have lost their last name.
/// </summary>
/// <remarks>
/// A node is an inode number, so hard links are one node and a rename changes nothing. While Linux refers to a node its inode must
/// not be used for another file. An inode with a name is not; one that loses its last name is held by the file system, as if it
/// were open, until Linux forgets it. Opens need no entry of their own: Linux does not forget what it has open.
/// </remarks>
internal sealed class NodeTable
{
    private readonly Dictionary<ulong, Node> nodes = [];
    private readonly ulong rootInode;

    internal NodeTable(ulong rootInode) => this.rootInode = rootInode;

    internal int Count => nodes.Count;

    /// <summary>The inodes that are held since they have no name.</summary>
    internal IEnumerable<ulong> Held => nodes.Where(node => node.Value.IsHeld).Select(node => node.Key);

    internal ulong InodeOf(ulong node) => node == FuseSpec.RootNode ? rootInode : node;

    internal ulong NodeOf(ulong inode) => inode == rootInode ? FuseSpec.RootNode : inode;

    /// <summary>Linux is told of a node once more.</summary>
    internal void Refer(ulong inode)
    {
        nodes.TryGetValue(inode, out Node node);
        nodes[inode] = node with { References = node.References + 1 };
    }

    /// <summary>Linux gives references back.</summary>
    /// <returns>Whether the hold on the inode ends with the last of them; the caller ends it.</returns>
    internal bool Forget(ulong inode, ulong count)
    {
        if (!nodes.TryGetValue(inode, out Node node))
        {
            return false;
        }

        if (count < node.References)
        {
            nodes[inode] = node with { References = node.References - count };
            return false;
        }

        nodes.Remove(inode);
        return node.IsHeld;
    }

    /// <summary>An inode has lost its last name and is held.</summary>
    /// <returns>False when Linux does not know it: the caller ends the hold at once.</returns>
    internal bool TryKeep(ulong inode)
    {
        if (!nodes.TryGetValue(inode, out Node node) || node.IsHeld)
        {
            return false;
        }

        nodes[inode] = node with { IsHeld = true };
        return true;
    }

    private readonly record struct Node(ulong References, bool IsHeld);
}
