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
    private readonly IFileSystem fileSystem;
    private readonly SleepLock sleepLock;
    private readonly byte[] listing = new byte[Limits.DirectoryBufferBytes];

    public Namespace(CallContext context, IFileSystem fileSystem, ulong root)
    {
        this.fileSystem = fileSystem;
        Root = root;
        First = new PathWalk(fileSystem);
        Second = new PathWalk(fileSystem);
        sleepLock = new SleepLock(KernelEvent.Create(context));
    }

    public ulong Root { get; }

    /// <summary>The walk of a call's first path.</summary>
    public PathWalk First { get; }

    /// <summary>The walk of a call's second path.</summary>
    public PathWalk Second { get; }

    public Errno Acquire(CallContext context) => sleepLock.Acquire(context);

    public void Release() => sleepLock.Release();

    /// <summary>Whether a directory is another one, or lies under it. The caller has the lock.</summary>
    public Errno IsInside(CallContext context, ulong directory, ulong ancestor, out bool isInside)
    {
        isInside = false;
        for (int depth = 0; depth < Limits.DirectoryDepthMax; depth++)
        {
            isInside = directory == ancestor;
            if (isInside || directory == Root)
            {
                return Errno.None;
            }

            Reply<ulong, Errno> parent = fileSystem.Lookup(context, directory, ".."u8);
            if (!parent.IsOk)
            {
                return parent.ErrorOf();
            }

            directory = parent.Value;
        }

        return Errno.NameTooLong;
    }

    /// <summary>Writes the path of a directory, from its end towards its start. The caller has the lock.</summary>
    /// <returns>Bytes written, at the start of <paramref name="path"/>.</returns>
    public Reply<int, Errno> PathOf(CallContext context, ulong directory, Span<byte> path)
    {
        int start = path.Length;
        for (int depth = 0; directory != Root && depth < Limits.DirectoryDepthMax; depth++)
        {
            Reply<ulong, Errno> parent = fileSystem.Lookup(context, directory, ".."u8);
            if (!parent.IsOk)
            {
                return parent.ErrorOf();
            }

            Errno error = PrependName(context, parent.Value, directory, path, ref start);
            if (error != Errno.None)
            {
                return error;
            }

            directory = parent.Value;
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

    /// <summary>Looks for the name of a child in a directory and puts it in front of a path.</summary>
    private Errno PrependName(CallContext context, ulong parent, ulong child, Span<byte> path, ref int start)
    {
        ulong cookie = 0;
        while (true)
        {
            Reply<int, Errno> reply = fileSystem.ReadDirectory(context, parent, cookie, listing);
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
