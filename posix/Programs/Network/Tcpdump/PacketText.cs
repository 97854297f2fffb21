using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network.Tcpdump;

/// <summary>A line for each packet, in the form of tcpdump -n of Linux. What it does not know it names by its number.</summary>
internal sealed class PacketText(bool isAbsolute)
{
    private const int FlowsMax = 4_096;
    private const byte Fin = 1;
    private const byte Syn = 2;
    private const byte Rst = 4;
    private const byte Ack = 16;
    private const byte Urg = 32;

    /// <summary>The first sequence numbers of conversations: of the end that was seen first, and of the other.</summary>
    private readonly Dictionary<(IpAddress, ushort, IpAddress, ushort), (uint First, uint Second)> flows = [];

    public string Describe(PacketView packet)
    {
        if (packet.Type == PacketView.TypeArp && packet.HasAddresses)
        {
            return DescribeArp(packet);
        }

        if (!packet.HasAddresses)
        {
            return $"ethertype 0x{packet.Type:x4}, length {packet.FullBytes}";
        }

        string version = packet.Type == PacketView.TypeIpv6 ? "IP6" : "IP";
        string source = packet.HasPorts ? $"{packet.Source}.{packet.SourcePort}" : packet.Source.ToString();
        string destination = packet.HasPorts ? $"{packet.Destination}.{packet.DestinationPort}" : packet.Destination.ToString();
        return $"{version} {source} > {destination}: {DescribeTransport(packet)}";
    }

    private string DescribeTransport(PacketView packet) => packet.Protocol switch
    {
        PacketView.Tcp when packet.From(packet.TransportOffset).Length >= 20 && !packet.IsLaterFragment => DescribeTcp(packet),
        PacketView.Udp when !packet.IsLaterFragment => $"UDP, length {packet.TransportBytes - 8}",
        PacketView.Icmp when !packet.IsLaterFragment => DescribeIcmp(packet),
        PacketView.Icmpv6 => DescribeIcmpv6(packet),
        _ => $"ip-proto-{packet.Protocol} {packet.TransportBytes}",
    };

    private static string DescribeArp(PacketView packet)
    {
        ReadOnlySpan<byte> arp = packet.From(packet.NetworkOffset);
        int lengthBytes = packet.FullBytes - packet.NetworkOffset;
        return arp[7] == 1
            ? $"ARP, Request who-has {packet.Destination} tell {packet.Source}, length {lengthBytes}"
            : $"ARP, Reply {packet.Source} is-at {MacAddress.From(arp[8..])}, length {lengthBytes}";
    }

    private static string DescribeIcmp(PacketView packet)
    {
        ReadOnlySpan<byte> message = packet.From(packet.TransportOffset);
        if (message.Length >= 8 && message[0] is 0 or 8)
        {
            string kind = message[0] == 8 ? "request" : "reply";
            ushort id = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
            ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
            return $"ICMP echo {kind}, id {id}, seq {sequence}, length {packet.TransportBytes}";
        }

        if (message.Length >= 8 + 24 && message[0] == 3 && message[1] == 3)
        {
            ReadOnlySpan<byte> quoted = message[8..];
            int headerBytes = (quoted[0] & 15) * 4;
            if (quoted.Length >= headerBytes + 4 && quoted[9] is PacketView.Udp or PacketView.Tcp)
            {
                string protocol = quoted[9] == PacketView.Udp ? "udp" : "tcp";
                ushort port = BinaryPrimitives.ReadUInt16BigEndian(quoted[(headerBytes + 2)..]);
                return $"ICMP {IpAddress.From(quoted.Slice(16, 4))} {protocol} port {port} unreachable, length {packet.TransportBytes}";
            }
        }

        return message.Length < 2 ? "ICMP" : $"ICMP type-{message[0]}, length {packet.TransportBytes}";
    }

