using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Ndp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>A stack with a static address of IPv6 on an Ethernet, and a test that plays the link: bytes in, bytes out.</summary>
internal sealed class Ipv6Peer : IDisposable
{
    internal static readonly IpAddress Own = Parse("2001:db8::1");
    internal static readonly IpAddress OwnLinkLocal = Parse("fe80::1");
    internal static readonly IpAddress Peer = Parse("2001:db8::2");
    internal static readonly IpAddress PeerLinkLocal = Parse("fe80::2");
    internal static readonly MacAddress PeerMac = new(0x020000000002);

    /// <param name="isConfigured">Whether the stack has its addresses; without them it has IPv4's only.</param>
    internal Ipv6Peer(bool isConfigured = true)
    {
        if (isConfigured)
        {
            Assert.True(Rig.Stack.TryAddAddress(Rig.Wire, Own, 64, isTentative: false));
            Assert.True(Rig.Stack.TryAddAddress(Rig.Wire, OwnLinkLocal, 64, isTentative: false));
        }

        Rig.RunUntil(10_000_000);
        Rig.Wire.Sent.Clear();
    }

    internal StackRig Rig { get; } = new(IpAddress.FromV4(10, 0, 0, 1), hasLinkHeader: true);

    public void Dispose() => Rig.Dispose();

    internal static IpAddress Parse(string text)
    {
        Assert.True(IpAddress.TryParse(text, out IpAddress address));
        return address;
    }

    /// <summary>A packet of IPv6.</summary>
    internal static byte[] Packet(IpAddress source, IpAddress destination, byte nextHeader, ReadOnlySpan<byte> payload, byte hopLimit = 64)
    {
        byte[] packet = new byte[Ipv6Header.LengthBytes + payload.Length];
        new Ipv6Header
        {
            PayloadBytes = payload.Length,
            NextHeader = nextHeader,
            HopLimit = hopLimit,
            Source = source,
            Destination = destination,
        }.Write(packet);
        payload.CopyTo(packet.AsSpan(Ipv6Header.LengthBytes));
        return packet;
    }

    /// <summary>A message of ICMPv6 with its checksum.</summary>
    internal static byte[] Icmp(IpAddress source, IpAddress destination, byte[] message)
    {
        byte[] summed = [.. message];
        uint pseudo = InternetChecksum.PseudoHeader(source, destination, Ipv6Header.NextIcmp, summed.Length);
        BinaryPrimitives.WriteUInt16BigEndian(summed.AsSpan(2), 0);
        BinaryPrimitives.WriteUInt16BigEndian(summed.AsSpan(2), InternetChecksum.Complement(InternetChecksum.Sum(summed) + pseudo));
        return summed;
    }

    internal static byte[] Echo(int lengthBytes)
    {
        byte[] echo = new byte[8 + lengthBytes];
        (echo[0], echo[5], echo[7]) = (128, 7, 1);
        for (int index = 8; index < echo.Length; index++)
        {
            echo[index] = (byte)index;
        }

        return echo;
    }

    internal static byte[] Bytes(in NdpMessage message)
    {
        byte[] bytes = new byte[message.TotalBytes];
        message.Write(bytes);
        return bytes;
    }

    /// <summary>Has a packet arrive, in a frame to the stack or to the group.</summary>
    internal void Inject(byte[] packet, MacAddress? to = null)
    {
        IpAddress destination = IpAddress.From(packet.AsSpan(24, 16));
        byte[] frame = new byte[EthernetHeader.LengthBytes + packet.Length];
        new EthernetHeader
        {
            Destination = to ?? (destination.IsMulticast ? LinkGroups.MacOf(destination) : Rig.Wire.Mac),
            Source = PeerMac,
            Type = EthernetHeader.TypeIpv6,
        }.Write(frame);
        packet.CopyTo(frame, EthernetHeader.LengthBytes);
        Rig.Wire.Incoming.Enqueue(frame);
        Rig.Poll();
    }

    internal void InjectIcmp(IpAddress source, IpAddress destination, byte[] message, byte hopLimit = 64) =>
        Inject(Packet(source, destination, Ipv6Header.NextIcmp, Icmp(source, destination, message), hopLimit));

    /// <summary>A message of neighbour discovery, which nobody has carried on.</summary>
    internal void InjectNdp(IpAddress source, IpAddress destination, in NdpMessage message) =>
        InjectIcmp(source, destination, Bytes(in message), NdpSpec.HopLimit);

    /// <summary>The peer's address becomes known.</summary>
    internal void Introduce(IpAddress peer)
    {
        var message = new NdpMessage { Type = NdpSpec.NeighborSolicitation, Target = peer.IsLinkLocal ? OwnLinkLocal : Own };
        (message.Options.HasSourceMac, message.Options.SourceMac) = (true, PeerMac);
        InjectNdp(peer, message.Target, in message);
        Rig.Wire.Sent.Clear();
    }

    /// <summary>The next packet sent that is no report of groups; fails when there is none.</summary>
    internal SentPacket Next()
    {
        Assert.True(TryNext(out SentPacket packet), "nothing was sent");
        return packet;
    }

    internal bool TryNext(out SentPacket packet)
    {
        while (Rig.Wire.Sent.TryDequeue(out byte[]? frame))
        {
            if (SentPacket.TryParse(frame, out packet) && packet.Header.NextHeader != Ipv6Header.NextHopByHop)
            {
                return true;
            }
        }

        packet = default;
        return false;
    }

    internal void AssertSilent() => Assert.False(TryNext(out SentPacket packet), $"sent {packet.Header}");
}

/// <summary>What the stack has sent.</summary>
internal readonly record struct SentPacket(MacAddress To, Ipv6Header Header, byte[] Payload)
{
    internal static bool TryParse(byte[] frame, out SentPacket packet)
    {
        packet = default;
        if (!EthernetHeader.TryParse(frame, out EthernetHeader link) || link.Type != EthernetHeader.TypeIpv6)
        {
            return false;
        }

        Assert.True(Ipv6Header.TryParse(frame.AsSpan(EthernetHeader.LengthBytes), out Ipv6Header header));
        packet = new SentPacket(link.Destination, header, frame[(EthernetHeader.LengthBytes + Ipv6Header.LengthBytes)..]);
        if (header.NextHeader == Ipv6Header.NextIcmp)
        {
            uint pseudo = InternetChecksum.PseudoHeader(header.Source, header.Destination, Ipv6Header.NextIcmp, packet.Payload.Length);
            Assert.True(InternetChecksum.IsIntact(InternetChecksum.Sum(packet.Payload) + pseudo), "wrong checksum");
        }

        return true;
    }

    internal NdpMessage Ndp()
    {
        Assert.Equal(NdpSpec.HopLimit, Header.HopLimit);
        Assert.True(NdpMessage.TryParse(Payload, out NdpMessage message));
        return message;
    }
}
