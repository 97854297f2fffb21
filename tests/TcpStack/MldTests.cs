using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ndp;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Reports of groups: RFC 3810, and RFC 2710 for older routers.</summary>
public sealed class MldTests : IDisposable
{
    private const long Second = 1_000_000;

    private static readonly IpAddress Group = Ipv6Peer.Parse("ff05::1234");
    private static readonly IpAddress Router = Ipv6Peer.Parse("fe80::99");

    private readonly Ipv6Peer peer = new();

    public void Dispose()
    {
        peer.Rig.AssertNoLeak();
        peer.Dispose();
    }

    [Fact]
    public void Address_Added_ReportsItsSolicitedNodeGroupTwice()
    {
        IpAddress added = Ipv6Peer.Parse("2001:db8::abc:def0");
        Assert.True(peer.Rig.Stack.TryAddAddress(peer.Rig.Wire, added, 64, isTentative: false));
        peer.Rig.RunUntil(peer.Rig.Now + (5 * Second));
        Assert.Equal([(4, NdpSpec.SolicitedNode(added)), (4, NdpSpec.SolicitedNode(added))], Reports());
    }

    [Fact]
    public void Report_OnTheLink_HasRouterAlertAndOneHop()
    {
        peer.Rig.Stack.Mld.Join(peer.Rig.Wire, Group);
        peer.Rig.Poll();
        Assert.True(SentPacket.TryParse(peer.Rig.Wire.Sent.Dequeue(), out SentPacket report));
        Assert.Equal((Ipv6Peer.OwnLinkLocal, MldSpec.AllMld2Routers), (report.Header.Source, report.Header.Destination));
        Assert.Equal((Ipv6Header.NextHopByHop, 1), (report.Header.NextHeader, report.Header.HopLimit));
        Assert.Equal([58, 0, 5, 2, 0, 0, 1, 0], report.Payload[..8]);
        uint pseudo = InternetChecksum.PseudoHeader(report.Header.Source, report.Header.Destination, 58, report.Payload.Length - 8);
        Assert.True(InternetChecksum.IsIntact(InternetChecksum.Sum(report.Payload.AsSpan(8)) + pseudo));
    }

    [Fact]
    public void Group_LeftByItsLastMember_IsReportedTwiceThenForgotten()
    {
        peer.Rig.Stack.Mld.Join(peer.Rig.Wire, Group);
        peer.Rig.Stack.Mld.Join(peer.Rig.Wire, Group);
        peer.Rig.RunUntil(peer.Rig.Now + (5 * Second));
        peer.Rig.Wire.Sent.Clear();
        peer.Rig.Stack.Mld.Leave(peer.Rig.Wire, Group);
        peer.Rig.RunUntil(peer.Rig.Now + (5 * Second));
        Assert.Empty(Reports());
        peer.Rig.Stack.Mld.Leave(peer.Rig.Wire, Group);
        Assert.False(peer.Rig.Wire.Groups.Contains(Group));
        peer.Rig.RunUntil(peer.Rig.Now + (5 * Second));
        Assert.Equal([(3, Group), (3, Group)], Reports());
        Assert.Equal(-1, peer.Rig.Wire.Groups.Find(Group));
    }

    [Fact]
    public void Query_OfAll_IsAnsweredForEachGroupButAllNodes()
    {
        Settle();
        Query(IpAddress.AnyV6, Ipv6Peer.Parse("ff02::1"), code: 1_000, length: 28);
        peer.Rig.RunUntil(peer.Rig.Now + (2 * Second));
        Assert.Equal([(2, NdpSpec.SolicitedNode(Ipv6Peer.Own)), (2, Group)], Reports().OrderBy(one => one.Group.High));
    }

    [Fact]
    public void Query_OfOneGroup_IsAnsweredForItAlone()
    {
        Settle();
        Query(Group, Group, code: 1_000, length: 28);
        peer.Rig.RunUntil(peer.Rig.Now + (2 * Second));
        Assert.Equal([(2, Group)], Reports());
    }

    [Theory]
    [InlineData("2001:db8::99", 1, 28)] // not from the link
    [InlineData("fe80::99", 2, 28)]
    [InlineData("fe80::99", 1, 26)] // of no version
    public void Query_ThatIsNone_IsNotAnswered(string source, byte hopLimit, int length)
    {
        Settle();
        Query(IpAddress.AnyV6, Ipv6Peer.Parse("ff02::1"), 1_000, length, Ipv6Peer.Parse(source), hopLimit);
        peer.Rig.RunUntil(peer.Rig.Now + (2 * Second));
        Assert.Empty(Reports());
    }

    [Theory]
    [InlineData(0, "3a 00 01 04 00 00 00 00")] // padding only
    [InlineData(0, "3a 00 05 02 00 01 01 00")] // of RSVP
    [InlineData(60, "3a 00 05 02 00 00 01 00")] // not for routers
    public void Query_WithoutTheOptionOfMld_IsNotAnswered(byte nextHeader, string header)
    {
        Settle();
        IpAddress allNodes = Ipv6Peer.Parse("ff02::1");
        byte[] query = new byte[28];
        (query[0], query[4]) = (MldSpec.Query, 4);
        byte[] options = Convert.FromHexString(header.Replace(" ", "", StringComparison.Ordinal));
        byte[] payload = [.. options, .. Ipv6Peer.Icmp(Router, allNodes, query)];
        peer.Inject(Ipv6Peer.Packet(Router, allNodes, nextHeader, payload, hopLimit: 1));
        peer.Rig.RunUntil(peer.Rig.Now + (2 * Second));
        Assert.Empty(Reports());
    }

