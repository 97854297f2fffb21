using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Udp;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>A socket of UDP, or a raw one: both are queues of datagrams and an optional peer. Options are in the other part.</summary>
internal sealed partial class DatagramEndpoint : StackSocket
{
    /// <summary>IPPROTO_RAW: packets come with their headers.</summary>
    private const byte ProtocolRaw = 255;

    private readonly DatagramSocket socket;
    private readonly bool isRaw;

    /// <summary>What bind has asked for. Connect and sending choose what it has left open; the end of the connection takes that back.</summary>
    private SocketAddress bound;
    private bool isReceiveShut;
    private bool isSendShut;

    internal DatagramEndpoint(
        NetworkStack stack, DomainId owner, KernelEvent signal, AddressFamily family, byte protocol, bool isRaw)
        : base(stack, owner, signal, family, protocol)
    {
        this.isRaw = isRaw;
        bound = new SocketAddress(Any, 0);
        socket = new DatagramSocket(stack.Pool)
        {
            Protocol = protocol,
            Changed = NoteChange,
            Local = Any,
            Remote = Any,
            IsV6 = IsV6,
            HasHeader = isRaw && !IsV6 && protocol == ProtocolRaw,
        };
        if (isRaw)
        {
            stack.Raw.Open(socket);
        }
    }

    internal override SocketAddress Local => new(socket.Local, isRaw ? Protocol : socket.LocalPort);

    protected override SocketKind Kind => isRaw ? SocketKind.Raw : SocketKind.Datagram;

    protected override SocketEvents Events
    {
        get
        {
            SocketEvents events = SocketEvents.Writable;
            events |= socket.Count > 0 || isReceiveShut ? SocketEvents.Readable : SocketEvents.None;
            events |= isReceiveShut ? SocketEvents.PeerClosed : SocketEvents.None;
            events |= isReceiveShut && isSendShut ? SocketEvents.HungUp : SocketEvents.None;
            return events | (socket.PendingError != SocketError.None ? SocketEvents.Error : SocketEvents.None);
        }
    }

    internal override SocketError Bind(in SocketAddress local)
    {
        // A port that was chosen for sending is one, too (POSIX.1-2017, bind: EINVAL). A raw socket has none, and can move (Linux).
        if (isRaw ? socket.IsConnected : socket.LocalPort != 0)
        {
            return SocketError.InvalidArgument;
        }

        SocketError error = Check(in local, SocketError.InvalidArgument);
        if (error != SocketError.None)
        {
            return error;
        }

        if (!isRaw)
        {
            error = Stack.Udp.Bind(socket, local.Address, local.Port);
        }
        else if (local.Address.IsUnspecified || Stack.IsOwn(local.Address) || local.Address.IsLoopback)
        {
            socket.Local = local.Address;
        }
        else
        {
            error = SocketError.AddressNotAvailable;
        }

        bound = error == SocketError.None ? local : bound;
        return error;
    }

    internal override SocketError Connect(CallContext context, in SocketAddress remote)
    {
        IpAddress address = Target(remote.Address);
        SocketError error = CheckRemote(in remote);
        if (error != SocketError.None)
        {
            return error;
        }

        error = Stack.Output.FindPath(address, socket.Local, out PacketPath path, remote.Scope);
        if (error == SocketError.None && path.Interface.IsBroadcast(address) && !socket.MayBroadcast)
        {
            error = SocketError.AccessDenied;
        }

        error = error != SocketError.None ? error : EnsureBound();
        if (error == SocketError.None)
        {
            socket.Local = path.Source;
            (socket.Remote, socket.RemotePort, socket.RemoteZone) = (address, remote.Port, remote.Scope);
        }

        return error;
    }

    internal override SocketError Disconnect(CallContext context)
    {
        (socket.Remote, socket.RemotePort, socket.RemoteZone) = (Any, 0, 0);
        socket.Local = bound.Address;
        if (!isRaw && bound.Port == 0)
        {
            Stack.Udp.Release(socket);
        }

        return SocketError.None;
    }

