using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A file system in the tree of names.</summary>
/// <remarks>
/// It covers a name in a directory, not a directory: directories have one name each, so that is the same, and /dev and /proc
/// can be there without a directory of the root's file system below them.
/// </remarks>
internal sealed class Mount(IFileSystem files, uint number, ulong root, string source, string type)
{
    public IFileSystem Files { get; } = files;

    /// <summary>What stat calls st_dev.</summary>
    public uint Number { get; } = number;

    /// <summary>Inode number of its root.</summary>
    public ulong Root { get; } = root;

    /// <summary>The name of the domain, or "none".</summary>
    public string Source { get; } = source;

    public string Type { get; } = type;

    public bool IsReadOnly { get; init; }

    /// <summary>What it is mounted in; null for the root of the tree.</summary>
    public Mount? Parent { get; private set; }

    /// <summary>The directory of <see cref="Parent"/> that <see cref="Name"/> is in.</summary>
    public ulong ParentDirectory { get; private set; }

    public byte[] Name { get; private set; } = [];

    /// <summary>Holds on its inodes and file systems mounted in it: while there are any, it stays.</summary>
    public int UseCount { get; set; }

    public Location RootLocation => new(this, Root);

    public bool Covers(Mount parent, ulong directory, ReadOnlySpan<byte> name) =>
        ParentDirectory == directory && Parent == parent && name.SequenceEqual(Name);

    public void Attach(Mount parent, ulong directory, ReadOnlySpan<byte> name)
    {
        Parent = parent;
        ParentDirectory = directory;
        Name = name.ToArray();
        parent.UseCount++;
    }

    public void Detach()
    {
        Parent!.UseCount--;
        Parent = null;
    }

    /// <summary>The attributes of an inode, with the file system's number.</summary>
    public Errno GetAttributes(CallContext context, ulong inode, out FileAttributes attributes) =>
        Take(Files.GetAttributes(context, inode), out attributes);

    /// <summary>The attributes of what a directory has under a name, with the file system's number.</summary>
    public Errno Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name, out FileAttributes attributes) =>
        Take(Files.Lookup(context, directory, name), out attributes);

    private Errno Take(Reply<FileAttributes, Errno> reply, out FileAttributes attributes)
    {
        attributes = reply.Value;
        attributes.FileSystemNumber = Number;
        return reply.ErrorOf();
    }
}

/// <summary>An inode and the file system that it is of.</summary>
internal readonly record struct Location(Mount Mount, ulong Inode)
{
    public bool IsRootOfMount => Inode == Mount.Root;
}
