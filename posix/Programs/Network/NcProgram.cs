using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>nc: copies between the standard streams and a connection, or datagrams of a peer.</summary>
public sealed class NcProgram : Utility
{
    private const int BufferBytes = 64 * 1024;
    private protected override string Synopsis => "[-luzvN] [-p PORT] [-w SECONDS] [HOST] [PORT]";

    private protected override int Run(Libc libc)
    {
        libc.IgnorePipeSignal();
        Options options = Options.Parse(libc.Arguments, "luzvNp:w:");
        bool listens = options.Has('l');
        string? portText = options.ValueOf('p') ?? (options.Operands.Count > 0 ? options.Operands[^1] : null);
        int operandCount = options.ValueOf('p') is null || !listens ? options.Operands.Count : options.Operands.Count + 1;
        ushort port = 0;
        long waitMicros = -1;
        bool isGood = options.Error is null && portText is not null && SocketText.TryParsePort(portText, out port)
            && (listens ? operandCount is 1 or 2 : operandCount == 2)
            && (options.ValueOf('w') is not { } wait || SocketText.TryParseSeconds(wait, out waitMicros));
        if (!isGood)
        {
            return libc.ComplainUsage(options.Error ?? $"usage: {libc.Name} {Synopsis}");
        }

        // With -p a client's own port is meant, and the peer's is the last operand.
        ushort ownPort = 0;
        if (!listens && options.ValueOf('p') is not null)
        {
            ownPort = port;
            if (!SocketText.TryParsePort(options.Operands[^1], out port))
            {
                return libc.ComplainUsage($"usage: {libc.Name} {Synopsis}");
            }
        }

        SocketAddress address = default;
        if (operandCount == 2 && !SocketText.TryResolve(libc, options.Operands[0], out address))
        {
            return 1;
        }

        SocketKind kind = options.Has('u') ? SocketKind.Datagram : SocketKind.Stream;
        Errno error = listens
            ? Listen(libc, kind, address with { Port = port }, out int socket)
            : Dial(libc, kind, ownPort, address with { Port = port }, waitMicros, out socket);
        if (error != Errno.None)
        {
            return options.Has('z') && !options.Has('v') ? 1 : libc.Complain($"{address.Address} {port}", error);
        }

        if (options.Has('v'))
        {
            _ = libc.System.Write(
                libc.Context, libc.Streams.Error, ByteText.ToBytes($"Connection {(listens ? "received on" : "to")} {address.Address} {port} succeeded!\n"));
        }

        return options.Has('z') ? 0 : Copy(libc, socket, kind, waitMicros, listens);
    }

    private static Errno Dial(Libc libc, SocketKind kind, ushort ownPort, SocketAddress remote, long waitMicros, out int socket)
    {
        Errno error = Make(libc, SocketNames.FamilyFor(remote.Address), kind, out socket);
        if (error == Errno.None && ownPort != 0)
        {
            IpAddress any = remote.Address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6;
            error = Errors.Of(libc.System.Bind(libc.Context, socket, new SocketAddress(any, ownPort)));
        }

        if (error == Errno.None && waitMicros > 0)
        {
            _ = libc.System.SetSocketOption(libc.Context, socket, SocketOption.SendTimeoutMicros, waitMicros);
        }

        error = error != Errno.None ? error : Errors.Of(libc.System.Connect(libc.Context, socket, remote));
        return error == Errno.InProgress ? Errno.TimedOut : error;
    }

    /// <summary>Takes one connection, or the first sender of a datagram.</summary>
    private static Errno Listen(Libc libc, SocketKind kind, SocketAddress local, out int socket)
    {
        Errno error = Make(libc, SocketNames.FamilyFor(local.Address), kind, out socket);
        if (error != Errno.None)
        {
            return error;
        }

        _ = libc.System.SetSocketOption(libc.Context, socket, SocketOption.ReuseAddress, 1);
        error = Errors.Of(libc.System.Bind(libc.Context, socket, local));
        if (error != Errno.None)
        {
            return error;
        }

        if (kind == SocketKind.Datagram)
        {
            byte[] name = new byte[SocketNames.InternetV6Bytes];
            Reply<int, Errno> first = libc.System.Receive(
                libc.Context, socket, default, name, SocketFlags.Peek, out MessageInfo message);
            return first.IsOk
                ? Errors.Of(libc.System.Connect(libc.Context, socket, name.AsSpan(0, message.NameLength)))
                : Errors.Of(first);
        }

        int listener = socket;
        error = Errors.Of(libc.System.Listen(libc.Context, listener, 1));
        if (error != Errno.None)
        {
            return error;
        }

        Reply<int, Errno> accepted = libc.System.Accept(libc.Context, listener, out _);
        libc.Close(listener);
        socket = accepted.Value;
        return Errors.Of(accepted);
    }

    /// <summary>Copies both ways until the peer has ended, or nothing comes for as long as -w says.</summary>
    private static int Copy(Libc libc, int socket, SocketKind kind, long waitMicros, bool listens)
    {
        byte[] buffer = new byte[BufferBytes];
        PollEntry[] entries =
        [
            new() { Descriptor = socket, Events = SocketEvents.Readable },
            new() { Descriptor = libc.Streams.Input, Events = SocketEvents.Readable },
        ];
        while (true)
        {
            Reply<int, Errno> ready = libc.System.Poll(libc.Context, entries, waitMicros);
            if (!ready.IsOk || ready.Value == 0)
            {
                return ready.IsOk ? 0 : libc.Complain("poll", Errors.Of(ready));
            }

            if (entries[0].Returned != SocketEvents.None)
            {
                Reply<int, Errno> received = libc.System.Receive(libc.Context, socket, buffer);
                if (!received.IsOk || (received.Value == 0 && kind == SocketKind.Stream))
                {
                    return received.IsOk ? 0 : libc.Complain("read", Errors.Of(received));
                }

                libc.Print(buffer.AsSpan(0, received.Value));
                libc.Flush();
            }

            if (entries[1].Returned != SocketEvents.None)
            {
                Errno error = libc.Read(entries[1].Descriptor, buffer, out int length);
                error = error != Errno.None || length == 0 ? error : Errors.Of(libc.System.Send(libc.Context, socket, buffer.AsSpan(0, length)));
                if (error != Errno.None)
                {
                    return libc.Complain("write", error);
                }

                if (length == 0)
                {
                    entries[1].Descriptor = -1;
                    if (kind == SocketKind.Datagram && !listens && waitMicros < 0)
                    {
                        return 0;
                    }

                    _ = libc.System.Shutdown(libc.Context, socket, ShutdownHow.Send);
                }
            }
        }
    }

    private static Errno Make(Libc libc, AddressFamily family, SocketKind kind, out int socket)
    {
        Reply<int, Errno> made = libc.System.MakeSocket(libc.Context, family, kind, OpenFlags.CloseOnExec, 0);
        socket = made.Value;
        return Errors.Of(made);
    }
}
