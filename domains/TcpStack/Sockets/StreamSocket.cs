using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>A socket of TCP: unconnected, listening, or a connection. Options are in the other part.</summary>
internal sealed partial class StreamSocket : StackSocket
{
    private readonly BoundPorts ports;
    private readonly Action changed;
    private TcpOptionsOfSocket settings = TcpOptionsOfSocket.Default;
    private TcpListener? listener;
    private TcpConnection? connection;
    private SocketAddress local;
    private bool hasEstablished;
    private bool isConnectTold = true;
    private bool isReceiveShut;
    private bool isSendShut;

    internal StreamSocket(NetworkStack stack, BoundPorts ports, DomainId owner, KernelEvent signal, AddressFamily family)
        : base(stack, owner, signal, family, Wire.Ipv4Header.ProtocolTcp)
    {
        this.ports = ports;
        changed = OnChanged;
        local = new SocketAddress(Any, 0);
    }

    /// <summary>Whether others may bind to its address, unless it listens (SO_REUSEADDR).</summary>
    internal bool MayShareAddress => settings.MayShareAddress;

    /// <summary>Whether others that say so, too, may bind to its address, and listen (SO_REUSEPORT).</summary>
    internal bool MaySharePort => settings.MaySharePort;

    internal bool IsListening => listener is not null;

    /// <summary>What struct tcp_info has; false unless there is a connection.</summary>
    internal bool TryGetInfo(out ConnectionInfo info)
    {
        info = default;
        connection?.Describe(ref info);
        info.State = (int)StateNumber;
        return connection is not null || listener is not null;
    }

    internal IpAddress LocalAddress => local.Address;

    internal ushort LocalPort => local.Port;

    internal override SocketAddress Local => connection is { } made ? new(made.Flow.Local, made.Flow.LocalPort, ZoneOf(made.Flow.Local, made.Zone)) : local;

    protected override SocketKind Kind => SocketKind.Stream;

    protected override SocketEvents Events => listener is not null
        ? listener.WaitingCount > 0 ? SocketEvents.Readable : SocketEvents.None
        : connection is null ? SocketEvents.Writable | SocketEvents.HungUp
        : EventsOf(connection);

    private static int ZoneOf(IpAddress address, int zone) => address.IsLinkLocal && !address.IsV4 ? zone : 0;

    private bool IsEnded => connection is { State: TcpState.Closed };

    /// <summary>Whether both sides have said all: Linux's socket has no peer any more, though the connection is in TIME-WAIT.</summary>
    private bool HasParted => connection is { State: TcpState.Closed or TcpState.TimeWait };

    internal override SocketError Bind(in SocketAddress wanted)
    {
        if (local.Port != 0 || connection is not null)
        {
            return SocketError.InvalidArgument;
        }

        if (Check(in wanted, SocketError.InvalidArgument) is var wrong and not SocketError.None)
        {
            return wrong;
        }

        if (!wanted.Address.IsUnspecified && !Stack.IsOwn(wanted.Address) && !wanted.Address.IsLoopback)
        {
            return SocketError.AddressNotAvailable;
        }

        SocketError error = ports.Bind(this, wanted.Address, wanted.Port, out ushort port);
        local = error == SocketError.None ? new SocketAddress(wanted.Address, port, wanted.Scope) : local;
        return error;
    }

    internal override SocketError Listen(int backlog)
    {
        if (connection is not null)
        {
            return SocketError.InvalidArgument;
        }

        if (listener is not null)
        {
            listener.Backlog = Math.Clamp(backlog, 1, StackLimits.BacklogMax);
            return SocketError.None;
        }

        SocketError error = local.Port == 0 ? Bind(new SocketAddress(local.Address, 0)) : SocketError.None;
        error = error != SocketError.None
            ? error
            : Stack.Tcp.Listen(local.Address, local.Port, backlog, out listener!, settings.MaySharePort, IsV6Only);
        if (error != SocketError.None)
        {
            listener = null;
            return error;
        }

        listener!.Settings = settings;
        listener.Changed = changed;
        return SocketError.None;
    }

