namespace RedLeafSharp.Contracts;

/// <summary>Families of addresses, with Linux's numbers.</summary>
public enum AddressFamily
{
    /// <summary>AF_UNSPEC.</summary>
    Unspecified = 0,

    /// <summary>AF_UNIX: paths of the file system. The personality's, no stack has it.</summary>
    Unix = 1,

    /// <summary>AF_INET: IPv4.</summary>
    InterNetwork = 2,

    /// <summary>AF_INET6: IPv6.</summary>
    InterNetworkV6 = 10,

    /// <summary>AF_PACKET: the frames of a link, or of all; with kind raw, and to be looked at only.</summary>
    Packet = 17,
}

/// <summary>Which way a frame has gone, with the numbers of packet(7) of Linux; the port in a frame's source.</summary>
public enum FrameDirection
{
    /// <summary>PACKET_HOST: it has come.</summary>
    Received = 0,

    /// <summary>PACKET_OUTGOING.</summary>
    Sent = 4,
}

/// <summary>Kinds of sockets, with Linux's numbers.</summary>
public enum SocketKind
{
    /// <summary>SOCK_STREAM.</summary>
    Stream = 1,

    /// <summary>SOCK_DGRAM.</summary>
    Datagram = 2,

    /// <summary>SOCK_RAW.</summary>
    Raw = 3,
}

/// <summary>Address and port: struct sockaddr_in or sockaddr_in6.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port; the protocol does not matter for raw sockets, and it is 0.</param>
/// <param name="Scope">For addresses that need one: the index of the link (RFC 4007 section 11.2).</param>
public readonly record struct SocketAddress(IpAddress Address, ushort Port, int Scope = 0);

/// <summary>What <see cref="ISocketStack.Receive"/> says beside the bytes.</summary>
public struct ReceivedMessage
{
    /// <summary>Who has sent the datagram; of a stream the peer.</summary>
    public SocketAddress Source;

    /// <summary>Bytes that the datagram had, though they did not all fit.</summary>
    public int FullLengthBytes;
}

/// <summary>Flags of sending and receiving, with Linux's numbers.</summary>
[Flags]
public enum SocketFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>MSG_OOB: urgent data (RFC 6093): the last byte of what is sent, and one that is received beside the stream.</summary>
    OutOfBand = 1,

    /// <summary>MSG_PEEK: what is received stays.</summary>
    Peek = 2,

    /// <summary>MSG_DONTROUTE: only to hosts of a link.</summary>
    DontRoute = 4,

    /// <summary>MSG_TRUNC: answers with the length of the datagram, though it was cut.</summary>
    Truncate = 0x20,

    /// <summary>MSG_DONTWAIT: as if the descriptor did not block. Stacks never do.</summary>
    DontWait = 0x40,

    /// <summary>MSG_WAITALL: waits until the buffer is full.</summary>
    WaitAll = 0x100,

    /// <summary>MSG_NOSIGNAL: no SIGPIPE.</summary>
    NoSignal = 0x4000,

    /// <summary>MSG_MORE: more follows at once; a part of a segment is not sent yet.</summary>
    More = 0x8000,

    /// <summary>MSG_CMSG_CLOEXEC: of descriptors that are received.</summary>
    CloseOnExec = 0x4000_0000,
}

/// <summary>Directions, with Linux's numbers.</summary>
public enum ShutdownHow
{
    /// <summary>SHUT_RD.</summary>
    Receive = 0,

    /// <summary>SHUT_WR.</summary>
    Send = 1,

    /// <summary>SHUT_RDWR.</summary>
    Both = 2,
}

/// <summary>What a socket is ready for, with the numbers of poll(2).</summary>
[Flags]
public enum SocketEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>POLLIN: reading or accepting would not wait.</summary>
    Readable = 1,

    /// <summary>POLLPRI: urgent data.</summary>
    Urgent = 2,

    /// <summary>POLLOUT: writing would not wait.</summary>
    Writable = 4,

    /// <summary>POLLERR: an error is pending.</summary>
    Error = 8,

    /// <summary>POLLHUP: both directions have ended.</summary>
    HungUp = 0x10,

    /// <summary>POLLNVAL: there is no such socket.</summary>
    Invalid = 0x20,

    /// <summary>POLLRDHUP: the peer has ended its direction.</summary>
    PeerClosed = 0x2000,
}

/// <summary>What a socket is ready for.</summary>
public struct SocketReadiness
{
    /// <summary>The state.</summary>
    public SocketEvents Events;

    /// <summary>
    /// Goes up (and around) whenever something new has come or room has been made: who wants to hear of changes only compares it.
    /// </summary>
    public uint ChangeCount;
}

