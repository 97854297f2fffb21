using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>One end of a pipe. Writing without a reader is EPIPE; the call makes SIGPIPE of it.</summary>
internal sealed class PipeEnd : OpenFile
{
    private const uint OwnerReadWrite = 0x180;

    private readonly Pipe pipe;

    public PipeEnd(OpenFlags flags, OpenFileCount count, Pipe pipe)
        : base(flags, count)
    {
        this.pipe = pipe;
        pipe.Enter(CanRead, CanWrite);
    }

    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer) =>
        pipe.Read(context, buffer, !IsNonBlocking);

    public override Reply<int, Errno> Write(CallContext context, Process process, ReadOnlySpan<byte> data) =>
        pipe.Write(context, data, !IsNonBlocking);

    public override Errno Allocate(CallContext context, Process process, AllocationModes modes, ulong offset, ulong length) =>
        Errno.IllegalSeek;

    public override FileAttributes GetAttributes() => new()
    {
        Inode = pipe.Number,
        Mode = FileMode.Fifo | OwnerReadWrite,
        LinkCount = 1,
        BlockBytes = Limits.PipeAtomicBytes,
    };

    public override bool IsPollable => true;

    public override SocketReadiness GetReadiness(CallContext context) => pipe.GetReadiness(CanRead, CanWrite);

    public override Errno Watch(CallContext context, KernelEvent watcher) => pipe.Watch(watcher, CanRead, CanWrite);

    public override void Unwatch(CallContext context, KernelEvent watcher) => pipe.Unwatch(watcher, CanRead, CanWrite);

    protected override Errno OnClose(CallContext context)
    {
        pipe.Leave(CanRead, CanWrite);
        return Errno.None;
    }
}

/// <summary>
/// An open FIFO. Its pipe is there as long as somebody has it open, and what nobody has read then is lost (POSIX.1-2017, close).
/// </summary>
internal sealed class Fifo : OpenInode
{
    private readonly Pipe pipe;

    public Fifo(OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode, Pipe pipe)
        : base(flags, count, vnodes, vnode)
    {
        this.pipe = pipe;
        pipe.Enter(CanRead, CanWrite);
    }

    public override Errno FinishOpen(CallContext context) =>
        IsNonBlocking || (CanRead && CanWrite) ? Errno.None : pipe.WaitForOtherSide(context, CanRead);

    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer) =>
        pipe.Read(context, buffer, !IsNonBlocking);

    public override Reply<int, Errno> Write(CallContext context, Process process, ReadOnlySpan<byte> data) =>
        pipe.Write(context, data, !IsNonBlocking);

    public override Reply<Unit, Errno> Sync(CallContext context, bool isDataOnly) => Errno.InvalidArgument;

    public override Errno Allocate(CallContext context, Process process, AllocationModes modes, ulong offset, ulong length) =>
        Errno.IllegalSeek;

    public override bool IsPollable => true;

    public override SocketReadiness GetReadiness(CallContext context) => pipe.GetReadiness(CanRead, CanWrite);

    public override Errno Watch(CallContext context, KernelEvent watcher) => pipe.Watch(watcher, CanRead, CanWrite);

    public override void Unwatch(CallContext context, KernelEvent watcher) => pipe.Unwatch(watcher, CanRead, CanWrite);

    protected override Errno OnClose(CallContext context)
    {
        pipe.Leave(CanRead, CanWrite);
        if (pipe.IsClosed)
        {
            Vnode.Fifo = null;
        }

        return base.OnClose(context);
    }
}

/// <summary>Counts the pipes of the system, or of a session, which is a part of it.</summary>
internal sealed class PipeCount(int max, PipeCount? all = null)
{
    private ulong lastNumber;
    private int value;

    public bool IsFull => value >= max || (all?.IsFull ?? false);

    /// <summary>Counts one more pipe.</summary>
    /// <returns>The number that stands for an inode number in its attributes.</returns>
    public ulong Enter()
    {
        value++;
        lastNumber++;
        return all?.Enter() ?? lastNumber;
    }

    public void Leave()
    {
        value--;
        all?.Leave();
    }
}
