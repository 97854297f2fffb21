using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>Errors and their texts, as strerror(3) of glibc has them.</summary>
internal static class Errors
{
    /// <summary>The error of a reply. A personality that does not answer is an I/O error.</summary>
    public static Errno Of<TValue>(Reply<TValue, Errno> reply)
        where TValue : unmanaged => reply.IsFault ? Errno.InputOutput : reply.Error;

    public static string TextOf(Errno error) => error switch
    {
        Errno.None => "Success",
        Errno.NotPermitted => "Operation not permitted",
        Errno.NoEntry => "No such file or directory",
        Errno.NoProcess => "No such process",
        Errno.Interrupted => "Interrupted system call",
        Errno.InputOutput => "Input/output error",
        Errno.ArgumentsTooLong => "Argument list too long",
        Errno.NotExecutable => "Exec format error",
        Errno.BadDescriptor => "Bad file descriptor",
        Errno.NoChild => "No child processes",
        Errno.TryAgain => "Resource temporarily unavailable",
        Errno.OutOfMemory => "Cannot allocate memory",
        Errno.AccessDenied => "Permission denied",
        Errno.Busy => "Device or resource busy",
        Errno.Exists => "File exists",
        Errno.CrossDevice => "Invalid cross-device link",
        Errno.NoDevice => "No such device",
        Errno.NotDirectory => "Not a directory",
        Errno.IsDirectory => "Is a directory",
        Errno.InvalidArgument => "Invalid argument",
        Errno.SystemFilesExhausted => "Too many open files in system",
        Errno.TooManyFiles => "Too many open files",
        Errno.NotTerminal => "Inappropriate ioctl for device",
        Errno.FileTooLarge => "File too large",
        _ => LaterTextOf(error),
    };

    private static string LaterTextOf(Errno error) => error switch
    {
        Errno.NoSpace => "No space left on device",
        Errno.IllegalSeek => "Illegal seek",
        Errno.ReadOnlyFileSystem => "Read-only file system",
        Errno.TooManyLinks => "Too many links",
        Errno.BrokenPipe => "Broken pipe",
        Errno.Range => "Numerical result out of range",
        Errno.Deadlock => "Resource deadlock avoided",
        Errno.NameTooLong => "File name too long",
        Errno.NotImplemented => "Function not implemented",
        Errno.NotEmpty => "Directory not empty",
        Errno.TooManySymbolicLinks => "Too many levels of symbolic links",
        Errno.NoData => "No data available",
        Errno.Overflow => "Value too large for defined data type",
        Errno.NotSupported => "Operation not supported",
        Errno.TimedOut => "Connection timed out",
        Errno.Corrupted => "Structure needs cleaning",
        _ => NetworkTextOf(error),
    };

    private static string NetworkTextOf(Errno error) => error switch
    {
        Errno.NotSocket => "Socket operation on non-socket",
        Errno.DestinationRequired => "Destination address required",
        Errno.MessageTooLong => "Message too long",
        Errno.WrongProtocolType => "Protocol wrong type for socket",
        Errno.NoProtocolOption => "Protocol not available",
        Errno.ProtocolNotSupported => "Protocol not supported",
        Errno.SocketTypeNotSupported => "Socket type not supported",
        Errno.FamilyNotSupported => "Address family not supported by protocol",
        Errno.AddressInUse => "Address already in use",
        Errno.AddressNotAvailable => "Cannot assign requested address",
        Errno.NetworkUnreachable => "Network is unreachable",
        Errno.ConnectionAborted => "Software caused connection abort",
        Errno.ConnectionReset => "Connection reset by peer",
        Errno.NoBuffers => "No buffer space available",
        Errno.IsConnected => "Transport endpoint is already connected",
        Errno.NotConnected => "Transport endpoint is not connected",
        Errno.ConnectionRefused => "Connection refused",
        Errno.HostUnreachable => "No route to host",
        Errno.AlreadyConnecting => "Operation already in progress",
        Errno.InProgress => "Operation now in progress",
        _ => $"Unknown error {(int)error}",
    };
}
