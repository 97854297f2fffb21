using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Tmpfs;

/// <summary>A file of any type.</summary>
internal sealed class TmpInode(FileAttributes attributes, Space space)
{
    private const int SectorsPerPage = TmpfsLimits.PageBytes / 512;

    private FileAttributes attributes = attributes;

    public ref FileAttributes Attributes => ref attributes;

    public ulong Number => attributes.Inode;

    public uint Type => attributes.Mode & FileMode.TypeMask;

    public bool IsDirectory => Type == FileMode.Directory;

    public bool IsRegular => Type == FileMode.Regular;

    /// <summary>Of a regular file.</summary>
    public PageMap Data { get; } = new(space);

    /// <summary>Of a directory; null for others.</summary>
    public NameTable? Names { get; init; }

    /// <summary>Of a directory: what ".." is.</summary>
    public ulong Parent { get; set; }

    /// <summary>Of a symbolic link.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>Extended attributes; null while there are none.</summary>
    public AttributeTable? Extended { get; set; }

    public long HoldCount { get; set; }

    public FileAttributes Describe()
    {
        FileAttributes described = attributes;
        described.SectorCount = (ulong)Data.PageCount * SectorsPerPage;
        return described;
    }
}
