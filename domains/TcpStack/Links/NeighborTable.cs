using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ndp;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// The neighbour cache of both versions of IP: puts the link's header before packets, and asks for addresses that it does not know.
/// Neighbours: above, IP output; beside, <see cref="Arp"/> and <see cref="NeighborDiscovery"/>, which ask and hear the answers.
/// </summary>
internal sealed class NeighborTable(NetworkStack stack)
{
    private readonly Dictionary<NeighborKey, Neighbor> neighbors = [];
    private readonly List<Neighbor> order = [];
    private long nextTickMicros = long.MaxValue;

    internal int Count => order.Count;

    internal IReadOnlyList<Neighbor> Entries => order;

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    internal long DeadlineMicros => nextTickMicros;

    /// <summary>Sends an IP packet to a host or router of the link, at once or when its address is known.</summary>
    internal void Send(CallContext context, NetworkInterface link, IpAddress nextHop, OutgoingPacket packet)
    {
        if (!link.HasLinkHeader)
        {
            stack.Transmit(context, link, packet);
            return;
        }

        if (nextHop.IsMulticast || link.IsBroadcast(nextHop))
        {
            SendTo(context, link, LinkGroups.MacOf(nextHop), nextHop, packet);
            return;
        }

        Neighbor neighbor = FindOrAdd(link.Index, nextHop);
        neighbor.UsedMicros = stack.NowMicros;
        if (neighbor.IsUsable)
        {
            if (neighbor.State == NeighborState.Stale)
            {
                neighbor.State = NeighborState.Delay;
                SetDeadline(neighbor, stack.NowMicros + ArpSpec.DelayMicros);
            }

            SendTo(context, link, neighbor.Mac, nextHop, packet);
            return;
        }

        Enqueue(context, neighbor, packet);
        if (neighbor.RequestsSent == 0)
        {
            Ask(context, link, neighbor);
        }
    }

    /// <summary>
    /// A host has told its address. Known neighbours are updated; others only when they have been talking to this host
    /// (RFC 826 "Packet Reception").
    /// </summary>
    internal void Learn(CallContext context, NetworkInterface link, IpAddress address, MacAddress mac, bool mayAdd, bool isAnswer)
    {
        var key = new NeighborKey(link.Index, address);
        if (!neighbors.TryGetValue(key, out Neighbor? neighbor))
        {
            if (!mayAdd)
            {
                return;
            }

            neighbor = FindOrAdd(link.Index, address);
        }

        if (neighbor.State != NeighborState.Permanent)
        {
            Set(context, link, neighbor, mac, isAnswer ? NeighborState.Reachable : NeighborState.Stale);
        }
    }

    /// <summary>
    /// A host has told its address beside something else: only a new address makes an entry stale (RFC 4861 sections 6.3.4, 7.2.3, 8.3).
    /// </summary>
    internal void Hear(CallContext context, NetworkInterface link, IpAddress address, MacAddress mac, bool mayAdd)
    {
        bool isKnown = neighbors.TryGetValue(new NeighborKey(link.Index, address), out Neighbor? neighbor);
        if (isKnown ? neighbor!.Mac != mac || neighbor.State == NeighborState.Incomplete : mayAdd)
        {
            Learn(context, link, address, mac, mayAdd, isAnswer: false);
        }
    }

    /// <summary>An advertisement has come (RFC 4861 section 7.2.5, appendix C).</summary>
    internal void HearAdvertisement(CallContext context, NetworkInterface link, in NdpMessage message)
    {
        if (!neighbors.TryGetValue(new NeighborKey(link.Index, message.Target), out Neighbor? neighbor)
            || neighbor.State == NeighborState.Permanent)
        {
            return;
        }

        bool isSolicited = (message.Flags & NdpSpec.FlagSolicited) != 0;
        bool isOther = message.Options.HasTargetMac && message.Options.TargetMac != neighbor.Mac;
        if (neighbor.State == NeighborState.Incomplete)
        {
            if (!message.Options.HasTargetMac)
            {
                return;
            }

            Set(context, link, neighbor, message.Options.TargetMac, isSolicited ? NeighborState.Reachable : NeighborState.Stale);
        }
        else if (isOther && (message.Flags & NdpSpec.FlagOverride) == 0)
        {
            // Somebody else says so: what is known is asked for again before it is believed no longer.
            if (neighbor.State == NeighborState.Reachable)
            {
                Set(context, link, neighbor, neighbor.Mac, NeighborState.Stale);
            }

            return;
        }
        else if (isSolicited || isOther)
        {
            MacAddress mac = isOther ? message.Options.TargetMac : neighbor.Mac;
            Set(context, link, neighbor, mac, isSolicited ? NeighborState.Reachable : NeighborState.Stale);
        }

        SetRouter(link.Index, message.Target, (message.Flags & NdpSpec.FlagRouter) != 0);
    }

