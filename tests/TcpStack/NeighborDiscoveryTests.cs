using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Ndp;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Neighbours of IPv6 and duplicate addresses: RFC 4861 section 7, RFC 4862 section 5.4.</summary>
public sealed class NeighborDiscoveryTests : IDisposable
{
    private static readonly IpAddress Own = Ipv6Peer.Own;
    private static readonly IpAddress Peer = Ipv6Peer.Peer;
    private static readonly MacAddress OtherMac = new(0x020000000099);

    private readonly Ipv6Peer peer = new();

    private Neighbor Entry => Assert.Single(peer.Rig.Stack.Neighbors.Entries);

    public void Dispose() => peer.Dispose();

    [Fact]
    public void Solicitation_ForOwnAddress_IsAnsweredAndLearned()
    {
        peer.InjectNdp(Peer, NdpSpec.SolicitedNode(Own), Solicitation(Own));
        SentPacket answer = peer.Next();
        NdpMessage message = answer.Ndp();
        Assert.Equal((NdpSpec.NeighborAdvertisement, Own, peer.Rig.Wire.Mac), (message.Type, message.Target, message.Options.TargetMac));
        Assert.Equal(NdpSpec.FlagSolicited | NdpSpec.FlagOverride, message.Flags);
        Assert.Equal((Own, Peer, Ipv6Peer.PeerMac), (answer.Header.Source, answer.Header.Destination, answer.To));
        Assert.Equal((Ipv6Peer.PeerMac, NeighborState.Delay), (Entry.Mac, Entry.State));
    }

    [Theory]
    [InlineData(254)]
    [InlineData(1)]
    public void Solicitation_ThatCameThroughARouter_IsDropped(byte hopLimit)
    {
        peer.InjectIcmp(Peer, Own, Ipv6Peer.Bytes(Solicitation(Own)), hopLimit);
        peer.AssertSilent();
        Assert.Empty(peer.Rig.Stack.Neighbors.Entries);
    }

    [Fact]
    public void Solicitation_OptionWithoutLength_IsDropped()
    {
        byte[] message = Ipv6Peer.Bytes(Solicitation(Own));
        message[25] = 0;
        peer.InjectIcmp(Peer, Own, message, NdpSpec.HopLimit);
        peer.AssertSilent();
    }

    [Fact]
    public void Solicitation_OfAnotherHostsDuplicateCheck_IsAnsweredToAll()
    {
        peer.InjectNdp(IpAddress.AnyV6, NdpSpec.SolicitedNode(Own), new NdpMessage { Type = NdpSpec.NeighborSolicitation, Target = Own });
        SentPacket answer = peer.Next();
        Assert.Equal((NdpSpec.AllNodes, NdpSpec.FlagOverride), (answer.Header.Destination, answer.Ndp().Flags));
    }

    [Fact]
    public void Datagram_NeighborUnknown_WaitsForTheAdvertisement()
    {
        DatagramSocket socket = Send();
        SentPacket question = peer.Next();
        NdpMessage message = question.Ndp();
        Assert.Equal((NdpSpec.NeighborSolicitation, Peer, peer.Rig.Wire.Mac), (message.Type, message.Target, message.Options.SourceMac));
        Assert.Equal((Own, NdpSpec.SolicitedNode(Peer)), (question.Header.Source, question.Header.Destination));
        Assert.Equal(new MacAddress(0x3333FF000002), question.To);
        peer.AssertSilent();
        Advertise(NdpSpec.FlagSolicited | NdpSpec.FlagOverride, Ipv6Peer.PeerMac);
        SentPacket datagram = peer.Next();
        Assert.Equal(Ipv6Peer.PeerMac, datagram.To);
        Assert.Equal("hello"u8.ToArray(), datagram.Payload[8..]);
        Assert.Equal(NeighborState.Reachable, Entry.State);
        peer.Rig.Stack.Udp.Close(socket);
        peer.Rig.AssertNoLeak();
    }

