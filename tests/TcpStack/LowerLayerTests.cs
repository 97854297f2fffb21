using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>ARP, IPv4, ICMP and UDP, one stack and a test that plays the link.</summary>
public sealed partial class LowerLayerTests : IDisposable
{
    private static readonly IpAddress Own = IpAddress.FromV4(10, 0, 0, 1);
    private static readonly IpAddress Peer = IpAddress.FromV4(10, 0, 0, 2);
    private static readonly MacAddress PeerMac = new(0x020000000002);

    private readonly StackRig rig = new(Own, hasLinkHeader: true);

    public LowerLayerTests()
    {
        rig.RunUntil(5_000_000);
        rig.Wire.Sent.Clear();
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Address_Added_IsAnnouncedTwice()
    {
        rig.Stack.TryAddAddress(rig.Wire, IpAddress.FromV4(10, 0, 0, 9), 24, isTentative: false);
        rig.RunUntil(rig.Now + 10_000_000);
        Assert.Equal(2, rig.Wire.Sent.Count);
        Assert.Equal("who-has 10.0.0.9 tell 10.0.0.9", NextArp().ToString());
    }

    [Fact]
    public void TentativeAddress_NobodyObjects_IsUsableAfterProbes()
    {
        IpAddress added = IpAddress.FromV4(10, 0, 0, 9);
        rig.Stack.TryAddAddress(rig.Wire, added, 24, isTentative: true);
        rig.Poll();
        Assert.Equal("who-has 10.0.0.9 tell 0.0.0.0", NextArp().ToString());
        Assert.False(rig.Stack.IsOwn(added));
        rig.RunUntil(rig.Now + 10_000_000);
        Assert.True(rig.Stack.IsOwn(added));
    }

    [Fact]
    public void TentativeAddress_OtherHostHasIt_IsGivenUp()
    {
        IpAddress added = IpAddress.FromV4(10, 0, 0, 9);
        rig.Stack.TryAddAddress(rig.Wire, added, 24, isTentative: true);
        rig.Poll();
        InjectArp(ArpPacket.Answer, added, Own);
        Assert.Equal(-1, rig.Wire.FindAddress(added));
        Assert.Equal(1, rig.Stack.Arp.ConflictCount);
    }

    [Fact]
    public void AddressInUse_Conflict_IsDefendedOnceThenGivenUp()
    {
        InjectArp(ArpPacket.Request, Own, Own);
        Assert.Equal("who-has 10.0.0.1 tell 10.0.0.1", NextArp().ToString());
        InjectArp(ArpPacket.Request, Own, Own);
        Assert.Equal(-1, rig.Wire.FindAddress(Own));
    }

    [Fact]
    public void ArpRequest_ForOwnAddress_IsAnsweredAndLearned()
    {
        InjectArp(ArpPacket.Request, Peer, Own);
        Assert.Equal($"10.0.0.1 is-at {rig.Wire.Mac}", NextArp().ToString());
        Assert.Equal(PeerMac, Assert.Single(rig.Stack.Neighbors.Entries).Mac);
    }

    [Fact]
    public void ArpRequest_ForOthers_IsNotLearned()
    {
        InjectArp(ArpPacket.Request, Peer, IpAddress.FromV4(10, 0, 0, 77));
        Assert.Empty(rig.Wire.Sent);
        Assert.Empty(rig.Stack.Neighbors.Entries);
    }

    [Fact]
    public void Datagram_NeighborUnknown_WaitsForTheAnswer()
    {
        DatagramSocket socket = new(rig.Stack.Pool);
        Assert.Equal(SocketError.None, rig.Stack.Udp.Send(rig.Context, socket, "hello"u8, Peer, 7));
        Assert.Equal("who-has 10.0.0.2 tell 10.0.0.1", NextArp().ToString());
        Assert.Empty(rig.Wire.Sent);
        InjectArp(ArpPacket.Answer, Peer, Own);
        byte[] frame = rig.Wire.Sent.Dequeue();
        Assert.Equal(PeerMac, MacAddress.From(frame));
        Assert.Equal("hello"u8.ToArray(), frame[42..]);
        rig.Stack.Udp.Close(socket);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Datagram_NeighborNeverAnswers_IsToldToTheSocket()
    {
        DatagramSocket socket = new(rig.Stack.Pool) { Remote = Peer, RemotePort = 7 };
        rig.Stack.Udp.Send(rig.Context, socket, "hello"u8, Peer, 7);
        rig.RunUntil(rig.Now + 5_000_000);
        Assert.Equal(ArpSpec.RequestsMax, rig.Wire.Sent.Count);
        Assert.Equal(SocketError.HostUnreachable, socket.PendingError);
        rig.Stack.Udp.Close(socket);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Neighbors_ScanOfTheNetwork_StaysBounded()
    {
        var route = new Route { Network = IpAddress.FromV4(172, 16, 0, 0), PrefixBits = 12, InterfaceIndex = 1 };
        rig.Stack.Routes.TryAdd(in route);
        DatagramSocket socket = new(rig.Stack.Pool);
        for (uint host = 1; host < 3000; host++)
        {
            rig.Stack.Udp.Send(rig.Context, socket, "x"u8, IpAddress.FromV4(0xAC10_0000 + host), 7);
        }

        Assert.Equal(1024, rig.Stack.Neighbors.Count);
        rig.RunUntil(rig.Now + 5_000_000);
        Assert.Equal(0, rig.Stack.Neighbors.Count);
        rig.Stack.Udp.Close(socket);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Echo_ToOwnAddress_IsAnsweredWithTheSameData()
    {
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        byte[] echo = Echo([1, 2, 3, 4, 5]);
        InjectIp(1, echo);
        byte[] answer = rig.Wire.Sent.Dequeue()[34..];
        Assert.Equal(IcmpSpec.EchoReply, answer[0]);
        Assert.Equal(echo[4..], answer[4..]);
        Assert.True(InternetChecksum.IsIntact(InternetChecksum.Sum(answer)));
        rig.AssertNoLeak();
    }

    [Fact]
    public void Echo_ToBroadcast_IsNotAnswered()
    {
        InjectIp(1, Echo([1]), destination: IpAddress.FromV4(10, 0, 0, 255));
        Assert.Empty(rig.Wire.Sent);
    }

    [Theory]
    [InlineData(new[] { 0, 1, 2 })]
    [InlineData(new[] { 2, 1, 0 })]
    [InlineData(new[] { 1, 0, 1, 2 })]
    public void Fragments_InAnyOrderAndTwice_AreReassembled(int[] order)
    {
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        byte[] data = new byte[3000];
        new Random(5).NextBytes(data);
        byte[] echo = Echo(data);
        foreach (int index in order)
        {
            InjectIp(1, echo[(index * 1200)..Math.Min(echo.Length, (index + 1) * 1200)], offset: index * 1200, more: index < 2);
        }

        // The answer is cut again, at the interface's MTU.
        Assert.Equal(3, rig.Wire.Sent.Count);
        Assert.True(Ipv4Header.TryParse(rig.Wire.Sent.Peek().AsSpan(14), out Ipv4Header first));
        Assert.True(first.MoreFragments);
        byte[] answer = [.. rig.Wire.Sent.SelectMany(frame => frame[34..])];
        Assert.Equal(echo[4..], answer[4..]);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Fragments_ThatOverlap_EndTheDatagram()
    {
        InjectIp(1, new byte[1200], offset: 0, more: true);
        InjectIp(1, new byte[1200], offset: 800, more: true);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Fragments_RestNeverComes_AreGivenUpWithAnError()
    {
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        InjectIp(1, new byte[1200], offset: 0, more: true);
        rig.RunUntil(rig.Now + 31_000_000);
        byte[] error = rig.Wire.Sent.Dequeue();
        Assert.Equal((IcmpSpec.TimeExceeded, IcmpSpec.CodeReassemblyTimeExceeded), (error[34], error[35]));
        rig.AssertNoLeak();
    }

    [Fact]
    public void Fragments_FloodOfFirstPieces_StaysBounded()
    {
        for (int index = 0; index < 5000; index++)
        {
            InjectIp(1, new byte[1200], more: true, identification: (ushort)index);
        }

        Assert.True(rig.Stack.Pool.Capacity - rig.Stack.Pool.FreeCount <= 32);
    }

    [Fact]
    public void Datagram_ToClosedPort_IsAnsweredWithUnreachable()
    {
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        byte[] datagram = [0x30, 0x39, 0, 7, 0, 9, 0, 0, 42];
        InjectIp(17, datagram);
        byte[] error = rig.Wire.Sent.Dequeue();
        Assert.Equal((IcmpSpec.DestinationUnreachable, IcmpSpec.CodePortUnreachable), (error[34], error[35]));
        Assert.Equal(datagram[..8], error[(34 + 8 + 20)..]);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Errors_PerSecond_AreBounded()
    {
        InjectArp(ArpPacket.Request, Peer, Own);
        rig.Wire.Sent.Clear();
        for (int index = 0; index < 500; index++)
        {
            InjectIp(17, [0x30, 0x39, 0, 7, 0, 9, 0, 0, 42]);
        }

        Assert.Equal(100, rig.Wire.Sent.Count);
    }

    [Fact]
    public void Datagram_Received_GoesToItsSocketWithSender()
    {
        DatagramSocket socket = new(rig.Stack.Pool);
        Assert.Equal(SocketError.None, rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 7));
        InjectIp(17, [0x30, 0x39, 0, 7, 0, 11, 0, 0, 1, 2, 3]);
        Assert.Equal((Peer, (ushort)12345), (socket.First.Source, socket.First.SourcePort));
        byte[] buffer = new byte[10];
        Assert.Equal(3, socket.Dequeue(rig.Context, buffer));
        Assert.Equal(new byte[] { 1, 2, 3 }, buffer[..3]);
        rig.AssertNoLeak();
    }

    [Fact]
    public void Datagrams_OfOneRound_AreEachTakenByTheirOwnAddresses()
    {
        DatagramSocket socket = new(rig.Stack.Pool);
        rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 7);
        byte[] datagram = [0x30, 0x39, 0, 7, 0, 11, 0, 0, 1, 2, 3];
        EnqueueIp(17, datagram);
        EnqueueIp(17, datagram, IpAddress.FromV4(10, 0, 0, 3));
        EnqueueIp(17, datagram, source: Own);
        EnqueueIp(17, datagram);
        rig.Poll();
        Assert.Equal(2, socket.Count);
        Assert.Equal(2, rig.Wire.Counters.ReceivedDropped);
    }

    [Fact]
    public void Datagrams_OfOneRoundAfterTheirAddressIsLost_AreDropped()
    {
        DatagramSocket socket = new(rig.Stack.Pool);
        rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 7);
        byte[] datagram = [0x30, 0x39, 0, 7, 0, 11, 0, 0, 1, 2, 3];
        InjectArp(ArpPacket.Request, Own, Own);
        EnqueueIp(17, datagram);
        EnqueueArp(ArpPacket.Request, Own, Own);
        EnqueueIp(17, datagram);
        rig.Poll();
        Assert.Equal(-1, rig.Wire.FindAddress(Own));
        Assert.Equal(1, socket.Count);
    }

    [Fact]
    public void Datagram_WrongChecksum_IsDropped()
    {
        DatagramSocket socket = new(rig.Stack.Pool);
        rig.Stack.Udp.Bind(socket, IpAddress.AnyV4, 7);
        InjectIp(17, [0x30, 0x39, 0, 7, 0, 11, 1, 2, 1, 2, 3]);
        Assert.Equal(0, socket.Count);
        Assert.Equal(1, rig.Stack.Udp.BadCount);
    }

    [Fact]
    public void Datagram_OverLoopback_ArrivesWhole()
    {
        DatagramSocket receiver = new(rig.Stack.Pool);
        DatagramSocket sender = new(rig.Stack.Pool);
        rig.Stack.Udp.Bind(receiver, IpAddress.AnyV4, 7);
        byte[] data = new byte[20_000];
        new Random(3).NextBytes(data);
        Assert.Equal(SocketError.None, rig.Stack.Udp.Send(rig.Context, sender, data, IpAddress.FromV4(127, 0, 0, 1), 7));
        rig.Poll();
        byte[] buffer = new byte[30_000];
        Assert.Equal(data.Length, receiver.Dequeue(rig.Context, buffer));
        Assert.Equal(data, buffer[..data.Length]);
        rig.AssertNoLeak();
    }

    [Fact]
    public void RawSocket_SeesThePacketWithItsHeader()
    {
        DatagramSocket socket = new(rig.Stack.Pool) { Protocol = 1 };
        rig.Stack.Raw.Open(socket);
        InjectIp(1, Echo([9]));
        byte[] buffer = new byte[100];
        Assert.Equal(29, socket.Dequeue(rig.Context, buffer));
        Assert.Equal(0x45, buffer[0]);
    }

    [Fact]
    public void Routes_LongestPrefixWins()
    {
        var routes = rig.Stack.Routes;
        var network = IpAddress.FromV4(10, 1, 0, 0);
        routes.TryAdd(new Route { Network = IpAddress.AnyV4, PrefixBits = 0, Gateway = Peer, InterfaceIndex = 1 });
        routes.TryAdd(new Route { Network = network, PrefixBits = 16, Gateway = Own, InterfaceIndex = 1 });
        Assert.True(routes.TryFind(IpAddress.FromV4(10, 1, 2, 3), out Route near));
        Assert.True(routes.TryFind(IpAddress.FromV4(8, 8, 8, 8), out Route far));
        Assert.Equal((16, 0), (near.PrefixBits, far.PrefixBits));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Frames_Random_NeitherThrowNorLeak(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] payload = new byte[random.Next(100)];
            random.NextBytes(payload);
            byte protocol = random.Next(4) switch { 0 => 1, 1 => 6, 2 => 17, _ => (byte)random.Next(256) };
            InjectIp(protocol, payload, offset: random.Next(8) == 0 ? 8 * random.Next(5) : 0, more: random.Next(8) == 0);
            rig.Wire.Sent.Clear();
        }

        rig.RunUntil(rig.Now + 60_000_000);
        rig.AssertNoLeak();
    }
}
