using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <content>Routes and neighbours.</content>
internal sealed partial class NetConfiguration
{
    public Reply<int, SocketError> DumpRoutes(CallContext context, int start, Span<RouteInfo> routes)
    {
        int count = 0;
        for (int index = Math.Max(start, 0); index < stack.Routes.Count && count < routes.Length; index++)
        {
            routes[count++] = InfoOf(in stack.Routes.Routes[index]);
        }

        return count;
    }

    public Reply<RouteInfo, SocketError> GetRoute(CallContext context, IpAddress destination)
    {
        SocketError error = stack.Output.FindPath(destination, AnyOf(destination), out PacketPath path);
        return error != SocketError.None ? error : new RouteInfo
        {
            Destination = destination,
            PrefixBits = PrefixBitsMax(destination),
            Gateway = path.NextHop == destination ? AnyOf(destination) : path.NextHop,
            LinkIndex = path.Interface.Index + 1,
            Source = path.Source,
        };
    }

    public Reply<Unit, SocketError> NewRoute(CallContext context, in RouteInfo route)
    {
        SocketError error = Check(route.Destination, route.PrefixBits);
        int linkIndex = route.LinkIndex - 1;
        if (error == SocketError.None && route.Destination.Network(route.PrefixBits) != route.Destination)
        {
            error = SocketError.InvalidArgument;
        }

        if (error == SocketError.None && !route.Gateway.IsUnspecified)
        {
            // A gateway has to be on a link itself, or nobody would answer for it.
            error = route.Gateway.IsV4 == route.Destination.IsV4 ? FindGateway(route.Gateway, ref linkIndex) : SocketError.InvalidArgument;
        }

        if (error == SocketError.None && !stack.TryFindInterface(linkIndex, out _))
        {
            error = SocketError.NoDevice;
        }

        if (error != SocketError.None)
        {
            return error;
        }

        work.Enter(context);
        Route added = RouteOf(in route, linkIndex);
        error = stack.Routes.Contains(in added) ? SocketError.Exists
            : stack.Routes.TryAdd(in added) ? SocketError.None
            : SocketError.TooMany;
        return Leave(context, error);
    }

    public Reply<Unit, SocketError> DeleteRoute(CallContext context, in RouteInfo route)
    {
        foreach (ref readonly Route one in stack.Routes.Routes)
        {
            bool isMeant = one.Network.Network(one.PrefixBits) == route.Destination.Network(route.PrefixBits)
                && one.PrefixBits == route.PrefixBits
                && (route.LinkIndex == 0 || one.InterfaceIndex == route.LinkIndex - 1)
                && (route.Gateway.IsUnspecified || one.Gateway == route.Gateway)
                && (route.Metric == 0 || one.Metric == route.Metric);
            if (isMeant)
            {
                Route removed = one;
                work.Enter(context);
                stack.Routes.TryRemove(in removed);
                return Leave(context, SocketError.None);
            }
        }

        return SocketError.NoRoute;
    }

    public Reply<int, SocketError> DumpNeighbors(CallContext context, int start, Span<NeighborInfo> neighbors)
    {
        int count = 0;
        for (int index = Math.Max(start, 0); index < stack.Neighbors.Entries.Count && count < neighbors.Length; index++)
        {
            Neighbor neighbor = stack.Neighbors.Entries[index];
            neighbors[count++] = new NeighborInfo
            {
                LinkIndex = neighbor.InterfaceIndex + 1,
                Address = neighbor.Address,
                Mac = neighbor.Mac,
                Status = StatusOf(neighbor.State),
                IsRouter = neighbor.IsRouter,
            };
        }

        return count;
    }

    public Reply<Unit, SocketError> NewNeighbor(CallContext context, in NeighborInfo neighbor)
    {
        if (!stack.TryFindInterface(neighbor.LinkIndex - 1, out NetworkInterface link) || !link.HasLinkHeader)
        {
            return SocketError.NoDevice;
        }

        if (neighbor.Address.IsMulticast || neighbor.Address.IsUnspecified || neighbor.Mac.IsMulticast)
        {
            return SocketError.InvalidArgument;
        }

        work.Enter(context);
        stack.Neighbors.SetPermanent(context, link, neighbor.Address, neighbor.Mac);
        return Leave(context, SocketError.None);
    }

    public Reply<Unit, SocketError> DeleteNeighbor(CallContext context, in NeighborInfo neighbor)
    {
        work.Enter(context);
        return Leave(
            context,
            stack.Neighbors.TryRemove(neighbor.LinkIndex - 1, neighbor.Address) ? SocketError.None : SocketError.NoEntry);
    }

    private static RouteInfo InfoOf(in Route route) => new()
    {
        Destination = route.Network.Network(route.PrefixBits),
        PrefixBits = route.PrefixBits,
        Gateway = route.Gateway.IsUnspecified ? AnyOf(route.Network) : route.Gateway,
        LinkIndex = route.InterfaceIndex + 1,
        Source = route.Source.IsUnspecified ? AnyOf(route.Network) : route.Source,
        Metric = route.Metric,
        IsAdvertised = route.IsAdvertised,
        ExpiresMicros = route.ExpiresMicros,
    };

    private static IpAddress AnyOf(IpAddress address) => address.IsV4 ? IpAddress.AnyV4 : IpAddress.AnyV6;

    /// <summary>The link that a router is on: a link-local address says nothing of it (RFC 4007 section 6).</summary>
    private SocketError FindGateway(IpAddress gateway, ref int linkIndex)
    {
        if (gateway.IsLinkLocal && !gateway.IsV4)
        {
            return linkIndex >= 0 ? SocketError.None : SocketError.InvalidArgument;
        }

        bool isOnLink = stack.Routes.TryFind(gateway, out Route way) && way.Gateway.IsUnspecified
            && (linkIndex < 0 || way.InterfaceIndex == linkIndex);
        linkIndex = way.InterfaceIndex;
        return isOnLink ? SocketError.None : SocketError.NetworkUnreachable;
    }

    private static Route RouteOf(in RouteInfo route, int linkIndex) => new()
    {
        Network = route.Destination,
        PrefixBits = route.PrefixBits,
        Gateway = route.Gateway,
        InterfaceIndex = linkIndex,
        Metric = route.Metric,
        Source = route.Source,
    };

    private static NeighborStatus StatusOf(NeighborState state) => state switch
    {
        NeighborState.Incomplete => NeighborStatus.Incomplete,
        NeighborState.Reachable => NeighborStatus.Reachable,
        NeighborState.Stale => NeighborStatus.Stale,
        NeighborState.Delay => NeighborStatus.Delay,
        NeighborState.Probe => NeighborStatus.Probe,
        _ => NeighborStatus.Permanent,
    };
}
