using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>The fixed header of an IPv6 packet (RFC 8200 section 3).</summary>
internal struct Ipv6Header
{
    internal const int LengthBytes = 40;
    internal const int PayloadBytesMax = 65_535;

    /// <summary>Where fields lie, for those who complain of them.</summary>
    internal const int PayloadOffset = 4;
    internal const int NextHeaderOffset = 6;

    // Next headers (RFC 8200 section 4, RFC 4443 section 1).
    internal const byte NextHopByHop = 0;
    internal const byte NextRouting = 43;
    internal const byte NextFragment = 44;
    internal const byte NextIcmp = 58;
    internal const byte NextNone = 59;
    internal const byte NextDestination = 60;

    internal byte TrafficClass;
    internal uint FlowLabel;

    /// <summary>Bytes behind this header, extension headers included.</summary>
    internal int PayloadBytes;

    internal byte NextHeader;
    internal byte HopLimit;
    internal IpAddress Source;
    internal IpAddress Destination;

    /// <summary>Reads the header; false unless the whole packet is there. A jumbo payload (RFC 2675) is refused.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out Ipv6Header header)
    {
        header = default;
        if (bytes.Length < LengthBytes || bytes[0] >> 4 != 6)
        {
            return false;
        }

        uint first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        header.TrafficClass = (byte)(first >> 20);
        header.FlowLabel = first & 0xF_FFFF;
        header.PayloadBytes = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        header.NextHeader = bytes[6];
        header.HopLimit = bytes[7];
        header.Source = IpAddress.From(bytes.Slice(8, 16));
        header.Destination = IpAddress.From(bytes.Slice(24, 16));

        // A mapped address on the link would be taken for one of IPv4 (RFC 4942 section 2.2).
        return header.PayloadBytes <= bytes.Length - LengthBytes && !header.Source.IsV4 && !header.Destination.IsV4;
    }

    /// <summary>Writes <see cref="LengthBytes"/> bytes.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (6U << 28) | ((uint)TrafficClass << 20) | (FlowLabel & 0xF_FFFF));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)PayloadBytes);
        bytes[6] = NextHeader;
        bytes[7] = HopLimit;
        Source.CopyTo(bytes[8..]);
        Destination.CopyTo(bytes[24..]);
    }

    public override readonly string ToString() => $"{Source} > {Destination} next {NextHeader} length {PayloadBytes}";
}
