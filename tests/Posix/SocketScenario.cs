using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Makes the socket calls of a scenario through <see cref="ISystem"/>; SocketCalls.py makes the same ones on the host.</summary>
internal sealed partial class SocketScenario(ISystem system)
{
    private static readonly Dictionary<string, SocketOption> Options = new()
    {
        ["error"] = SocketOption.PendingError,
        ["reuse"] = SocketOption.ReuseAddress,
        ["keepalive"] = SocketOption.KeepAlive,
        ["broadcast"] = SocketOption.Broadcast,
        ["type"] = SocketOption.Kind,
        ["accepting"] = SocketOption.IsListening,
        ["domain"] = SocketOption.Family,
        ["protocol"] = SocketOption.Protocol,
        ["nodelay"] = SocketOption.NoDelay,
        ["ttl"] = SocketOption.TimeToLive,
        ["linger"] = SocketOption.LingerSeconds,
        ["oobinline"] = SocketOption.UrgentInline,
        ["reuseport"] = SocketOption.ReusePort,
        ["cork"] = SocketOption.Cork,
        ["keepidle"] = SocketOption.KeepAliveIdleMicros,
        ["keepintvl"] = SocketOption.KeepAliveIntervalMicros,
        ["keepcnt"] = SocketOption.KeepAliveProbes,
        ["usertimeout"] = SocketOption.UserTimeoutMicros,
        ["tos"] = SocketOption.TypeOfService,
        ["mttl"] = SocketOption.MulticastTimeToLive,
        ["mloop"] = SocketOption.MulticastLoop,
        ["mall"] = SocketOption.MulticastAll,
        ["rcvtimeo"] = SocketOption.ReceiveTimeoutMicros,
        ["sndtimeo"] = SocketOption.SendTimeoutMicros,
        ["atmark"] = SocketOption.IsAtMark,
        ["inq"] = SocketOption.UnreadBytes,
        ["v6only"] = SocketOption.V6Only,
        ["hops"] = SocketOption.TimeToLive,
        ["hdrincl"] = SocketOption.HeaderIncluded,
    };

    private static readonly (string Name, SocketEvents Event)[] Events =
    [
        ("in", SocketEvents.Readable), ("pri", SocketEvents.Urgent), ("out", SocketEvents.Writable), ("err", SocketEvents.Error),
        ("hup", SocketEvents.HungUp), ("nval", SocketEvents.Invalid), ("rdhup", SocketEvents.PeerClosed),
    ];

    private readonly Dictionary<string, int> files = [];
    private readonly Dictionary<string, ushort> ports = [];

    internal List<string> Run(CallContext context, IEnumerable<string> lines)
    {
        var answers = new List<string>();
        foreach (string line in lines)
        {
            answers.Add(Call(context, line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).TrimEnd());
        }

        return answers;
    }

    private string Call(CallContext context, string[] words) => words[0] switch
    {
        "socket" or "pair" or "pipe" or "epoll" or "accept" => Make(context, words),
        "bind" or "connect" or "listen" or "shutdown" or "close" or "port" or "getname" or "getpeer" or "getopt" or "setopt"
            or "join" or "leave" or "multicast" or "block" or "connectcut" or "disconnect"
            => Manage(context, words),
        "poll" or "wait" or "ctl" or "ewait" => Wait(context, words),
        "select" => Select(context, words),
        "file" or "open" or "seek" or "at" or "sendfile" or "sendall" => MoveFile(context, words),
        _ => Move(context, words),
    };

