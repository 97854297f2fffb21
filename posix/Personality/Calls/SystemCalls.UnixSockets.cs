using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>The names of UNIX sockets: files, whose inodes lead to the sockets that are bound to them.</content>
internal sealed partial class SystemCalls
{
    private const uint SocketMode = 0x1FF;

    private Errno BindUnix(CallContext context, Process process, UnixSocket socket, ReadOnlySpan<byte> name)
    {
        Errno error = UnixNames.Read(name, out ReadOnlySpan<byte> path);
        error = error == Errno.None && socket.IsBound ? Errno.InvalidArgument : error;
        if (error != Errno.None || path[0] == 0)
        {
            return error != Errno.None ? error : state.UnixNames.Bind(path, socket);
        }

        error = BeginWalk(context, PlainCalls.WorkingDirectory, path, FinalLink.Keep, out _);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = walk.Exists ? Errno.AddressInUse : walk.HasTrailingSlash ? Errno.NoEntry : CheckCreation(walk, process);
            if (error != Errno.None)
            {
                return error;
            }

            uint mode = CreationMode(walk, process, FileMode.Socket | SocketMode, out uint group);
            Reply<ulong, Errno> created = walk.Mount.Files.Create(
                context, walk.Directory.Inode, walk.Name, mode, process.Credentials.Effective.UserId, group);
            Vnode? vnode = null;
            error = created.IsOk
                ? state.Vnodes.Open(context, new Location(walk.Mount, created.Value), out vnode)
                : created.ErrorOf();
            if (error == Errno.None)
            {
                // The NUL at the end counts in the length, as unix(7) of Linux has it.
                byte[] terminated = new byte[path.Length + 1];
                path.CopyTo(terminated);
                socket.Name = SocketNames.OfPath(terminated);
                socket.BindTo(vnode!);
            }

            return error;
        }
        finally
        {
            state.Names.Release();
        }
    }

    private Errno ConnectUnix(CallContext context, UnixSocket socket, ReadOnlySpan<byte> name)
    {
        if (name.Length >= SocketNames.FamilyBytes && SocketNames.FamilyOf(name) == AddressFamily.Unspecified)
        {
            return socket.Disconnect();
        }

        Errno error = FindUnix(context, name, socket.Kind, out UnixSocket target);
        return error != Errno.None ? error : socket.ConnectTo(context, target);
    }

    private Reply<int, Errno> SendUnix(
        CallContext context, UnixDatagram socket, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name, SocketFlags flags)
    {
        Errno error = FindUnix(context, name, SocketKind.Datagram, out UnixSocket target);
        return error != Errno.None ? error : socket.SendTo(context, (UnixDatagram)target, data, flags);
    }

    /// <summary>The socket that is bound to a name.</summary>
    private Errno FindUnix(CallContext context, ReadOnlySpan<byte> name, SocketKind kind, out UnixSocket socket)
    {
        socket = null!;
        Errno error = UnixNames.Read(name, out ReadOnlySpan<byte> path);
        if (error != Errno.None)
        {
            return error;
        }

        UnixSocket? found = null;
        if (path[0] == 0)
        {
            found = state.UnixNames.Find(path);
        }
        else
        {
            error = BeginWalkToFile(context, PlainCalls.WorkingDirectory, path, FinalLink.Follow, out Process process);
            if (error != Errno.None)
            {
                return error;
            }

            PathWalk walk = state.Names.First;
            bool isAllowed = Access.Allows(walk.File, process, Access.Write);
            found = state.Vnodes.Find(walk.FileLocation)?.Socket;
            state.Names.Release();
            error = isAllowed ? Errno.None : Errno.AccessDenied;
        }

        error = error != Errno.None ? error
            : found is null ? Errno.ConnectionRefused
            : found.Kind != kind ? Errno.WrongProtocolType
            : Errno.None;
        socket = found!;
        return error;
    }
}