    /// <summary>Whether a neighbour is a router; one that is none any more is no first hop either.</summary>
    internal void SetRouter(int interfaceIndex, IpAddress address, bool isRouter)
    {
        if (neighbors.TryGetValue(new NeighborKey(interfaceIndex, address), out Neighbor? neighbor))
        {
            if (neighbor.IsRouter && !isRouter)
            {
                stack.Routers.Drop(interfaceIndex, address);
            }

            neighbor.IsRouter = isRouter;
        }
    }

    /// <summary>Sets an entry by hand, for good.</summary>
    internal void SetPermanent(CallContext context, NetworkInterface link, IpAddress address, MacAddress mac)
    {
        Learn(context, link, address, mac, mayAdd: true, isAnswer: true);
        Neighbor neighbor = neighbors[new NeighborKey(link.Index, address)];
        (neighbor.State, neighbor.DeadlineMicros) = (NeighborState.Permanent, long.MaxValue);
    }

    internal bool TryRemove(int interfaceIndex, IpAddress address)
    {
        if (!neighbors.TryGetValue(new NeighborKey(interfaceIndex, address), out Neighbor? neighbor))
        {
            return false;
        }

        Remove(neighbor);
        return true;
    }

    /// <summary>Forgets the neighbours on a link that is gone.</summary>
    internal void RemoveInterface(int interfaceIndex)
    {
        for (int index = order.Count - 1; index >= 0; index--)
        {
            if (order[index].InterfaceIndex == interfaceIndex)
            {
                Remove(order[index]);
            }
        }
    }

    /// <summary>Does what is due: asks again, gives up, lets entries grow old.</summary>
    internal void Tick(CallContext context)
    {
        long now = stack.NowMicros;
        if (now < nextTickMicros)
        {
            return;
        }

        for (int index = order.Count - 1; index >= 0; index--)
        {
            if (order[index].DeadlineMicros <= now)
            {
                Expire(context, order[index]);
            }
        }

        nextTickMicros = long.MaxValue;
        foreach (Neighbor neighbor in order)
        {
            nextTickMicros = Math.Min(nextTickMicros, neighbor.DeadlineMicros);
        }
    }

    private void Set(CallContext context, NetworkInterface link, Neighbor neighbor, MacAddress mac, NeighborState state)
    {
        neighbor.Mac = mac;
        neighbor.RequestsSent = 0;
        neighbor.State = state;
        long reachableMicros = neighbor.Address.IsV4 ? ArpSpec.ReachableMicros : link.V6.ReachableMicros;
        SetDeadline(neighbor, state == NeighborState.Reachable ? stack.NowMicros + reachableMicros : long.MaxValue);
        stack.Routes.NoteRouter(link.Index, neighbor.Address, answers: true);
        while (neighbor.PendingCount > 0)
        {
            OutgoingPacket packet = stack.Deferred;
            packet.Adopt(neighbor.Dequeue());
            SendTo(context, link, mac, neighbor.Address, packet);
        }
    }

    private void SendTo(CallContext context, NetworkInterface link, MacAddress mac, IpAddress nextHop, OutgoingPacket packet)
    {
        ushort type = nextHop.IsV4 ? EthernetHeader.TypeIpv4 : EthernetHeader.TypeIpv6;
        var header = new EthernetHeader { Destination = mac, Source = link.Mac, Type = type };
        header.Write(packet.Prepend(context, EthernetHeader.LengthBytes));
        stack.Transmit(context, link, packet);
    }