    private string Make(CallContext context, string[] words)
    {
        switch (words[0])
        {
            case "socket":
                AddressFamily family = words[2] switch { "inet" => AddressFamily.InterNetwork, "inet6" => AddressFamily.InterNetworkV6, "unix" => AddressFamily.Unix, _ => (AddressFamily)99 };
                int protocol = words.Length > 4 ? int.Parse(words[4]) : 0;
                Reply<int, Errno> made = system.MakeSocket(context, family, Kind(words[3]), OpenFlags.NonBlock, protocol);
                files[words[1]] = made.Value;
                return Text(made.Error, "");
            case "pair":
                Reply<SocketPair, Errno> pair = system.MakeSocketPair(context, AddressFamily.Unix, Kind(words[3]), OpenFlags.NonBlock, 0);
                (files[words[1]], files[words[2]]) = (pair.Value.First, pair.Value.Second);
                return Text(pair.Error, "");
            case "pipe":
                Reply<PipeEnds, Errno> ends = system.MakePipe(context, OpenFlags.NonBlock);
                (files[words[1]], files[words[2]]) = (ends.Value.ReadEnd, ends.Value.WriteEnd);
                return Text(ends.Error, "");
            case "epoll":
                Reply<int, Errno> poll = system.MakeEventPoll(context, OpenFlags.ReadOnly);
                files[words[1]] = poll.Value;
                return Text(poll.Error, "");
            default:
                byte[] name = new byte[SocketNames.UnixBytesMax];
                Reply<int, Errno> accepted = system.Accept(context, File(words[2]), name, OpenFlags.NonBlock, out int length);
                files[words[1]] = accepted.Value;
                return Text(accepted.Error, accepted.IsOk ? Shown(name.AsSpan(0, length)) : "");
        }
    }

    private string Manage(CallContext context, string[] words)
    {
        int file = File(words[1]);
        byte[] name = new byte[SocketNames.UnixBytesMax];
        switch (words[0])
        {
            case "bind":
                return Text(system.Bind(context, file, Name(words[2])).Error, "");
            case "connect":
                return Text(system.Connect(context, file, Name(words[2])).Error, "");
            case "connectcut":
                return Text(system.Connect(context, file, Name(words[2]).AsSpan(0, int.Parse(words[3]))).Error, "");
            case "disconnect":
                return Text(system.Connect(context, file, new byte[SocketNames.InternetBytes]).Error, "");
            case "listen":
                return Text(system.Listen(context, file, int.Parse(words[2])).Error, "");
            case "shutdown":
                ShutdownHow how = words[2] switch { "rd" => ShutdownHow.Receive, "wr" => ShutdownHow.Send, _ => ShutdownHow.Both };
                return Text(system.Shutdown(context, file, how).Error, "");
            case "close":
                files.Remove(words[1]);
                return Text(system.Close(context, file).Error, "");
            case "port":
                Reply<int, Errno> own = system.GetSocketName(context, file, name);
                ports[words[2]] = SocketNames.TryRead(name.AsSpan(0, own.Value), out SocketAddress address) ? address.Port : (ushort)0;
                return Text(own.Error, "");
            case "getname" or "getpeer":
                Reply<int, Errno> reply = words[0] == "getname"
                    ? system.GetSocketName(context, file, name)
                    : system.GetPeerName(context, file, name);
                return Text(reply.Error, reply.IsOk ? Shown(name.AsSpan(0, reply.Value)) : "");
            case "getopt":
                Reply<long, Errno> value = system.GetSocketOption(context, file, Options[words[2]]);
                bool isError = value.IsOk && words[2] == "error" && value.Value != 0;
                return isError ? $"!{(Errno)value.Value}" : Text(value.Error, (value.Value / MicrosOf(words[2])).ToString());
            case "join" or "leave":
                IpAddress group = IpAddress.FromV4(239, 7, 7, 7);
                return Text(system.ChangeGroup(context, file, group, int.Parse(words[2]), isLeft: words[0] == "leave").Error, "");
            case "multicast":
                return Text(system.SetSocketOption(context, file, SocketOption.MulticastLink, long.Parse(words[2])).Error, "");
            case "block":
                return Text(system.Control(context, file, DescriptorCommand.SetStatusFlags, 0).Error, "");
            default:
                long wanted = long.Parse(words[3]) * MicrosOf(words[2]);
                return Text(system.SetSocketOption(context, file, Options[words[2]], wanted).Error, "");
        }
    }

