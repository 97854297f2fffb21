using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>An open socket. A family of sockets overrides what it can do.</summary>
internal abstract class SocketFile(OpenFlags flags, OpenFileCount count, AddressFamily family, SocketKind kind)
    : OpenFile((flags & OpenFlags.NonBlock) | OpenFlags.ReadWrite, count)
{
    private const uint ReadWriteAll = 0x1FF;

    public AddressFamily Family { get; } = family;

    public SocketKind Kind { get; } = kind;

    public override bool IsPollable => true;

    /// <summary>SO_RCVTIMEO and SO_SNDTIMEO; without one a wait lasts.</summary>
    protected long ReceiveTimeoutMicros { get; private set; } = KernelEvent.Forever;

    protected long SendTimeoutMicros { get; private set; } = KernelEvent.Forever;

    public abstract Errno Bind(CallContext context, Process process, ReadOnlySpan<byte> name);

    public virtual Errno Listen(CallContext context, int backlog) => Errno.NotSupported;

    /// <summary>Takes a connection, waiting for one; the flags are the new file's.</summary>
    public virtual Errno Accept(CallContext context, Session session, OpenFlags flags, out SocketFile? accepted)
    {
        accepted = null;
        return Errno.NotSupported;
    }

    public abstract Errno Connect(CallContext context, Process process, ReadOnlySpan<byte> name);

    public abstract Reply<int, Errno> Send(
        CallContext context, Process process, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name, SocketFlags flags);

    public abstract Reply<int, Errno> Receive(
        CallContext context, Span<byte> buffer, Span<byte> name, SocketFlags flags, out MessageInfo message);

    /// <summary>Sends with files; only UNIX sockets can, and others leave them out, as Linux has it.</summary>
    public virtual Reply<int, Errno> SendFiles(
        CallContext context, Process process, ReadOnlySpan<byte> data, SocketFlags flags, PassedFiles files)
    {
        files.Drop(context);
        return Send(context, process, data, default, flags);
    }

    /// <summary>Receives with files, if some have been sent along.</summary>
    public virtual Reply<int, Errno> ReceiveFiles(
        CallContext context, Span<byte> buffer, Span<byte> name, SocketFlags flags, out MessageInfo message, out PassedFiles? files)
    {
        files = null;
        return Receive(context, buffer, name, flags, out message);
    }

    /// <summary>Sends bytes where they lie, in lent pages; only streams of the internet can.</summary>
    /// <returns>Ranges taken.</returns>
    public virtual Reply<int, Errno> SendLent(CallContext context, ReadOnlySpan<PageRange> ranges, SocketFlags flags) =>
        Errno.NotSupported;

    /// <summary>Receives into pages, which are the caller's; only streams of the internet can.</summary>
    public virtual Reply<PageBuffer, Errno> ReceivePages(CallContext context, int lengthBytes, out int receivedBytes)
    {
        receivedBytes = 0;
        return Errno.NotSupported;
    }

    /// <summary>The last descriptor is about to be closed by its process: waits as long as SO_LINGER says.</summary>
    public virtual void Linger(CallContext context)
    {
    }

    public abstract Errno Shutdown(CallContext context, ShutdownHow how);

    public abstract Reply<int, Errno> GetName(CallContext context, Span<byte> name);

    public abstract Reply<int, Errno> GetPeerName(CallContext context, Span<byte> name);

    public virtual Reply<long, Errno> GetOption(CallContext context, SocketOption option) => option switch
    {
        SocketOption.ReceiveTimeoutMicros => ReceiveTimeoutMicros == KernelEvent.Forever ? 0 : ReceiveTimeoutMicros,
        SocketOption.SendTimeoutMicros => SendTimeoutMicros == KernelEvent.Forever ? 0 : SendTimeoutMicros,
        SocketOption.Family => (long)Family,
        SocketOption.Kind => (long)Kind,
        _ => Errno.NoProtocolOption,
    };

    public virtual Errno ChangeGroup(CallContext context, IpAddress group, int link, bool isLeft) => Errno.NoProtocolOption;

    public virtual Reply<ConnectionInfo, Errno> GetConnectionInfo(CallContext context) => Errno.NoProtocolOption;

    public virtual Errno SetOption(CallContext context, SocketOption option, long value)
    {
        switch (option)
        {
            case SocketOption.ReceiveTimeoutMicros when value >= 0:
                ReceiveTimeoutMicros = value == 0 ? KernelEvent.Forever : value;
                return Errno.None;
            case SocketOption.SendTimeoutMicros when value >= 0:
                SendTimeoutMicros = value == 0 ? KernelEvent.Forever : value;
                return Errno.None;
            default:
                return Errno.NoProtocolOption;
        }
    }

    /// <summary>As recv, but that no bytes are none: no message is taken for them, and no wait is (Linux's sock_read_iter).</summary>
    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer) =>
        buffer.Length == 0 ? 0 : Receive(context, buffer, default, SocketFlags.None, out _);

    public override Reply<int, Errno> Write(CallContext context, Process process, ReadOnlySpan<byte> data) =>
        Send(context, process, data, default, SocketFlags.None);

    public override Errno Allocate(CallContext context, Process process, AllocationModes modes, ulong offset, ulong length) =>
        Errno.NoDevice;

    public override FileAttributes GetAttributes() => new()
    {
        Mode = FileMode.Socket | ReadWriteAll,
        LinkCount = 1,
        BlockBytes = Limits.PipeAtomicBytes,
    };

    /// <summary>Whether a call waits at all.</summary>
    protected bool Waits(SocketFlags flags) => !IsNonBlocking && (flags & SocketFlags.DontWait) == 0;

    /// <summary>Copies a name out, as far as it fits.</summary>
    /// <returns>Its length.</returns>
    protected static int CopyName(ReadOnlySpan<byte> name, Span<byte> room)
    {
        name[..Math.Min(name.Length, room.Length)].CopyTo(room);
        return name.Length;
    }

    /// <summary>Waits for a signal until a moment; the end of the time is EAGAIN, as SO_RCVTIMEO has it.</summary>
    protected static Errno WaitUntil(CallContext context, KernelEvent signal, long deadlineMicros)
    {
        long left = deadlineMicros == KernelEvent.Forever ? KernelEvent.Forever : deadlineMicros - context.UptimeMicros;
        Errno error = left <= 0 ? Errno.TimedOut : signal.WaitFor(context, left);
        return error == Errno.TimedOut ? Errno.TryAgain : error;
    }

    protected static long DeadlineOf(CallContext context, long timeoutMicros) =>
        timeoutMicros == KernelEvent.Forever ? KernelEvent.Forever : context.UptimeMicros + timeoutMicros;
}
