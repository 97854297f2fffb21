using System.Buffers.Binary;
using Spec = RedLeafSharp.Machine.Links.User.UserSpec;

namespace RedLeafSharp.Machine.Links.User;

/// <summary>
/// Makes the gateway's frames in one buffer and queues them for the system. Who sends takes the payload's place, fills it, and has the
/// headers put before it.
/// </summary>
internal sealed class FrameComposer(FrameQueue queue)
{
    private const int UdpChecksumOffset = 6;
    private const int TcpChecksumOffset = 16;

    private readonly byte[] frame = new byte[Spec.LinkHeaderBytes + Spec.MtuBytes];
    private ushort identification;

    /// <summary>The system's station address, learned from its frames; 0 while it has sent none.</summary>
    internal ulong GuestStation { get; set; }

    /// <summary>The system's address: the last one of the network that it has used.</summary>
    internal uint GuestAddress { get; private set; } = UserNetwork.Guest;

    /// <summary>Whether streams may send: the other half of the queue is for answers.</summary>
    internal bool HasRoom => queue.Count < LinkLimits.FramesPerPort / 2;

    /// <summary>The place of an IP packet's payload.</summary>
    internal Span<byte> Payload => frame.AsSpan(Spec.LinkHeaderBytes + Spec.IpHeaderBytes);

    /// <summary>The system has used an address.</summary>
    internal void Learn(uint address)
    {
        bool isInside = (address ^ UserNetwork.Guest) >> (32 - UserNetwork.PrefixBits) == 0;
        GuestAddress = isInside && address is not (UserNetwork.Gateway or UserNetwork.NameServer) ? address : GuestAddress;
    }

    internal static ulong Station(ReadOnlySpan<byte> bytes) =>
        ((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);

    internal static void WriteStation(Span<byte> bytes, ulong station)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(station >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)station);
    }

    /// <summary>Queues the packet whose payload has been filled. A full queue loses it, as a wire does.</summary>
    internal void SendIp(uint source, uint destination, byte protocol, int payloadBytes)
    {
        Span<byte> ip = frame.AsSpan(Spec.LinkHeaderBytes, Spec.IpHeaderBytes);
        ip.Clear();
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(Spec.IpHeaderBytes + payloadBytes));
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], identification++);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], Spec.DontFragment);
        ip[8] = Spec.TimeToLive;
        ip[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], source);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], destination);
        InternetChecksum.Store(ip[10..], (ushort)~InternetChecksum.Sum(ip));
        SetTransportChecksum(ip, protocol, payloadBytes);
        SendFrame(destination == Spec.LimitedBroadcast ? 0xFFFF_FFFF_FFFF : GuestStation, Spec.TypeIpv4, Spec.IpHeaderBytes + payloadBytes);
    }

    /// <summary>Queues a UDP datagram whose data has been filled in behind its header's place.</summary>
    internal void SendUdp(uint source, int sourcePort, uint destination, int destinationPort, int dataBytes)
    {
        Span<byte> udp = Payload;
        BinaryPrimitives.WriteUInt16BigEndian(udp, (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], (ushort)destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)(Spec.UdpHeaderBytes + dataBytes));
        SendIp(source, destination, Spec.ProtocolUdp, Spec.UdpHeaderBytes + dataBytes);
    }

    /// <summary>Queues an ARP packet from an address of the gateway.</summary>
    internal void SendArp(ushort operation, uint sender, ulong targetStation, uint target)
    {
        Span<byte> arp = frame.AsSpan(Spec.LinkHeaderBytes, Spec.ArpBytes);
        BinaryPrimitives.WriteUInt64BigEndian(arp, 0x0001_0800_0604_0000UL | operation);
        WriteStation(arp[8..], UserNetwork.Station);
        BinaryPrimitives.WriteUInt32BigEndian(arp[14..], sender);
        WriteStation(arp[18..], targetStation);
        BinaryPrimitives.WriteUInt32BigEndian(arp[24..], target);
        SendFrame(targetStation == 0 ? 0xFFFF_FFFF_FFFF : targetStation, Spec.TypeArp, Spec.ArpBytes);
    }

    /// <summary>The sum over the pseudo-header (RFC 9293 section 3.1, RFC 768).</summary>
    internal static uint PseudoHeader(ReadOnlySpan<byte> ip, byte protocol, int payloadBytes) =>
        (uint)InternetChecksum.Sum(ip.Slice(12, 8)) + InternetChecksum.Network(protocol) + InternetChecksum.Network(payloadBytes);

    private void SetTransportChecksum(ReadOnlySpan<byte> ip, byte protocol, int payloadBytes)
    {
        int offset = protocol == Spec.ProtocolTcp ? TcpChecksumOffset : UdpChecksumOffset;
        if (protocol is not (Spec.ProtocolTcp or Spec.ProtocolUdp))
        {
            return;
        }

        Span<byte> payload = Payload[..payloadBytes];
        payload.Slice(offset, 2).Clear();
        ushort sum = (ushort)~InternetChecksum.Sum(payload, PseudoHeader(ip, protocol, payloadBytes));
        InternetChecksum.Store(payload[offset..], sum == 0 && protocol == Spec.ProtocolUdp ? (ushort)0xFFFF : sum);
    }

    private void SendFrame(ulong destination, ushort type, int payloadBytes)
    {
        WriteStation(frame, destination);
        WriteStation(frame.AsSpan(6), UserNetwork.Station);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), type);
        _ = queue.TryPut(frame.AsSpan(0, Spec.LinkHeaderBytes + payloadBytes), default);
    }
}
