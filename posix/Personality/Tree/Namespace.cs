using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// The tree of names: every resolution of a path and every change of a directory happens under one lock, so that what a
/// walk has found still holds when it is used.
/// </summary>
/// <remarks>
/// One lock costs no concurrency while the file system below lets one thread in at a time; it serializes what would be
/// serialized there. Reading and writing open files does not take it.
/// </remarks>
internal sealed class Namespace
{
    private readonly SleepLock sleepLock = new();
    private readonly byte[] listing = new byte[Limits.DirectoryBufferBytes];

    public Namespace(MountTable mounts)
    {
        Mounts = mounts;
        First = new PathWalk(mounts);
        Second = new PathWalk(mounts);
    }

    public MountTable Mounts { get; }

    /// <summary>The walk of a call's first path.</summary>
    public PathWalk First { get; }

    /// <summary>The walk of a call's second path.</summary>
    public PathWalk Second { get; }

    public Errno Acquire(CallContext context) => sleepLock.Acquire(context);

    public void Release() => sleepLock.Release();

    /// <summary>Whether a directory is another one of its file system, or lies under it. The caller has the lock.</summary>
    public static Errno IsInside(CallContext context, Location directory, ulong ancestor, out bool isInside)
    {
        isInside = false;
        ulong inode = directory.Inode;
        for (int depth = 0; depth < Limits.DirectoryDepthMax; depth++)
        {
            isInside = inode == ancestor;
            if (isInside || inode == directory.Mount.Root)
            {
                return Errno.None;
            }

            Errno error = directory.Mount.Lookup(context, inode, ".."u8, out FileAttributes parent);
            if (error != Errno.None)
            {
                return error;
            }

            inode = parent.Inode;
        }

        return Errno.NameTooLong;
    }

    /// <summary>Writes the path of a directory, from its end towards its start. The caller has the lock.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="root">Where paths start; a directory that is not below it is <see cref="Errno.NoEntry"/>.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="path">Receives the path.</param>
    /// <returns>Bytes written, at the start of <paramref name="path"/>.</returns>
    public Reply<int, Errno> PathOf(CallContext context, Location root, Location directory, Span<byte> path)
    {
        int start = path.Length;
        for (int depth = 0; directory != root && depth < Limits.DirectoryDepthMax; depth++)
        {
            Errno error = PrependName(context, ref directory, path, ref start);
            if (error != Errno.None)
            {
                return error;
            }
        }

        if (start == path.Length)
        {
            start--;
            if (start < 0)
            {
                return Errno.Range;
            }

            path[start] = (byte)'/';
        }

        path[start..].CopyTo(path);
        return path.Length - start;
    }

    /// <summary>Puts the name of a directory in front of a path and goes to its parent.</summary>
    private Errno PrependName(CallContext context, ref Location directory, Span<byte> path, ref int start)
    {
        Mount mount = directory.Mount;
        if (directory.IsRootOfMount)
        {
            if (mount.Parent is null)
            {
                return Errno.NoEntry;
            }

            directory = new Location(mount.Parent, mount.ParentDirectory);
            return Prepend(mount.Name, path, ref start);
        }

        Errno error = mount.Lookup(context, directory.Inode, ".."u8, out FileAttributes parent);
        if (error != Errno.None)
        {
            return error;
        }

        ulong child = directory.Inode;
        directory = new Location(mount, parent.Inode);
        return PrependName(context, mount.Files, parent.Inode, child, path, ref start);
    }

    /// <summary>Looks for the name of a child in a directory and puts it in front of a path.</summary>
    private Errno PrependName(
        CallContext context, IFileSystem files, ulong parent, ulong child, Span<byte> path, ref int start)
    {
        ulong cookie = 0;
        while (true)
        {
            Reply<int, Errno> reply = files.ReadDirectory(context, parent, cookie, listing);
            if (!reply.IsOk)
            {
                return reply.ErrorOf();
            }

            if (reply.Value == 0)
            {
                return Errno.NoEntry;
            }

            ReadOnlySpan<byte> rest = listing.AsSpan(0, reply.Value);
            while (DirectoryEntry.TryRead(ref rest, out DirectoryEntry entry))
            {
                cookie = entry.NextCookie;
                if (entry.Inode == child && !entry.Name.SequenceEqual(".."u8) && !entry.Name.SequenceEqual("."u8))
                {
                    return Prepend(entry.Name, path, ref start);
                }
            }
        }
    }

    private static Errno Prepend(ReadOnlySpan<byte> name, Span<byte> path, ref int start)
    {
        if (name.Length + 1 > start)
        {
            return Errno.Range;
        }

        start -= name.Length + 1;
        path[start] = (byte)'/';
        name.CopyTo(path[(start + 1)..]);
        return Errno.None;
    }
}