    internal override int Send(CallContext context, ReadOnlySpan<byte> data, SocketFlags flags, out SocketError error)
    {
        if (!socket.IsConnected)
        {
            error = SocketError.DestinationRequired;
            return 0;
        }

        return SendTo(context, data, new SocketAddress(socket.Remote, socket.RemotePort, socket.RemoteZone), flags, out error);
    }

    internal override int SendTo(
        CallContext context, ReadOnlySpan<byte> data, in SocketAddress destination, SocketFlags flags, out SocketError error)
    {
        IpAddress address = Target(destination.Address);
        error = (flags & SocketFlags.OutOfBand) != 0 ? SocketError.NotSupported
            : isSendShut ? SocketError.BrokenPipe
            : !isRaw && destination.Port == 0 ? SocketError.InvalidArgument
            : CheckRemote(in destination) is var wrong and not SocketError.None ? wrong
            : TakeError();
        if (error == SocketError.None)
        {
            error = isRaw
                ? Stack.Raw.Send(context, socket, data, address, destination.Scope)
                : Stack.Udp.Send(context, socket, data, address, destination.Port, destination.Scope);
        }

        return error == SocketError.None ? data.Length : 0;
    }

    internal override int Receive(
        CallContext context, Span<byte> buffer, SocketFlags flags, out ReceivedMessage message, out SocketError error)
    {
        message = default;
        error = TakeError();
        if (error != SocketError.None)
        {
            return 0;
        }

        if (socket.Count == 0)
        {
            Arm();
            error = isReceiveShut ? SocketError.None : SocketError.TryAgain;
            return 0;
        }

        IpAddress source = socket.First.Source;
        message.Source = new SocketAddress(
            source, socket.First.SourcePort, source.IsLinkLocal && !source.IsV4 ? socket.First.Zone : 0);
        message.FullLengthBytes = socket.First.LengthBytes;
        return socket.Read(context, buffer, isPeek: (flags & SocketFlags.Peek) != 0);
    }

    internal override SocketError Shutdown(CallContext context, ShutdownHow how)
    {
        // Without a peer it is an error and yet done, as on Linux: programs end the waits of others so.
        isReceiveShut |= how != ShutdownHow.Send;
        isSendShut |= how != ShutdownHow.Receive;
        NoteChange();
        return socket.IsConnected ? SocketError.None : SocketError.NotConnected;
    }

    internal override SocketError ChangeGroup(IpAddress group, int link, bool isLeft)
    {
        socket.Groups ??= new GroupList(Stack);
        return isLeft ? socket.Groups.Leave(group, link) : socket.Groups.Join(group, link);
    }

    internal override void Close(CallContext context)
    {
        if (isRaw)
        {
            Stack.Raw.Close(socket);
        }
        else
        {
            Stack.Udp.Close(socket);
        }
    }

    internal override bool TryGetRemote(out SocketAddress remote)
    {
        remote = new SocketAddress(socket.Remote, socket.RemotePort, socket.RemoteZone);
        return socket.IsConnected;
    }

    /// <summary>Whether it may talk to an address: a raw socket of IPv6, or one with an address of it, to none of IPv4.</summary>
    private SocketError CheckRemote(in SocketAddress remote)
    {
        bool isMapped = IsV6 && remote.Address.IsV4;
        return isMapped && (isRaw || !(socket.Local.IsV4 || socket.Local.IsUnspecified))
            ? SocketError.NetworkUnreachable
            : Check(in remote, SocketError.NetworkUnreachable);
    }

    private SocketError EnsureBound() =>
        isRaw || socket.LocalPort != 0 ? SocketError.None : Stack.Udp.Bind(socket, socket.Local, 0);

    private SocketError TakeError()
    {
        SocketError error = socket.PendingError;
        socket.PendingError = SocketError.None;
        return error;
    }
}
