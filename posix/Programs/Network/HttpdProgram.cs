using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>
/// httpd: serves the files below a directory (HTTP/1.1: RFC 9110, 9112): GET and HEAD, connections kept alive, ranges, an index of
/// directories. One process, one epoll loop; everything a peer can make it hold is in <see cref="HttpLimits"/>.
/// </summary>
public sealed class HttpdProgram : Utility
{
    private const ushort DefaultPort = 80;
    private const int ListenerData = -1;

    private readonly Dictionary<int, HttpConnection> connections = [];
    private readonly List<HttpConnection> overdue = [];

    private protected override string Synopsis => "[-a ADDRESS] [-p PORT] DIRECTORY";

    private protected override int Run(Libc libc)
    {
        libc.IgnorePipeSignal();
        Options options = Options.Parse(libc.Arguments, "p:a:");
        ushort port = DefaultPort;
        IpAddress address = IpAddress.AnyV6;
        bool isGood = options.Error is null && options.Operands.Count == 1
            && (options.ValueOf('p') is not { } text || SocketText.TryParsePort(text, out port))
            && (options.ValueOf('a') is not { } own || IpAddress.TryParse(own, out address));
        if (!isGood)
        {
            return libc.ComplainUsage(options.Error ?? $"usage: {libc.Name} {Synopsis}");
        }

        string root = options.Operands[0].TrimEnd('/');
        if (!libc.IsDirectory(root.Length == 0 ? "/" : root))
        {
            return libc.Complain(options.Operands[0], Errno.NotDirectory);
        }

        Errno error = ServerSocket.TryListen(libc, new SocketAddress(address, port), HttpLimits.ConnectionsMax, out int listener);
        Reply<int, Errno> poll = libc.System.MakeEventPoll(libc.Context, OpenFlags.CloseOnExec);
        if (error != Errno.None || !poll.IsOk)
        {
            return libc.Complain($"port {port}", error != Errno.None ? error : Errors.Of(poll));
        }

        ServerSocket.Add(libc, poll.Value, listener, SocketEvents.Readable, unchecked((ulong)ListenerData));
        return Serve(libc, poll.Value, listener, new HttpSite(root));
    }

    private int Serve(Libc libc, int poll, int listener, HttpSite site)
    {
        var ready = new EventPollEntry[64];
        long swept = 0;
        while (true)
        {
            Reply<int, Errno> count = libc.System.WaitEventPoll(
                libc.Context, poll, ready, connections.Count > 0 ? HttpLimits.SweepMicros : -1);
            if (!count.IsOk)
            {
                return libc.Complain("epoll_wait", Errors.Of(count));
            }

            long now = SocketText.NowMicros(libc);
            foreach (EventPollEntry entry in ready.AsSpan(0, count.Value))
            {
                if ((int)entry.Data == ListenerData)
                {
                    Accept(libc, poll, listener, site, now);
                }
                else if (connections.TryGetValue((int)entry.Data, out HttpConnection? connection))
                {
                    Advance(libc, poll, connection, now);
                }
            }

            if (now - swept >= HttpLimits.SweepMicros)
            {
                swept = now;
                Sweep(libc, now);
            }
        }
    }

    private void Accept(Libc libc, int poll, int listener, HttpSite site, long now)
    {
        Reply<int, Errno> accepted = libc.System.Accept(libc.Context, listener, default, OpenFlags.NonBlock | OpenFlags.CloseOnExec, out _);
        if (!accepted.IsOk)
        {
            return;
        }

        // An answer is handed over in as few pieces as there can be: the last one must not wait for the peer's delayed ACK.
        _ = libc.System.SetSocketOption(libc.Context, accepted.Value, SocketOption.NoDelay, 1);
        if (connections.Count >= HttpLimits.ConnectionsMax)
        {
            // One that is idle gives way; without any the new one has to.
            Sweep(libc, now + HttpLimits.IdleMicrosMax);
        }

        if (connections.Count >= HttpLimits.ConnectionsMax)
        {
            libc.Close(accepted.Value);
            return;
        }

        var connection = new HttpConnection(accepted.Value, site);
        connection.Begin(now);
        connections.Add(accepted.Value, connection);
        ServerSocket.Add(libc, poll, accepted.Value, SocketEvents.Readable, (ulong)accepted.Value);
        Advance(libc, poll, connection, now);
    }

    private void Advance(Libc libc, int poll, HttpConnection connection, long now)
    {
        SocketEvents before = connection.Wanted;
        if (!connection.Advance(libc, now))
        {
            connections.Remove(connection.Socket);
            connection.Close(libc);
        }
        else if (connection.Wanted != before)
        {
            var entry = new EventPollEntry { Events = connection.Wanted, Data = (ulong)connection.Socket };
            _ = libc.System.ControlEventPoll(libc.Context, poll, EventPollCommand.Modify, connection.Socket, entry);
        }
    }

    /// <summary>Ends the connections of peers that have had their time.</summary>
    private void Sweep(Libc libc, long now)
    {
        overdue.Clear();
        foreach (HttpConnection connection in connections.Values)
        {
            if (connection.IsOverdue(now))
            {
                overdue.Add(connection);
            }
        }

        foreach (HttpConnection connection in overdue)
        {
            connections.Remove(connection.Socket);
            connection.Close(libc);
        }
    }
}
