using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A socket of a network stack. The stack never waits; here a process does, on the socket's event.</summary>
internal sealed partial class InternetSocket : SocketFile
{
    private const int PrivilegedPorts = 1024;

    // States in which the end has not been acknowledged (RFC 4022, tcpConnState).
    private const long FinWait1 = 6;
    private const long LastAck = 9;
    private const long Closing = 10;

    private readonly ISocketStack stack;
    private readonly KernelEvent changed;
    private readonly int number;

    private InternetSocket(
        OpenFlags flags, OpenFileCount count, AddressFamily family, SocketKind kind, ISocketStack stack, KernelEvent changed, int number)
        : base(flags, count, family, kind)
    {
        this.stack = stack;
        this.changed = changed;
        this.number = number;
    }

    public static Errno TryOpen(
        CallContext context, OpenFlags flags, OpenFileCount count, AddressFamily family, SocketKind kind, int protocol,
        ISocketStack stack, out SocketFile? opened)
    {
        var changed = KernelEvent.Create(context);
        Reply<int, SocketError> reply = stack.Open(context, family, kind, protocol, changed);
        opened = reply.IsOk ? new InternetSocket(flags, count, family, kind, stack, changed, reply.Value) : null;
        return ErrorOf(reply);
    }

    public override Errno Bind(CallContext context, Process process, ReadOnlySpan<byte> name)
    {
        Errno error = ReadName(name, out SocketAddress local);
        bool isDenied = local.Port is > 0 and < PrivilegedPorts && !process.Credentials.Effective.IsPrivileged;
        return error != Errno.None ? error : isDenied ? Errno.AccessDenied : ErrorOf(stack.Bind(context, number, in local));
    }

    public override Errno Listen(CallContext context, int backlog) => ErrorOf(stack.Listen(context, number, backlog));

    public override Errno Accept(CallContext context, Session session, OpenFlags flags, out SocketFile? accepted)
    {
        accepted = null;
        var signal = KernelEvent.Create(context);
        long deadline = DeadlineOf(context, ReceiveTimeoutMicros);
        while (true)
        {
            Reply<int, SocketError> reply = stack.Accept(context, number, signal, out _);
            if (reply.IsOk)
            {
                accepted = new InternetSocket(flags, session.OpenFiles, Family, Kind, stack, signal, reply.Value);
                return Errno.None;
            }

            Errno error = ErrorOf(reply);
            error = error == Errno.TryAgain && !IsNonBlocking ? WaitUntil(context, changed, deadline) : error;
            if (error != Errno.None)
            {
                return error;
            }
        }
    }

    public override Errno Connect(CallContext context, Process process, ReadOnlySpan<byte> name)
    {
        if (name.Length < SocketNames.FamilyBytes)
        {
            return Errno.InvalidArgument;
        }

        if (SocketNames.FamilyOf(name) == AddressFamily.Unspecified)
        {
            return ErrorOf(stack.Disconnect(context, number));
        }

        Errno error = ReadName(name, out SocketAddress remote);
        error = error != Errno.None ? error : ErrorOf(stack.Connect(context, number, in remote));
        bool isWaitedFor = error is Errno.InProgress or Errno.AlreadyConnecting && !IsNonBlocking;
        return isWaitedFor ? FinishConnect(context) : error;
    }

    public override Reply<int, Errno> Send(
        CallContext context, Process process, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name, SocketFlags flags)
    {
        SocketAddress destination = default;
        if (name.Length > 0 && Kind != SocketKind.Stream && ReadName(name, out destination) is var error and not Errno.None)
        {
            return error;
        }

        bool hasDestination = name.Length > 0 && Kind != SocketKind.Stream;
        long deadline = DeadlineOf(context, SendTimeoutMicros);
        int sent = 0;
        while (true)
        {
            Reply<int, SocketError> reply = hasDestination
                ? stack.SendTo(context, number, data, in destination, flags)
                : stack.Send(context, number, data[sent..], flags);
            sent += reply.Value;
            if (reply.IsOk && (sent == data.Length || !Waits(flags) || Kind != SocketKind.Stream))
            {
                return sent;
            }

            error = ErrorOf(reply);
            error = error is Errno.TryAgain or Errno.None && Waits(flags) ? WaitUnlessDone(context, reply.IsOk, deadline) : error;
            if (error != Errno.None)
            {
                return sent > 0 ? sent : error;
            }
        }
    }

