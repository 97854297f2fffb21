namespace RedLeafSharp.Contracts;

/// <summary>The errors of POSIX.1-2017 that this system returns, with Linux's numbers.</summary>
public enum Errno
{
    /// <summary>Success; not an error.</summary>
    None = 0,

    /// <summary>EPERM: operation not permitted.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT: no such file or directory.</summary>
    NoEntry = 2,

    /// <summary>ESRCH: no such process.</summary>
    NoProcess = 3,

    /// <summary>EINTR: interrupted.</summary>
    Interrupted = 4,

    /// <summary>EIO: input/output error.</summary>
    InputOutput = 5,

    /// <summary>ENXIO: no such device or address.</summary>
    NoDeviceOrAddress = 6,

    /// <summary>E2BIG: argument list too long.</summary>
    ArgumentsTooLong = 7,

    /// <summary>ENOEXEC: not a program.</summary>
    NotExecutable = 8,

    /// <summary>EBADF: bad file descriptor.</summary>
    BadDescriptor = 9,

    /// <summary>ECHILD: no child process.</summary>
    NoChild = 10,

    /// <summary>EAGAIN: try again.</summary>
    TryAgain = 11,

    /// <summary>ENOMEM: out of memory.</summary>
    OutOfMemory = 12,

    /// <summary>EACCES: permission denied.</summary>
    AccessDenied = 13,

    /// <summary>EBUSY: device or resource busy.</summary>
    Busy = 16,

    /// <summary>EEXIST: file exists.</summary>
    Exists = 17,

    /// <summary>EXDEV: cross-device link.</summary>
    CrossDevice = 18,

    /// <summary>ENODEV: no such device.</summary>
    NoDevice = 19,

    /// <summary>ENOTDIR: not a directory.</summary>
    NotDirectory = 20,

    /// <summary>EISDIR: is a directory.</summary>
    IsDirectory = 21,

    /// <summary>EINVAL: invalid argument.</summary>
    InvalidArgument = 22,

    /// <summary>ENFILE: too many open files in the system.</summary>
    SystemFilesExhausted = 23,

    /// <summary>EMFILE: too many open files in the process.</summary>
    TooManyFiles = 24,

    /// <summary>ENOTTY: not a terminal.</summary>
    NotTerminal = 25,

    /// <summary>EFBIG: file too large.</summary>
    FileTooLarge = 27,

    /// <summary>ENOSPC: no space left on device.</summary>
    NoSpace = 28,

    /// <summary>ESPIPE: illegal seek.</summary>
    IllegalSeek = 29,

    /// <summary>EROFS: read-only file system.</summary>
    ReadOnlyFileSystem = 30,

    /// <summary>EMLINK: too many links.</summary>
    TooManyLinks = 31,

    /// <summary>EPIPE: broken pipe.</summary>
    BrokenPipe = 32,

    /// <summary>ERANGE: result does not fit.</summary>
    Range = 34,

    /// <summary>EDEADLK: waiting would deadlock.</summary>
    Deadlock = 35,

    /// <summary>ENAMETOOLONG: file name too long.</summary>
    NameTooLong = 36,

    /// <summary>ENOLCK: no more locks.</summary>
    NoLocks = 37,

    /// <summary>ENOSYS: function not implemented.</summary>
    NotImplemented = 38,

    /// <summary>ENOTEMPTY: directory not empty.</summary>
    NotEmpty = 39,

    /// <summary>ELOOP: too many symbolic links.</summary>
    TooManySymbolicLinks = 40,

    /// <summary>ENODATA: no such attribute.</summary>
    NoData = 61,

    /// <summary>EOVERFLOW: value too large.</summary>
    Overflow = 75,

    /// <summary>ENOTSOCK: not a socket.</summary>
    NotSocket = 88,

    /// <summary>EDESTADDRREQ: the datagram has no destination.</summary>
    DestinationRequired = 89,

    /// <summary>EMSGSIZE: message too long.</summary>
    MessageTooLong = 90,

    /// <summary>EPROTOTYPE: the socket there is of another kind.</summary>
    WrongProtocolType = 91,

    /// <summary>ENOPROTOOPT: no such option.</summary>
    NoProtocolOption = 92,

    /// <summary>EPROTONOSUPPORT: no such protocol.</summary>
    ProtocolNotSupported = 93,

    /// <summary>ESOCKTNOSUPPORT: no such kind of socket.</summary>
    SocketTypeNotSupported = 94,

    /// <summary>EOPNOTSUPP: operation not supported.</summary>
    NotSupported = 95,

    /// <summary>EAFNOSUPPORT: no such family of addresses.</summary>
    FamilyNotSupported = 97,

    /// <summary>EADDRINUSE: address already in use.</summary>
    AddressInUse = 98,

    /// <summary>EADDRNOTAVAIL: not an address of this host.</summary>
    AddressNotAvailable = 99,

    /// <summary>ENETUNREACH: no route.</summary>
    NetworkUnreachable = 101,

    /// <summary>ECONNABORTED: ended before it was accepted.</summary>
    ConnectionAborted = 103,

    /// <summary>ECONNRESET: reset by the peer.</summary>
    ConnectionReset = 104,

    /// <summary>ENOBUFS: no buffer is free.</summary>
    NoBuffers = 105,

    /// <summary>EISCONN: connected already.</summary>
    IsConnected = 106,

    /// <summary>ENOTCONN: not connected.</summary>
    NotConnected = 107,

    /// <summary>ETOOMANYREFS: too many descriptors are on their way in messages.</summary>
    TooManyReferences = 109,

    /// <summary>ETIMEDOUT: timed out.</summary>
    TimedOut = 110,

    /// <summary>ECONNREFUSED: nobody listens there.</summary>
    ConnectionRefused = 111,

    /// <summary>EHOSTUNREACH: the host cannot be reached.</summary>
    HostUnreachable = 113,

    /// <summary>EALREADY: connecting already.</summary>
    AlreadyConnecting = 114,

    /// <summary>EINPROGRESS: connecting.</summary>
    InProgress = 115,

    /// <summary>EUCLEAN (Linux): the file system's structures are damaged.</summary>
    Corrupted = 117,
}
