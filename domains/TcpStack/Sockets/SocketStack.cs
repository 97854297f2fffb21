using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>
/// The contract over the sockets: finds the socket of a number, holds the stack while it works, and has what came of it done. The
/// other part has the calls that move data.
/// </summary>
internal sealed partial class SocketStack(NetworkStack stack, StackWork work) : ISocketStack
{
    private readonly SocketTable table = new();
    private readonly BoundPorts ports = new(stack);

    public Reply<int, SocketError> Open(
        CallContext context, AddressFamily family, SocketKind kind, int protocol, KernelEvent signal)
    {
        if (family == AddressFamily.Packet)
        {
            return kind != SocketKind.Raw ? SocketError.ProtocolNotSupported
                : table.IsFull ? SocketError.TooMany
                : table.Add(new FrameEndpoint(stack, context.Caller, signal));
        }

        if (family is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            return SocketError.FamilyNotSupported;
        }

        bool isKnown = kind switch
        {
            SocketKind.Stream => protocol is 0 or Ipv4Header.ProtocolTcp,
            SocketKind.Datagram => protocol is 0 or Ipv4Header.ProtocolUdp,
            SocketKind.Raw => protocol is > 0 and <= byte.MaxValue,
            _ => false,
        };
        if (!isKnown)
        {
            return SocketError.ProtocolNotSupported;
        }

        if (table.IsFull)
        {
            return SocketError.TooMany;
        }

        return table.Add(kind == SocketKind.Stream
            ? new StreamSocket(stack, ports, context.Caller, signal, family)
            : new DatagramEndpoint(
                stack,
                context.Caller,
                signal,
                family,
                kind == SocketKind.Raw ? (byte)protocol : Ipv4Header.ProtocolUdp,
                kind == SocketKind.Raw));
    }

    public Reply<Unit, SocketError> Bind(CallContext context, int socket, in SocketAddress local)
    {
        work.Enter(context);
        SocketError error = !table.TryFind(context, socket, out StackSocket? found) ? SocketError.BadSocket
            : !IsOfFamily(found, local.Address) ? SocketError.FamilyNotSupported
            : found.Bind(in local);
        return Leave(context, error);
    }

    public Reply<Unit, SocketError> Listen(CallContext context, int socket, int backlog)
    {
        work.Enter(context);
        return Leave(
            context, table.TryFind(context, socket, out StackSocket? found) ? found.Listen(backlog) : SocketError.BadSocket);
    }

    public Reply<int, SocketError> Accept(CallContext context, int socket, KernelEvent signal, out SocketAddress peer)
    {
        work.Enter(context);
        int accepted = 0;
        peer = default;
        SocketError error = table.TryFind(context, socket, out StackSocket? found)
            ? found.Accept(table, signal, out accepted, out peer)
            : SocketError.BadSocket;
        work.Leave(context);
        return error == SocketError.None ? accepted : error;
    }

    public Reply<Unit, SocketError> Connect(CallContext context, int socket, in SocketAddress remote)
    {
        work.Enter(context);
        SocketError error = !table.TryFind(context, socket, out StackSocket? found) ? SocketError.BadSocket
            : !IsOfFamily(found, remote.Address) ? SocketError.FamilyNotSupported
            : found.Connect(context, in remote);
        return Leave(context, error);
    }

    public Reply<Unit, SocketError> Disconnect(CallContext context, int socket)
    {
        work.Enter(context);
        return Leave(
            context, table.TryFind(context, socket, out StackSocket? found) ? found.Disconnect(context) : SocketError.BadSocket);
    }

    public Reply<Unit, SocketError> Shutdown(CallContext context, int socket, ShutdownHow how)
    {
        work.Enter(context);
        SocketError error = !table.TryFind(context, socket, out StackSocket? found) ? SocketError.BadSocket
            : how is < ShutdownHow.Receive or > ShutdownHow.Both ? SocketError.InvalidArgument
            : found.Shutdown(context, how);
        return Leave(context, error);
    }