    internal override SocketError Accept(SocketTable table, KernelEvent signal, out int socket, out SocketAddress peer)
    {
        (socket, peer) = (0, default);
        if (listener is null)
        {
            return SocketError.InvalidArgument;
        }

        if (table.IsFull)
        {
            return SocketError.TooMany;
        }

        if (!listener.TryAccept(out TcpConnection? accepted))
        {
            Arm();
            return SocketError.TryAgain;
        }

        var made = new StreamSocket(Stack, ports, Owner, signal, Family)
        {
            connection = accepted,
            settings = settings,
            hasEstablished = true,
            local = new SocketAddress(accepted!.Flow.Local, accepted.Flow.LocalPort),
            IsV6Only = IsV6Only,
        };
        accepted.Changed = made.changed;
        ports.Share(made);
        socket = table.Add(made);
        peer = new SocketAddress(accepted.Flow.Remote, accepted.Flow.RemotePort, accepted.Zone);
        return SocketError.None;
    }

    internal override SocketError Connect(CallContext context, in SocketAddress remote)
    {
        if (listener is not null)
        {
            return SocketError.IsConnected;
        }

        if (connection is { } present)
        {
            SocketError error = ErrorOfConnect(present);
            if (error != SocketError.None || connection is not null)
            {
                return error;
            }
        }

        if (Check(in remote, SocketError.NetworkUnreachable) is var wrong and not SocketError.None)
        {
            return wrong;
        }

        IpAddress address = Target(remote.Address);
        if (address.IsMulticast || address == IpAddress.BroadcastV4 || remote.Port == 0)
        {
            return remote.Port == 0 ? SocketError.ConnectionRefused : SocketError.NetworkUnreachable;
        }

        SocketError begun = Stack.Tcp.Connect(
            context, local.Address, local.Port, address, remote.Port, in settings, out connection, remote.Scope);
        if (begun != SocketError.None)
        {
            connection = null;
            return begun == SocketError.AddressInUse ? SocketError.AddressNotAvailable : begun;
        }

        connection!.Changed = changed;
        isConnectTold = false;
        Arm();
        return SocketError.InProgress;
    }

    internal override SocketError Disconnect(CallContext context)
    {
        StopListening(context);
        if (connection is { } present)
        {
            present.Abort(context, SocketError.None);
            present.Close(context);
            Forget();
        }

        return SocketError.None;
    }

    internal override int Send(CallContext context, ReadOnlySpan<byte> data, SocketFlags flags, out SocketError error)
    {
        if (!TryBeginSend(out error))
        {
            return 0;
        }

        int sent = connection!.Send(context, data, out error, flags);
        if (error == SocketError.TryAgain)
        {
            Arm();
        }

        return sent;
    }

    internal override int SendLent(
        CallContext context, DomainId lender, ReadOnlySpan<PageRange> ranges, SocketFlags flags, out SocketError error)
    {
        if (!TryBeginSend(out error))
        {
            return 0;
        }

        int count = connection!.SendLent(context, lender, ranges, flags, out error);
        if (error == SocketError.TryAgain)
        {
            Arm();
        }

        return count;
    }

    internal override int Receive(
        CallContext context, Span<byte> buffer, SocketFlags flags, out ReceivedMessage message, out SocketError error)
    {
        message = default;
        error = SocketError.NotConnected;
        if (connection is null)
        {
            return 0;
        }

        isConnectTold = true;
        bool isPeek = (flags & SocketFlags.Peek) != 0;
        if ((flags & SocketFlags.OutOfBand) != 0)
        {
            return connection.ReceiveUrgent(buffer, isPeek, out error);
        }

        int received = connection.Receive(context, buffer, isPeek, out error);
        if (error == SocketError.TryAgain)
        {
            error = isReceiveShut || buffer.Length == 0 ? SocketError.None : error;
            Arm();
        }

        // A connection whose error has been told is at its end, as on Linux; one that came to nothing, too.
        error = error == SocketError.NotConnected ? SocketError.None : error;
        message.Source = new SocketAddress(connection.Flow.Remote, connection.Flow.RemotePort);
        message.FullLengthBytes = received;
        return received;
    }