    public override Reply<int, Errno> Receive(
        CallContext context, Span<byte> buffer, Span<byte> name, SocketFlags flags, out MessageInfo message)
    {
        message = default;
        bool waitsForAll = (flags & SocketFlags.WaitAll) != 0 && Kind == SocketKind.Stream;
        bool fills = waitsForAll && (flags & SocketFlags.Peek) == 0;
        long deadline = DeadlineOf(context, ReceiveTimeoutMicros);
        if (waitsForAll && !fills && Waits(flags))
        {
            WaitForBytes(context, buffer.Length, deadline);
        }

        int received = 0;
        while (true)
        {
            Reply<int, SocketError> reply = stack.Receive(context, number, buffer[received..], flags, out ReceivedMessage about);
            received += reply.Value;
            if (reply.IsOk && (!fills || reply.Value == 0 || received == buffer.Length))
            {
                message.IsTruncated = Kind != SocketKind.Stream && about.FullLengthBytes > received;
                message.NameLength = Kind == SocketKind.Stream ? 0 : CopyName(NameOf(about.Source), name);
                bool tellsFullLength = (flags & SocketFlags.Truncate) != 0 && Kind != SocketKind.Stream;
                return tellsFullLength ? about.FullLengthBytes : received;
            }

            Errno error = ErrorOf(reply);
            bool waits = Waits(flags) && (flags & SocketFlags.OutOfBand) == 0;
            error = error is Errno.TryAgain && waits ? WaitUntil(context, changed, deadline) : error;
            if (error != Errno.None)
            {
                return received > 0 ? received : error;
            }
        }
    }

    /// <summary>
    /// Waits until so much can be peeked at, or no more will come: each look begins with the first byte, so the looks cannot be added up.
    /// Asks for the readiness first, so that what comes after the look is signaled.
    /// </summary>
    private void WaitForBytes(CallContext context, int countBytes, long deadline)
    {
        const SocketEvents Over = SocketEvents.PeerClosed | SocketEvents.Error | SocketEvents.HungUp;
        Errno error = Errno.None;
        while (error == Errno.None
            && (GetReadiness(context).Events & Over) == 0
            && stack.GetOption(context, number, SocketOption.UnreadBytes) is { IsOk: true } unread
            && unread.Value < countBytes)
        {
            error = WaitUntil(context, changed, deadline);
        }
    }

    public override Errno Shutdown(CallContext context, ShutdownHow how) => ErrorOf(stack.Shutdown(context, number, how));

    public override Reply<int, Errno> GetName(CallContext context, Span<byte> name)
    {
        Reply<SocketAddress, SocketError> reply = stack.GetLocal(context, number);
        return reply.IsOk ? CopyName(SocketNames.Of(reply.Value, Family), name) : ErrorOf(reply);
    }

    public override Reply<int, Errno> GetPeerName(CallContext context, Span<byte> name)
    {
        Reply<SocketAddress, SocketError> reply = stack.GetRemote(context, number);
        return reply.IsOk ? CopyName(SocketNames.Of(reply.Value, Family), name) : ErrorOf(reply);
    }

    public override Reply<long, Errno> GetOption(CallContext context, SocketOption option)
    {
        if (IsOwn(option))
        {
            return base.GetOption(context, option);
        }

        Reply<long, SocketError> reply = stack.GetOption(context, number, option);
        return reply.IsOk ? reply.Value : ErrorOf(reply);
    }

    public override Errno ChangeGroup(CallContext context, IpAddress group, int link, bool isLeft) =>
        ErrorOf(stack.ChangeGroup(context, number, group, link, isLeft));

    public override Reply<ConnectionInfo, Errno> GetConnectionInfo(CallContext context)
    {
        Reply<ConnectionInfo, SocketError> reply = stack.GetConnectionInfo(context, number);
        return reply.IsOk ? reply.Value : ErrorOf(reply);
    }

    public override Errno SetOption(CallContext context, SocketOption option, long value) =>
        IsOwn(option)
            ? base.SetOption(context, option, value)
            : ErrorOf(stack.SetOption(context, number, option, value));

