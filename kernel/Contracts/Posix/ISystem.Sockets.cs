namespace RedLeafSharp.Contracts;

/// <content>
/// Sockets, and waiting for several descriptors. Names of sockets are bytes as Linux has them (struct sockaddr_in, _in6, _un);
/// <see cref="SocketNames"/> makes and reads them. A call on a descriptor that is no socket returns
/// <see cref="Errno.NotSocket"/>.
/// </content>
public partial interface ISystem
{
    // -------------------------------------------------------------------------------------------------------------- sockets

    /// <summary>socket(2). Raw sockets are for the privileged.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="family">IPv4 or UNIX.</param>
    /// <param name="kind">Stream, datagram or raw.</param>
    /// <param name="flags"><see cref="OpenFlags.NonBlock"/> and <see cref="OpenFlags.CloseOnExec"/>.</param>
    /// <param name="protocol">0 for the usual one of the kind.</param>
    /// <returns>The lowest free descriptor.</returns>
    Reply<int, Errno> MakeSocket(CallContext context, AddressFamily family, SocketKind kind, OpenFlags flags, int protocol);

    /// <summary>socketpair(2): two UNIX sockets that are connected with each other.</summary>
    Reply<SocketPair, Errno> MakeSocketPair(
        CallContext context, AddressFamily family, SocketKind kind, OpenFlags flags, int protocol);

    /// <summary>bind(2). Ports below 1024 are for the privileged.</summary>
    Reply<Unit, Errno> Bind(CallContext context, int descriptor, ReadOnlySpan<byte> name);

    /// <summary>listen(2).</summary>
    Reply<Unit, Errno> Listen(CallContext context, int descriptor, int backlog);

    /// <summary>accept4(2).</summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">A listening socket.</param>
    /// <param name="name">Room for the peer's name; what does not fit is cut off.</param>
    /// <param name="flags">Of the new descriptor.</param>
    /// <param name="nameLength">Bytes that the name has.</param>
    Reply<int, Errno> Accept(CallContext context, int descriptor, Span<byte> name, OpenFlags flags, out int nameLength);

    /// <summary>connect(2). A name of no family ends the association of a datagram socket.</summary>
    Reply<Unit, Errno> Connect(CallContext context, int descriptor, ReadOnlySpan<byte> name);

    /// <summary>sendmsg(2), but for its parts: see <see cref="PlainCalls.SendMessage"/>.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">The socket.</param>
    /// <param name="data">What to send.</param>
    /// <param name="name">Where to; empty for the peer.</param>
    /// <param name="flags">How.</param>
    /// <returns>
    /// Bytes sent. <see cref="Errno.BrokenPipe"/> of a stream comes with SIGPIPE, which ends the process, unless
    /// <see cref="SocketFlags.NoSignal"/> is given or the process ignores it.
    /// </returns>
    Reply<int, Errno> Send(CallContext context, int descriptor, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name, SocketFlags flags);

    /// <summary>recvmsg(2), but for its parts: see <see cref="PlainCalls.ReceiveMessage"/>.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">Room.</param>
    /// <param name="name">Room for the sender's name.</param>
    /// <param name="flags">How.</param>
    /// <param name="message">The name's length, and whether the datagram was cut.</param>
    /// <returns>Bytes received; 0 of a stream is its end.</returns>
    Reply<int, Errno> Receive(
        CallContext context, int descriptor, Span<byte> buffer, Span<byte> name, SocketFlags flags, out MessageInfo message);

    /// <summary>sendmsg(2) with SCM_RIGHTS: a UNIX socket's peer gets descriptors of the same open files.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">The socket; one that is no UNIX socket sends the data alone.</param>
    /// <param name="data">What to send along; a stream sends nothing without a byte.</param>
    /// <param name="flags">How.</param>
    /// <param name="descriptors">At most 253, which stay the caller's, too.</param>
    /// <returns>Bytes sent; <see cref="Errno.TooManyReferences"/> when too many are on their way.</returns>
    Reply<int, Errno> SendDescriptors(
        CallContext context, int descriptor, ReadOnlySpan<byte> data, SocketFlags flags, ReadOnlySpan<int> descriptors);

    /// <summary>recvmsg(2) with SCM_RIGHTS. Who receives without asking for descriptors has those that come along closed.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">The socket.</param>
    /// <param name="buffer">Room for data.</param>
    /// <param name="name">Room for the sender's name.</param>
    /// <param name="flags">How; <see cref="SocketFlags.CloseOnExec"/> is the new descriptors'.</param>
    /// <param name="descriptors">Room for descriptors.</param>
    /// <param name="message">How many descriptors there are, and whether some had no room.</param>
    Reply<int, Errno> ReceiveDescriptors(
        CallContext context, int descriptor, Span<byte> buffer, Span<byte> name, SocketFlags flags, Span<int> descriptors,
        out MessageInfo message);

    /// <summary>shutdown(2).</summary>
    Reply<Unit, Errno> Shutdown(CallContext context, int descriptor, ShutdownHow how);

