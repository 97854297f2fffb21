using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>An inode that is open at least once: the file system holds it, and writers to it meet here.</summary>
internal sealed class Vnode(ulong inode, SleepLock writers)
{
    public ulong Inode { get; } = inode;

    /// <summary>Open file descriptions of the inode.</summary>
    public int OpenCount { get; set; } = 1;

    /// <summary>
    /// Taken by every writer while the inode is open more than once: an appending write looks up the size and writes there,
    /// and POSIX wants no other write in between (write, O_APPEND).
    /// </summary>
    public SleepLock Writers { get; } = writers;
}

/// <summary>The inodes that are open.</summary>
internal sealed class VnodeTable(IFileSystem fileSystem, InodeHolds holds)
{
    private readonly Dictionary<ulong, Vnode> byInode = new();

    public int Count => byInode.Count;

    /// <summary>Finds or makes the vnode of an inode, for one more open file description.</summary>
    /// <returns>The error of the file system when it cannot hold the inode; null then in <paramref name="vnode"/>.</returns>
    public Errno Open(CallContext context, ulong inode, out Vnode? vnode)
    {
        if (byInode.TryGetValue(inode, out vnode))
        {
            vnode.OpenCount++;
            return Errno.None;
        }

        Reply<Unit, Errno> held = fileSystem.Hold(context, inode);
        if (!held.IsOk)
        {
            return held.ErrorOf();
        }

        vnode = new Vnode(inode, new SleepLock(KernelEvent.Create(context)));
        byInode.Add(inode, vnode);
        return Errno.None;
    }

    /// <summary>One open file description less. The caller must not use the vnode any more.</summary>
    public Errno Close(CallContext context, Vnode vnode)
    {
        vnode.OpenCount--;
        if (vnode.OpenCount > 0)
        {
            return Errno.None;
        }

        // Removed before the call: another thread may open the inode meanwhile, and holds are counted.
        byInode.Remove(vnode.Inode);
        return holds.Release(context, vnode.Inode);
    }
}
