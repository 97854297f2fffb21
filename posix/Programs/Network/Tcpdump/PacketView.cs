using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network.Tcpdump;

/// <summary>A frame as filters and output see it: what its headers say, read once.</summary>
internal sealed class PacketView
{
    public const ushort TypeIpv4 = 0x0800;
    public const ushort TypeArp = 0x0806;
    public const ushort TypeVlan = 0x8100;
    public const ushort TypeIpv6 = 0x86DD;
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte Icmpv6 = 58;

    private const int EthernetBytes = 14;
    private const int TagBytes = 4;
    private const int Ipv4Bytes = 20;
    private const int Ipv6Bytes = 40;

    private readonly byte[] frame;

    public PacketView(byte[] frame, int fullBytes)
    {
        this.frame = frame;
        FullBytes = fullBytes;
        if (frame.Length < EthernetBytes)
        {
            return;
        }

        int offset = EthernetBytes;
        Type = Word(EthernetBytes - 2);
        if (Type == TypeVlan && frame.Length >= EthernetBytes + TagBytes)
        {
            Type = Word(EthernetBytes + 2);
            offset += TagBytes;
        }

        NetworkOffset = offset;
        ReadNetwork();
        if (Protocol is Tcp or Udp && !IsLaterFragment && frame.Length >= TransportOffset + 4)
        {
            (SourcePort, DestinationPort) = (Word(TransportOffset), Word(TransportOffset + 2));
        }
    }

    /// <summary>Bytes that the frame had on the link.</summary>
    public int FullBytes { get; }

    public ushort Type { get; private set; }

    public int NetworkOffset { get; private set; }

    public IpAddress Source { get; private set; }

    public IpAddress Destination { get; private set; }

    /// <summary>Whether <see cref="Source"/> and <see cref="Destination"/> were there: in a packet of IP, or of ARP.</summary>
    public bool HasAddresses { get; private set; }

    /// <summary>The protocol above IP; 0 when there is none.</summary>
    public byte Protocol { get; private set; }

    public int TransportOffset { get; private set; }

    /// <summary>Bytes of the transport's header and payload, by the IP header.</summary>
    public int TransportBytes { get; private set; }

    public bool IsLaterFragment { get; private set; }

    public ushort SourcePort { get; private set; }

    public ushort DestinationPort { get; private set; }

    public bool HasPorts => Protocol is Tcp or Udp && !IsLaterFragment;

    public ReadOnlySpan<byte> From(int offset) => frame.AsSpan(Math.Min(offset, frame.Length));

    private ushort Word(int offset) => BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(offset));

    private void ReadNetwork()
    {
        ReadOnlySpan<byte> packet = From(NetworkOffset);
        if (Type == TypeIpv4 && packet.Length >= Ipv4Bytes)
        {
            int headerBytes = (packet[0] & 15) * 4;
            (Source, Destination, HasAddresses) = (IpAddress.From(packet.Slice(12, 4)), IpAddress.From(packet.Slice(16, 4)), true);
            (Protocol, TransportOffset) = (packet[9], NetworkOffset + headerBytes);

            // A packet that the device still has to cut has no length yet.
            int totalBytes = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
            TransportBytes = (totalBytes == 0 ? FullBytes - NetworkOffset : totalBytes) - headerBytes;
            IsLaterFragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1FFF) != 0;
        }
        else if (Type == TypeIpv6 && packet.Length >= Ipv6Bytes)
        {
            (Source, Destination, HasAddresses) = (IpAddress.From(packet.Slice(8, 16)), IpAddress.From(packet.Slice(24, 16)), true);
            (Protocol, TransportOffset) = (packet[6], NetworkOffset + Ipv6Bytes);
            TransportBytes = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        }
        else if (Type == TypeArp && packet.Length >= 28)
        {
            (Source, Destination, HasAddresses) = (IpAddress.From(packet.Slice(14, 4)), IpAddress.From(packet.Slice(24, 4)), true);
        }
    }
}
