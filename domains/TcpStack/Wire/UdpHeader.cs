using System.Buffers.Binary;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>The header of a UDP datagram (RFC 768).</summary>
internal struct UdpHeader
{
    internal const int LengthBytes = 8;
    internal const int ChecksumOffset = 6;

    internal ushort SourcePort;
    internal ushort DestinationPort;

    /// <summary>Bytes of the datagram, header included.</summary>
    internal int TotalBytes;

    /// <summary>0 when the sender computed none, which only IPv4 allows.</summary>
    internal ushort Checksum;

    /// <summary>Reads the header; the datagram may be longer than the first buffer it is in.</summary>
    /// <param name="bytes">The start of the datagram.</param>
    /// <param name="availableBytes">Bytes of the packet behind the IP header.</param>
    /// <param name="header">The header.</param>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, int availableBytes, out UdpHeader header)
    {
        header = default;
        if (bytes.Length < LengthBytes)
        {
            return false;
        }

        header.SourcePort = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        header.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        header.TotalBytes = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        header.Checksum = BinaryPrimitives.ReadUInt16BigEndian(bytes[ChecksumOffset..]);
        return header.TotalBytes >= LengthBytes && header.TotalBytes <= availableBytes;
    }

    /// <summary>Writes <see cref="LengthBytes"/> bytes.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)TotalBytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[ChecksumOffset..], Checksum);
    }

    public override readonly string ToString() => $"udp {SourcePort} > {DestinationPort} length {TotalBytes}";
}
