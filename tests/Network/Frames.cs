using System.Buffers.Binary;

namespace RedLeafSharp.Tests.Network;

/// <summary>Frames for tests, and an independent look at their checksums, a word at a time as RFC 1071 writes it.</summary>
internal static class Frames
{
    internal const ulong Station = 0x525400123456;
    internal const ulong Other = 0x020000000099;

    internal static byte[] Ethernet(ulong destination, int etherType, ReadOnlySpan<byte> payload, int tag = -1)
    {
        byte[] frame = new byte[14 + (tag < 0 ? 0 : 4) + payload.Length];
        BinaryPrimitives.WriteUInt64BigEndian(frame, destination << 16);
        Span<byte> source = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(source, Other << 16);
        source[..6].CopyTo(frame.AsSpan(6));
        int at = 12;
        if (tag >= 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x8100);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(14), (ushort)tag);
            at = 16;
        }

        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), (ushort)etherType);
        payload.CopyTo(frame.AsSpan(at + 2));
        return frame;
    }

    /// <summary>Bytes that differ from frame to frame.</summary>
    internal static byte[] Pattern(int lengthBytes, int seed)
    {
        byte[] bytes = new byte[lengthBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A frame of an unassigned type to a station.</summary>
    internal static byte[] Plain(int lengthBytes, int seed, ulong destination = Station) =>
        Ethernet(destination, 0x88B5, Pattern(lengthBytes - 14, seed));

    /// <summary>A TCP segment or UDP datagram in a packet of IPv4 or IPv6; checksums are right, or left for the device.</summary>
    internal static byte[] Ip(
        bool isIPv6, bool isTcp, byte[] payload, bool isFinished, bool isCut = false, ulong destination = Station, int tag = -1)
    {
        int transport = isTcp ? 20 : 8;
        int network = isIPv6 ? 40 : 20;
        byte[] packet = new byte[network + transport + payload.Length];
        Span<byte> segment = packet.AsSpan(network);
        WriteNetwork(packet, isIPv6, isTcp ? 6 : 17, isCut);
        BinaryPrimitives.WriteUInt16BigEndian(segment, 4000);
        BinaryPrimitives.WriteUInt16BigEndian(segment[2..], 80);
        if (isTcp)
        {
            BinaryPrimitives.WriteUInt32BigEndian(segment[4..], 0xFFFF_F000);
            segment[12] = 5 << 4;
            segment[13] = 0x19;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)segment.Length);
        }

        payload.CopyTo(segment[transport..]);
        int at = isTcp ? 16 : 6;
        ushort pseudo = Pseudo(packet, isIPv6, isTcp ? 6 : 17, isCut ? 0 : segment.Length);
        ushort sum = isFinished ? (ushort)~Sum(segment, pseudo) : pseudo;
        BinaryPrimitives.WriteUInt16BigEndian(segment[at..], sum);
        if (!isIPv6 && isFinished)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~Sum(packet.AsSpan(0, 20)));
        }

        return Ethernet(destination, isIPv6 ? 0x86DD : 0x0800, packet, tag);
    }

    /// <summary>Whether all checksums of a finished frame are right.</summary>
    internal static bool IsRight(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> packet = frame[14..];
        bool isIPv6 = packet[0] >> 4 == 6;
        int network = isIPv6 ? 40 : 20;
        int total = isIPv6 ? 40 + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) : BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        int protocol = isIPv6 ? packet[6] : packet[9];
        ReadOnlySpan<byte> segment = packet[network..total];
        return (isIPv6 || Sum(packet[..20]) == 0xFFFF) && Sum(segment, Pseudo(packet, isIPv6, protocol, segment.Length)) == 0xFFFF;
    }

    internal static ushort Sum(ReadOnlySpan<byte> bytes, uint start = 0)
    {
        uint sum = start;
        for (int index = 0; index < bytes.Length; index += 2)
        {
            sum += (uint)((bytes[index] << 8) | (index + 1 < bytes.Length ? bytes[index + 1] : 0));
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }

    private static ushort Pseudo(ReadOnlySpan<byte> packet, bool isIPv6, int protocol, int lengthBytes) =>
        Sum(isIPv6 ? packet.Slice(8, 32) : packet.Slice(12, 8), (uint)(protocol + lengthBytes));

    private static void WriteNetwork(Span<byte> packet, bool isIPv6, int protocol, bool isCut)
    {
        if (isIPv6)
        {
            packet[0] = 6 << 4;
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], isCut ? (ushort)0 : (ushort)(packet.Length - 40));
            packet[6] = (byte)protocol;
            packet[7] = 64;
            packet[8] = 0xFE;
            packet[39] = 9;
            return;
        }

        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], isCut ? (ushort)0 : (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], 0xFFFE);
        packet[8] = 64;
        packet[9] = (byte)protocol;
        ((ReadOnlySpan<byte>)[10, 0, 0, 2, 10, 0, 0, 1]).CopyTo(packet[12..]);
    }
}