    private void Enqueue(CallContext context, Neighbor neighbor, OutgoingPacket packet)
    {
        PacketOffload offload = packet.Offload;
        if (packet.TryFlatten(context, out int copy))
        {
            int dropped = offload.TryFinish(stack.Pool.Data(context, copy)) ? neighbor.Enqueue(copy) : copy;
            if (dropped >= 0)
            {
                stack.Pool.Release(dropped);
            }
        }

        packet.Discard();
    }

    private void Ask(CallContext context, NetworkInterface link, Neighbor neighbor)
    {
        neighbor.RequestsSent++;
        bool isProbe = neighbor.State == NeighborState.Probe;
        if (neighbor.Address.IsV4)
        {
            SetDeadline(neighbor, stack.NowMicros + ArpSpec.RetransmitMicros);
            stack.Arp.SendRequest(context, link, neighbor.Address, isProbe ? neighbor.Mac : MacAddress.Broadcast);
        }
        else
        {
            SetDeadline(neighbor, stack.NowMicros + link.V6.RetransmitMicros);
            stack.Discovery.Solicit(context, link, neighbor.Address, isProbe);
        }
    }

    private void Expire(CallContext context, Neighbor neighbor)
    {
        switch (neighbor.State)
        {
            case NeighborState.Reachable:
                neighbor.State = NeighborState.Stale;
                neighbor.DeadlineMicros = long.MaxValue;
                break;
            case NeighborState.Delay:
                neighbor.State = NeighborState.Probe;
                Ask(context, stack.Interface(neighbor.InterfaceIndex), neighbor);
                break;
            default:
                if (neighbor.RequestsSent < ArpSpec.RequestsMax)
                {
                    Ask(context, stack.Interface(neighbor.InterfaceIndex), neighbor);
                }
                else
                {
                    GiveUp(context, neighbor);
                }

                break;
        }
    }

    /// <summary>Senders of packets that wait are told, as a router would tell them (RFC 1122 section 2.4 asks for it).</summary>
    private void GiveUp(CallContext context, Neighbor neighbor)
    {
        while (neighbor.PendingCount > 0)
        {
            int packet = neighbor.Dequeue();
            stack.Delivery.NotifySender(context, stack.Pool.Data(context, packet), SocketError.HostUnreachable);
            stack.Pool.Release(packet);
        }

        stack.Routes.NoteRouter(neighbor.InterfaceIndex, neighbor.Address, answers: false);
        stack.Destinations.ForgetNextHop(neighbor.InterfaceIndex, neighbor.Address);
        Remove(neighbor);
    }

    private Neighbor FindOrAdd(int interfaceIndex, IpAddress address)
    {
        var key = new NeighborKey(interfaceIndex, address);
        if (neighbors.TryGetValue(key, out Neighbor? neighbor))
        {
            return neighbor;
        }

        if (order.Count >= StackLimits.NeighborsMax)
        {
            Remove(ChooseVictim());
        }

        neighbor = new Neighbor(interfaceIndex, address) { UsedMicros = stack.NowMicros };
        neighbors.Add(key, neighbor);
        order.Add(neighbor);
        return neighbor;
    }

    /// <summary>Those that never answered go first, then the one that was used longest ago.</summary>
    private Neighbor ChooseVictim()
    {
        Neighbor victim = order[0];
        foreach (Neighbor one in order)
        {
            bool isBetter = one.IsUsable == victim.IsUsable ? one.UsedMicros < victim.UsedMicros : !one.IsUsable;
            if (victim.State == NeighborState.Permanent || (isBetter && one.State != NeighborState.Permanent))
            {
                victim = one;
            }
        }

        return victim;
    }

    private void Remove(Neighbor neighbor)
    {
        while (neighbor.PendingCount > 0)
        {
            stack.Pool.Release(neighbor.Dequeue());
        }

        neighbors.Remove(new NeighborKey(neighbor.InterfaceIndex, neighbor.Address));
        order.Remove(neighbor);
    }

    private void SetDeadline(Neighbor neighbor, long deadlineMicros)
    {
        neighbor.DeadlineMicros = deadlineMicros;
        nextTickMicros = Math.Min(nextTickMicros, deadlineMicros);
    }
}
