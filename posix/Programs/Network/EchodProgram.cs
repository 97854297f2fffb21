using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>echod: sends back what it receives, over TCP and UDP (RFC 862), to many peers at once.</summary>
public sealed class EchodProgram : Utility
{
    private const ushort DefaultPort = 7;
    private const int BufferBytes = 64 * 1024;
    private const int ConnectionsMax = 200;
    private const ulong ListenerData = ulong.MaxValue;
    private const ulong DatagramData = ulong.MaxValue - 1;

    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly Dictionary<int, byte[]> unsent = [];
    private int connectionCount;

    private protected override string Synopsis => "[-p PORT]";

    private protected override int Run(Libc libc)
    {
        libc.IgnorePipeSignal();
        Options options = Options.Parse(libc.Arguments, "p:");
        ushort port = DefaultPort;
        if (options.Error is not null || (options.ValueOf('p') is { } text && !SocketText.TryParsePort(text, out port)))
        {
            return libc.ComplainUsage(options.Error ?? "usage: echod [-p PORT]");
        }

        Errno error = ServerSocket.TryListen(libc, new SocketAddress(IpAddress.AnyV6, port), ConnectionsMax, out int listener);
        int datagrams = -1;
        error = error != Errno.None ? error : ServerSocket.TryBind(
            libc, SocketKind.Datagram, new SocketAddress(IpAddress.AnyV6, port), out datagrams);
        Reply<int, Errno> poll = libc.System.MakeEventPoll(libc.Context, OpenFlags.CloseOnExec);
        if (error != Errno.None || !poll.IsOk)
        {
            return libc.Complain($"port {port}", error != Errno.None ? error : Errors.Of(poll));
        }

        ServerSocket.Add(libc, poll.Value, listener, SocketEvents.Readable, ListenerData);
        ServerSocket.Add(libc, poll.Value, datagrams, SocketEvents.Readable, DatagramData);
        var ready = new EventPollEntry[64];
        while (true)
        {
            Reply<int, Errno> count = libc.System.WaitEventPoll(libc.Context, poll.Value, ready, -1);
            if (!count.IsOk)
            {
                return libc.Complain("epoll_wait", Errors.Of(count));
            }

            foreach (EventPollEntry entry in ready.AsSpan(0, count.Value))
            {
                switch (entry.Data)
                {
                    case ListenerData:
                        Accept(libc, poll.Value, listener);
                        break;
                    case DatagramData:
                        EchoDatagram(libc, datagrams);
                        break;
                    default:
                        Echo(libc, poll.Value, (int)entry.Data);
                        break;
                }
            }
        }
    }

    private void Accept(Libc libc, int poll, int listener)
    {
        Reply<int, Errno> accepted = libc.System.Accept(libc.Context, listener, default, OpenFlags.NonBlock | OpenFlags.CloseOnExec, out _);
        if (!accepted.IsOk)
        {
            return;
        }

        if (connectionCount == ConnectionsMax)
        {
            libc.Close(accepted.Value);
            return;
        }

        connectionCount++;
        ServerSocket.Add(libc, poll, accepted.Value, SocketEvents.Readable, (ulong)accepted.Value);
    }

    private void EchoDatagram(Libc libc, int socket)
    {
        byte[] name = new byte[SocketNames.InternetV6Bytes];
        Reply<int, Errno> received = libc.System.Receive(
            libc.Context, socket, buffer, name, SocketFlags.DontWait, out MessageInfo message);
        if (received.IsOk)
        {
            _ = libc.System.Send(
                libc.Context, socket, buffer.AsSpan(0, received.Value), name.AsSpan(0, message.NameLength), SocketFlags.DontWait);
        }
    }

    /// <summary>What the peer does not take yet is kept, and nothing more is read from it before.</summary>
    private void Echo(Libc libc, int poll, int socket)
    {
        bool hadRest = unsent.Remove(socket, out byte[]? data);
        if (!hadRest)
        {
            Reply<int, Errno> received = libc.System.Receive(libc.Context, socket, buffer);
            if (!received.IsOk || received.Value == 0)
            {
                if (received.IsOk || Errors.Of(received) != Errno.TryAgain)
                {
                    libc.Close(socket);
                    connectionCount--;
                }

                return;
            }

            data = buffer.AsSpan(0, received.Value).ToArray();
        }

        Reply<int, Errno> sent = libc.System.Send(libc.Context, socket, data);
        if (!sent.IsOk && Errors.Of(sent) != Errno.TryAgain)
        {
            libc.Close(socket);
            connectionCount--;
            return;
        }

        bool hasRest = sent.Value < data!.Length;
        if (hasRest)
        {
            unsent[socket] = data[sent.Value..];
        }

        if (hasRest != hadRest)
        {
            var entry = new EventPollEntry { Events = hasRest ? SocketEvents.Writable : SocketEvents.Readable, Data = (ulong)socket };
            _ = libc.System.ControlEventPoll(libc.Context, poll, EventPollCommand.Modify, socket, entry);
        }
    }
}