    [Fact]
    public void Datagram_NeighborNeverAnswers_IsToldToTheSocket()
    {
        DatagramSocket socket = Send();
        (socket.Remote, socket.RemotePort) = (Peer, 7);
        peer.Rig.RunUntil(peer.Rig.Now + 5_000_000);
        for (int attempt = 0; attempt < ArpSpec.RequestsMax; attempt++)
        {
            Assert.Equal(Peer, peer.Next().Ndp().Target);
        }

        peer.AssertSilent();
        Assert.Equal(SocketError.HostUnreachable, socket.PendingError);
        Assert.Empty(peer.Rig.Stack.Neighbors.Entries);
        peer.Rig.Stack.Udp.Close(socket);
        peer.Rig.AssertNoLeak();
    }

    [Fact]
    public void Neighbor_UsedWhenStale_IsProbedAtItsOldAddress()
    {
        peer.Introduce(Peer);
        DatagramSocket socket = Send();
        peer.Rig.Wire.Sent.Clear();
        Assert.Equal(NeighborState.Delay, Entry.State);
        peer.Rig.RunUntil(peer.Rig.Now + ArpSpec.DelayMicros + 1);
        SentPacket probe = peer.Next();
        Assert.Equal((Ipv6Peer.PeerMac, Peer, NeighborState.Probe), (probe.To, probe.Header.Destination, Entry.State));
        Advertise(NdpSpec.FlagSolicited, mac: null);
        Assert.Equal(NeighborState.Reachable, Entry.State);
        peer.Rig.Stack.Udp.Close(socket);
    }

    [Fact]
    public void Neighbor_AfterReachableTime_IsStale()
    {
        Reach();
        peer.Rig.RunUntil(peer.Rig.Now + (2 * NdpSpec.ReachableMicros));
        Assert.Equal(NeighborState.Stale, Entry.State);
    }

    [Fact]
    public void Advertisement_NobodyHasAsked_MakesNoEntry()
    {
        Advertise(NdpSpec.FlagOverride, Ipv6Peer.PeerMac);
        Assert.Empty(peer.Rig.Stack.Neighbors.Entries);
    }

    [Fact]
    public void Advertisement_OtherAddressWithoutOverride_OnlyMakesStale()
    {
        Reach();
        Advertise(0, OtherMac);
        Assert.Equal((Ipv6Peer.PeerMac, NeighborState.Stale), (Entry.Mac, Entry.State));
    }

    [Fact]
    public void Advertisement_OtherAddressWithOverride_ReplacesIt()
    {
        Reach();
        Advertise(NdpSpec.FlagOverride, OtherMac);
        Assert.Equal((OtherMac, NeighborState.Stale), (Entry.Mac, Entry.State));
    }

    [Fact]
    public void Advertisement_SameAddressUnsolicited_ChangesNothing()
    {
        peer.Introduce(Peer);
        NeighborState before = Entry.State;
        Advertise(NdpSpec.FlagOverride, Ipv6Peer.PeerMac);
        Assert.Equal(before, Entry.State);
    }

    [Fact]
    public void Solicitation_OtherAddressOfAKnownNeighbor_MakesItStale()
    {
        Reach();
        NdpMessage message = Solicitation(Own);
        message.Options.SourceMac = OtherMac;
        peer.InjectNdp(Peer, Own, in message);
        Assert.Equal(OtherMac, Entry.Mac);
        Assert.NotEqual(NeighborState.Reachable, Entry.State);
    }

    [Fact]
    public void TentativeAddress_NobodyObjects_IsUsableAfterOneQuestion()
    {
        IpAddress added = Begin();
        SentPacket question = peer.Next();
        Assert.Equal((IpAddress.AnyV6, NdpSpec.SolicitedNode(added)), (question.Header.Source, question.Header.Destination));
        Assert.False(question.Ndp().Options.HasSourceMac);
        Assert.False(peer.Rig.Stack.IsOwn(added));
        peer.Rig.RunUntil(peer.Rig.Now + NdpSpec.RetransmitMicros);
        Assert.True(peer.Rig.Stack.IsOwn(added));
        peer.AssertSilent();
    }

