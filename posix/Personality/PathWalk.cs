using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>What to do with a symbolic link in the last place of a path.</summary>
internal enum FinalLink
{
    /// <summary>Go on to what it names.</summary>
    Follow,

    /// <summary>Stop at the link, unless a slash comes after it.</summary>
    Keep,

    /// <summary>Stop at the link; a slash after it is an error: a name is to be taken away, and it is the link's.</summary>
    KeepAlways,
}

/// <summary>The last component of a path.</summary>
internal enum FinalName
{
    /// <summary>A name in <see cref="PathWalk.Directory"/>.</summary>
    Normal,

    /// <summary>The path is of slashes only.</summary>
    Root,

    /// <summary>".".</summary>
    Dot,

    /// <summary>"..".</summary>
    DotDot,
}

/// <summary>
/// Pathname resolution (POSIX.1-2017, 4.13). The result stays in the object until the next walk; walks and the use of their
/// results happen under the namespace lock.
/// </summary>
internal sealed class PathWalk(IFileSystem fileSystem)
{
    private readonly byte[] path = new byte[Limits.PathBytesMax + 1];
    private readonly byte[] target = new byte[Limits.PathBytesMax + 1];

    private FileAttributes directory;
    private FileAttributes file;
    private int pathLength;
    private int position;
    private int nameStart;
    private int nameLength;
    private int linkDepth;

    /// <summary>The directory that the last name is in.</summary>
    public ref readonly FileAttributes Directory => ref directory;

    /// <summary>What the path names; meaningless when nothing <see cref="Exists"/>.</summary>
    public ref readonly FileAttributes File => ref file;

    /// <summary>The last name. Valid for <see cref="FinalName.Normal"/>.</summary>
    public ReadOnlySpan<byte> Name => path.AsSpan(nameStart, nameLength);

    /// <summary>Whether the path names something. When not, its directory exists all the same.</summary>
    public bool Exists { get; private set; }

    /// <summary>Whether a slash comes after the last name.</summary>
    public bool HasTrailingSlash { get; private set; }

    public FinalName Final { get; private set; }

    public uint Type => file.Mode & FileMode.TypeMask;

    public bool IsDirectory => Exists && Type == FileMode.Directory;

    /// <summary>Resolves a path.</summary>
    /// <returns>None also when only the last name is missing, see <see cref="Exists"/>.</returns>
    public Errno Walk(CallContext context, Process process, ulong root, ReadOnlySpan<byte> name, FinalLink finalLink)
    {
        if (name.Length == 0)
        {
            return Errno.NoEntry;
        }

        if (name.Length > Limits.PathBytesMax)
        {
            return Errno.NameTooLong;
        }

        if (name.Contains((byte)0))
        {
            return Errno.InvalidArgument;
        }

        name.CopyTo(path);
        pathLength = name.Length;
        position = 0;
        linkDepth = 0;
        HasTrailingSlash = false;
        Final = FinalName.Root;
        Errno error = Enter(context, path[0] == (byte)'/' ? root : process.WorkingDirectory);
        while (error == Errno.None && TakeName())
        {
            error = Step(context, process, root, finalLink);
        }

        return error;
    }

    private bool IsLast => position == pathLength;

    /// <summary>Goes to a directory: what the walk has reached, unless more names follow.</summary>
    private Errno Enter(CallContext context, ulong inode)
    {
        Reply<FileAttributes, Errno> attributes = fileSystem.GetAttributes(context, inode);
        file = attributes.Value;
        directory = attributes.Value;
        Exists = attributes.IsOk;
        return attributes.ErrorOf();
    }

    /// <summary>Takes the next component and the slashes around it.</summary>
    private bool TakeName()
    {
        SkipSlashes();
        if (IsLast)
        {
            return false;
        }

        int length = path.AsSpan(position, pathLength - position).IndexOf((byte)'/');
        nameStart = position;
        nameLength = length < 0 ? pathLength - position : length;
        position += nameLength;
        int nameEnd = position;
        SkipSlashes();
        HasTrailingSlash = IsLast && position > nameEnd;
        return true;
    }

    private void SkipSlashes()
    {
        while (position < pathLength && path[position] == (byte)'/')
        {
            position++;
        }
    }

    private Errno Step(CallContext context, Process process, ulong root, FinalLink finalLink)
    {
        if (!IsDirectory)
        {
            return Errno.NotDirectory;
        }

        directory = file;
        if (!Access.Allows(directory, process, Access.Execute))
        {
            return Errno.AccessDenied;
        }

        if (nameLength > Limits.NameBytesMax)
        {
            return Errno.NameTooLong;
        }

        Final = Name.SequenceEqual("."u8) ? FinalName.Dot : Name.SequenceEqual(".."u8) ? FinalName.DotDot : FinalName.Normal;
        if (Final == FinalName.Dot)
        {
            return Errno.None;
        }

        Errno error = LookUp(context);
        if (error != Errno.None || !Exists)
        {
            return error;
        }

        bool stopsAtLink = IsLast && finalLink != FinalLink.Follow && !(finalLink == FinalLink.Keep && HasTrailingSlash);
        if (Type == FileMode.SymbolicLink && !stopsAtLink)
        {
            return FollowLink(context, root);
        }

        return IsLast && HasTrailingSlash && !IsDirectory ? Errno.NotDirectory : Errno.None;
    }

    private Errno LookUp(CallContext context)
    {
        Reply<ulong, Errno> inode = fileSystem.Lookup(context, directory.Inode, Name);
        if (!inode.IsOk)
        {
            Exists = false;
            Errno error = inode.ErrorOf();
            return error == Errno.NoEntry && IsLast ? Errno.None : error;
        }

        Reply<FileAttributes, Errno> attributes = fileSystem.GetAttributes(context, inode.Value);
        file = attributes.Value;
        Exists = attributes.IsOk;
        return attributes.ErrorOf();
    }

    /// <summary>Puts the target of the link in the place of what has been walked.</summary>
    private Errno FollowLink(CallContext context, ulong root)
    {
        linkDepth++;
        if (linkDepth > Limits.SymbolicLinkDepthMax)
        {
            return Errno.TooManySymbolicLinks;
        }

        Reply<int, Errno> length = fileSystem.ReadSymbolicLink(context, file.Inode, target);
        if (!length.IsOk)
        {
            return length.ErrorOf();
        }

        // The slashes after the link stay with the rest: they say that a directory is meant.
        int restStart = nameStart + nameLength;
        int restLength = pathLength - restStart;
        if (length.Value == 0)
        {
            return Errno.NoEntry;
        }

        if (length.Value + restLength > Limits.PathBytesMax)
        {
            return Errno.NameTooLong;
        }

        path.AsSpan(restStart, restLength).CopyTo(path.AsSpan(length.Value));
        target.AsSpan(0, length.Value).CopyTo(path);
        pathLength = length.Value + restLength;
        position = 0;
        HasTrailingSlash = false;
        Final = FinalName.Root;
        return Enter(context, target[0] == (byte)'/' ? root : directory.Inode);
    }
}
