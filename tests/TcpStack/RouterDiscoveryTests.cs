using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Ndp;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>Routers, prefixes and addresses made of them: RFC 4861 sections 6.3 and 8, RFC 4862 section 5.5, RFC 7217.</summary>
public sealed class RouterDiscoveryTests : IDisposable
{
    private const long Second = 1_000_000;

    private static readonly IpAddress Router = Ipv6Peer.Parse("fe80::99");
    private static readonly IpAddress OtherRouter = Ipv6Peer.Parse("fe80::98");
    private static readonly IpAddress Prefix = Ipv6Peer.Parse("2001:db8:1::");
    private static readonly IpAddress Far = Ipv6Peer.Parse("2001:db8:ffff::1");

    private readonly Ipv6Peer peer = new(isConfigured: false);

    public RouterDiscoveryTests()
    {
        peer.Rig.Stack.Autoconfiguration.Enable(peer.Rig.Wire);
        peer.Rig.RunUntil(peer.Rig.Now + (3 * Second));
    }

    private NetworkInterface Link => peer.Rig.Wire;

    private InterfaceAddress[] Made => [.. Link.Addresses.ToArray().Where(one => one.IsAutomatic && !one.Address.IsLinkLocal)];

    public void Dispose()
    {
        peer.Rig.AssertNoLeak();
        peer.Dispose();
    }

    [Fact]
    public void Start_LinkLocalAddress_IsCheckedThenRoutersAreAskedFor()
    {
        InterfaceAddress made = Assert.Single(Link.Addresses.ToArray(), one => one.Address.IsLinkLocal);
        SentPacket check = peer.Next();
        Assert.Equal((NdpSpec.NeighborSolicitation, made.Address), (check.Ndp().Type, check.Ndp().Target));
        SentPacket question = peer.Next();
        Assert.Equal((made.Address, NdpSpec.AllRouters), (question.Header.Source, question.Header.Destination));
        Assert.Equal((NdpSpec.RouterSolicitation, Link.Mac), (question.Ndp().Type, question.Ndp().Options.SourceMac));
    }

    [Fact]
    public void Solicitations_NobodyAnswers_GrowRareButDoNotEnd()
    {
        peer.Rig.Wire.Sent.Clear();
        peer.Rig.RunUntil(peer.Rig.Now + (600 * Second));
        int count = 0;
        while (peer.TryNext(out SentPacket question))
        {
            Assert.Equal(NdpSpec.RouterSolicitation, question.Payload[0]);
            count++;
        }

        Assert.InRange(count, 5, 9);
    }

    [Fact]
    public void Solicitations_AfterAnAnswer_End()
    {
        Advertise(Router, 1_800);
        peer.Rig.Wire.Sent.Clear();
        peer.Rig.RunUntil(peer.Rig.Now + (600 * Second));
        peer.AssertSilent();
    }

    [Fact]
    public void Solicitations_AfterARouterThatIsNoDefault_GoOn()
    {
        Advertise(Router, 0);
        peer.Rig.Wire.Sent.Clear();
        peer.Rig.RunUntil(peer.Rig.Now + (60 * Second));
        Assert.Equal(NdpSpec.RouterSolicitation, peer.Next().Payload[0]);
    }

    [Fact]
    public void Prefix_Autonomous_MakesOneAddressAndItsRoute()
    {
        Advertise(Router, 1_800, Autonomous(3_600, 1_800));
        Advertise(Router, 1_800, Autonomous(3_600, 1_800));
        InterfaceAddress made = Assert.Single(Made);
        Assert.True(made.Address.IsIn(Prefix, 64));
        Assert.True(made.IsTentative);
        peer.Rig.RunUntil(peer.Rig.Now + (3 * Second));
        Assert.True(peer.Rig.Stack.IsOwn(made.Address));
        Assert.Equal(SocketError.None, peer.Rig.Stack.Output.FindPath(new IpAddress(Prefix.High, 7), IpAddress.AnyV6, out PacketPath path));
        Assert.Equal((new IpAddress(Prefix.High, 7), made.Address), (path.NextHop, path.Source));
    }

