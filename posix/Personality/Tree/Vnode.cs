using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>An inode that is open at least once: the file system holds it, and its users meet here.</summary>
internal sealed class Vnode(Location location, CallContext context)
{
    private readonly KernelEvent lockEvent = KernelEvent.Create(context);

    public Location Location { get; } = location;

    public Mount Mount => Location.Mount;

    public IFileSystem Files => Location.Mount.Files;

    public ulong Inode => Location.Inode;

    /// <summary>Open file descriptions of the inode.</summary>
    public int OpenCount { get; set; } = 1;

    /// <summary>
    /// Taken by every writer while the inode is open more than once: an appending write looks up the size and writes there,
    /// and POSIX wants no other write in between (write, O_APPEND).
    /// </summary>
    public SleepLock Writers { get; } = new(KernelEvent.Create(context));

    /// <summary>The locks on the file; null until there has been one.</summary>
    public FileLocks? Locks { get; private set; }

    /// <summary>The pipe behind a FIFO; null for other files.</summary>
    public Pipe? Fifo { get; set; }

    /// <summary>The UNIX socket that is bound to the inode; null when there is none.</summary>
    public UnixSocket? Socket { get; set; }

    public FileLocks MakeLocks() => Locks ??= new FileLocks(lockEvent);
}

/// <summary>The inodes that are open.</summary>
internal sealed class VnodeTable(InodeHolds holds)
{
    private readonly Dictionary<Location, Vnode> byLocation = new();

    public int Count => byLocation.Count;

    /// <summary>Finds or makes the vnode of an inode, for one more open file description.</summary>
    /// <returns>The error of the file system when it cannot hold the inode; null then in <paramref name="vnode"/>.</returns>
    public Errno Open(CallContext context, Location location, out Vnode? vnode)
    {
        if (byLocation.TryGetValue(location, out vnode))
        {
            vnode.OpenCount++;
            return Errno.None;
        }

        Errno error = holds.Hold(context, location);
        if (error != Errno.None)
        {
            return error;
        }

        vnode = new Vnode(location, context);
        byLocation.Add(location, vnode);
        return Errno.None;
    }

    /// <summary>The vnode of an inode that is open, or null.</summary>
    public Vnode? Find(Location location) => byLocation.GetValueOrDefault(location);

    /// <summary>One open file description less. The caller must not use the vnode any more.</summary>
    public Errno Close(CallContext context, Vnode vnode)
    {
        vnode.OpenCount--;
        if (vnode.OpenCount > 0)
        {
            return Errno.None;
        }

        // Removed before the call: another thread may open the inode meanwhile, and holds are counted.
        byLocation.Remove(vnode.Location);
        return holds.Release(context, vnode.Location);
    }
}
