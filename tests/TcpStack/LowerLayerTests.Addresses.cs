using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <content>Whom packets go to and come from: groups and broadcasts, sources that are none, addresses that are not to be used.</content>
public sealed partial class LowerLayerTests
{
    private static readonly IpAddress Added = IpAddress.FromV4(10, 0, 0, 9);
    private static readonly IpAddress Far = IpAddress.FromV4(192, 0, 2, 1);

    [Theory]
    [InlineData("224.0.0.251", "01:00:5e:00:00:fb")]
    [InlineData("255.255.255.255", "ff:ff:ff:ff:ff:ff")]
    public void Datagram_ToManyOverTheDefaultRoute_IsNotTheGateways(string destination, string mac)
    {
        AddDefaultRoute();
        DatagramSocket socket = new(rig.Stack.Pool) { MayBroadcast = true, LoopsMulticast = false };
        Assert.Equal(SocketError.None, rig.Stack.Udp.Send(rig.Context, socket, "hello"u8, Ipv6Peer.Parse(destination), 7));
        Assert.True(EthernetHeader.TryParse(rig.Wire.Sent.Dequeue(), out EthernetHeader header));
        Assert.Equal((mac, EthernetHeader.TypeIpv4), (header.Destination.ToString(), header.Type));
        rig.Stack.Udp.Close(socket);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(17)]
    public void Packet_ForThisHostInAFrameForMany_IsNotAnswered(byte protocol)
    {
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        byte[] payload = protocol switch
        {
            1 => Echo([1]),
            6 => Syn(),
            _ => [0x30, 0x39, 0, 7, 0, 9, 0, 0, 42],
        };

        // The first of the round is answered; the other one looks like it but for its frame.
        EnqueueIp(protocol, payload);
        EnqueueIp(protocol, payload, to: MacAddress.Broadcast);
        rig.Poll();
        Assert.Single(rig.Wire.Sent);
        InjectIp(protocol, payload, to: MacAddress.Broadcast);
        Assert.Single(rig.Wire.Sent);
    }

    [Fact]
    public void Datagram_ForThisHostInAFrameForMany_ReachesItsSocket()
    {
        DatagramSocket socket = new(rig.Stack.Pool);
        rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 7);
        InjectIp(17, [0x30, 0x39, 0, 7, 0, 9, 0, 0, 42], to: MacAddress.Broadcast);
        Assert.Equal(1, socket.Count);
        rig.Stack.Udp.Close(socket);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    public void Packet_FromNobodyToThisHost_IsDropped(string source)
    {
        AddDefaultRoute();
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        EnqueueIp(1, Echo([1]), source: Ipv6Peer.Parse(source));
        EnqueueIp(6, Syn(), source: Ipv6Peer.Parse(source));
        rig.Poll();
        Assert.Empty(rig.Wire.Sent);
        Assert.Equal(2, rig.Wire.Counters.ReceivedDropped);
    }