    [Theory]
    [InlineData(64, 0, 0)] // no lifetime
    [InlineData(64, 100, 200)] // preferred for longer than valid
    [InlineData(60, 3_600, 1_800)] // no room for the identifier
    [InlineData(65, 3_600, 1_800)]
    public void Prefix_ThatMakesNoSense_MakesNoAddress(int bits, uint valid, uint preferred)
    {
        PrefixInformation prefix = Autonomous(valid, preferred);
        prefix.PrefixBits = bits;
        Advertise(Router, 1_800, prefix);
        Assert.Empty(Made);
    }

    [Fact]
    public void Prefix_OfTheLink_MakesNoAddress()
    {
        PrefixInformation prefix = Autonomous(3_600, 1_800);
        prefix.Prefix = NdpSpec.LinkLocal;
        Advertise(Router, 1_800, prefix);
        Assert.Empty(Made);
    }

    [Fact]
    public void Address_AfterItsLifetimes_IsDeprecatedThenGone()
    {
        Advertise(Router, 1_800, Autonomous(100, 50));
        peer.Rig.RunUntil(peer.Rig.Now + (60 * Second));
        Assert.True(Assert.Single(Made).IsDeprecatedAt(peer.Rig.Now));
        peer.Rig.RunUntil(peer.Rig.Now + (60 * Second));
        Assert.Empty(Made);
        Assert.Equal(SocketError.None, peer.Rig.Stack.Output.FindPath(Far, Ipv6Peer.OwnLinkLocal, out PacketPath path));
        Assert.Equal(Router, path.NextHop);
    }

    [Fact]
    public void Address_LifetimeCutShort_KeepsTwoHours()
    {
        Advertise(Router, 1_800, Autonomous(86_400, 3_600));
        Advertise(Router, 1_800, Autonomous(10, 0));
        InterfaceAddress made = Assert.Single(Made);
        Assert.Equal(peer.Rig.Now + (7_200 * Second), made.ValidUntilMicros);
        Assert.True(made.IsDeprecatedAt(peer.Rig.Now));
        Advertise(Router, 1_800, Autonomous(10_000, 3_600));
        Assert.Equal(peer.Rig.Now + (10_000 * Second), Assert.Single(Made).ValidUntilMicros);
    }

    [Fact]
    public void Address_AlreadyShort_IsNotShortenedFurther()
    {
        Advertise(Router, 1_800, Autonomous(3_600, 3_600));
        long until = Assert.Single(Made).ValidUntilMicros;
        Advertise(Router, 1_800, Autonomous(10, 10));
        Assert.Equal(until, Assert.Single(Made).ValidUntilMicros);
    }

    [Fact]
    public void Addresses_FloodOfPrefixes_StayBounded()
    {
        for (uint number = 0; number < 500; number++)
        {
            PrefixInformation prefix = Autonomous(3_600, 1_800);
            prefix.Prefix = new IpAddress(0x2001_0DB8_0000_0000 + ((ulong)number << 16), 0);
            Advertise(new IpAddress(0xFE80_0000_0000_0000, number + 1), 1_800, prefix);
        }

        Assert.InRange(Made.Length, 1, 8);
        Assert.InRange(peer.Rig.Stack.Routes.Count, 1, 24);
    }

    [Fact]
    public void Conflict_OfAMadeAddress_ChoosesAnotherIdentifierUpToThreeTimes()
    {
        Advertise(Router, 1_800, Autonomous(3_600, 1_800));
        var seen = new HashSet<IpAddress>();
        while (Made.Length > 0)
        {
            IpAddress made = Assert.Single(Made).Address;
            Assert.True(seen.Add(made));
            peer.InjectNdp(made, NdpSpec.AllNodes, new NdpMessage { Type = NdpSpec.NeighborAdvertisement, Target = made });
        }

        Assert.Equal(1 + NdpSpec.IdentifierRetries, seen.Count);
    }

    [Fact]
    public void Conflict_OfAMadeAddress_LeavesThePrefixOnTheLink()
    {
        Advertise(Router, 1_800, Autonomous(3_600, 1_800));
        peer.Rig.Stack.RemoveAddress(Link, Assert.Single(Made).Address);
        Assert.Empty(Made);
        Assert.Equal(SocketError.None, Find(new IpAddress(Prefix.High, 7), out PacketPath path));
        Assert.Equal(new IpAddress(Prefix.High, 7), path.NextHop);
    }

