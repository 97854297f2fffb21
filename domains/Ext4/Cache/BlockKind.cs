namespace RedLeafSharp.Domains.Ext4;

/// <summary>As what a block has been verified, of those that files own.</summary>
internal enum BlockKind : byte
{
    /// <summary>Nothing, or a structure of the file system itself, which no file may own.</summary>
    None = 0,

    /// <summary>A node of an extent tree.</summary>
    ExtentNode = 1,

    /// <summary>Entries of a directory.</summary>
    DirectoryLeaf = 2,

    /// <summary>The root of a directory's index.</summary>
    DirectoryRoot = 3,

    /// <summary>A node of a directory's index.</summary>
    DirectoryNode = 4,

    /// <summary>Extended attributes.</summary>
    Attributes = 5,

    /// <summary>Numbers of orphans.</summary>
    Orphans = 6,
}
