using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>What to do with a symbolic link in the last place of a path.</summary>
internal enum FinalLink
{
    /// <summary>Go on to what it names.</summary>
    Follow,

    /// <summary>Stop at the link, unless a slash comes after it.</summary>
    Keep,

    /// <summary>Stop at whatever has the name, which is to be taken away: what is wrong with the name itself is for the caller to tell.</summary>
    KeepUnjudged,

    /// <summary>Stop at whatever has the name, also when a slash comes after it: a name is to be made, and it is taken.</summary>
    Make,
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

    /// <summary>There is none: the path is empty, and names what the walk starts from.</summary>
    Empty,
}

/// <summary>
/// Pathname resolution (POSIX.1-2017, 4.13). The result stays in the object until the next walk; walks and the use of their
/// results happen under the namespace lock.
/// </summary>
internal sealed class PathWalk(MountTable mounts)
{
    private readonly byte[] path = new byte[Limits.PathBytesMax + 1];
    private readonly byte[] target = new byte[Limits.PathBytesMax + 1];

    private FileAttributes directory;
    private Mount directoryMount = mounts.Root;
    private FileAttributes file;
    private Mount fileMount = mounts.Root;
    private int pathLength;
    private int position;
    private int nameStart;
    private int nameLength;
    private int linkDepth;

    /// <summary>The directory that the last name is in.</summary>
    public ref readonly FileAttributes Directory => ref directory;

    /// <summary>The file system of <see cref="Directory"/>.</summary>
    public Mount Mount => directoryMount;

    /// <summary>The file system of <see cref="File"/>: another one where something is mounted.</summary>
    public Mount FileMount => fileMount;

    public Location FileLocation => new(fileMount, file.Inode);

    /// <summary>Whether the name is covered by a file system: it must stay as it is.</summary>
    public bool IsMountPoint => Exists && fileMount != directoryMount && Final == FinalName.Normal;

    /// <summary>What the path names; meaningless when nothing <see cref="Exists"/>.</summary>
    public ref readonly FileAttributes File => ref file;

    /// <summary>The last name. Valid for <see cref="FinalName.Normal"/>.</summary>
    public ReadOnlySpan<byte> Name => path.AsSpan(nameStart, nameLength);

    /// <summary>Whether the path names something. When not, its directory exists all the same.</summary>
    public bool Exists { get; private set; }

    /// <summary>Whether a slash comes after the last name.</summary>
    public bool HasTrailingSlash { get; private set; }

    /// <summary>Whether the last name is longer than any can be; told after <see cref="FinalLink.KeepUnjudged"/> only.</summary>
    public bool IsNameTooLong { get; private set; }

    public FinalName Final { get; private set; }

    public uint Type => file.Mode & FileMode.TypeMask;

    public bool IsDirectory => Exists && Type == FileMode.Directory;

    /// <summary>Resolves a path.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="process">Whose permissions and root count.</param>
    /// <param name="start">Where a relative path starts.</param>
    /// <param name="name">The path.</param>
    /// <param name="finalLink">What to do with a link in the last place.</param>
    /// <returns>None also when only the last name is missing, see <see cref="Exists"/>.</returns>
    public Errno Walk(CallContext context, Process process, Location start, ReadOnlySpan<byte> name, FinalLink finalLink)
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
        IsNameTooLong = false;
        Final = FinalName.Root;
        Errno error = Enter(context, path[0] == (byte)'/' ? process.Root : start);
        while (error == Errno.None && TakeName())
        {
            error = Step(context, process, finalLink);
        }

        return error;
    }

    /// <summary>Goes to a file without a path.</summary>
    public Errno Stay(CallContext context, Location location)
    {
        pathLength = 0;
        position = 0;
        HasTrailingSlash = false;
        Final = FinalName.Empty;
        return Enter(context, location);
    }

    private bool IsLast => position == pathLength;

    /// <summary>Goes to a directory: what the walk has reached, unless more names follow.</summary>
    private Errno Enter(CallContext context, Location location)
    {
        Errno error = Reach(context, location);
        directory = file;
        directoryMount = fileMount;
        return error;
    }

    private Errno Reach(CallContext context, Location location)
    {
        fileMount = location.Mount;
        Errno error = fileMount.GetAttributes(context, location.Inode, out file);
        Exists = error == Errno.None;
        return error;
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

    private Errno Step(CallContext context, Process process, FinalLink finalLink)
    {
        if (!IsDirectory)
        {
            return Errno.NotDirectory;
        }

        directory = file;
        directoryMount = fileMount;
        if (!Access.Allows(directory, process, Access.Execute))
        {
            return Errno.AccessDenied;
        }

        if (nameLength > Limits.NameBytesMax)
        {
            IsNameTooLong = IsLast && finalLink == FinalLink.KeepUnjudged;
            Exists = false;
            Final = FinalName.Normal;
            return IsNameTooLong ? Errno.None : Errno.NameTooLong;
        }

        Final = Name.SequenceEqual("."u8) ? FinalName.Dot : Name.SequenceEqual(".."u8) ? FinalName.DotDot : FinalName.Normal;
        if (Final == FinalName.Dot)
        {
            return Errno.None;
        }

        Errno error = Final == FinalName.DotDot ? GoUp(context, process) : LookUp(context);
        if (error != Errno.None || !Exists)
        {
            return error;
        }

        bool stopsAtLink = IsLast && finalLink != FinalLink.Follow && !(finalLink == FinalLink.Keep && HasTrailingSlash);
        if (Type == FileMode.SymbolicLink && !stopsAtLink)
        {
            return FollowLink(context, process);
        }

        bool needsDirectory = IsLast && HasTrailingSlash && finalLink is not (FinalLink.Make or FinalLink.KeepUnjudged);
        return needsDirectory && !IsDirectory ? Errno.NotDirectory : Errno.None;
    }

    /// <summary>Goes to the parent: of the root the root itself, of a file system's root where that is mounted.</summary>
    private Errno GoUp(CallContext context, Process process)
    {
        var here = new Location(directoryMount, directory.Inode);
        if (here == process.Root)
        {
            return Errno.None;
        }

        return here.IsRootOfMount && directoryMount.Parent is { } parent
            ? Reach(context, new Location(parent, directoryMount.ParentDirectory))
            : LookUp(context);
    }

    private Errno LookUp(CallContext context)
    {
        if (mounts.FindAt(directoryMount, directory.Inode, Name) is { } mount)
        {
            return Reach(context, mount.RootLocation);
        }

        fileMount = directoryMount;
        Errno error = fileMount.Lookup(context, directory.Inode, Name, out file);
        Exists = error == Errno.None;
        return error == Errno.NoEntry && IsLast ? Errno.None : error;
    }

    /// <summary>Puts the target of the link in the place of what has been walked.</summary>
    private Errno FollowLink(CallContext context, Process process)
    {
        linkDepth++;
        if (linkDepth > Limits.SymbolicLinkDepthMax)
        {
            return Errno.TooManySymbolicLinks;
        }

        Reply<int, Errno> length = fileMount.Files.ReadSymbolicLink(context, file.Inode, target);
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
        return Enter(context, target[0] == (byte)'/' ? process.Root : new Location(directoryMount, directory.Inode));
    }
}
