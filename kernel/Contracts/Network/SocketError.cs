namespace RedLeafSharp.Contracts;

/// <summary>Errors of a network stack: those of POSIX.1-2017 for sockets, with Linux's numbers.</summary>
public enum SocketError
{
    /// <summary>Success; not an error.</summary>
    None = 0,

    /// <summary>EPERM: not permitted.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT: no such entry in a table.</summary>
    NoEntry = 2,

    /// <summary>ESRCH: no such route.</summary>
    NoRoute = 3,

    /// <summary>EBADF: no such socket.</summary>
    BadSocket = 9,

    /// <summary>EAGAIN: would have to wait.</summary>
    TryAgain = 11,

    /// <summary>EACCES: not without asking for it: a broadcast.</summary>
    AccessDenied = 13,

    /// <summary>EEXIST: the entry is there already.</summary>
    Exists = 17,

    /// <summary>ENODEV: no such interface.</summary>
    NoDevice = 19,

    /// <summary>EINVAL: invalid argument.</summary>
    InvalidArgument = 22,

    /// <summary>ENFILE: too many sockets, entries, connections.</summary>
    TooMany = 23,

    /// <summary>EPIPE: the socket may not send any more.</summary>
    BrokenPipe = 32,

    /// <summary>EDESTADDRREQ: the datagram has no destination.</summary>
    DestinationRequired = 89,

    /// <summary>EMSGSIZE: the datagram is too long.</summary>
    MessageTooLong = 90,

    /// <summary>ENOPROTOOPT: no such option.</summary>
    NoOption = 92,

    /// <summary>EPROTONOSUPPORT: no such protocol.</summary>
    ProtocolNotSupported = 93,

    /// <summary>EOPNOTSUPP: not for this kind of socket.</summary>
    NotSupported = 95,

    /// <summary>EAFNOSUPPORT: no such family of addresses.</summary>
    FamilyNotSupported = 97,

    /// <summary>EADDRINUSE: address and port are taken.</summary>
    AddressInUse = 98,

    /// <summary>EADDRNOTAVAIL: not an address of this host, or no port is free.</summary>
    AddressNotAvailable = 99,

    /// <summary>ENETUNREACH: no route.</summary>
    NetworkUnreachable = 101,

    /// <summary>ECONNABORTED: ended before it was accepted.</summary>
    ConnectionAborted = 103,

    /// <summary>ECONNRESET: the peer has reset the connection.</summary>
    ConnectionReset = 104,

    /// <summary>ENOBUFS: no buffer is free.</summary>
    NoBuffers = 105,

    /// <summary>EISCONN: connected already.</summary>
    IsConnected = 106,

    /// <summary>ENOTCONN: not connected.</summary>
    NotConnected = 107,

    /// <summary>ETIMEDOUT: the peer does not answer.</summary>
    TimedOut = 110,

    /// <summary>ECONNREFUSED: nobody listens there.</summary>
    ConnectionRefused = 111,

    /// <summary>EHOSTUNREACH: the host cannot be reached.</summary>
    HostUnreachable = 113,

    /// <summary>EALREADY: connecting already.</summary>
    AlreadyConnecting = 114,

    /// <summary>EINPROGRESS: connecting.</summary>
    InProgress = 115,
}
