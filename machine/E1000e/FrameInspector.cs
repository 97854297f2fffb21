using System.Buffers.Binary;
using RedLeafSharp.Machine.Links;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>What the receiver finds out about the checksums of a frame (section 7.1.9).</summary>
internal static class FrameInspector
{
    private const int HeaderBytes = 14;
    private const int EtherTypeIPv4 = 0x0800;
    private const int EtherTypeIPv6 = 0x86DD;
    private const int ProtocolTcp = 6;
    private const int ProtocolUdp = 17;

    /// <summary>Status bits in the low half, error bits from <see cref="Spec.ExtendedErrorShift"/> on.</summary>
    /// <param name="frame">The frame, with its tag if it has one.</param>
    /// <param name="state">What the sender has left undone.</param>
    /// <param name="tagType">VET.</param>
    /// <param name="checksumControl">RXCSUM.</param>
    /// <param name="filterControl">RFCTL.</param>
    internal static uint Inspect(ReadOnlySpan<byte> frame, in FrameState state, uint tagType, uint checksumControl, uint filterControl)
    {
        int start = HeaderBytes;
        int etherType = frame.Length >= HeaderBytes ? BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) : 0;
        if (etherType == tagType && frame.Length >= HeaderBytes + Spec.TagBytes)
        {
            etherType = BinaryPrimitives.ReadUInt16BigEndian(frame[16..]);
            start += Spec.TagBytes;
        }

        ReadOnlySpan<byte> packet = start <= frame.Length ? frame[start..] : default;
        return etherType switch
        {
            EtherTypeIPv4 => InspectIPv4(packet, in state, checksumControl),
            EtherTypeIPv6 when (filterControl & Spec.FilterNoIPv6) == 0 => InspectIPv6(packet, in state, checksumControl, filterControl),
            _ => Spec.ReceiveIgnoreChecksum,
        };
    }

    private static uint InspectIPv4(ReadOnlySpan<byte> packet, in FrameState state, uint control)
    {
        int headerBytes = packet.Length > 0 ? (packet[0] & 0xF) * 4 : 0;
        if (packet.Length < 20 || packet[0] >> 4 != 4 || headerBytes < 20 || headerBytes > packet.Length)
        {
            return Spec.ReceiveIgnoreChecksum;
        }

        uint result = 0;
        if ((control & Spec.ChecksumIp) != 0)
        {
            result = Spec.ReceiveIpChecked;
            result |= InternetChecksum.Sum(packet[..headerBytes]) == 0xFFFF ? 0 : Spec.ErrorIp << Spec.ExtendedErrorShift;
        }

        int totalBytes = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        bool isFragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0;
        if (totalBytes < headerBytes || totalBytes > packet.Length || isFragment)
        {
            return result;
        }

        // Addresses only: 8 bytes; their sum is the same wherever they are.
        uint pseudo = InternetChecksum.Sum(packet.Slice(12, 8));
        return result | InspectTransport(packet[headerBytes..totalBytes], packet[9], pseudo, in state, control);
    }

    private static uint InspectIPv6(ReadOnlySpan<byte> packet, in FrameState state, uint control, uint filterControl)
    {
        if (packet.Length < 40 || packet[0] >> 4 != 6 || (filterControl & Spec.FilterNoIPv6Checksum) != 0)
        {
            return 0;
        }

        int payloadBytes = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (payloadBytes > packet.Length - 40)
        {
            return 0;
        }

        uint pseudo = InternetChecksum.Sum(packet.Slice(8, 32));
        return InspectTransport(packet.Slice(40, payloadBytes), packet[6], pseudo, in state, control);
    }

    private static uint InspectTransport(ReadOnlySpan<byte> payload, int protocol, uint pseudo, in FrameState state, uint control)
    {
        int offset = protocol == ProtocolTcp ? 16 : 6;
        if ((control & Spec.ChecksumTransport) == 0 || protocol is not (ProtocolTcp or ProtocolUdp)
            || payload.Length < (protocol == ProtocolTcp ? 20 : 8))
        {
            return 0;
        }

        bool isUdp = protocol == ProtocolUdp;
        if (isUdp && (payload[offset] | payload[offset + 1]) == 0)
        {
            return 0;
        }

        uint checkedBit = isUdp ? Spec.ReceiveUdpChecked | Spec.ReceiveTcpChecked : Spec.ReceiveTcpChecked;
        uint sum = pseudo + InternetChecksum.Network(protocol) + InternetChecksum.Network(payload.Length);
        bool isRight = state.IsChecksumValid || state.NeedsChecksum || InternetChecksum.Sum(payload, sum) == 0xFFFF;
        return checkedBit | (isRight ? 0 : Spec.ErrorTransport << Spec.ExtendedErrorShift);
    }
}
