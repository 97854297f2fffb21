using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// What an error message quotes of a packet of this host: whose it was. It may be cut short, so lengths and checksums are not looked
/// at.
/// </summary>
internal struct QuotedPacket
{
    internal FlowKey Flow;
    internal byte Protocol;

    /// <summary>The sequence number, of TCP.</summary>
    internal uint Sequence;

    /// <summary>Reads as much of TCP or UDP as RFC 792 has quoted; false for other protocols and shorter quotes.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> quoted, out QuotedPacket packet)
    {
        packet = default;
        if (!TryParseAddresses(quoted, out IpAddress source, out IpAddress destination, out int headerBytes, out packet.Protocol)
            || quoted.Length < headerBytes + IcmpSpec.QuotedPayloadBytes
            || packet.Protocol is not (Ipv4Header.ProtocolTcp or Ipv4Header.ProtocolUdp))
        {
            return false;
        }

        ReadOnlySpan<byte> transport = quoted[headerBytes..];
        packet.Flow = new FlowKey(
            source,
            BinaryPrimitives.ReadUInt16BigEndian(transport),
            destination,
            BinaryPrimitives.ReadUInt16BigEndian(transport[2..]));
        packet.Sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[4..]);
        return true;
    }

    private static bool TryParseAddresses(
        ReadOnlySpan<byte> quoted, out IpAddress source, out IpAddress destination, out int headerBytes, out byte protocol)
    {
        (source, destination, headerBytes, protocol) = (default, default, 0, 0);
        if (quoted.Length >= Ipv6Header.LengthBytes && quoted[0] >> 4 == 6)
        {
            source = IpAddress.From(quoted.Slice(8, 16));
            destination = IpAddress.From(quoted.Slice(24, 16));
            protocol = ExtensionHeaders.FindTransport(quoted, out headerBytes);
            return headerBytes > 0 && !source.IsV4 && !destination.IsV4;
        }

        if (quoted.Length < Ipv4Header.LengthBytes || quoted[0] >> 4 != 4)
        {
            return false;
        }

        source = IpAddress.From(quoted.Slice(12, 4));
        destination = IpAddress.From(quoted.Slice(16, 4));
        protocol = quoted[9];
        headerBytes = (quoted[0] & 15) * 4;
        return headerBytes >= Ipv4Header.LengthBytes;
    }
}
