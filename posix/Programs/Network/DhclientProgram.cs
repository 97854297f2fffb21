using RedLeafSharp.Contracts;
using RedLeafSharp.Posix.Programs.Network.Dhcp;
using Spec = RedLeafSharp.Posix.Programs.Network.Dhcp.DhcpSpec;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>
/// dhclient: has a DHCP server configure a link, and stays to keep the lease. Without -d the program ends once there is an address; a
/// process of its own stays. The protocol is <see cref="DhcpClient"/>'s; sockets and the tables of the stack are used here.
/// </summary>
public sealed class DhclientProgram : Utility
{
    private const int DefaultSeconds = 60;

    /// <summary>How often the state of a new address is looked at, and that of one in use.</summary>
    private const long CheckMicros = 100_000;
    private const long WatchMicros = 10_000_000;

    private const int SignalKill = 9;

    private protected override string Synopsis => "[-dr] [-t SECONDS] LINK";

    private protected override int Run(Libc libc)
    {
        libc.IgnorePipeSignal();
        Options options = Options.Parse(libc.Arguments, "drt:");
        int seconds = DefaultSeconds;
        if (options.Error is not null || options.Operands.Count != 1
            || (options.ValueOf('t') is { } text && !SocketText.TryParseNumber(text, int.MaxValue, out seconds)))
        {
            return libc.ComplainUsage(options.Error ?? $"usage: {libc.Name} {Synopsis}");
        }

        string name = options.Operands[0];
        if (!TryFindLink(libc, name, out LinkInfo found))
        {
            return 1;
        }

        var link = new DhcpLink(found);
        return options.Has('r') ? Release(libc, name, link)
            : options.Has('d') ? Keep(libc, name, link)
            : StartKeeper(libc, name, seconds);
    }

    /// <summary>Starts the process that stays, and waits until it has an address.</summary>
    private static int StartKeeper(Libc libc, string name, int seconds)
    {
        Reply<PipeEnds, Errno> pipe = libc.System.MakePipe(libc.Context, OpenFlags.CloseOnExec);
        Reply<int, Errno> child = default;
        if (pipe.IsOk)
        {
            child = libc.Spawn(new List<string> { libc.Name, "-d", name }, new List<string>(), new Streams(-1, pipe.Value.WriteEnd, libc.Streams.Error));
            libc.Close(pipe.Value.WriteEnd);
        }

        if (!pipe.IsOk || !child.IsOk)
        {
            return libc.Complain("cannot start", pipe.IsOk ? Errors.Of(child) : Errors.Of(pipe));
        }

        PollEntry[] entries = [new() { Descriptor = pipe.Value.ReadEnd, Events = SocketEvents.Readable }];
        Reply<int, Errno> ready = libc.System.Poll(libc.Context, entries, seconds * 1_000_000L);
        if (ready.Value == 0)
        {
            _ = libc.System.Kill(libc.Context, child.Value, SignalKill);
            return libc.Complain($"{name}: no server has given an address within {seconds} s");
        }

        // The end of the pipe without a word: it has complained itself.
        return libc.Read(pipe.Value.ReadEnd, new byte[1], out int length) == Errno.None && length == 1 ? 0 : 1;
    }

    private static int Keep(Libc libc, string name, DhcpLink link)
    {
        byte[] seed = new byte[4];
        Errno error = TryOpen(libc, link.Index, out int socket);
        if (error != Errno.None || !Resolver.TryFillRandom(libc, seed))
        {
            return libc.Complain(name, error != Errno.None ? error : Errno.InputOutput);
        }

        var client = new DhcpClient(link.Mac, BitConverter.ToUInt32(seed), libc.Context.UptimeMicros);
        byte[] buffer = new byte[Spec.MessageBytesMax];
        bool isTold = false;
        while (true)
        {
            long wait = Math.Max(0, client.DeadlineMicros - libc.Context.UptimeMicros);
            wait = Math.Min(wait, client.State == DhcpState.Checking ? CheckMicros : WatchMicros);
            PollEntry[] entries = [new() { Descriptor = socket, Events = SocketEvents.Readable }];
            Reply<int, Errno> ready = libc.System.Poll(libc.Context, entries, wait);
            if (!ready.IsOk)
            {
                return libc.Complain("poll", Errors.Of(ready));
            }

            Reply<int, Errno> received = ready.Value > 0 ? libc.System.Receive(libc.Context, socket, buffer) : 0;
            long now = libc.Context.UptimeMicros;
            DhcpSteps steps = received.Value > 0 ? client.Receive(buffer.AsSpan(0, received.Value), now) : client.Tick(now);
            Do(libc, steps, client, link, socket);
            if (CheckAddress(libc, client, link, socket) && !isTold)
            {
                isTold = true;
                Tell(libc, name, client.Lease!);
            }
        }
    }

    private static void Do(Libc libc, DhcpSteps steps, DhcpClient client, DhcpLink link, int socket)
    {
        if ((steps & DhcpSteps.DropAddress) != 0)
        {
            link.Drop(libc);
        }

        if ((steps & DhcpSteps.Send) != 0)
        {
            IpAddress to = client.IsToServer ? client.Lease!.Server : IpAddress.BroadcastV4;

            // What cannot be sent now, such as without a carrier, will be sent again.
            _ = libc.System.SendTo(libc.Context, socket, client.Message, new SocketAddress(to, Spec.ServerPort));
        }

        if ((steps & DhcpSteps.SetAddress) != 0)
        {
            Errno error = link.SetAddress(libc, client.Lease!);
            if (error != Errno.None)
            {
                libc.Complain(client.Lease!.Address.ToString(), error);
            }
            else if (client.State == DhcpState.Bound)
            {
                link.Apply(libc, client.Lease!);
            }
        }
    }

