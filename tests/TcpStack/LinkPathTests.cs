using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Udp;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>The ways of sockets that are bound to a link, in a host with two of them and a router on each.</summary>
public sealed class LinkPathTests : IDisposable
{
    private static readonly IpAddress Far = IpAddress.FromV4(192, 0, 2, 1);
    private static readonly IpAddress FarV6 = Ipv6Peer.Parse("2001:db8:ffff::1");
    private static readonly IpAddress SecondV4 = IpAddress.FromV4(10, 0, 1, 1);
    private static readonly IpAddress SecondV6 = Ipv6Peer.Parse("2001:db8:2::1");

    private readonly StackRig rig = new(IpAddress.FromV4(10, 0, 0, 1), hasLinkHeader: true);

    public LinkPathTests()
    {
        var second = new TestWire(rig.Stack.Pool, "eth1", new MacAddress(0x020000000101), 1_500, hasLinkHeader: true);
        rig.Stack.AddInterface(second);
        Assert.True(rig.Stack.TryAddAddress(rig.Wire, Ipv6Peer.Parse("2001:db8:1::1"), 64, isTentative: false));
        Assert.True(rig.Stack.TryAddAddress(second, SecondV4, 24, isTentative: false));
        Assert.True(rig.Stack.TryAddAddress(second, SecondV6, 64, isTentative: false));
        AddDefault("10.0.0.254", link: 1, metric: 0);
        AddDefault("10.0.1.254", link: 2, metric: 10);
        AddDefault("fe80::254", link: 1, metric: 0);
        AddDefault("fe80::1254", link: 2, metric: 10);
    }

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(0, "10.0.0.254", "10.0.0.1")]
    [InlineData(2, "10.0.0.254", "10.0.0.1")]
    [InlineData(3, "10.0.1.254", "10.0.1.1")]
    public void Destination_FarAway_GoesToTheRouterOfTheLink(int link, string router, string source)
    {
        Assert.Equal(SocketError.None, LinkPath.Find(rig.Stack, link, Far, IpAddress.AnyV4, out PacketPath path));
        Assert.Equal((router, source), (path.NextHop.ToString(), path.Source.ToString()));
    }

    [Theory]
    [InlineData(0, "fe80::254", "2001:db8:1::1")]
    [InlineData(2, "fe80::254", "2001:db8:1::1")]
    [InlineData(3, "fe80::1254", "2001:db8:2::1")]
    public void DestinationOfIpv6_FarAway_GoesToTheRouterOfTheLink(int link, string router, string source)
    {
        Assert.Equal(SocketError.None, LinkPath.Find(rig.Stack, link, FarV6, IpAddress.AnyV6, out PacketPath path));
        Assert.Equal((router, source), (path.NextHop.ToString(), path.Source.ToString()));
        Assert.Equal(Math.Max(1, link - 1), path.Interface.Index);
    }

    [Fact]
    public void DestinationOfIpv6_NoRouteOverTheLink_IsUnreachable()
    {
        rig.Stack.Routes.RemoveInterface(2);
        Assert.Equal(SocketError.NetworkUnreachable, LinkPath.Find(rig.Stack, 3, FarV6, IpAddress.AnyV6, out _));
    }

    [Fact]
    public void Destination_NoRouteOverTheLink_IsOnIt()
    {
        rig.Stack.Routes.RemoveInterface(2);
        Assert.Equal(SocketError.None, LinkPath.Find(rig.Stack, 3, Far, IpAddress.AnyV4, out PacketPath path));
        Assert.Equal((Far, SecondV4, 2), (path.NextHop, path.Source, path.Interface.Index));
    }

    [Fact]
    public void Broadcast_NoAddressYetButARouter_IsSentFromNone()
    {
        rig.Stack.RemoveAddress(rig.Stack.Interface(2), SecondV4);
        Assert.Equal(SocketError.None, LinkPath.Find(rig.Stack, 3, IpAddress.BroadcastV4, IpAddress.AnyV4, out PacketPath path));
        Assert.Equal((IpAddress.BroadcastV4, IpAddress.AnyV4), (path.NextHop, path.Source));
        Assert.Equal(SocketError.AddressNotAvailable, LinkPath.Find(rig.Stack, 3, Far, IpAddress.AnyV4, out _));
    }

    [Theory]
    [InlineData("2001:db8:ffff::1", 0)]
    [InlineData("192.0.2.1", 0)]
    [InlineData("fe80::7", 2)]
    [InlineData("ff02::fb", 2)]
    public void Zone_NamedWithTheAddress_CountsWhereTheAddressNeedsOne(string destination, int link) =>
        Assert.Equal(link, new DatagramSocket(rig.Stack.Pool).LinkFor(Ipv6Peer.Parse(destination), zone: 2));

    private void AddDefault(string router, int link, uint metric)
    {
        IpAddress gateway = Ipv6Peer.Parse(router);
        IpAddress network = gateway.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6;
        Assert.True(rig.Stack.Routes.TryAdd(new Route { Network = network, Gateway = gateway, InterfaceIndex = link, Metric = metric }));
    }
}