    [Fact]
    public void Query_OfVersion1_IsAnsweredInItsWords()
    {
        Settle();
        Query(Group, Group, code: 1_000, length: 24);
        peer.Rig.RunUntil(peer.Rig.Now + (2 * Second));
        Assert.True(SentPacket.TryParse(peer.Rig.Wire.Sent.Dequeue(), out SentPacket report));
        Assert.Equal((Group, MldSpec.ReportVersion1), (report.Header.Destination, report.Payload[8]));
        peer.Rig.Stack.Mld.Leave(peer.Rig.Wire, Group);
        peer.Rig.Poll();
        Assert.True(SentPacket.TryParse(peer.Rig.Wire.Sent.Dequeue(), out SentPacket done));
        Assert.Equal((NdpSpec.AllRouters, MldSpec.DoneVersion1), (done.Header.Destination, done.Payload[8]));
        peer.Rig.RunUntil(peer.Rig.Now + (2 * Second));
    }

    [Fact]
    public void Packet_ToAGroupThatIsNotJoined_IsDropped()
    {
        peer.Introduce(Ipv6Peer.Peer);
        peer.InjectIcmp(Ipv6Peer.Peer, Group, Ipv6Peer.Echo(8));
        peer.AssertSilent();
        peer.Rig.Stack.Mld.Join(peer.Rig.Wire, Group);
        peer.InjectIcmp(Ipv6Peer.Peer, Group, Ipv6Peer.Echo(8));
        SentPacket answer = peer.Next();
        Assert.Equal((Ipv6Peer.Own, 129), (answer.Header.Source, answer.Payload[0]));
    }

    [Fact]
    public void Datagram_ToAGroup_ReachesTheSocketThatHasJoinedIt()
    {
        DatagramSocket socket = new(peer.Rig.Stack.Pool)
        {
            Local = IpAddress.AnyV6,
            TakesAllGroups = false,
            Groups = new GroupList(peer.Rig.Stack),
        };
        Assert.Equal(SocketError.None, peer.Rig.Stack.Udp.Bind(socket, IpAddress.AnyV6, 7));
        byte[] datagram = new byte[UdpHeader.LengthBytes];
        var header = new UdpHeader { SourcePort = 9, DestinationPort = 7, TotalBytes = datagram.Length };
        uint pseudo = InternetChecksum.PseudoHeader(Ipv6Peer.Peer, Group, Ipv4Header.ProtocolUdp, datagram.Length);
        header.Write(datagram);
        header.Checksum = InternetChecksum.Complement(InternetChecksum.Sum(datagram) + pseudo);
        header.Write(datagram);
        byte[] packet = Ipv6Peer.Packet(Ipv6Peer.Peer, Group, Ipv4Header.ProtocolUdp, datagram);
        peer.Inject(packet);
        Assert.Equal(0, socket.Count);
        Assert.Equal(SocketError.None, socket.Groups.Join(Group, 0));
        peer.Inject(packet);
        Assert.Equal(1, socket.Count);
        socket.Groups.LeaveAll();
        peer.Inject(packet);
        Assert.Equal(1, socket.Count);
        peer.Rig.Stack.Udp.Close(socket);
        peer.Rig.RunUntil(peer.Rig.Now + (5 * Second));
    }

    /// <summary>Two groups, and all has been said of them.</summary>
    private void Settle()
    {
        peer.Rig.Stack.Mld.Join(peer.Rig.Wire, Group);
        peer.Rig.RunUntil(peer.Rig.Now + (5 * Second));
        peer.Rig.Wire.Sent.Clear();
    }

    private void Query(
        IpAddress group, IpAddress destination, ushort code, int length, IpAddress? source = null, byte hopLimit = 1)
    {
        byte[] query = new byte[length];
        query[0] = MldSpec.Query;
        (query[4], query[5]) = ((byte)(code >> 8), (byte)code);
        group.CopyTo(query.AsSpan(8));
        IpAddress from = source ?? Router;
        byte[] alert = [.. MldReport.RouterAlert, .. Ipv6Peer.Icmp(from, destination, query)];
        peer.Inject(Ipv6Peer.Packet(from, destination, Ipv6Header.NextHopByHop, alert, hopLimit));
    }

    /// <summary>Kinds and groups of the reports sent.</summary>
    private List<(int Kind, IpAddress Group)> Reports()
    {
        List<(int, IpAddress)> reports = [];
        while (peer.Rig.Wire.Sent.TryDequeue(out byte[]? frame))
        {
            if (SentPacket.TryParse(frame, out SentPacket packet) && packet.Payload.Length == 8 + MldSpec.ReportBytes)
            {
                Assert.Equal(MldSpec.Report, packet.Payload[8]);
                reports.Add((packet.Payload[16], IpAddress.From(packet.Payload.AsSpan(20, 16))));
            }
        }

        return reports;
    }
}
