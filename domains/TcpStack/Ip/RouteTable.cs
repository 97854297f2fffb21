using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Where packets of both versions go: the longest prefix wins, then a router that answers, then the smallest metric (RFC 1122 section
/// 3.3.1, RFC 4191 section 3.2).
/// </summary>
internal sealed class RouteTable
{
    private const int AnyInterface = -1;

    private readonly Route[] routes = new Route[StackLimits.RoutesMax];
    private int failedCount;

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
    internal bool TryRemove(in Route route) => TryRemove(in route, mayBeAdvertised: true);

    /// <summary>As <see cref="TryRemove(in Route)"/>, but leaves what a router has told of.</summary>
    internal bool TryRemoveConfigured(in Route route) => TryRemove(in route, mayBeAdvertised: false);

    private bool TryRemove(in Route route, bool mayBeAdvertised)
    {
        int index = Find(in route);
        if (index < 0 || (routes[index].IsAdvertised && !mayBeAdvertised))
        {
            return false;
        }

        RemoveAt(index);
        return true;
    }

    internal bool Contains(in Route route) => Find(in route) >= 0;

    /// <summary>Sets what a router has told, in place of what it told before; no more than a bound of them.</summary>
    internal void SetAdvertised(in Route route, bool isRemoved)
    {
        int advertised = 0;
        for (int index = Count - 1; index >= 0; index--)
        {
            ref Route one = ref routes[index];
            advertised += one.IsAdvertised ? 1 : 0;
            if (one.IsAdvertised && one.InterfaceIndex == route.InterfaceIndex && one.Gateway == route.Gateway
                && one.Network == route.Network && one.PrefixBits == route.PrefixBits)
            {
                RemoveAt(index);
                advertised--;
            }
        }

        if (!isRemoved && advertised < StackLimits.AdvertisedRoutesMax)
        {
            TryAdd(in route);
        }
    }

    /// <summary>Removes what is by a router that is none any more; false when there is nothing.</summary>
    internal bool RemoveAdvertised(int interfaceIndex, IpAddress gateway)
    {
        int before = Count;
        for (int index = Count - 1; index >= 0; index--)
        {
            if (routes[index].IsAdvertised && routes[index].InterfaceIndex == interfaceIndex && routes[index].Gateway == gateway)
            {
                RemoveAt(index);
            }
        }

        return Count < before;
    }

    /// <summary>Removes what has come to its end; returns when the next one does.</summary>
    internal long Expire(long nowMicros)
    {
        long next = long.MaxValue;
        for (int index = Count - 1; index >= 0; index--)
        {
            long expires = routes[index].ExpiresMicros;
            if (expires != 0 && expires <= nowMicros)
            {
                RemoveAt(index);
            }
            else if (expires != 0)
            {
                next = Math.Min(next, expires);
            }
        }

        return next;
    }

    /// <summary>Removes what leads over an interface.</summary>
    internal void RemoveInterface(int interfaceIndex)
    {
        for (int index = Count - 1; index >= 0; index--)
        {
            if (routes[index].InterfaceIndex == interfaceIndex)
            {
                RemoveAt(index);
            }
        }
    }

    /// <summary>Whether a router answers: others are preferred while it does not.</summary>
    internal void NoteRouter(int interfaceIndex, IpAddress gateway, bool answers)
    {
        if (answers && failedCount == 0)
        {
            return;
        }

        failedCount = 0;
        for (int index = 0; index < Count; index++)
        {
            ref Route one = ref routes[index];
            if (one.InterfaceIndex == interfaceIndex && one.Gateway == gateway)
            {
                one.Failures = answers ? 0 : one.Failures + 1;
            }

            failedCount += one.Failures > 0 ? 1 : 0;
        }
    }

    internal bool TryFind(IpAddress destination, out Route route) => TryFind(destination, AnyInterface, out route);

    /// <summary>As <see cref="TryFind(IpAddress, out Route)"/>, among the routes over one interface.</summary>
    internal bool TryFind(IpAddress destination, int interfaceIndex, out Route route)
    {
        route = default;
        bool isFound = false;
        foreach (ref readonly Route one in Routes)
        {
            if (isFound && one.PrefixBits < route.PrefixBits)
            {
                break;
            }

            bool isUsable = interfaceIndex == AnyInterface || one.InterfaceIndex == interfaceIndex;
            if (isUsable && destination.IsIn(one.Network, one.PrefixBits) && (!isFound || one.Failures < route.Failures))
            {
                route = one;
                isFound = true;
                if (failedCount == 0)
                {
                    break;
                }
            }
        }

        return isFound;
    }

    private static bool IsBefore(in Route one, in Route other) =>
        one.PrefixBits > other.PrefixBits || (one.PrefixBits == other.PrefixBits && one.Metric < other.Metric);

    private void RemoveAt(int index) => Array.Copy(routes, index + 1, routes, index, --Count - index);

    private int Find(in Route route)
    {
        for (int index = 0; index < Count; index++)
        {
            ref Route one = ref routes[index];
            if (one.Network.Network(one.PrefixBits) == route.Network.Network(route.PrefixBits) && one.PrefixBits == route.PrefixBits
                && one.Metric == route.Metric && one.InterfaceIndex == route.InterfaceIndex
                && (!one.IsAdvertised || one.Gateway == route.Gateway))
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

    /// <summary>Whether a router has told of it, and until when it holds; 0 for ever.</summary>
    internal bool IsAdvertised;
    internal long ExpiresMicros;

    /// <summary>How often its router has not answered since it last did.</summary>
    internal int Failures;
}