    public Reply<Unit, SocketError> Close(CallContext context, int socket)
    {
        work.Enter(context);
        SocketError error = SocketError.BadSocket;
        if (table.TryFind(context, socket, out StackSocket? found))
        {
            table.Remove(socket);
            found.Close(context);
            error = SocketError.None;
        }

        return Leave(context, error);
    }

    public Reply<SocketAddress, SocketError> GetLocal(CallContext context, int socket) =>
        table.TryFind(context, socket, out StackSocket? found) ? found.Local : SocketError.BadSocket;

    public Reply<SocketAddress, SocketError> GetRemote(CallContext context, int socket) =>
        !table.TryFind(context, socket, out StackSocket? found) ? SocketError.BadSocket
            : found.TryGetRemote(out SocketAddress remote) ? remote
            : SocketError.NotConnected;

    public Reply<long, SocketError> GetOption(CallContext context, int socket, SocketOption option)
    {
        if (!table.TryFind(context, socket, out StackSocket? found))
        {
            return SocketError.BadSocket;
        }

        SocketError error = found.GetOption(option, out long value);
        return error == SocketError.None ? value : error;
    }

    public Reply<Unit, SocketError> SetOption(CallContext context, int socket, SocketOption option, long value)
    {
        work.Enter(context);
        return Leave(
            context, table.TryFind(context, socket, out StackSocket? found) ? found.SetOption(context, option, value) : SocketError.BadSocket);
    }

    public Reply<Unit, SocketError> ChangeGroup(CallContext context, int socket, IpAddress group, int link, bool isLeft)
    {
        work.Enter(context);
        return Leave(
            context,
            table.TryFind(context, socket, out StackSocket? found) ? found.ChangeGroup(group, link, isLeft) : SocketError.BadSocket);
    }

    public Reply<ConnectionInfo, SocketError> GetConnectionInfo(CallContext context, int socket) =>
        !table.TryFind(context, socket, out StackSocket? found) ? SocketError.BadSocket
            : found is StreamSocket stream && stream.TryGetInfo(out ConnectionInfo info) ? info
            : SocketError.NotConnected;

    public Reply<SocketReadiness, SocketError> GetReadiness(CallContext context, int socket) =>
        table.TryFind(context, socket, out StackSocket? found) ? found.GetReadiness() : SocketError.BadSocket;

    public Reply<Unit, SocketError> CollectReadiness(
        CallContext context, ReadOnlySpan<int> sockets, Span<SocketReadiness> readiness)
    {
        if (readiness.Length < sockets.Length)
        {
            return SocketError.InvalidArgument;
        }

        for (int index = 0; index < sockets.Length; index++)
        {
            readiness[index] = table.TryFind(context, sockets[index], out StackSocket? found)
                ? found.GetReadiness()
                : new SocketReadiness { Events = SocketEvents.Invalid };
        }

        return default(Unit);
    }

    public Reply<Unit, SocketError> Watch(CallContext context, int socket, KernelEvent signal) =>
        ToReply(table.TryFind(context, socket, out StackSocket? found) ? found.Watch(signal) : SocketError.BadSocket);

    public Reply<Unit, SocketError> Unwatch(CallContext context, int socket, KernelEvent signal)
    {
        if (!table.TryFind(context, socket, out StackSocket? found))
        {
            return SocketError.BadSocket;
        }

        found.Unwatch(signal);
        return default(Unit);
    }

    /// <summary>A socket of IPv6 takes addresses of IPv4 too, in their mapped form (RFC 3493 section 3.7).</summary>
    private static bool IsOfFamily(StackSocket socket, IpAddress address) =>
        address.IsV4 || socket.Family == AddressFamily.InterNetworkV6;

    private static Reply<Unit, SocketError> ToReply(SocketError error) => error == SocketError.None ? default(Unit) : error;

    private Reply<Unit, SocketError> Leave(CallContext context, SocketError error)
    {
        work.Leave(context);
        return ToReply(error);
    }
}