    private byte[] NameOf(SocketAddress source) =>
        Family == AddressFamily.Packet ? SocketNames.OfLink(source.Scope, (FrameDirection)source.Port) : SocketNames.Of(source, Family);

    /// <summary>Options that no stack knows of.</summary>
    private static bool IsOwn(SocketOption option) =>
        option is SocketOption.ReceiveTimeoutMicros or SocketOption.SendTimeoutMicros or SocketOption.Family;

    public override SocketReadiness GetReadiness(CallContext context)
    {
        Reply<SocketReadiness, SocketError> reply = stack.GetReadiness(context, number);
        return reply.IsOk ? reply.Value : new SocketReadiness { Events = SocketEvents.Error | SocketEvents.HungUp };
    }

    public override Errno Watch(CallContext context, KernelEvent watcher) => ErrorOf(stack.Watch(context, number, watcher));

    public override void Unwatch(CallContext context, KernelEvent watcher) => _ = stack.Unwatch(context, number, watcher);

    /// <summary>SO_LINGER with a time: until the peer has acknowledged everything, its end included.</summary>
    public override void Linger(CallContext context)
    {
        Reply<long, SocketError> seconds = Kind == SocketKind.Stream
            ? stack.GetOption(context, number, SocketOption.LingerSeconds)
            : default;
        bool isAbortive = stack.GetOption(context, number, SocketOption.UnreadBytes).Value > 0;
        if (!seconds.IsOk || seconds.Value <= 0 || isAbortive || !stack.Shutdown(context, number, ShutdownHow.Send).IsOk)
        {
            return;
        }

        Errno error = Errno.None;
        long deadline = context.UptimeMicros + (seconds.Value * 1_000_000);
        while (error == Errno.None && !IsSentWhole(context))
        {
            error = WaitUntil(context, changed, deadline);
        }
    }

    protected override Errno OnClose(CallContext context) => ErrorOf(stack.Close(context, number));

    /// <summary>Asks for the readiness first, so that a change after the look at the state is signaled.</summary>
    private bool IsSentWhole(CallContext context) =>
        !stack.GetReadiness(context, number).IsOk
        || stack.GetOption(context, number, SocketOption.ConnectionState).Value is not (FinWait1 or LastAck or Closing);

    /// <summary>The numbers are the same; a stack that is dead is EIO, as a file system is.</summary>
    public static Errno ErrorOf<TValue>(Reply<TValue, SocketError> reply)
        where TValue : unmanaged => reply.IsFault ? Errno.InputOutput : (Errno)(int)reply.Error;

    private Errno WaitUnlessDone(CallContext context, bool isDone, long deadline) =>
        isDone ? Errno.None : WaitUntil(context, changed, deadline);

    private Errno FinishConnect(CallContext context)
    {
        const SocketEvents Decided = SocketEvents.Writable | SocketEvents.Error | SocketEvents.HungUp;
        long deadline = DeadlineOf(context, SendTimeoutMicros);
        while (true)
        {
            Reply<SocketReadiness, SocketError> reply = stack.GetReadiness(context, number);
            if (!reply.IsOk)
            {
                return ErrorOf(reply);
            }

            if ((reply.Value.Events & Decided) != 0)
            {
                Reply<long, SocketError> pending = stack.GetOption(context, number, SocketOption.PendingError);
                return pending.IsOk ? (Errno)(int)pending.Value : ErrorOf(pending);
            }

            Errno error = WaitUntil(context, changed, deadline);
            if (error != Errno.None)
            {
                return error == Errno.TryAgain ? Errno.InProgress : error;
            }
        }
    }

    private Errno ReadName(ReadOnlySpan<byte> name, out SocketAddress address)
    {
        address = default;
        int lengthBytes = Family == AddressFamily.InterNetworkV6 ? SocketNames.InternetV6Bytes : SocketNames.InternetBytes;
        return name.Length < lengthBytes ? Errno.InvalidArgument
            : SocketNames.FamilyOf(name) != Family || !SocketNames.TryRead(name, out address) ? Errno.FamilyNotSupported
            : Errno.None;
    }
}