    /// <summary>getsockname(2).</summary>
    /// <returns>Bytes that the name has; what does not fit is cut off.</returns>
    Reply<int, Errno> GetSocketName(CallContext context, int descriptor, Span<byte> name);

    /// <summary>getpeername(2).</summary>
    /// <returns>As <see cref="GetSocketName"/>.</returns>
    Reply<int, Errno> GetPeerName(CallContext context, int descriptor, Span<byte> name);

    /// <summary>getsockopt(2), and what ioctl(2) tells of sockets.</summary>
    Reply<long, Errno> GetSocketOption(CallContext context, int descriptor, SocketOption option);

    /// <summary>setsockopt(2).</summary>
    Reply<Unit, Errno> SetSocketOption(CallContext context, int descriptor, SocketOption option, long value);

    /// <summary>setsockopt(2) of IP_ADD_MEMBERSHIP and IP_DROP_MEMBERSHIP: <see cref="ISocketStack.ChangeGroup"/>.</summary>
    Reply<Unit, Errno> ChangeGroup(CallContext context, int descriptor, IpAddress group, int link, bool isLeft);

    /// <summary>getsockopt(2) of TCP_INFO.</summary>
    Reply<ConnectionInfo, Errno> GetConnectionInfo(CallContext context, int descriptor);

    // ---------------------------------------------------------------------------------------- waiting for several descriptors

    /// <summary>poll(2) and, with its time-out in microseconds, ppoll(2). A negative descriptor is passed over.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="entries">Descriptors, and what to wait for; what they are ready for is written into them.</param>
    /// <param name="timeoutMicros">0 does not wait; below 0 waits without end.</param>
    /// <returns>How many are ready.</returns>
    Reply<int, Errno> Poll(CallContext context, Span<PollEntry> entries, long timeoutMicros);

    /// <summary>epoll_create1(2), with <see cref="OpenFlags.CloseOnExec"/>.</summary>
    Reply<int, Errno> MakeEventPoll(CallContext context, OpenFlags flags);

    /// <summary>epoll_ctl(2).</summary>
    Reply<Unit, Errno> ControlEventPoll(
        CallContext context, int eventPoll, EventPollCommand command, int descriptor, EventPollEntry entry);

    /// <summary>epoll_pwait2(2), without signals.</summary>
    /// <returns>How many entries were written.</returns>
    Reply<int, Errno> WaitEventPoll(CallContext context, int eventPoll, Span<EventPollEntry> entries, long timeoutMicros);

    // ------------------------------------------------------------------------------------------------------------- networks

    /// <summary>Chooses the network stack of this process and of those that it will start, by its domain's name. For the privileged.</summary>
    /// <returns><see cref="Errno.NoEntry"/> when the system has no such stack.</returns>
    Reply<Unit, Errno> UseStack(CallContext context, ReadOnlySpan<byte> name);

    /// <summary><see cref="INetConfiguration.DumpLinks"/> of the process's stack, as all below.</summary>
    Reply<int, Errno> ListLinks(CallContext context, int start, Span<LinkInfo> links);

    /// <summary><see cref="INetConfiguration.ChangeLink"/>; changes are for the privileged.</summary>
    Reply<Unit, Errno> ChangeLink(CallContext context, in LinkInfo link, LinkChanges changes);

    /// <summary><see cref="INetConfiguration.NewLink"/>; for the privileged.</summary>
    Reply<int, Errno> AddLink(CallContext context, in LinkInfo link);

    /// <summary><see cref="INetConfiguration.DeleteLink"/>; for the privileged.</summary>
    Reply<Unit, Errno> RemoveLink(CallContext context, int index);

    /// <summary><see cref="INetConfiguration.DumpAddresses"/>.</summary>
    Reply<int, Errno> ListAddresses(CallContext context, int start, Span<AddressInfo> addresses);

    /// <summary><see cref="INetConfiguration.NewAddress"/>, or <see cref="INetConfiguration.DeleteAddress"/>.</summary>
    Reply<Unit, Errno> ChangeAddress(CallContext context, in AddressInfo address, bool isDeleted);

    /// <summary><see cref="INetConfiguration.DumpRoutes"/>.</summary>
    Reply<int, Errno> ListRoutes(CallContext context, int start, Span<RouteInfo> routes);

    /// <summary><see cref="INetConfiguration.GetRoute"/>.</summary>
    Reply<RouteInfo, Errno> FindRoute(CallContext context, IpAddress destination);

    /// <summary><see cref="INetConfiguration.NewRoute"/>, or <see cref="INetConfiguration.DeleteRoute"/>.</summary>
    Reply<Unit, Errno> ChangeRoute(CallContext context, in RouteInfo route, bool isDeleted);

    /// <summary><see cref="INetConfiguration.DumpNeighbors"/>.</summary>
    Reply<int, Errno> ListNeighbors(CallContext context, int start, Span<NeighborInfo> neighbors);

    /// <summary><see cref="INetConfiguration.NewNeighbor"/>, or <see cref="INetConfiguration.DeleteNeighbor"/>.</summary>
    Reply<Unit, Errno> ChangeNeighbor(CallContext context, in NeighborInfo neighbor, bool isDeleted);
}