    internal override SocketError Shutdown(CallContext context, ShutdownHow how)
    {
        if (listener is not null)
        {
            // There is nothing that it could send.
            if (how != ShutdownHow.Send)
            {
                StopListening(context);
                NoteChange();
            }

            return SocketError.None;
        }

        if (connection is not { } present || HasParted || present.State == TcpState.SynSent)
        {
            return SocketError.NotConnected;
        }

        if (how != ShutdownHow.Send)
        {
            isReceiveShut = true;
            present.Settings.IsReadShut = true;
        }

        if (how != ShutdownHow.Receive)
        {
            isSendShut = true;
            present.ShutdownSend(context);
        }

        NoteChange();
        return SocketError.None;
    }

    internal override void Close(CallContext context)
    {
        StopListening(context);
        connection?.Close(context);
        ports.Release(this);
    }

    internal override bool TryGetRemote(out SocketAddress remote)
    {
        bool isConnected = connection is { IsSynchronized: true } && !HasParted;
        remote = isConnected
            ? new SocketAddress(connection!.Flow.Remote, connection.Flow.RemotePort, connection.Zone)
            : default;
        return isConnected;
    }

    /// <summary>Whether there is a connection to send to; who tries has been told of it.</summary>
    private bool TryBeginSend(out SocketError error)
    {
        bool isOpen = connection is not null && !isSendShut && (!IsEnded || connection.Error != SocketError.None);
        isConnectTold |= isOpen;
        error = isOpen ? SocketError.None : SocketError.BrokenPipe;
        return isOpen;
    }

    /// <summary>What a further call of connect answers; nothing when it may connect anew.</summary>
    private SocketError ErrorOfConnect(TcpConnection present)
    {
        if (present.IsConnecting)
        {
            return SocketError.AlreadyConnecting;
        }

        hasEstablished |= present.IsSynchronized;
        if (!IsEnded || hasEstablished)
        {
            // The first call after the handshake is told of its success (RFC 9293 has nothing of this; POSIX.1-2017, connect).
            bool isFirst = !isConnectTold && !IsEnded;
            isConnectTold = true;
            return isFirst ? SocketError.None : SocketError.IsConnected;
        }

        SocketError error = present.TakeError();
        bool wasTold = isConnectTold;
        Forget();
        return error != SocketError.None ? error : wasTold ? SocketError.None : SocketError.ConnectionAborted;
    }

    private void OnChanged()
    {
        hasEstablished |= connection is { IsSynchronized: true };
        NoteChange();
    }

    private void Forget()
    {
        connection = null;
        (hasEstablished, isConnectTold, isReceiveShut, isSendShut) = (false, true, false, false);
    }

    private void StopListening(CallContext context)
    {
        if (listener is { } present)
        {
            listener = null;
            present.Changed = null;
            Stack.Tcp.Close(context, present);
        }
    }

    /// <summary>As Linux's tcp_poll has it, beyond what POSIX says.</summary>
    private SocketEvents EventsOf(TcpConnection present)
    {
        SocketEvents events = present.Error != SocketError.None ? SocketEvents.Error : SocketEvents.None;
        if (present.State == TcpState.SynSent)
        {
            return events;
        }

        bool isReceiveOver = isReceiveShut || present.HasReceivedFin || IsEnded;
        bool isSendOver = isSendShut || IsEnded;
        events |= isReceiveOver ? SocketEvents.Readable | SocketEvents.PeerClosed : SocketEvents.None;
        events |= present.ReadableBytes > 0 ? SocketEvents.Readable : SocketEvents.None;
        events |= present.HasUrgent ? SocketEvents.Urgent : SocketEvents.None;
        events |= isReceiveOver && isSendOver ? SocketEvents.HungUp : SocketEvents.None;
        return events | (isSendOver || present.IsWritable ? SocketEvents.Writable : SocketEvents.None);
    }
}