    [Fact]
    public void Identifier_SameSecret_IsTheSameAgainInItsNetworkOnly()
    {
        Advertise(Router, 1_800, Autonomous(3_600, 1_800));
        ulong identifier = Assert.Single(Made).Address.Low;
        using var again = new Ipv6Peer(isConfigured: false);
        again.Rig.Stack.Autoconfiguration.Enable(again.Rig.Wire);
        Assert.NotEqual(identifier, Assert.Single(again.Rig.Wire.Addresses.ToArray(), one => one.Address.IsLinkLocal).Address.Low);
        var wanted = new InterfaceAddress { Address = Prefix, PrefixBits = 64, IsAutomatic = true };
        again.Rig.Stack.Autoconfiguration.TryAdd(again.Rig.Wire, in wanted);
        Assert.NotEqual(-1, again.Rig.Wire.FindAddress(new IpAddress(Prefix.High, identifier)));
    }

    [Fact]
    public void Router_LifetimeEnds_IsNoDefaultRouterAnyMore()
    {
        Advertise(Router, 30);
        Assert.Equal(SocketError.None, Find(Far, out PacketPath path));
        Assert.Equal(Router, path.NextHop);
        peer.Rig.RunUntil(peer.Rig.Now + (31 * Second));
        Assert.Equal(SocketError.NetworkUnreachable, Find(Far, out _));
    }

    [Fact]
    public void Router_SaysThatItIsNone_IsNoDefaultRouterAnyMore()
    {
        Advertise(Router, 1_800);
        Advertise(Router, 0);
        Assert.Equal(SocketError.NetworkUnreachable, Find(Far, out _));
    }

    [Fact]
    public void Router_ThatIsNoDefaultRouter_IsARouter()
    {
        Advertise(Router, 0);
        Assert.True(Assert.Single(peer.Rig.Stack.Neighbors.Entries, one => one.Address == Router).IsRouter);
    }

    [Fact]
    public void Router_SaysThatItIsNone_IsNoBetterFirstHopAnyMore()
    {
        Advertise(Router, 1_800, preference: 1);
        Advertise(OtherRouter, 1_800);
        Redirect(Router, OtherRouter);
        Advertise(OtherRouter, 0);
        Find(Far, out PacketPath path);
        Assert.Equal(Router, path.NextHop);
    }

