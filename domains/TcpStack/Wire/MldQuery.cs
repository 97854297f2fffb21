using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ndp;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>A router's question for members of groups (RFC 3810 section 5.1). Sources that it names are not looked at.</summary>
internal struct MldQuery
{
    internal const int LengthBytesVersion1 = 24;
    internal const int LengthBytes = 28;

    internal bool IsVersion1;

    /// <summary>Within which time to answer.</summary>
    internal long DelayMicros;

    /// <summary>The group, or none for all.</summary>
    internal IpAddress Group;

    /// <summary>Reads a message whose checksum has been looked at. A length between those of the versions is wrong (section 8.1).</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out MldQuery query)
    {
        query = default;
        if (bytes.Length < LengthBytesVersion1 || (bytes.Length > LengthBytesVersion1 && bytes.Length < LengthBytes))
        {
            return false;
        }

        // From 0x8000 on the code is a floating-point number (section 5.1.3).
        int code = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        query.IsVersion1 = bytes.Length == LengthBytesVersion1;
        long millis = code < 0x8000 || query.IsVersion1 ? code : (long)((code & 0xFFF) | 0x1000) << (((code >> 12) & 7) + 3);
        query.DelayMicros = millis * 1_000;
        query.Group = IpAddress.From(bytes.Slice(8, 16));
        return query.Group.IsUnspecified || query.Group.IsMulticast;
    }

    public override readonly string ToString() => $"mld query {Group}";
}

/// <summary>Answers to it (RFC 3810 section 5.2, RFC 2710 section 3), with a checksum of 0.</summary>
internal static class MldReport
{
    /// <summary>A hop-by-hop header before ICMPv6 with the router alert option, of value 0, and padding (RFC 2711 section 2.1).</summary>
    internal static ReadOnlySpan<byte> RouterAlert => [Ipv6Header.NextIcmp, 0, 5, 2, 0, 0, 1, 0];

    internal static void Write(Span<byte> bytes, IpAddress group, byte kind)
    {
        bytes.Clear();
        bytes[0] = MldSpec.Report;
        bytes[7] = 1;
        bytes[8] = kind;
        group.CopyTo(bytes[12..]);
    }

    internal static void WriteVersion1(Span<byte> bytes, IpAddress group, bool isLeaving)
    {
        bytes.Clear();
        bytes[0] = isLeaving ? MldSpec.DoneVersion1 : MldSpec.ReportVersion1;
        group.CopyTo(bytes[8..]);
    }
}
