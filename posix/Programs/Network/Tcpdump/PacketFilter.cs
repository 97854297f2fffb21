using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network.Tcpdump;

/// <summary>
/// Filters in the words of pcap-filter(7): tcp, udp, icmp, icmp6, arp, ip, ip6, host, net, port, each of the latter three behind src or dst;
/// and, or, not, parentheses. Words without and between them are both to hold.
/// </summary>
internal sealed class PacketFilter
{
    /// <summary>Parentheses and negations inside each other.</summary>
    private const int DepthMax = 32;

    private readonly List<string> words;
    private int position;

    private PacketFilter(List<string> words) => this.words = words;

    private string? Next => position < words.Count ? words[position] : null;

    /// <summary>Makes a filter of words; null, and what is wrong, when they are none.</summary>
    public static Func<PacketView, bool>? Parse(List<string> words, out string? error)
    {
        error = null;
        if (words.Count == 0)
        {
            return _ => true;
        }

        var parser = new PacketFilter(Split(words));
        Func<PacketView, bool>? filter = parser.ParseAll(0);
        if (filter is null || parser.Next is not null)
        {
            error = $"syntax error in filter expression at '{parser.Next ?? "its end"}'";
            return null;
        }

        return filter;
    }

    /// <summary>Shells hand over parentheses with the words beside them.</summary>
    private static List<string> Split(List<string> words)
    {
        var split = new List<string>();
        foreach (string word in words)
        {
            foreach (string part in word.Replace("(", " ( ").Replace(")", " ) ").Replace("!", " ! ").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                split.Add(part);
            }
        }

        return split;
    }

    private bool Take(string word, string other)
    {
        bool isThere = Next == word || Next == other;
        position += isThere ? 1 : 0;
        return isThere;
    }

    /// <summary>And binds as or does, from the left (pcap-filter(7)); words beside each other are both meant.</summary>
    private Func<PacketView, bool>? ParseAll(int depth)
    {
        Func<PacketView, bool>? left = ParseOne(depth);
        while (left is not null && Next is not (null or ")"))
        {
            bool isOr = Take("or", "||");
            _ = isOr || Take("and", "&&");
            Func<PacketView, bool> one = left;
            Func<PacketView, bool>? two = ParseOne(depth);
            left = two is null ? null
                : isOr ? packet => one(packet) || two(packet)
                : packet => one(packet) && two(packet);
        }

        return left;
    }

    private Func<PacketView, bool>? ParseOne(int depth)
    {
        if (depth == DepthMax)
        {
            return null;
        }

        if (Take("not", "!"))
        {
            Func<PacketView, bool>? negated = ParseOne(depth + 1);
            return negated is null ? null : packet => !negated(packet);
        }

        if (Take("(", "("))
        {
            Func<PacketView, bool>? inner = ParseAll(depth + 1);
            return inner is not null && Take(")", ")") ? inner : null;
        }

        return ParsePrimitive();
    }

    private Func<PacketView, bool>? ParsePrimitive()
    {
        string? word = Next;
        position++;
        switch (word)
        {
            case "tcp":
                return packet => packet.Protocol == PacketView.Tcp;
            case "udp":
                return packet => packet.Protocol == PacketView.Udp;
            case "icmp":
                return packet => packet.Type == PacketView.TypeIpv4 && packet.Protocol == PacketView.Icmp;
            case "icmp6":
                return packet => packet.Type == PacketView.TypeIpv6 && packet.Protocol == PacketView.Icmpv6;
            case "arp":
                return packet => packet.Type == PacketView.TypeArp;
            case "ip":
                return packet => packet.Type == PacketView.TypeIpv4;
            case "ip6":
                return packet => packet.Type == PacketView.TypeIpv6;
            case "src":
                return ParseEnd(isSource: true, isDestination: false);
            case "dst":
                return ParseEnd(isSource: false, isDestination: true);
            default:
                position--;
                return ParseEnd(isSource: true, isDestination: true);
        }
    }

    /// <summary>A condition on one end, or on either.</summary>
    private Func<PacketView, bool>? ParseEnd(bool isSource, bool isDestination)
    {
        string? kind = Next;
        bool isNamed = kind is "host" or "net" or "port";
        position += isNamed ? 1 : 0;
        string? value = Next;
        position++;
        if (kind == "port")
        {
            return value is not null && SocketText.TryParsePort(value, out ushort port)
                ? packet => packet.HasPorts
                    && ((isSource && packet.SourcePort == port) || (isDestination && packet.DestinationPort == port))
                : null;
        }

        // "src ADDRESS" is "src host ADDRESS".
        bool isHost = kind == "host" || (!isNamed && !(isSource && isDestination));
        return (isHost || kind == "net") && IpArguments.TryParseNetwork(value, out IpAddress address, out int bits)
            ? packet => packet.HasAddresses && ((isSource && packet.Source.IsIn(address, bits))
                || (isDestination && packet.Destination.IsIn(address, bits)))
            : null;
    }
}
