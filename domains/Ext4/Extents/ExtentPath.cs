namespace RedLeafSharp.Domains.Ext4;

/// <summary>The way from the root of an extent tree to a leaf: level 0 is the root in the inode.</summary>
internal sealed class ExtentPath
{
    private readonly ulong[] blocks = new ulong[Ext4Spec.Extent.DepthMax + 1];
    private readonly int[] indices = new int[Ext4Spec.Extent.DepthMax + 1];

    /// <summary>Levels below the root; the leaf is at this level.</summary>
    internal int Depth { get; set; }

    /// <summary>First file block that belongs to the entry behind the path's, or the end of all file blocks.</summary>
    internal uint NextFirst { get; set; }

    /// <summary>Block of the node at a level; 0 for the root.</summary>
    internal ulong BlockAt(int level) => blocks[level];

    /// <summary>Entry taken at a level; at the leaf -1 when all extents start behind the block sought.</summary>
    internal int IndexAt(int level) => indices[level];

    internal void Set(int level, ulong block, int index)
    {
        blocks[level] = block;
        indices[level] = index;
    }

    internal bool Contains(ulong block, int levels)
    {
        for (int level = 1; level < levels; level++)
        {
            if (blocks[level] == block)
            {
                return true;
            }
        }

        return false;
    }
}
