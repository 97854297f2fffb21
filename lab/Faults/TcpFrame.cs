using System.Buffers.Binary;
using RedLeafSharp.Machine.Links;

namespace RedLeafSharp.Lab.Faults;

/// <summary>What somebody on the way does to a segment of TCP over IPv4 in an Ethernet frame.</summary>
internal static class TcpFrame
{
    private const int LinkBytes = 14;
    private const int EtherTypeIPv4 = 0x0800;
    private const int ProtocolTcp = 6;
    private const int HeaderBytesMin = 20;
    private const byte FlagsReset = 0x14;

    internal static bool IsSegment(ReadOnlySpan<byte> frame) => frame.Length >= LinkBytes + (2 * HeaderBytesMin)
        && BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == EtherTypeIPv4
        && frame[LinkBytes] == 0x45
        && frame[LinkBytes + 9] == ProtocolTcp;

    /// <summary>
    /// A reset of the connection in place of the segment, with the segment's own numbers: that the receiver expects next, if it has
    /// missed nothing (RFC 5961 section 3.2).
    /// </summary>
    internal static byte[] ToReset(ReadOnlySpan<byte> segment)
    {
        byte[] frame = segment[..(LinkBytes + (2 * HeaderBytesMin))].ToArray();
        Span<byte> packet = frame.AsSpan(LinkBytes);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet.Slice(10, 2).Clear();
        InternetChecksum.Store(packet[10..], (ushort)~InternetChecksum.Sum(packet[..HeaderBytesMin]));
        Span<byte> header = packet[HeaderBytesMin..];
        header[12] = HeaderBytesMin / 4 << 4;
        header[13] = FlagsReset;
        header.Slice(16, 4).Clear();
        uint pseudo = InternetChecksum.Sum(packet.Slice(12, 8)) + (uint)InternetChecksum.Network(ProtocolTcp) + (uint)InternetChecksum.Network(header.Length);
        InternetChecksum.Store(header[16..], (ushort)~InternetChecksum.Sum(header, pseudo));
        return frame;
    }
}
