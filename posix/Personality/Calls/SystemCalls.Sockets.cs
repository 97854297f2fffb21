using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Calls on sockets.</content>
internal sealed partial class SystemCalls
{
    private const OpenFlags SocketFlagsMask = OpenFlags.NonBlock | OpenFlags.CloseOnExec;

    /// <summary>SOCK_MAX of Linux less 1: larger numbers are no kind at all.</summary>
    private const int SocketKindMax = 10;

    public Reply<int, Errno> MakeSocket(CallContext context, AddressFamily family, SocketKind kind, OpenFlags flags, int protocol)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        Errno error = CheckSocket(process, family, kind, flags, 1);
        if (error != Errno.None)
        {
            return error;
        }

        error = family == AddressFamily.Unix
            ? UnixSocket.TryMake(context, state, process.Session, kind, flags, protocol, out SocketFile? socket)
            : MakeInternetSocket(context, process, family, kind, flags, protocol, out socket);
        return error != Errno.None ? error : Install(process, socket!, flags);
    }

    public Reply<SocketPair, Errno> MakeSocketPair(
        CallContext context, AddressFamily family, SocketKind kind, OpenFlags flags, int protocol)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        Errno error = CheckSocket(process, family, kind, flags, 2);
        error = error == Errno.None && family != AddressFamily.Unix ? Errno.NotSupported : error;
        if (error != Errno.None)
        {
            return error;
        }

        error = UnixSocket.TryMakePair(context, state, process.Session, kind, flags, protocol, out SocketFile? one, out SocketFile? other);
        return error != Errno.None ? error : new SocketPair(Install(process, one!, flags), Install(process, other!, flags));
    }

    public Reply<Unit, Errno> Bind(CallContext context, int descriptor, ReadOnlySpan<byte> name)
    {
        Errno error = FindSocket(context, descriptor, out Process process, out SocketFile socket);
        return (error != Errno.None ? error
            : socket is UnixSocket unix ? BindUnix(context, process, unix, name)
            : socket.Bind(context, process, name)).ToReply();
    }

    public Reply<Unit, Errno> Listen(CallContext context, int descriptor, int backlog)
    {
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return (error != Errno.None ? error : socket.Listen(context, backlog)).ToReply();
    }

    public Reply<int, Errno> Accept(CallContext context, int descriptor, Span<byte> name, OpenFlags flags, out int nameLength)
    {
        nameLength = 0;
        Errno error = FindSocket(context, descriptor, out Process process, out SocketFile socket);
        error = error != Errno.None ? error
            : (flags & ~SocketFlagsMask) != 0 ? Errno.InvalidArgument
            : CheckRoom(process, 1);
        if (error != Errno.None)
        {
            return error;
        }

        error = socket.Accept(context, process.Session, flags, out SocketFile? accepted);
        if (error != Errno.None)
        {
            return error;
        }

        // Others of the session may have opened files meanwhile.
        if (CheckRoom(process, 1) is var full and not Errno.None)
        {
            accepted!.CloseUncounted(context);
            return full;
        }

        Reply<int, Errno> peer = accepted!.GetPeerName(context, name);
        nameLength = peer.Value;
        return Install(process, accepted, flags);
    }

    public Reply<Unit, Errno> Connect(CallContext context, int descriptor, ReadOnlySpan<byte> name)
    {
        Errno error = FindSocket(context, descriptor, out Process process, out SocketFile socket);
        return (error != Errno.None ? error
            : socket is UnixSocket unix ? ConnectUnix(context, unix, name)
            : socket.Connect(context, process, name)).ToReply();
    }

    public Reply<int, Errno> Send(
        CallContext context, int descriptor, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name, SocketFlags flags)
    {
        Errno error = FindSocket(context, descriptor, out Process process, out SocketFile socket);
        return error != Errno.None ? error
            : socket is UnixDatagram unix && name.Length > 0 ? SendUnix(context, unix, data, name, flags)
            : SignalUnless(context, process, socket, flags, socket.Send(context, process, data, name, flags));
    }

    public Reply<int, Errno> SendDescriptors(
        CallContext context, int descriptor, ReadOnlySpan<byte> data, SocketFlags flags, ReadOnlySpan<int> descriptors)
    {
        Errno error = FindSocket(context, descriptor, out Process process, out SocketFile socket);
        PassedFiles? files = null;
        error = error != Errno.None ? error : PassedFiles.TryTake(process, descriptors, out files);
        return error != Errno.None ? error
            : SignalUnless(
                context, process, socket, flags,
                files is null ? socket.Send(context, process, data, default, flags) : socket.SendFiles(context, process, data, flags, files));
    }

    public Reply<int, Errno> ReceiveDescriptors(
        CallContext context, int descriptor, Span<byte> buffer, Span<byte> name, SocketFlags flags, Span<int> descriptors,
        out MessageInfo message)
    {
        message = default;
        Errno error = FindSocket(context, descriptor, out Process process, out SocketFile socket);
        if (error != Errno.None)
        {
            return error;
        }

        Reply<int, Errno> reply = socket.ReceiveFiles(context, buffer, name, flags, out message, out PassedFiles? files);
        if (files is not null)
        {
            bool closesOnExec = (flags & SocketFlags.CloseOnExec) != 0;
            message.DescriptorCount = files.Install(context, process, descriptors, closesOnExec);
            message.IsControlTruncated = message.DescriptorCount < files.Count;
        }

        return reply;
    }

    /// <summary>SIGPIPE, for streams and unless the caller does not want it.</summary>
    private Reply<int, Errno> SignalUnless(
        CallContext context, Process process, SocketFile socket, SocketFlags flags, Reply<int, Errno> reply) =>
        (flags & SocketFlags.NoSignal) == 0 ? SignalFor(context, process, socket, reply) : reply;

    public Reply<int, Errno> Receive(
        CallContext context, int descriptor, Span<byte> buffer, Span<byte> name, SocketFlags flags, out MessageInfo message)
    {
        message = default;
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return error != Errno.None ? error : socket.Receive(context, buffer, name, flags, out message);
    }

    public Reply<int, Errno> SendLent(CallContext context, int descriptor, ReadOnlySpan<PageRange> ranges, SocketFlags flags)
    {
        Errno error = FindSocket(context, descriptor, out Process process, out SocketFile socket);
        return error != Errno.None ? error
            : SignalUnless(context, process, socket, flags, socket.SendLent(context, ranges, flags));
    }

    public Reply<PageBuffer, Errno> ReceivePages(CallContext context, int descriptor, int lengthBytes, out int receivedBytes)
    {
        receivedBytes = 0;
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return error != Errno.None ? error : socket.ReceivePages(context, lengthBytes, out receivedBytes);
    }

    public Reply<Unit, Errno> Shutdown(CallContext context, int descriptor, ShutdownHow how)
    {
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return (error != Errno.None ? error
            : how is < ShutdownHow.Receive or > ShutdownHow.Both ? Errno.InvalidArgument
            : socket.Shutdown(context, how)).ToReply();
    }

    public Reply<int, Errno> GetSocketName(CallContext context, int descriptor, Span<byte> name)
    {
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return error != Errno.None ? error : socket.GetName(context, name);
    }

    public Reply<int, Errno> GetPeerName(CallContext context, int descriptor, Span<byte> name)
    {
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return error != Errno.None ? error : socket.GetPeerName(context, name);
    }

    public Reply<long, Errno> GetSocketOption(CallContext context, int descriptor, SocketOption option)
    {
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return error != Errno.None ? error : socket.GetOption(context, option);
    }

    public Reply<Unit, Errno> SetSocketOption(CallContext context, int descriptor, SocketOption option, long value)
    {
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return (error != Errno.None ? error : socket.SetOption(context, option, value)).ToReply();
    }

    public Reply<Unit, Errno> ChangeGroup(CallContext context, int descriptor, IpAddress group, int link, bool isLeft)
    {
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return (error != Errno.None ? error : socket.ChangeGroup(context, group, link, isLeft)).ToReply();
    }

    public Reply<ConnectionInfo, Errno> GetConnectionInfo(CallContext context, int descriptor)
    {
        Errno error = FindSocket(context, descriptor, out _, out SocketFile socket);
        return error != Errno.None ? error : socket.GetConnectionInfo(context);
    }

    private static Errno CheckSocket(Process process, AddressFamily family, SocketKind kind, OpenFlags flags, int count) =>
        (flags & ~SocketFlagsMask) != 0 || (int)kind is < 0 or > SocketKindMax ? Errno.InvalidArgument
            : family is not (AddressFamily.Unix or AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 or AddressFamily.Packet) ? Errno.FamilyNotSupported
            : kind is not (SocketKind.Stream or SocketKind.Datagram or SocketKind.Raw) ? Errno.SocketTypeNotSupported
            : CheckRoom(process, count);

    private static Errno CheckRoom(Process process, int count)
    {
        int lowest = process.Descriptors.FindFree();
        int highest = count == 1 || lowest < 0 ? lowest : process.Descriptors.FindFree(lowest + 1);
        return highest < 0 ? Errno.TooManyFiles
            : !process.Session.OpenFiles.HasRoomFor(count) ? Errno.SystemFilesExhausted
            : Errno.None;
    }

    private static Errno MakeInternetSocket(
        CallContext context, Process process, AddressFamily family, SocketKind kind, OpenFlags flags, int protocol, out SocketFile? socket)
    {
        socket = null;
        return process.Stack is not { } stack ? Errno.FamilyNotSupported
            : kind == SocketKind.Raw && (protocol > 0 || family == AddressFamily.Packet) && !process.Credentials.Effective.IsPrivileged ? Errno.NotPermitted
            : InternetSocket.TryOpen(context, flags, process.Session.OpenFiles, family, kind, protocol, stack.Sockets, out socket);
    }

    private static int Install(Process process, SocketFile socket, OpenFlags flags)
    {
        int descriptor = process.Descriptors.FindFree();
        _ = process.Session.OpenFiles.TryEnter();
        process.Descriptors.Set(descriptor, socket, (flags & OpenFlags.CloseOnExec) != 0);
        return descriptor;
    }

    private Errno FindSocket(CallContext context, int descriptor, out Process process, out SocketFile socket)
    {
        socket = null!;
        Errno error = Find(context, descriptor, out process, out OpenFile file);
        if (error == Errno.None && (file.IsPathOnly || file is not SocketFile))
        {
            return file.IsPathOnly ? Errno.BadDescriptor : Errno.NotSocket;
        }

        socket = (file as SocketFile)!;
        return error;
    }
}
