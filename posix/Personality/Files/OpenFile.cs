using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// An open file description (POSIX.1-2017, 3.258): what dup and spawn share. A kind of file overrides what it can do.
/// </summary>
internal abstract class OpenFile(OpenFlags flags, OpenFileCount count)
{
    private OpenFileCount count = count;

    private const OpenFlags KeptFlags =
        OpenFlags.AccessMask | OpenFlags.Append | OpenFlags.NonBlock | OpenFlags.Sync | OpenFlags.DataSync | OpenFlags.Path;

    private const OpenFlags ChangeableFlags = OpenFlags.Append | OpenFlags.NonBlock;

    /// <summary>How many descriptors name it.</summary>
    public int References { get; set; }

    /// <summary>The access mode and the status flags.</summary>
    public OpenFlags Flags { get; private set; } = flags & KeptFlags;

    /// <summary>Whether the description only names the file (O_PATH).</summary>
    public bool IsPathOnly => (Flags & OpenFlags.Path) != 0;

    public bool CanRead => !IsPathOnly && (Flags & OpenFlags.AccessMask) != OpenFlags.WriteOnly;

    public bool CanWrite => !IsPathOnly && (Flags & OpenFlags.AccessMask) != OpenFlags.ReadOnly;

    public bool IsNonBlocking => (Flags & OpenFlags.NonBlock) != 0;

    /// <summary>The inode behind it; null for what no file system has, such as a pipe.</summary>
    public virtual Vnode? Vnode => null;

    /// <summary>Whether epoll takes it: Linux refuses files that are always ready.</summary>
    public virtual bool IsPollable => false;

    /// <summary>The epoll instances that wait for it; null when there has been none.</summary>
    public List<EventPoll>? EventPolls { get; set; }

    /// <summary>What it is ready for; a file of a disk always is for everything that its mode allows.</summary>
    public virtual SocketReadiness GetReadiness(CallContext context) => new()
    {
        Events = (CanRead ? SocketEvents.Readable : SocketEvents.None) | (CanWrite ? SocketEvents.Writable : SocketEvents.None),
    };

    /// <summary>Has an event signaled whenever that may have changed.</summary>
    public virtual Errno Watch(CallContext context, KernelEvent watcher) => Errno.None;

    public virtual void Unwatch(CallContext context, KernelEvent watcher)
    {
    }

    /// <summary>fcntl's F_SETFL.</summary>
    public void ChangeFlags(OpenFlags wanted) => Flags = (Flags & ~ChangeableFlags) | (wanted & ChangeableFlags);

    /// <summary>Waits for what an open waits for. The descriptor is there already, and goes if this fails.</summary>
    public virtual Errno FinishOpen(CallContext context) => Errno.None;

    public virtual Reply<int, Errno> Read(CallContext context, Span<byte> buffer) => Errno.InvalidArgument;

    public virtual Reply<int, Errno> Write(CallContext context, Process process, ReadOnlySpan<byte> data) =>
        Errno.InvalidArgument;

    public virtual Reply<int, Errno> ReadAt(CallContext context, ulong offset, Span<byte> buffer) => Errno.IllegalSeek;

    public virtual Reply<int, Errno> WriteAt(CallContext context, Process process, ulong offset, ReadOnlySpan<byte> data) =>
        Errno.IllegalSeek;

    public virtual Reply<long, Errno> Seek(CallContext context, long offset, SeekOrigin origin) =>
        Errno.IllegalSeek;

    public virtual Errno Allocate(CallContext context, Process process, AllocationModes modes, ulong offset, ulong length) =>
        Errno.NoDevice;

    public virtual Reply<int, Errno> ReadDirectory(CallContext context, Span<byte> buffer) =>
        Errno.NotDirectory;

    /// <summary>The attributes of what has no <see cref="Vnode"/>.</summary>
    public virtual FileAttributes GetAttributes() => default;

    public virtual Reply<Unit, Errno> Sync(CallContext context, bool isDataOnly) => Errno.InvalidArgument;

    public virtual Reply<bool, Errno> IsTerminal(CallContext context) => false;

    /// <summary>The last reference is gone.</summary>
    public Errno Close(CallContext context)
    {
        count.Leave();
        return CloseUncounted(context);
    }

    /// <summary>The same for one that has not become a descriptor, and so is not counted.</summary>
    public Errno CloseUncounted(CallContext context)
    {
        if (EventPolls is { } polls)
        {
            foreach (EventPoll poll in polls)
            {
                poll.Forget(context, this);
            }
        }

        return OnClose(context);
    }

    protected virtual Errno OnClose(CallContext context) => Errno.None;

    /// <summary>Begins another life of a closed description.</summary>
    protected void Reopen(OpenFlags flags, OpenFileCount newCount)
    {
        Flags = flags & KeptFlags;
        count = newCount;
        References = 0;
        EventPolls = null;
    }
}

/// <summary>An open file that has an inode in a file system.</summary>
internal abstract class OpenInode(OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode) : OpenFile(flags, count)
{
    private Vnode inode = vnode;

    public override Vnode Vnode => inode;

    public override Reply<Unit, Errno> Sync(CallContext context, bool isDataOnly) =>
        Vnode.Files.SyncFile(context, Vnode.Inode, isDataOnly).ErrorOf().ToReply();

    protected override Errno OnClose(CallContext context)
    {
        Vnode.Locks?.ReleaseFile(this);
        return vnodes.Close(context, Vnode);
    }

    protected void Reopen(OpenFlags flags, OpenFileCount newCount, Vnode vnode)
    {
        Reopen(flags, newCount);
        inode = vnode;
    }
}

/// <summary>A file that has been opened to be named only (O_PATH): neither read nor written.</summary>
internal sealed class NamedFile(OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode)
    : OpenInode(flags, count, vnodes, vnode);

/// <summary>Counts the open file descriptions of the system, or of a session, which is a part of it.</summary>
internal sealed class OpenFileCount(int max, OpenFileCount? all = null)
{
    private int value;

    /// <summary>Whether so many more fit in, here and in the whole.</summary>
    public bool HasRoomFor(int count) => value + count <= max && (all?.HasRoomFor(count) ?? true);

    /// <summary>Counts one more, unless a bound is reached.</summary>
    public bool TryEnter()
    {
        if (!HasRoomFor(1))
        {
            return false;
        }

        value++;
        _ = all?.TryEnter();
        return true;
    }

    public void Leave()
    {
        value--;
        all?.Leave();
    }
}
