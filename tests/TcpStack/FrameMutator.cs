using System.Buffers.Binary;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>
/// Makes hostile frames out of real ones: fields of each layer are set to values at the edge, bytes change, frames are cut short,
/// lengthened and spliced. Checksums are mostly made right again, so that what is wrong gets past them.
/// </summary>
internal sealed class FrameMutator(Random random)
{
    private const int LinkBytes = EthernetHeader.LengthBytes;
    private const int SamplesMax = 256;
    private const int FrameBytesMax = 1_514;
    private const int ChangesMax = 4;

    private static readonly uint[] Edges = [0, 1, 2, 3, 4, 5, 7, 8, 20, 40, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];

    private readonly List<byte[]> samples = [];

    /// <summary>Keeps a frame to make others of.</summary>
    internal void Learn(byte[] frame)
    {
        if (samples.Count < SamplesMax)
        {
            samples.Add(frame);
        }
        else
        {
            samples[random.Next(SamplesMax)] = frame;
        }
    }

    internal byte[] Next()
    {
        byte[] frame = samples.Count == 0 || random.Next(64) == 0 ? Noise() : [.. samples[random.Next(samples.Count)]];
        for (int change = random.Next(ChangesMax); change >= 0; change--)
        {
            frame = Change(frame);
        }

        if (random.Next(8) != 0)
        {
            Repair(frame);
        }

        return frame;
    }

    private byte[] Noise()
    {
        byte[] noise = new byte[random.Next(FrameBytesMax)];
        random.NextBytes(noise);
        return noise;
    }

    private byte[] Change(byte[] frame)
    {
        if (samples.Count == 0 || frame.Length < LinkBytes + Ipv4Header.LengthBytes + TcpHeader.LengthBytes)
        {
            return Noise();
        }

        switch (random.Next(10))
        {
            case 0:
                frame[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
                return frame;
            case 1:
                return frame[..random.Next(frame.Length)];
            case 2:
                return [.. frame, .. new byte[random.Next(FrameBytesMax - Math.Min(frame.Length, FrameBytesMax - 1))]];
            case 3:
                byte[] other = samples[random.Next(samples.Count)];
                int cut = random.Next(Math.Min(frame.Length, other.Length));
                return [.. frame.AsSpan(0, cut), .. other.AsSpan(cut)];
            case 4 when frame[LinkBytes] >> 4 == 6:
                return ChangeV6(frame);
            case 4:
                // Which fragment it is, and whether others follow: overlaps, gaps, ends that contradict each other.
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(LinkBytes + 6), (ushort)((random.Next(2) << 13) | random.Next(400)));
                return frame;
            case 5:
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(LinkBytes + 2), (ushort)random.Next(frame.Length + 8));
                return frame;
            case 6:
                frame[LinkBytes + Ipv4Header.LengthBytes + 13] = (byte)random.Next(256);
                return frame;
            case 7:
                // A number of TCP somewhere near the right one.
                Span<byte> number = frame.AsSpan(LinkBytes + Ipv4Header.LengthBytes + (random.Next(2) == 0 ? 4 : 8));
                uint near = BinaryPrimitives.ReadUInt32BigEndian(number) + (uint)random.Next(-70_000, 70_000);
                BinaryPrimitives.WriteUInt32BigEndian(number, near);
                return frame;
            default:
                uint edge = Edges[random.Next(Edges.Length)];
                int at = LinkBytes + random.Next(Ipv4Header.LengthBytes + (2 * TcpHeader.LengthBytes));
                for (int width = 1 << random.Next(3); width > 0 && at < frame.Length; width--, at++)
                {
                    frame[at] = (byte)(edge >> (8 * (width - 1)));
                }

                return frame;
        }
    }

    /// <summary>Puts an extension header before what is there, of a kind and with bytes at the edge; or makes it a fragment.</summary>
    private byte[] ChangeV6(byte[] frame)
    {
        byte[] kinds = [Ipv6Header.NextHopByHop, Ipv6Header.NextDestination, Ipv6Header.NextRouting, Ipv6Header.NextFragment];
        byte kind = kinds[random.Next(kinds.Length)];
        byte[] header = new byte[8 * (1 + random.Next(2))];
        (header[0], header[1]) = (frame[LinkBytes + 6], (byte)((header.Length / 8) - 1));
        for (int index = 2; index < header.Length; index++)
        {
            header[index] = random.Next(2) == 0 ? (byte)0 : (byte)Edges[random.Next(Edges.Length)];
        }

        frame[LinkBytes + 6] = kind;
        int payloadBytes = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(LinkBytes + 4)) + header.Length;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(LinkBytes + 4), (ushort)payloadBytes);
        int at = LinkBytes + Ipv6Header.LengthBytes;
        byte[] changed = [.. frame.AsSpan(0, at), .. header, .. frame.AsSpan(at)];
        return changed.Length > FrameBytesMax ? changed[..FrameBytesMax] : changed;
    }

    /// <summary>Makes the sums of IPv4 and of what it carries right, as far as the frame makes sense.</summary>
    private static void Repair(byte[] frame)
    {
        if (frame.Length >= LinkBytes + Ipv6Header.LengthBytes && frame[LinkBytes] >> 4 == 6)
        {
            RepairV6(frame.AsSpan(LinkBytes));
            return;
        }

        if (frame.Length < LinkBytes + Ipv4Header.LengthBytes || frame[LinkBytes] >> 4 != 4)
        {
            return;
        }

        Span<byte> packet = frame.AsSpan(LinkBytes);
        int headerBytes = (packet[0] & 15) * 4;
        int totalBytes = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (headerBytes < Ipv4Header.LengthBytes || totalBytes < headerBytes || totalBytes > packet.Length)
        {
            return;
        }

        Store(packet[..headerBytes], Ipv4Header.ChecksumOffset, 0);
        Span<byte> payload = packet[headerBytes..totalBytes];
        int offset = packet[9] switch { Ipv4Header.ProtocolTcp => 16, Ipv4Header.ProtocolUdp => 6, Ipv4Header.ProtocolIcmp => 2, _ => -1 };
        if (offset >= 0 && payload.Length >= offset + 2)
        {
            uint pseudo = packet[9] == Ipv4Header.ProtocolIcmp
                ? 0
                : InternetChecksum.Sum(packet.Slice(12, 8)) + packet[9] + (uint)payload.Length;
            Store(payload, offset, pseudo);
        }
    }

    private static void RepairV6(Span<byte> packet)
    {
        int totalBytes = Ipv6Header.LengthBytes + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (totalBytes > packet.Length)
        {
            return;
        }

        byte protocol = ExtensionHeaders.FindTransport(packet[..totalBytes], out int start);
        int offset = protocol switch { Ipv4Header.ProtocolTcp => 16, Ipv4Header.ProtocolUdp => 6, Ipv6Header.NextIcmp => 2, _ => -1 };
        if (start > 0 && offset >= 0 && totalBytes >= start + offset + 2)
        {
            Span<byte> payload = packet[start..totalBytes];
            Store(payload, offset, InternetChecksum.Sum(packet.Slice(8, 32)) + protocol + (uint)payload.Length);
        }
    }

    private static void Store(Span<byte> bytes, int offset, uint more)
    {
        bytes.Slice(offset, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], InternetChecksum.Complement(InternetChecksum.Sum(bytes) + more));
    }
}