    /// <summary>Looks whether the stack has found the address free, or given it up since.</summary>
    /// <returns>Whether there is an address.</returns>
    private static bool CheckAddress(Libc libc, DhcpClient client, DhcpLink link, int socket)
    {
        if (client.State < DhcpState.Checking)
        {
            return false;
        }

        LeasedAddress state = link.GetState(libc);
        if (state == LeasedAddress.Gone)
        {
            Do(libc, client.ReportConflict(libc.Context.UptimeMicros), client, link, socket);
            return false;
        }

        if (state == LeasedAddress.Usable && client.State == DhcpState.Checking)
        {
            client.ConfirmAddress();
            link.Apply(libc, client.Lease!);
        }

        return state == LeasedAddress.Usable;
    }

    /// <summary>Tells whoever waits, and whoever is to give the address back some day.</summary>
    private static void Tell(Libc libc, string name, DhcpLease lease)
    {
        ProcessIds ids = libc.System.GetIds(libc.Context).Value;
        Errno error = DhcpLink.WriteFile(libc, RecordOf(name), $"{ids.ProcessId} {lease.Address} {lease.Server}\n");
        if (error != Errno.None)
        {
            libc.Complain(RecordOf(name), error);
        }

        libc.PrintLine($"bound to {lease.Address}/{lease.PrefixBits} by {lease.Server}, renewal in {lease.RenewalSeconds} s");
        libc.Flush();
    }

    /// <summary>-r: ends the process that keeps the lease, and gives the address back.</summary>
    private static int Release(Libc libc, string name, DhcpLink link)
    {
        if (!TryReadRecord(libc, name, out int keeper, out IpAddress address, out IpAddress server))
        {
            return libc.Complain($"{name} has no lease");
        }

        byte[] other = new byte[16];
        Reply<int, Errno> length = libc.System.GetProcessName(libc.Context, keeper, other);
        if (length.IsOk && ByteText.ToText(other.AsSpan(0, length.Value)) == libc.Name)
        {
            _ = libc.System.Kill(libc.Context, keeper, SignalKill);
        }

        byte[] message = new byte[Spec.MessageBytesMax];
        byte[] random = new byte[4];
        _ = Resolver.TryFillRandom(libc, random);
        int bytes = DhcpClient.WriteRelease(message, link.Mac, BitConverter.ToUInt32(random), address, server);
        Errno error = TryOpen(libc, link.Index, out int socket);
        error = error != Errno.None
            ? error
            : Errors.Of(libc.System.SendTo(libc.Context, socket, message.AsSpan(0, bytes), new SocketAddress(server, Spec.ServerPort)));
        link.DropSetByOther(libc, address);
        _ = libc.System.Unlink(libc.Context, ByteText.ToBytes(RecordOf(name)));
        return error == Errno.None ? 0 : libc.Complain(server.ToString(), error);
    }

    /// <summary>A socket that takes what comes to the client's port over the link, before the link has any address.</summary>
    private static Errno TryOpen(Libc libc, int linkIndex, out int socket)
    {
        Reply<int, Errno> made = libc.System.MakeSocket(
            libc.Context, AddressFamily.InterNetwork, SocketKind.Datagram, OpenFlags.CloseOnExec, 0);
        socket = made.Value;
        Errno error = Errors.Of(made);
        foreach ((SocketOption option, long value) in new[]
        {
            (SocketOption.ReuseAddress, 1L), (SocketOption.Broadcast, 1L), (SocketOption.BoundLink, linkIndex),
        })
        {
            error = error != Errno.None ? error : Errors.Of(libc.System.SetSocketOption(libc.Context, socket, option, value));
        }

        return error != Errno.None
            ? error
            : Errors.Of(libc.System.Bind(libc.Context, socket, new SocketAddress(IpAddress.AnyV4, Spec.ClientPort)));
    }

    private static string RecordOf(string name) => $"/run/dhclient.{name}";

    private static bool TryReadRecord(Libc libc, string name, out int keeper, out IpAddress address, out IpAddress server)
    {
        (keeper, address, server) = (0, default, default);
        var reader = new LineReader();
        if (reader.Open(libc, RecordOf(name)) != Errno.None)
        {
            return false;
        }

        bool isRead = reader.TryReadLine(libc, out string line);
        reader.Close(libc);
        string[] words = isRead ? line.Split(' ') : [];
        return words.Length == 3 && SocketText.TryParseNumber(words[0], int.MaxValue, out keeper)
            && IpAddress.TryParse(words[1], out address) && IpAddress.TryParse(words[2], out server);
    }

    private static bool TryFindLink(Libc libc, string name, out LinkInfo found)
    {
        found = default;
        if (!IpProgram.TryListLinks(libc, out LinkInfo[] links))
        {
            return false;
        }

        foreach (LinkInfo link in links)
        {
            if (link.Name.ToString() == name && (link.Flags & LinkFlags.Broadcast) != 0)
            {
                found = link;
                return true;
            }
        }

        libc.Complain($"{name} is no link that has an address of its own");
        return false;
    }
}
