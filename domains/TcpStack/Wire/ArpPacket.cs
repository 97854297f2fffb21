using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>An ARP packet for IPv4 over Ethernet (RFC 826).</summary>
internal struct ArpPacket
{
    internal const int LengthBytes = 28;

    internal const ushort Request = 1;
    internal const ushort Answer = 2;

    private const ushort HardwareEthernet = 1;

    internal ushort Operation;
    internal MacAddress SenderMac;
    internal IpAddress SenderAddress;
    internal MacAddress TargetMac;
    internal IpAddress TargetAddress;

    /// <summary>Reads the packet; false when it is too short or for other kinds of addresses.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out ArpPacket packet)
    {
        packet = default;
        if (bytes.Length < LengthBytes
            || BinaryPrimitives.ReadUInt16BigEndian(bytes) != HardwareEthernet
            || BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) != EthernetHeader.TypeIpv4
            || bytes[4] != MacAddress.LengthBytes || bytes[5] != 4)
        {
            return false;
        }

        packet.Operation = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        packet.SenderMac = MacAddress.From(bytes[8..]);
        packet.SenderAddress = IpAddress.From(bytes.Slice(14, 4));
        packet.TargetMac = MacAddress.From(bytes[18..]);
        packet.TargetAddress = IpAddress.From(bytes.Slice(24, 4));
        return packet.Operation is Request or Answer;
    }

    /// <summary>Writes <see cref="LengthBytes"/> bytes.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, HardwareEthernet);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], EthernetHeader.TypeIpv4);
        bytes[4] = MacAddress.LengthBytes;
        bytes[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], Operation);
        SenderMac.CopyTo(bytes[8..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[14..], SenderAddress.V4);
        TargetMac.CopyTo(bytes[18..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[24..], TargetAddress.V4);
    }

    public override readonly string ToString() =>
        Operation == Request ? $"who-has {TargetAddress} tell {SenderAddress}" : $"{SenderAddress} is-at {SenderMac}";
}
