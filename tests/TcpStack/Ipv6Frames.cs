using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ndp;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Frames of IPv6 that stacks do not send to each other by themselves: those of routers, and with extension headers.</summary>
internal static class Ipv6Frames
{
    internal static byte[] Advertisement(MacAddress to, IpAddress router)
    {
        byte[] message = new byte[RouterAdvertisement.LengthBytes + PrefixInformation.LengthBytes];
        new RouterAdvertisement { LifetimeSeconds = 1_800, HopLimit = 64 }.Write(message);
        new PrefixInformation
        {
            Prefix = new IpAddress(0x2001_0DB8_0000_0001, 0),
            PrefixBits = 64,
            IsOnLink = true,
            IsAutonomous = true,
            ValidSeconds = 3_600,
            PreferredSeconds = 1_800,
        }.Write(message.AsSpan(RouterAdvertisement.LengthBytes));
        return Frame(to, router, NdpSpec.AllNodes, Ipv6Header.NextIcmp, Ipv6Peer.Icmp(router, NdpSpec.AllNodes, message), NdpSpec.HopLimit);
    }

    internal static byte[] Query(MacAddress to, IpAddress router)
    {
        byte[] query = new byte[MldQuery.LengthBytes];
        (query[0], query[4]) = (MldSpec.Query, 4);
        byte[] payload = [.. MldReport.RouterAlert, .. Ipv6Peer.Icmp(router, NdpSpec.AllNodes, query)];
        return Frame(to, router, NdpSpec.AllNodes, Ipv6Header.NextHopByHop, payload, 1);
    }

    internal static byte[] Redirect(MacAddress to, IpAddress router, IpAddress destination)
    {
        var message = new NdpMessage { Type = NdpSpec.Redirect, Target = router, Destination = new IpAddress(0x2001_0DB8_FFFF_0000, 1) };
        (message.Options.HasTargetMac, message.Options.TargetMac) = (true, Ipv6Peer.PeerMac);
        return Frame(
            to, router, destination, Ipv6Header.NextIcmp, Ipv6Peer.Icmp(router, destination, Ipv6Peer.Bytes(in message)), NdpSpec.HopLimit);
    }

    /// <summary>An echo behind destination options.</summary>
    internal static byte[] Options(MacAddress to, IpAddress source, IpAddress destination)
    {
        byte[] payload = [Ipv6Header.NextIcmp, 0, 1, 4, 0, 0, 0, 0, .. Ipv6Peer.Icmp(source, destination, Ipv6Peer.Echo(32))];
        return Frame(to, source, destination, Ipv6Header.NextDestination, payload, 64);
    }

    private static byte[] Frame(
        MacAddress to, IpAddress source, IpAddress destination, byte nextHeader, byte[] payload, byte hopLimit)
    {
        byte[] packet = Ipv6Peer.Packet(source, destination, nextHeader, payload, hopLimit);
        byte[] frame = new byte[EthernetHeader.LengthBytes + packet.Length];
        new EthernetHeader { Destination = to, Source = Ipv6Peer.PeerMac, Type = EthernetHeader.TypeIpv6 }.Write(frame);
        packet.CopyTo(frame, EthernetHeader.LengthBytes);
        return frame;
    }
}