    [Fact]
    public void Router_AdvertisesItselfAsAHost_IsNoDefaultRouterAnyMore()
    {
        Advertise(Router, 1_800);
        var message = new NdpMessage { Type = NdpSpec.NeighborAdvertisement, Target = Router, Flags = NdpSpec.FlagOverride };
        peer.InjectNdp(Router, NdpSpec.AllNodes, in message);
        Assert.Equal(SocketError.NetworkUnreachable, Find(Far, out _));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, -1)]
    public void Router_MorePreferred_IsTaken(int better, int worse)
    {
        Advertise(OtherRouter, 1_800, preference: worse);
        Advertise(Router, 1_800, preference: better);
        Assert.Equal(SocketError.None, Find(Far, out PacketPath path));
        Assert.Equal(Router, path.NextHop);
    }

    [Fact]
    public void Router_DoesNotAnswer_GivesWayToAnother()
    {
        Advertise(Router, 1_800, Autonomous(3_600, 1_800), hasMac: false, preference: 1);
        Advertise(OtherRouter, 1_800);
        peer.Rig.RunUntil(peer.Rig.Now + (3 * Second));
        DatagramSocket socket = new(peer.Rig.Stack.Pool);
        Assert.Equal(SocketError.None, peer.Rig.Stack.Udp.Send(peer.Rig.Context, socket, "hello"u8, Far, 7));
        peer.Rig.RunUntil(peer.Rig.Now + (5 * Second));
        peer.Rig.Stack.Udp.Close(socket);
        Find(Far, out PacketPath path);
        Assert.Equal(OtherRouter, path.NextHop);
    }

    [Theory]
    [InlineData("2001:db8::99", 255)] // not from a link-local address
    [InlineData("fe80::99", 64)] // through a router
    public void Advertisement_NotFromTheLink_IsDropped(string source, byte hopLimit)
    {
        byte[] message = Message(1_800, 0, hasMac: true, []);
        peer.InjectIcmp(Ipv6Peer.Parse(source), NdpSpec.AllNodes, message, hopLimit);
        Assert.Equal(SocketError.NetworkUnreachable, Find(Far, out _));
    }

    [Fact]
    public void Advertisement_Parameters_AreTaken()
    {
        byte[] message = Message(1_800, 0, hasMac: true, []);
        message[4] = 32;
        (message[10], message[11]) = (0x27, 0x10);
        (message[14], message[15]) = (0x01, 0xF4);
        peer.InjectIcmp(Router, NdpSpec.AllNodes, [.. message, 5, 1, 0, 0, 0, 0, 5, 0x78], NdpSpec.HopLimit);
        Assert.Equal((32, 500_000L, 1_400), ((int)Link.V6.HopLimit, Link.V6.RetransmitMicros, Link.MtuBytesV6));
        Assert.InRange(Link.V6.ReachableMicros, 5_000_000, 15_000_000);
    }

    [Theory]
    [InlineData(1_279)]
    [InlineData(1_501)]
    public void Advertisement_ImpossibleMtu_IsIgnored(int mtu)
    {
        peer.InjectIcmp(
            Router, NdpSpec.AllNodes, [.. Message(1_800, 0, hasMac: true, []), 5, 1, 0, 0, 0, 0, (byte)(mtu >> 8), (byte)mtu], NdpSpec.HopLimit);
        Assert.Equal(1_500, Link.MtuBytesV6);
    }

    [Fact]
    public void Redirect_FromTheFirstHop_IsFollowed()
    {
        Advertise(Router, 1_800);
        Redirect(Router, OtherRouter);
        Find(Far, out PacketPath path);
        Assert.Equal(OtherRouter, path.NextHop);
        Assert.True(Assert.Single(peer.Rig.Stack.Neighbors.Entries, one => one.Address == OtherRouter).IsRouter);
        Redirect(OtherRouter, Far);
        Find(Far, out path);
        Assert.Equal(Far, path.NextHop);
        Assert.False(Assert.Single(peer.Rig.Stack.Neighbors.Entries, one => one.Address == Far).IsRouter);
    }

    [Fact]
    public void Redirect_FromSomebodyElse_IsNot()
    {
        Advertise(Router, 1_800);
        Redirect(OtherRouter, OtherRouter);
        Find(Far, out PacketPath path);
        Assert.Equal(Router, path.NextHop);
    }

    private static PrefixInformation Autonomous(uint valid, uint preferred) => new()
    {
        Prefix = Prefix,
        PrefixBits = 64,
        IsOnLink = true,
        IsAutonomous = true,
        ValidSeconds = valid,
        PreferredSeconds = preferred,
    };

    private static byte[] Message(int lifetime, int preference, bool hasMac, PrefixInformation[] prefixes)
    {
        byte[] message = new byte[RouterAdvertisement.LengthBytes + (hasMac ? 8 : 0) + (PrefixInformation.LengthBytes * prefixes.Length)];
        new RouterAdvertisement { LifetimeSeconds = lifetime, Preference = preference }.Write(message);
        Span<byte> rest = message.AsSpan(RouterAdvertisement.LengthBytes);
        foreach (PrefixInformation prefix in prefixes)
        {
            prefix.Write(rest);
            rest = rest[PrefixInformation.LengthBytes..];
        }

        if (hasMac)
        {
            new NdpOptions { HasSourceMac = true, SourceMac = Ipv6Peer.PeerMac }.Write(rest);
        }

        return message;
    }

    private void Advertise(IpAddress from, int lifetime, PrefixInformation? prefix = null, int preference = 0, bool hasMac = true) =>
        peer.InjectIcmp(
            from, NdpSpec.AllNodes, Message(lifetime, preference, hasMac, prefix is { } one ? [one] : []), NdpSpec.HopLimit);

    /// <summary>The way; that there may be no address to send from does not matter.</summary>
    private SocketError Find(IpAddress destination, out PacketPath path)
    {
        SocketError error = peer.Rig.Stack.Output.FindPath(destination, IpAddress.AnyV6, out path);
        return error == SocketError.AddressNotAvailable ? SocketError.None : error;
    }

    private void Redirect(IpAddress from, IpAddress target)
    {
        var message = new NdpMessage { Type = NdpSpec.Redirect, Target = target, Destination = Far };
        (message.Options.HasTargetMac, message.Options.TargetMac) = (true, Ipv6Peer.PeerMac);
        IpAddress own = Assert.Single(Link.Addresses.ToArray(), one => one.Address.IsLinkLocal).Address;
        peer.InjectNdp(from, own, in message);
    }
}