/// <summary>Options of sockets. Times are in microseconds, and what is a switch is 0 or 1.</summary>
public enum SocketOption
{
    /// <summary>SO_ERROR: the pending error, a <see cref="SocketError"/>; reading it clears it. Cannot be set.</summary>
    PendingError = 1,

    /// <summary>SO_REUSEADDR: binding to an address that only connections in TIME-WAIT or other such sockets have.</summary>
    ReuseAddress = 2,

    /// <summary>SO_BROADCAST: sending to broadcast addresses.</summary>
    Broadcast = 3,

    /// <summary>SO_KEEPALIVE.</summary>
    KeepAlive = 4,

    /// <summary>SO_LINGER: seconds, or -1 for off. 0 resets the connection at close.</summary>
    LingerSeconds = 5,

    /// <summary>SO_RCVBUF: bytes.</summary>
    ReceiveBytes = 6,

    /// <summary>SO_SNDBUF: bytes.</summary>
    SendBytes = 7,

    /// <summary>SO_ACCEPTCONN: whether the socket listens. Cannot be set.</summary>
    IsListening = 8,

    /// <summary>SO_TYPE: a <see cref="SocketKind"/>. Cannot be set.</summary>
    Kind = 9,

    /// <summary>SO_PROTOCOL. Cannot be set.</summary>
    Protocol = 10,

    /// <summary>TCP_NODELAY: Nagle's algorithm is off.</summary>
    NoDelay = 11,

    /// <summary>TCP_KEEPIDLE.</summary>
    KeepAliveIdleMicros = 12,

    /// <summary>TCP_KEEPINTVL.</summary>
    KeepAliveIntervalMicros = 13,

    /// <summary>TCP_KEEPCNT.</summary>
    KeepAliveProbes = 14,

    /// <summary>TCP_USER_TIMEOUT; 0 for the usual one of ten minutes.</summary>
    UserTimeoutMicros = 15,

    /// <summary>TCP_MAXSEG: what a full segment carries. Cannot be set.</summary>
    SegmentBytesMax = 16,

    /// <summary>IP_TTL, IPV6_UNICAST_HOPS.</summary>
    TimeToLive = 17,

    /// <summary>FIONREAD: bytes that can be read at once; of datagrams the first one's. Cannot be set.</summary>
    UnreadBytes = 18,

    /// <summary>SIOCOUTQ: bytes that the peer has not acknowledged. Cannot be set.</summary>
    UnsentBytes = 19,

    /// <summary>The state of a connection, a number of RFC 4022's tcpConnState. Cannot be set.</summary>
    ConnectionState = 20,

    /// <summary>IP_HDRINCL: what a raw socket of IPv4 sends begins with the IP header. Of no other socket.</summary>
    HeaderIncluded = 21,

    /// <summary>IPV6_V6ONLY: of a socket of IPv6, that it has nothing to do with IPv4. Until the socket has a port.</summary>
    V6Only = 22,

    /// <summary>SO_RCVTIMEO, 0 for none. Not a stack's, which never waits.</summary>
    ReceiveTimeoutMicros = 32,

    /// <summary>SO_SNDTIMEO, 0 for none. Not a stack's.</summary>
    SendTimeoutMicros = 33,

    /// <summary>SO_DOMAIN: an <see cref="AddressFamily"/>. Not a stack's; cannot be set.</summary>
    Family = 34,

    /// <summary>
    /// SO_BINDTODEVICE, by the link's index: the socket sends and receives over this link only, even one without an address; 0 for all.
    /// Not of streams.
    /// </summary>
    BoundLink = 40,

    /// <summary>SO_REUSEPORT: sockets that all say so may be bound to one address.</summary>
    ReusePort = 41,

    /// <summary>TCP_CORK: only full segments are sent until it is cleared, or 200 ms have passed.</summary>
    Cork = 42,

    /// <summary>IP_TOS, without the two bits of ECN.</summary>
    TypeOfService = 43,

    /// <summary>SO_OOBINLINE: urgent data is read like other data.</summary>
    UrgentInline = 44,

    /// <summary>SIOCATMARK: whether the next byte to be read is the urgent one. Cannot be set.</summary>
    IsAtMark = 45,

    /// <summary>IP_MULTICAST_TTL; 0 stays on this host, -1 is the default of 1.</summary>
    MulticastTimeToLive = 46,

    /// <summary>IP_MULTICAST_LOOP: whether this host gets what it sends to groups that it is in.</summary>
    MulticastLoop = 47,

    /// <summary>IP_MULTICAST_IF, by the link's index: where packets to groups go out; 0 for the route's link.</summary>
    MulticastLink = 48,

    /// <summary>IP_MULTICAST_ALL: whether the socket also gets packets to groups that only others have joined.</summary>
    MulticastAll = 49,
}
