using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <content>Whom packets go to and come from: groups and broadcasts, sources that are none, addresses that are not to be used.</content>
public sealed partial class LowerLayerTests
{
    private static readonly IpAddress Added = IpAddress.FromV4(10, 0, 0, 9);
    private static readonly IpAddress Far = IpAddress.FromV4(192, 0, 2, 1);

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
}
