using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
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

    private void AddDefaultRoute() =>
        Assert.True(rig.Stack.Routes.TryAdd(new Route { Network = IpAddress.AnyV4, Gateway = Peer, InterfaceIndex = 1 }));
}
