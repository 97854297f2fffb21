namespace RedLeafSharp.Contracts;

/// <summary>
/// Sockets of one network stack. A system may have several stacks; who uses them chooses one for each socket.
/// docs/sockets.md gives the tour.
/// </summary>
/// <remarks>
/// <para>A socket is a number that belongs to the domain which opened it; to others it is no socket. Numbers are not used again soon.</para>
/// <para>No call waits for the network. What would have to wait answers <see cref="SocketError.TryAgain"/> (or
/// <see cref="SocketError.InProgress"/>), and the socket's event is signaled once something has changed since: call, wait on the
/// event, call again. Whoever waits for several sockets watches them with one event.</para>
/// <para>Any call may answer <see cref="SocketError.BadSocket"/>.</para>
/// </remarks>
[DomainContract]
public interface ISocketStack
{
    /// <summary>Makes a socket.</summary>
    /// <param name="context">The caller, who owns the socket.</param>
    /// <param name="family">The kind of addresses.</param>
    /// <param name="kind">Stream, datagram or raw.</param>
    /// <param name="protocol">Number of the protocol; 0 stands for TCP or UDP, and is no protocol of a raw socket.</param>
    /// <param name="signal">The caller's; signaled when a call that has answered <see cref="SocketError.TryAgain"/> may do better.</param>
    /// <returns>
    /// The socket; <see cref="SocketError.FamilyNotSupported"/>, <see cref="SocketError.ProtocolNotSupported"/>,
    /// <see cref="SocketError.TooMany"/>.
    /// </returns>
    Reply<int, SocketError> Open(CallContext context, AddressFamily family, SocketKind kind, int protocol, KernelEvent signal);

    /// <summary>Gives a socket its own address; port 0 chooses one.</summary>
    /// <returns>
    /// <see cref="SocketError.AddressInUse"/>, <see cref="SocketError.AddressNotAvailable"/>,
    /// <see cref="SocketError.InvalidArgument"/> when it has one.
    /// </returns>
    Reply<Unit, SocketError> Bind(CallContext context, int socket, in SocketAddress local);

    /// <summary>Lets a stream socket take connections; on one that does already, changes the backlog.</summary>
    Reply<Unit, SocketError> Listen(CallContext context, int socket, int backlog);

    /// <summary>Takes the connection that has waited longest.</summary>
    /// <param name="context">The caller, who owns the new socket.</param>
    /// <param name="socket">A listening socket.</param>
    /// <param name="signal">As for <see cref="Open"/>.</param>
    /// <param name="peer">Who has connected.</param>
    /// <returns>A socket of its own.</returns>
    Reply<int, SocketError> Accept(CallContext context, int socket, KernelEvent signal, out SocketAddress peer);

    /// <summary>
    /// Connects. A stream answers <see cref="SocketError.InProgress"/>: when it is writable,
    /// <see cref="SocketOption.PendingError"/> tells what came of it. For a datagram socket it sets whom it talks to.
    /// </summary>
    /// <returns>
    /// Also <see cref="SocketError.AlreadyConnecting"/>, <see cref="SocketError.IsConnected"/>,
    /// <see cref="SocketError.NetworkUnreachable"/>.
    /// </returns>
    Reply<Unit, SocketError> Connect(CallContext context, int socket, in SocketAddress remote);

    /// <summary>Ends the association of a datagram socket with its peer.</summary>
    Reply<Unit, SocketError> Disconnect(CallContext context, int socket);

    /// <summary>Sends to the peer: of a stream as much as there is room for, of datagrams all or nothing.</summary>
    /// <returns>Bytes taken; what was sent before an error, else <see cref="SocketError.BrokenPipe"/>,
    /// <see cref="SocketError.NotConnected"/>, <see cref="SocketError.MessageTooLong"/>, a pending error.</returns>
    Reply<int, SocketError> Send(CallContext context, int socket, ReadOnlySpan<byte> data, SocketFlags flags);

    /// <summary>Sends one datagram to an address.</summary>
    Reply<int, SocketError> SendTo(
        CallContext context, int socket, ReadOnlySpan<byte> data, in SocketAddress destination, SocketFlags flags);