    private static string DescribeIcmpv6(PacketView packet)
    {
        ReadOnlySpan<byte> message = packet.From(packet.TransportOffset);
        return message.Length >= 8 && message[0] is 128 or 129
            ? $"ICMP6, echo {(message[0] == 128 ? "request" : "reply")}, id {BinaryPrimitives.ReadUInt16BigEndian(message[4..])}, "
                + $"seq {BinaryPrimitives.ReadUInt16BigEndian(message[6..])}, length {packet.TransportBytes}"
            : message.Length == 0 ? "ICMP6" : $"ICMP6, type-{message[0]}, length {packet.TransportBytes}";
    }

    private string DescribeTcp(PacketView packet)
    {
        ReadOnlySpan<byte> segment = packet.From(packet.TransportOffset);
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]);
        uint acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(segment[8..]);
        int headerBytes = (segment[12] >> 4) * 4;
        byte flags = segment[13];
        int lengthBytes = packet.TransportBytes - headerBytes;
        MakeRelative(packet, flags, ref sequence, ref acknowledgment);
        string text = $"Flags [{FlagsOf(flags)}]";
        if (lengthBytes > 0 || (flags & (Syn | Fin | Rst)) != 0)
        {
            text += lengthBytes > 0 ? $", seq {sequence}:{sequence + (uint)lengthBytes}" : $", seq {sequence}";
        }

        text += (flags & Ack) != 0 ? $", ack {acknowledgment}" : "";
        text += $", win {BinaryPrimitives.ReadUInt16BigEndian(segment[14..])}";
        text += (flags & Urg) != 0 ? $", urg {BinaryPrimitives.ReadUInt16BigEndian(segment[18..])}" : "";
        if (headerBytes > 20 && segment.Length >= headerBytes)
        {
            text += $", options [{TcpOptionText.Describe(segment[20..headerBytes], isAbsolute ? 0 : SackBase(packet, flags))}]";
        }

        return $"{text}, length {lengthBytes}";
    }

    /// <summary>Numbers count from the first that was seen of each end; those of a SYN are told as they are.</summary>
    private void MakeRelative(PacketView packet, byte flags, ref uint sequence, ref uint acknowledgment)
    {
        if (isAbsolute)
        {
            return;
        }

        var key = (packet.Source, packet.SourcePort, packet.Destination, packet.DestinationPort);
        var reverse = (packet.Destination, packet.DestinationPort, packet.Source, packet.SourcePort);
        bool isReverse = flows.TryGetValue(reverse, out (uint First, uint Second) bases);
        bool isKnown = isReverse || flows.TryGetValue(key, out bases);
        if (isKnown && (flags & Syn) == 0)
        {
            sequence -= isReverse ? bases.Second : bases.First;
            acknowledgment -= isReverse ? bases.First : bases.Second;
            return;
        }

        if (flows.Count == FlowsMax)
        {
            flows.Clear();
        }

        flows[isReverse ? reverse : key] = isReverse ? (acknowledgment - 1, sequence) : (sequence, acknowledgment - 1);
    }

    /// <summary>SACKs are of the other end's numbers.</summary>
    private uint SackBase(PacketView packet, byte flags)
    {
        var key = (packet.Source, packet.SourcePort, packet.Destination, packet.DestinationPort);
        var reverse = (packet.Destination, packet.DestinationPort, packet.Source, packet.SourcePort);
        return (flags & Syn) != 0 ? 0
            : flows.TryGetValue(key, out (uint First, uint Second) own) ? own.Second
            : flows.TryGetValue(reverse, out (uint First, uint Second) other) ? other.First
            : 0;
    }

    private static string FlagsOf(byte flags)
    {
        const string Letters = "FSRP.UEW";
        string text = "";
        for (int bit = 0; bit < Letters.Length; bit++)
        {
            text += (flags & (1 << bit)) != 0 ? Letters[bit].ToString() : "";
        }

        return text.Length == 0 ? "none" : text;
    }
}
