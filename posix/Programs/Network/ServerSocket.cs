using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>What servers begin with: sockets that do not block, at an address; :: is IPv4's, too.</summary>
internal static class ServerSocket
{
    public static Errno TryBind(Libc libc, SocketKind kind, SocketAddress local, out int socket)
    {
        Reply<int, Errno> made = libc.System.MakeSocket(
            libc.Context, SocketNames.FamilyFor(local.Address), kind, OpenFlags.NonBlock | OpenFlags.CloseOnExec, 0);
        socket = made.Value;
        if (!made.IsOk)
        {
            return Errors.Of(made);
        }

        _ = libc.System.SetSocketOption(libc.Context, socket, SocketOption.ReuseAddress, 1);
        return Errors.Of(libc.System.Bind(libc.Context, socket, local));
    }

    public static Errno TryListen(Libc libc, SocketAddress local, int backlog, out int socket)
    {
        Errno error = TryBind(libc, SocketKind.Stream, local, out socket);
        return error != Errno.None ? error : Errors.Of(libc.System.Listen(libc.Context, socket, backlog));
    }

    public static void Add(Libc libc, int poll, int socket, SocketEvents events, ulong data) =>
        _ = libc.System.ControlEventPoll(
            libc.Context, poll, EventPollCommand.Add, socket, new EventPollEntry { Events = events, Data = data });
}