    private string Move(CallContext context, string[] words)
    {
        int file = File(words[1]);
        byte[] buffer = new byte[65_536];
        byte[] name = new byte[SocketNames.UnixBytesMax];
        switch (words[0])
        {
            case "send":
                return Text(system.Send(context, file, PosixRig.Bytes(words[2].Replace("EMPTY", ""))));
            case "sendoob":
                return Text(system.Send(context, file, PosixRig.Bytes(words[2]), SocketFlags.OutOfBand));
            case "sendfd":
                return Text(system.SendDescriptors(
                    context, file, PosixRig.Bytes(words[2]), SocketFlags.None, words[3..].Select(File).ToArray()));
            case "recvfd":
                int[] passed = new int[words.Length - 3];
                Reply<int, Errno> data = system.ReceiveDescriptors(
                    context, file, buffer.AsSpan(0, int.Parse(words[2])), name, SocketFlags.None, passed, out MessageInfo info);
                for (int index = 0; index < info.DescriptorCount; index++)
                {
                    files[words[3 + index]] = passed[index];
                }

                string cut = info.IsControlTruncated ? " cut" : "";
                return data.IsOk ? $"ok {PosixRig.Text(buffer[..data.Value])} {info.DescriptorCount}{cut}" : Text(data.Error, "");
            case "sendto":
                return Text(system.Send(context, file, PosixRig.Bytes(words[2].Replace("EMPTY", "")), Name(words[3]), SocketFlags.None));
            case "big":
                return Text(system.Send(context, file, new byte[int.Parse(words[2])]));
            case "write":
                return Text(system.Write(context, file, PosixRig.Bytes(words[2])));
            case "read":
                return Shown(system.Read(context, file, buffer.AsSpan(0, int.Parse(words[2]))), buffer);
            case "fill":
                Reply<int, Errno> sent = system.Send(context, file, buffer.AsSpan(0, 4_096));
                while (sent.IsOk)
                {
                    sent = system.Send(context, file, buffer.AsSpan(0, 4_096));
                }

                return sent.Error == Errno.TryAgain ? "ok full" : Text(sent.Error, "");
            case "drain":
                Reply<int, Errno> drained = system.Receive(context, file, buffer);
                while (drained.IsOk && drained.Value > 0)
                {
                    drained = system.Receive(context, file, buffer);
                }

                return drained.IsOk ? "ok end" : drained.Error == Errno.TryAgain ? "ok empty" : Text(drained.Error, "");
            case "length":
                return Text(system.Receive(context, file, buffer.AsSpan(0, int.Parse(words[2])), SocketFlags.Truncate));
            case "recvfrom":
                Reply<int, Errno> from = system.Receive(
                    context, file, buffer.AsSpan(0, int.Parse(words[2])), name, SocketFlags.None, out MessageInfo message);
                string source = message.NameLength == 0 ? "nobody" : Shown(name.AsSpan(0, message.NameLength));
                return from.IsOk ? $"ok {PosixRig.Text(buffer[..from.Value])} {source}" : Text(from.Error, "");
            default:
                SocketFlags flags = words.ElementAtOrDefault(3) switch
                {
                    "peek" => SocketFlags.Peek,
                    "waitall" => SocketFlags.WaitAll,
                    "oob" => SocketFlags.OutOfBand,
                    _ => SocketFlags.None,
                };
                return Shown(system.Receive(context, file, buffer.AsSpan(0, int.Parse(words[2])), flags), buffer);
        }
    }

    private string Select(CallContext context, string[] words)
    {
        string[][] names = [.. words[1..4].Select(one => one.Split(',').Where(name => name != "-").ToArray())];
        ulong[][] sets = [.. names.Select(one => new[] { 0UL, 0UL })];
        foreach ((string[] wanted, ulong[] set) in names.Zip(sets))
        {
            foreach (int file in wanted.Select(File))
            {
                set[file / 64] |= 1UL << (file % 64);
            }
        }

        Reply<int, Errno> reply = system.Select(context, sets[0], sets[1], sets[2], long.Parse(words[4]) * 1_000);
        IEnumerable<string> shown = names.Zip(sets, (wanted, set) => wanted.Where(name => (set[File(name) / 64] >> (File(name) % 64) & 1) != 0))
            .Select(left => string.Join(',', left.Order(StringComparer.Ordinal)))
            .Select(text => text.Length == 0 ? "-" : text);
        return Text(reply.Error, string.Join(' ', shown));
    }