    /// <summary>
    /// Sends bytes where they lie, in buffers of one page that somebody has lent for devices to read: nobody copies them, and the stack
    /// cannot read them. Devices map each page until the peer has acknowledged its bytes or the connection is gone.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="socket">A connected stream.</param>
    /// <param name="lender">By whose right: who has lent the pages, or was lent them. The caller, or one who called it.</param>
    /// <param name="ranges">What to send, in order.</param>
    /// <param name="flags">How.</param>
    /// <returns>
    /// Ranges taken, each as a whole and at least one; else <see cref="SocketError.NotSupported"/> when the first one has to be copied
    /// (it is short, its page is not lent so, or the packets' way has no device that makes checksums), and the errors of <see cref="Send"/>.
    /// </returns>
    Reply<int, SocketError> SendLent(CallContext context, int socket, DomainId lender, ReadOnlySpan<PageRange> ranges, SocketFlags flags);

    /// <summary>Receives: of a stream what is there, of datagrams the first one.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Room; what a datagram has more is lost.</param>
    /// <param name="flags">How.</param>
    /// <param name="message">From where, and how long it was.</param>
    /// <returns>Bytes written; 0 of a stream with room is its end.</returns>
    Reply<int, SocketError> Receive(
        CallContext context, int socket, Span<byte> buffer, SocketFlags flags, out ReceivedMessage message);

    /// <summary>Receives into pages, which are the caller's from here on.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="socket">A connected stream.</param>
    /// <param name="lengthBytes">Most bytes to receive; 1 to what the largest page buffer holds.</param>
    /// <param name="receivedBytes">Bytes in the pages from their start; 0 is the end of the stream.</param>
    Reply<PageBuffer, SocketError> ReceivePages(CallContext context, int socket, int lengthBytes, out int receivedBytes);

    /// <summary>Ends one direction of a connection, or both.</summary>
    Reply<Unit, SocketError> Shutdown(CallContext context, int socket, ShutdownHow how);

    /// <summary>Gives a socket up; the stack sends what is queued, as the linger option says.</summary>
    Reply<Unit, SocketError> Close(CallContext context, int socket);

    /// <summary>The socket's own address; unspecified with port 0 when it has none.</summary>
    Reply<SocketAddress, SocketError> GetLocal(CallContext context, int socket);

    /// <summary>The peer's address; <see cref="SocketError.NotConnected"/>.</summary>
    Reply<SocketAddress, SocketError> GetRemote(CallContext context, int socket);

    /// <summary>The value of an option; <see cref="SocketError.NoOption"/> when the socket does not have it.</summary>
    Reply<long, SocketError> GetOption(CallContext context, int socket, SocketOption option);

    /// <summary>Sets an option; <see cref="SocketError.InvalidArgument"/> for a value that makes no sense.</summary>
    Reply<Unit, SocketError> SetOption(CallContext context, int socket, SocketOption option, long value);

    /// <summary>IP_ADD_MEMBERSHIP and IP_DROP_MEMBERSHIP of a datagram or raw socket. Closing it leaves all groups.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="group">The group.</param>
    /// <param name="link">The link's index; 0 for the one that packets to the group go out by.</param>
    /// <param name="isLeft">Whether to leave it.</param>
    /// <returns>
    /// <see cref="SocketError.AddressInUse"/> when it is in it, <see cref="SocketError.AddressNotAvailable"/> when it is not,
    /// <see cref="SocketError.NoDevice"/>, <see cref="SocketError.NoBuffers"/> when it is in too many.
    /// </returns>
    Reply<Unit, SocketError> ChangeGroup(CallContext context, int socket, IpAddress group, int link, bool isLeft);

    /// <summary>TCP_INFO.</summary>
    /// <returns><see cref="SocketError.NotConnected"/> of what is no stream, or has nothing to tell.</returns>
    Reply<ConnectionInfo, SocketError> GetConnectionInfo(CallContext context, int socket);

    /// <summary>What a socket is ready for; arms its event.</summary>
    Reply<SocketReadiness, SocketError> GetReadiness(CallContext context, int socket);

    /// <summary>What many sockets are ready for, each in its place; of one that is none <see cref="SocketEvents.Invalid"/>.</summary>
    Reply<Unit, SocketError> CollectReadiness(CallContext context, ReadOnlySpan<int> sockets, Span<SocketReadiness> readiness);

    /// <summary>Has an event signaled at each change of what a socket is ready for, beside the socket's own.</summary>
    /// <returns><see cref="SocketError.TooMany"/> when the socket is watched by too many.</returns>
    Reply<Unit, SocketError> Watch(CallContext context, int socket, KernelEvent signal);

    /// <summary>Ends what <see cref="Watch"/> began; nothing when it has ended.</summary>
    Reply<Unit, SocketError> Unwatch(CallContext context, int socket, KernelEvent signal);
}
