using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>An inode that is open at least once: the file system holds it, and its users meet here.</summary>
internal sealed class Vnode
{
    private SleepLock? writers;

    public Location Location { get; private set; }

    public Mount Mount => Location.Mount;

    public IFileSystem Files => Location.Mount.Files;

    public ulong Inode => Location.Inode;

    /// <summary>Open file descriptions of the inode.</summary>
    public int OpenCount { get; set; }

    /// <summary>
    /// Taken by every writer while the inode is open more than once: an appending write looks up the size and writes there,
    /// and POSIX wants no other write in between (write, O_APPEND).
    /// </summary>
    public SleepLock Writers => writers ??= new SleepLock();

    /// <summary>The locks on the file; null until there has been one.</summary>
    public FileLocks? Locks { get; private set; }

    /// <summary>The pipe behind a FIFO; null for other files.</summary>
    public Pipe? Fifo { get; set; }

    /// <summary>The UNIX socket that is bound to the inode; null when there is none.</summary>
    public UnixSocket? Socket { get; set; }

    public FileLocks MakeLocks(CallContext context) => Locks ??= new FileLocks(KernelEvent.Create(context));

    /// <summary>Makes it the vnode of an inode that has been opened for the first time.</summary>
    public void Begin(Location location)
    {
        Location = location;
        OpenCount = 1;
        Locks = null;
        Fifo = null;
        Socket = null;
    }
}

/// <summary>The inodes that are open.</summary>
internal sealed class VnodeTable(InodeHolds holds)
{
    private readonly Dictionary<Location, Vnode> byLocation = new();
    private readonly Stack<Vnode> spare = new();

    /// <summary>Descriptions that are closed, to be used again.</summary>
    public Stack<RegularFile> SpareFiles { get; } = new();

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

        vnode = spare.TryPop(out Vnode? used) ? used : new Vnode();
        vnode.Begin(location);
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
        Location location = vnode.Location;
        byLocation.Remove(location);
        if (spare.Count < Limits.SpareFileCountMax)
        {
            spare.Push(vnode);
        }

        return holds.Release(context, location);
    }
}
