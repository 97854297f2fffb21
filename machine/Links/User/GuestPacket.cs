using System.Buffers.Binary;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>An IPv4 packet of the system that holds together: lengths and checksums are right.</summary>
internal readonly ref struct GuestPacket
{
    private GuestPacket(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Header = header;
        Payload = payload;
    }

    internal ReadOnlySpan<byte> Header { get; }

    internal ReadOnlySpan<byte> Payload { get; }

    internal uint Source => BinaryPrimitives.ReadUInt32BigEndian(Header[12..]);

    internal uint Destination => BinaryPrimitives.ReadUInt32BigEndian(Header[16..]);

    internal byte Protocol => Header[9];

    /// <summary>Fragments are refused: no program of ours needs them to talk to its gateway.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, in FrameState state, out GuestPacket packet)
    {
        packet = default;
        int headerBytes = bytes.Length >= Spec.IpHeaderBytes ? (bytes[0] & 0xF) * 4 : 0;
        if (headerBytes < Spec.IpHeaderBytes || bytes[0] >> 4 != 4 || headerBytes > bytes.Length
            || (BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & Spec.FragmentMask) != 0
            || InternetChecksum.Sum(bytes[..headerBytes]) != 0xFFFF)
        {
            return false;
        }

        int totalBytes = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (totalBytes < headerBytes || totalBytes > bytes.Length)
        {
            return false;
        }

        packet = new GuestPacket(bytes[..headerBytes], bytes[headerBytes..totalBytes]);
        return packet.HasWholeHeader() && (state.NeedsChecksum || packet.HasRightSum());
    }

    /// <summary>Whether the payload holds a header of its protocol: a packet whose sum is left out may be of any length.</summary>
    private bool HasWholeHeader() => Protocol switch
    {
        Spec.ProtocolIcmp => Payload.Length >= Spec.IcmpHeaderBytes,
        Spec.ProtocolTcp => Payload.Length >= Spec.TcpHeaderBytes,
        Spec.ProtocolUdp => Payload.Length >= Spec.UdpHeaderBytes,
        _ => false,
    };

    private bool HasRightSum() => Protocol switch
    {
        Spec.ProtocolIcmp => InternetChecksum.Sum(Payload) == 0xFFFF,
        Spec.ProtocolUdp => (Payload[6] | Payload[7]) == 0 || HasRightTransportSum(),
        _ => HasRightTransportSum(),
    };

    private bool HasRightTransportSum() =>
        InternetChecksum.Sum(Payload, FrameComposer.PseudoHeader(Header, Protocol, Payload.Length)) == 0xFFFF;
}
