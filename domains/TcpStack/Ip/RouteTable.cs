using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Where packets go: the longest prefix wins, then the smallest metric (RFC 1122 section 3.3.1).</summary>
internal sealed class RouteTable
{
    private readonly Route[] routes = new Route[StackLimits.RoutesMax];

    internal int Count { get; private set; }

    internal ReadOnlySpan<Route> Routes => routes.AsSpan(0, Count);

    /// <summary>Adds a route; false when it is there already or the table is full.</summary>
    internal bool TryAdd(in Route route)
    {
        if (Count == routes.Length || Find(in route) >= 0)
        {
            return false;
        }

        int index = Count++;
        while (index > 0 && IsBefore(in route, in routes[index - 1]))
        {
            routes[index] = routes[index - 1];
            index--;
        }

        routes[index] = route;
        return true;
    }

    /// <summary>Removes the route to the same network with the same metric over the same interface.</summary>
    internal bool TryRemove(in Route route)
    {
        int index = Find(in route);
        if (index < 0)
        {
            return false;
        }

        Array.Copy(routes, index + 1, routes, index, --Count - index);
        return true;
    }

    internal bool Contains(in Route route) => Find(in route) >= 0;

    /// <summary>Removes what leads over an interface.</summary>
    internal void RemoveInterface(int interfaceIndex)
    {
        int kept = 0;
        for (int index = 0; index < Count; index++)
        {
            if (routes[index].InterfaceIndex != interfaceIndex)
            {
                routes[kept++] = routes[index];
            }
        }

        Count = kept;
    }

    internal bool TryFind(IpAddress destination, out Route route)
    {
        foreach (ref readonly Route one in Routes)
        {
            if (destination.IsIn(one.Network, one.PrefixBits))
            {
                route = one;
                return true;
            }
        }

        route = default;
        return false;
    }

    private static bool IsBefore(in Route one, in Route other) =>
        one.PrefixBits > other.PrefixBits || (one.PrefixBits == other.PrefixBits && one.Metric < other.Metric);

    private int Find(in Route route)
    {
        for (int index = 0; index < Count; index++)
        {
            ref Route one = ref routes[index];
            if (one.Network.Network(one.PrefixBits) == route.Network.Network(route.PrefixBits) && one.PrefixBits == route.PrefixBits && one.Metric == route.Metric
                && one.InterfaceIndex == route.InterfaceIndex)
            {
                return index;
            }
        }

        return -1;
    }
}

/// <summary>A route.</summary>
internal struct Route
{
    internal IpAddress Network;
    internal int PrefixBits;

    /// <summary>The router to send to; unspecified when the network is on the link.</summary>
    internal IpAddress Gateway;

    internal int InterfaceIndex;
    internal uint Metric;

    /// <summary>The address to send from; unspecified to choose one of the interface.</summary>
    internal IpAddress Source;

    internal readonly IpAddress NextHop(IpAddress destination) => Gateway.IsUnspecified ? destination : Gateway;
}
