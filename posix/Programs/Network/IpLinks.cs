using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary><c>ip link</c>: shows links, changes them, makes and removes those of VLANs.</summary>
internal static class IpLinks
{
    private const int VlanIdentifierMax = 4094;

    internal static int Run(Libc libc, string verb, IpArguments arguments, bool showsCounters, bool showsDetails) => verb switch
    {
        "show" or "list" or "ls" => ShowAll(libc, arguments.ValueOf("dev") ?? arguments.First, showsCounters, showsDetails),
        "set" => Change(libc, arguments),
        "add" => Add(libc, arguments),
        "del" or "delete" => Delete(libc, arguments),
        _ => libc.ComplainUsage($"Command \"{verb}\" is unknown, try \"ip link help\"."),
    };

    internal static void Show(Libc libc, LinkInfo[] links, in LinkInfo link)
    {
        bool isLoopback = (link.Flags & LinkFlags.Loopback) != 0;
        bool isUp = (link.Flags & LinkFlags.Up) != 0;
        bool isRunning = (link.Flags & LinkFlags.Running) != 0;
        string kinds = (isUp && !isRunning ? "NO-CARRIER," : "") + (isLoopback ? "LOOPBACK" : "BROADCAST,MULTICAST")
            + (isUp ? ",UP" : "") + (isRunning ? ",LOWER_UP" : "");
        string state = isLoopback ? "UNKNOWN" : isRunning ? "UP" : "DOWN";
        string below = link.BelowIndex == 0 ? "" : $"@{IpProgram.NameOf(links, link.BelowIndex)}";
        libc.PrintLine($"{link.Index}: {link.Name}{below}: <{kinds}> mtu {link.MtuBytes} state {state}");
        libc.PrintLine(isLoopback
            ? "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00"
            : $"    link/ether {link.Mac} brd ff:ff:ff:ff:ff:ff");
    }

    private static int ShowAll(Libc libc, string? name, bool showsCounters, bool showsDetails)
    {
        if (IpProgram.IndexOf(libc, name) < 0 || !IpProgram.TryListLinks(libc, out LinkInfo[] links))
        {
            return 1;
        }

        foreach (LinkInfo link in links)
        {
            if (name is not null && link.Name.ToString() != name)
            {
                continue;
            }

            Show(libc, links, in link);
            if (showsDetails && link.VlanIdentifier != 0)
            {
                libc.PrintLine($"    vlan protocol 802.1Q id {link.VlanIdentifier}");
            }

            if (showsCounters)
            {
                LinkCounters counted = link.Counters;
                libc.PrintLine($"    RX: bytes {counted.ReceivedBytes} packets {counted.ReceivedPackets} dropped {counted.ReceivedDropped}");
                libc.PrintLine($"    TX: bytes {counted.SentBytes} packets {counted.SentPackets} dropped {counted.SentDropped}");
            }
        }

        return 0;
    }

    private static int Change(Libc libc, IpArguments arguments)
    {
        string? name = arguments.ValueOf("dev") ?? arguments.First;
        int index = name is not null ? IpProgram.IndexOf(libc, name) : 0;
        if (index <= 0)
        {
            return index < 0 ? 1 : libc.ComplainUsage("usage: ip link set NAME {up|down|mtu BYTES}");
        }

        var changed = new LinkInfo { Index = index, Flags = arguments.Has("up") ? LinkFlags.Up : LinkFlags.None };
        LinkChanges changes = arguments.Has("up") || arguments.Has("down") ? LinkChanges.Up : LinkChanges.None;
        if (arguments.ValueOf("mtu") is { } mtu)
        {
            if (!SocketText.TryParseNumber(mtu, int.MaxValue, out changed.MtuBytes))
            {
                return libc.ComplainUsage($"Invalid \"mtu\" value: {mtu}");
            }

            changes |= LinkChanges.Mtu;
        }

        return IpProgram.Finish(libc, libc.System.ChangeLink(libc.Context, in changed, changes));
    }

    private static int Add(Libc libc, IpArguments arguments)
    {
        string? name = arguments.ValueOf("name") ?? arguments.First;
        if (name is null or "link" || name.Length > LinkName.LengthMax || arguments.ValueOf("type") != "vlan"
            || !SocketText.TryParseNumber(arguments.ValueOf("id") ?? "", VlanIdentifierMax, out int identifier))
        {
            return libc.ComplainUsage("usage: ip link add link LINK name NAME type vlan id 1..4094");
        }

        int below = IpProgram.IndexOf(libc, arguments.ValueOf("link"));
        if (below <= 0)
        {
            return below < 0 ? 1 : libc.ComplainUsage("usage: ip link add link LINK name NAME type vlan id 1..4094");
        }

        var added = new LinkInfo { Name = LinkName.From(name), BelowIndex = below, VlanIdentifier = (ushort)identifier };
        Reply<int, Errno> reply = libc.System.AddLink(libc.Context, in added);
        return IpProgram.Finish(libc, reply.IsOk ? default(Unit) : Errors.Of(reply));
    }

    private static int Delete(Libc libc, IpArguments arguments)
    {
        string? name = arguments.ValueOf("dev") ?? arguments.First;
        int index = name is null ? 0 : IpProgram.IndexOf(libc, name);
        return index switch
        {
            < 0 => 1,
            0 => libc.ComplainUsage("usage: ip link del NAME"),
            _ => IpProgram.Finish(libc, libc.System.RemoveLink(libc.Context, index)),
        };
    }
}