    [Fact]
    public void TentativeAddress_OtherHostHasIt_IsGivenUp()
    {
        IpAddress added = Begin();
        peer.InjectNdp(added, NdpSpec.AllNodes, new NdpMessage { Type = NdpSpec.NeighborAdvertisement, Target = added });
        Assert.Equal(-1, peer.Rig.Wire.FindAddress(added));
        Assert.Equal(1, peer.Rig.Stack.Discovery.ConflictCount);
        Assert.False(peer.Rig.Wire.Groups.Contains(NdpSpec.SolicitedNode(added)));
    }

    [Fact]
    public void TentativeAddress_OtherHostAsksForItToo_IsGivenUp()
    {
        IpAddress added = Begin();
        peer.InjectNdp(IpAddress.AnyV6, NdpSpec.SolicitedNode(added), new NdpMessage { Type = NdpSpec.NeighborSolicitation, Target = added });
        Assert.Equal(-1, peer.Rig.Wire.FindAddress(added));
    }

    [Fact]
    public void TentativeAddress_OwnQuestionComesBack_IsKept()
    {
        IpAddress added = Begin();
        SentPacket question = peer.Next();
        peer.Inject(Ipv6Peer.Packet(IpAddress.AnyV6, NdpSpec.SolicitedNode(added), Ipv6Header.NextIcmp, question.Payload, NdpSpec.HopLimit));
        Assert.NotEqual(-1, peer.Rig.Wire.FindAddress(added));
    }

    [Fact]
    public void TentativeAddress_IsAskedFor_SaysNothing()
    {
        IpAddress added = Begin();
        peer.Next();
        peer.InjectNdp(Peer, NdpSpec.SolicitedNode(added), Solicitation(added));
        peer.InjectIcmp(Peer, added, Ipv6Peer.Echo(8));
        peer.AssertSilent();
        Assert.NotEqual(-1, peer.Rig.Wire.FindAddress(added));
    }

    private static NdpMessage Solicitation(IpAddress target)
    {
        var message = new NdpMessage { Type = NdpSpec.NeighborSolicitation, Target = target };
        (message.Options.HasSourceMac, message.Options.SourceMac) = (true, Ipv6Peer.PeerMac);
        return message;
    }

    private IpAddress Begin()
    {
        IpAddress added = Ipv6Peer.Parse("2001:db8::9");
        Assert.True(peer.Rig.Stack.TryAddAddress(peer.Rig.Wire, added, 64, isTentative: true));
        peer.Rig.Poll();
        return added;
    }

    private DatagramSocket Send()
    {
        DatagramSocket socket = new(peer.Rig.Stack.Pool);
        Assert.Equal(SocketError.None, peer.Rig.Stack.Udp.Send(peer.Rig.Context, socket, "hello"u8, Peer, 7));
        return socket;
    }

    private void Advertise(uint flags, MacAddress? mac)
    {
        var message = new NdpMessage { Type = NdpSpec.NeighborAdvertisement, Target = Peer, Flags = flags };
        (message.Options.HasTargetMac, message.Options.TargetMac) = (mac is not null, mac ?? default);
        peer.InjectNdp(Peer, (flags & NdpSpec.FlagSolicited) != 0 ? Own : NdpSpec.AllNodes, in message);
    }

    /// <summary>Has the neighbour answer a question.</summary>
    private void Reach()
    {
        peer.Rig.Stack.Udp.Close(Send());
        Advertise(NdpSpec.FlagSolicited | NdpSpec.FlagOverride, Ipv6Peer.PeerMac);
        peer.Rig.Wire.Sent.Clear();
        Assert.Equal(NeighborState.Reachable, Entry.State);
    }
}