    [Fact]
    public void Datagram_FromNobodyToAll_ReachesItsSocket()
    {
        DatagramSocket socket = new(rig.Stack.Pool);
        rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 67);
        EnqueueIp(17, [0, 68, 0, 67, 0, 9, 0, 0, 42], IpAddress.BroadcastV4, source: IpAddress.AnyV4, to: MacAddress.Broadcast);
        rig.Poll();
        Assert.Equal(1, socket.Count);
        rig.Stack.Udp.Close(socket);
    }

    [Fact]
    public void Datagram_FromClassEToAClosedPort_IsNotToldOf()
    {
        AddDefaultRoute();
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        EnqueueIp(17, [0x30, 0x39, 0, 7, 0, 9, 0, 0, 42], source: IpAddress.FromV4(240, 0, 0, 1));
        rig.Poll();
        Assert.Empty(rig.Wire.Sent);
        Assert.Equal(1, rig.Stack.Udp.NoPortCount);
    }

    [Fact]
    public void TentativeAddress_OfTheRoute_IsNotSentFrom()
    {
        IpAddress other = IpAddress.FromV4(172, 16, 0, 1);
        rig.Stack.TryAddAddress(rig.Wire, other, 16, isTentative: true);
        Assert.Equal(SocketError.None, rig.Stack.Output.FindPath(IpAddress.FromV4(172, 16, 0, 2), IpAddress.AnyV4, out PacketPath path));
        Assert.Equal(Own, path.Source);
        rig.RunUntil(rig.Now + 5_000_000);
        Assert.Equal(SocketError.None, rig.Stack.Output.FindPath(IpAddress.FromV4(172, 16, 0, 2), IpAddress.AnyV4, out path));
        Assert.Equal(other, path.Source);
    }

    [Fact]
    public void Address_TakenAwayWithAnotherInItsNetwork_LeavesTheRouteToIt()
    {
        rig.Stack.TryAddAddress(rig.Wire, Added, 24, isTentative: false);
        rig.Stack.RemoveAddress(rig.Wire, Own);
        Assert.Equal(SocketError.None, rig.Stack.Output.FindPath(Peer, IpAddress.AnyV4, out PacketPath path));
        Assert.Equal(Added, path.Source);
        Assert.Equal(Added, Assert.Single(rig.Stack.Routes.Routes.ToArray()).Source);
        rig.Stack.RemoveAddress(rig.Wire, Added);
        Assert.Equal(0, rig.Stack.Routes.Count);
    }

    [Fact]
    public void Route_ItsSourceIsTakenAway_TakesAnotherOne()
    {
        rig.Stack.TryAddAddress(rig.Wire, Added, 24, isTentative: false);
        rig.Stack.Routes.TryAdd(new Route { Network = IpAddress.AnyV4, Gateway = Peer, InterfaceIndex = 1, Source = Added });
        Assert.Equal(SocketError.None, rig.Stack.Output.FindPath(Far, IpAddress.AnyV4, out PacketPath path));
        Assert.Equal(Added, path.Source);
        rig.Stack.RemoveAddress(rig.Wire, Added);
        Assert.Equal(SocketError.None, rig.Stack.Output.FindPath(Far, IpAddress.AnyV4, out path));
        Assert.Equal(Own, path.Source);
    }

    [Fact]
    public void TentativeAddress_LastProbe_LeavesTimeToObject()
    {
        rig.Stack.TryAddAddress(rig.Wire, Added, 24, isTentative: true);
        rig.RunUntil(rig.Now + 3_900_000);
        Assert.Equal(ArpSpec.Probes, rig.Wire.Sent.Count);
        Assert.False(rig.Stack.IsOwn(Added));
        rig.RunUntil(rig.Now + 200_000);
        Assert.True(rig.Stack.IsOwn(Added));
    }

    [Fact]
    public void TentativeAddress_LinkIsDown_IsProbedForWhenItIsUp()
    {
        rig.Wire.IsTakenUp = false;
        rig.Stack.TryAddAddress(rig.Wire, Added, 24, isTentative: true);
        rig.RunUntil(rig.Now + 20_000_000);
        Assert.False(rig.Stack.IsOwn(Added));
        Assert.Empty(rig.Wire.Sent);
        rig.Wire.IsTakenUp = true;
        rig.RunUntil(rig.Now + 3_500_000);
        Assert.False(rig.Stack.IsOwn(Added));
        Assert.Equal(ArpSpec.Probes, rig.Wire.Sent.Count);
        rig.RunUntil(rig.Now + 2_000_000);
        Assert.True(rig.Stack.IsOwn(Added));
    }

    [Fact]
    public void Link_TakenDown_NeitherHearsNorSpeaks()
    {
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        DatagramSocket socket = new(rig.Stack.Pool);
        rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 7);
        rig.Wire.IsTakenUp = false;
        EnqueueArp(ArpPacket.Request, Peer, Own);
        EnqueueIp(17, [0x30, 0x39, 0, 7, 0, 11, 0, 0, 1, 2, 3]);
        rig.Poll();
        rig.Stack.Arp.SendRequest(rig.Context, rig.Wire, Peer, MacAddress.Broadcast);
        Assert.Equal((0, 0), (socket.Count, rig.Wire.Sent.Count));
        Assert.Equal((2, 1), (rig.Wire.Counters.ReceivedDropped, rig.Wire.Counters.SentDropped));
        rig.Wire.IsTakenUp = true;
        InjectIp(17, [0x30, 0x39, 0, 7, 0, 11, 0, 0, 1, 2, 3]);
        Assert.Equal(1, socket.Count);
        rig.Stack.Udp.Close(socket);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Echo_OfTheLongestPacket_IsAnsweredWithTheSameData()
    {
        const int PieceBytes = 1_480;
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        byte[] data = new byte[65_507];
        new Random(5).NextBytes(data);
        byte[] echo = Echo(data);
        for (int offset = 0; offset < echo.Length; offset += PieceBytes)
        {
            int end = Math.Min(echo.Length, offset + PieceBytes);
            InjectIp(1, echo[offset..end], offset: offset, more: end < echo.Length);
        }

        byte[] answer = [.. rig.Wire.Sent.SelectMany(frame => frame[34..])];
        Assert.Equal(echo[4..], answer[4..]);
        Assert.True(InternetChecksum.IsIntact(InternetChecksum.Sum(answer)));
        rig.AssertNoLeak();
    }

    private static byte[] Syn()
    {
        byte[] syn = [0x30, 0x39, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 16, 0, 0, 0, 0, 0];
        ushort sum = InternetChecksum.Complement(
            InternetChecksum.Sum(syn) + InternetChecksum.PseudoHeader(Peer, Own, Ipv4Header.ProtocolTcp, syn.Length));
        (syn[16], syn[17]) = ((byte)(sum >> 8), (byte)sum);
        return syn;
    }

    private void AddDefaultRoute() =>
        Assert.True(rig.Stack.Routes.TryAdd(new Route { Network = IpAddress.AnyV4, Gateway = Peer, InterfaceIndex = 1 }));
}