    private string Wait(CallContext context, string[] words)
    {
        switch (words[0])
        {
            case "ctl":
                string[] how = words.Length > 4 ? words[4].Split(',') : [];
                var entry = new EventPollEntry
                {
                    Events = Bits(how),
                    Flags = (how.Contains("et") ? EventPollFlags.EdgeTriggered : 0) | (how.Contains("oneshot") ? EventPollFlags.OneShot : 0),
                    Data = (ulong)File(words[3]),
                };
                EventPollCommand command = words[2] switch
                {
                    "add" => EventPollCommand.Add,
                    "mod" => EventPollCommand.Modify,
                    _ => EventPollCommand.Delete,
                };
                return Text(system.ControlEventPoll(context, File(words[1]), command, File(words[3]), entry).Error, "");
            case "ewait":
                var entries = new EventPollEntry[16];
                Reply<int, Errno> count = system.WaitEventPoll(context, File(words[1]), entries, 0);
                IEnumerable<string> told = entries.Take(count.Value)
                    .Select(one => files.First(file => file.Value == (int)one.Data).Key + "=" + Names(one.Events)).Order(StringComparer.Ordinal);
                return Text(count.Error, string.Join(' ', told));
            default:
                PollEntry[] polled = [new() { Descriptor = File(words[1]), Events = Bits(words[2].Split(',')) }];
                Reply<int, Errno> reply = system.Poll(context, polled, words[0] == "wait" ? 10_000_000 : 0);
                return Text(reply.Error, Names(polled[0].Returned));
        }
    }

    /// <summary>The unit of an option: Linux has seconds and milliseconds.</summary>
    private static long MicrosOf(string option) => option switch
    {
        "keepidle" or "keepintvl" => 1_000_000,
        "usertimeout" or "rcvtimeo" or "sndtimeo" => 1_000,
        _ => 1,
    };

    private static SocketKind Kind(string word) => word switch
    {
        "stream" => SocketKind.Stream,
        "dgram" => SocketKind.Datagram,
        "raw" => SocketKind.Raw,
        _ => (SocketKind)9,
    };

    private static SocketEvents Bits(string[] words) =>
        Events.Where(one => words.Contains(one.Name)).Aggregate(SocketEvents.None, (bits, one) => bits | one.Event);

    private static string Names(SocketEvents events)
    {
        string[] names = [.. Events.Where(one => (events & one.Event) != 0).Select(one => one.Name)];
        return names.Length == 0 ? "none" : string.Join(',', names);
    }

    private static string Text(Reply<int, Errno> reply) => Text(reply.Error, reply.Value.ToString());

    private static string Text(Errno error, string value) => error == Errno.None ? $"ok {value}".TrimEnd() : $"!{error}";

    private static string Shown(Reply<int, Errno> reply, byte[] buffer) =>
        Text(reply.Error, reply.IsOk ? PosixRig.Text(buffer[..reply.Value]) : "");

    private int File(string name) => files.TryGetValue(name, out int file) ? file : int.TryParse(name, out int number) ? number : -1;

    private byte[] Name(string text)
    {
        string[] parts = text.Split(':');
        IpAddress address = parts[0] switch
        {
            "any" => IpAddress.AnyV4,
            "two" => IpAddress.FromV4(127, 0, 0, 2),
            "far" => IpAddress.FromV4(192, 0, 2, 77),
            "grp" => IpAddress.FromV4(239, 7, 7, 7),
            "lo6" => IpAddress.LoopbackV6,
            "any6" => IpAddress.AnyV6,
            "far6" => new IpAddress(0x2001_0DB8_0000_0000, 77),
            "link6" => new IpAddress(0xFE80_0000_0000_0000, 1),
            _ => IpAddress.FromV4(127, 0, 0, 1),
        };
        return parts[0] switch
        {
            "unix" => SocketNames.OfPath(PosixRig.Bytes(parts[1])),
            "abs" => SocketNames.OfPath(PosixRig.Bytes("\0" + parts[1])),
            _ => SocketNames.Of(
                new SocketAddress(address, ports.TryGetValue(parts[1], out ushort port) ? port : ushort.Parse(parts[1])),
                parts[0].EndsWith('6') || parts[0] == "map" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork),
        };
    }

    private string Shown(ReadOnlySpan<byte> name)
    {
        if (SocketNames.TryRead(name, out SocketAddress address))
        {
            string variable = ports.FirstOrDefault(one => one.Value == address.Port).Key ?? (address.Port == 0 ? "0" : "some");
            string mapped = address.Address.IsV4 && SocketNames.FamilyOf(name) == AddressFamily.InterNetworkV6 ? "::ffff:" : "";
            return $"{mapped}{address.Address}:{variable}";
        }

        string text = PosixRig.Text(name[SocketNames.FamilyBytes..].ToArray());
        return text.StartsWith('\0') ? "abs" : "unix:" + text.TrimEnd('\0');
    }
}
