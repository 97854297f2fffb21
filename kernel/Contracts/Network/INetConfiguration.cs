namespace RedLeafSharp.Contracts;

/// <summary>
/// Links, addresses, routes and neighbours of one stack. Shaped like Linux's rtnetlink(7): four tables, each with get, dump, new and
/// del, so that a netlink socket can be put over it.
/// </summary>
/// <remarks>
/// Dumps give entries from a position on. Who reads a table in several steps may see an entry twice, or miss one, if the table changes.
/// </remarks>
[DomainContract]
public interface INetConfiguration
{
    /// <summary>RTM_GETLINK with NLM_F_DUMP.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="start">How many entries to leave out.</param>
    /// <param name="links">Room.</param>
    /// <returns>How many were written.</returns>
    Reply<int, SocketError> DumpLinks(CallContext context, int start, Span<LinkInfo> links);

    /// <summary>RTM_GETLINK.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="index">The link's index, from 1; 0 to find it by name.</param>
    /// <param name="name">The link's name.</param>
    Reply<LinkInfo, SocketError> GetLink(CallContext context, int index, LinkName name);

    /// <summary>RTM_NEWLINK of a link that is there: takes it up or down, changes its MTU.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="link">Index, and what to change.</param>
    /// <param name="changes">Which fields count.</param>
    Reply<Unit, SocketError> ChangeLink(CallContext context, in LinkInfo link, LinkChanges changes);

    /// <summary>
    /// RTM_NEWLINK of a link that is not there: a VLAN of another (IFLA_INFO_KIND "vlan", IEEE 802.1Q). It is down at first.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="link">Name, the link below, and the VLAN's identifier.</param>
    /// <returns>
    /// The index; <see cref="SocketError.Exists"/> when name or VLAN is there, <see cref="SocketError.NoDevice"/> without the link
    /// below, <see cref="SocketError.InvalidArgument"/> when that carries no VLANs.
    /// </returns>
    Reply<int, SocketError> NewLink(CallContext context, in LinkInfo link);

    /// <summary>RTM_DELLINK of a VLAN, with its addresses and routes; <see cref="SocketError.NotSupported"/> for other links.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="index">The link.</param>
    Reply<Unit, SocketError> DeleteLink(CallContext context, int index);

    /// <summary>RTM_GETADDR with NLM_F_DUMP.</summary>
    Reply<int, SocketError> DumpAddresses(CallContext context, int start, Span<AddressInfo> addresses);

    /// <summary>
    /// RTM_NEWADDR: gives a link an address and the route to its network. On an Ethernet it is tentative at first, until no other
    /// host has answered for it.
    /// </summary>
    Reply<Unit, SocketError> NewAddress(CallContext context, in AddressInfo address);

    /// <summary>RTM_DELADDR; its route goes with it.</summary>
    Reply<Unit, SocketError> DeleteAddress(CallContext context, in AddressInfo address);

    /// <summary>RTM_GETROUTE with NLM_F_DUMP, in the order in which routes are looked at.</summary>
    Reply<int, SocketError> DumpRoutes(CallContext context, int start, Span<RouteInfo> routes);

    /// <summary>RTM_GETROUTE: the way that a packet to an address would go.</summary>
    Reply<RouteInfo, SocketError> GetRoute(CallContext context, IpAddress destination);

    /// <summary>RTM_NEWROUTE. <see cref="SocketError.NetworkUnreachable"/> when no link leads to the gateway.</summary>
    Reply<Unit, SocketError> NewRoute(CallContext context, in RouteInfo route);

    /// <summary>RTM_DELROUTE.</summary>
    Reply<Unit, SocketError> DeleteRoute(CallContext context, in RouteInfo route);

    /// <summary>RTM_GETNEIGH with NLM_F_DUMP.</summary>
    Reply<int, SocketError> DumpNeighbors(CallContext context, int start, Span<NeighborInfo> neighbors);

    /// <summary>RTM_NEWNEIGH: sets an entry for good.</summary>
    Reply<Unit, SocketError> NewNeighbor(CallContext context, in NeighborInfo neighbor);

    /// <summary>RTM_DELNEIGH.</summary>
    Reply<Unit, SocketError> DeleteNeighbor(CallContext context, in NeighborInfo neighbor);
}
