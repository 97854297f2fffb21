using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// The neighbour cache: puts the link's header before packets, and asks for addresses that it does not know. Neighbours: above,
/// IP output; beside, <see cref="Arp"/>, which asks and hears the answers.
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
            link.Transmit(context, packet);
            return;
        }

        if (nextHop.IsMulticast || link.IsBroadcast(nextHop))
        {
            SendTo(context, link, LinkGroups.MacOf(nextHop), packet);
            return;
        }

        Neighbor neighbor = FindOrAdd(link.Index, nextHop);
        neighbor.UsedMicros = stack.NowMicros;
        if (neighbor.IsUsable)
        {
            if (neighbor.State == NeighborState.Stale)
            {
                SetDeadline(neighbor, Math.Min(neighbor.DeadlineMicros, stack.NowMicros + ArpSpec.DelayMicros));
            }

            SendTo(context, link, neighbor.Mac, packet);
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

        if (neighbor.State == NeighborState.Permanent)
        {
            return;
        }

        neighbor.Mac = mac;
        neighbor.RequestsSent = 0;
        neighbor.State = isAnswer ? NeighborState.Reachable : NeighborState.Stale;
        SetDeadline(neighbor, isAnswer ? stack.NowMicros + ArpSpec.ReachableMicros : long.MaxValue);
        while (neighbor.PendingCount > 0)
        {
            OutgoingPacket packet = stack.Deferred;
            packet.Adopt(neighbor.Dequeue());
            SendTo(context, link, mac, packet);
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

    private static void SendTo(CallContext context, NetworkInterface link, MacAddress mac, OutgoingPacket packet)
    {
        var header = new EthernetHeader { Destination = mac, Source = link.Mac, Type = EthernetHeader.TypeIpv4 };
        header.Write(packet.Prepend(context, EthernetHeader.LengthBytes));
        link.Transmit(context, packet);
    }

    private void Enqueue(CallContext context, Neighbor neighbor, OutgoingPacket packet)
    {
        if (packet.TryFlatten(context, out int copy))
        {
            int dropped = neighbor.Enqueue(copy);
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
        SetDeadline(neighbor, stack.NowMicros + ArpSpec.RetransmitMicros);
        MacAddress to = neighbor.State == NeighborState.Probe ? neighbor.Mac : MacAddress.Broadcast;
        stack.Arp.SendRequest(context, link, neighbor.Address, to);
    }

    private void Expire(CallContext context, Neighbor neighbor)
    {
        switch (neighbor.State)
        {
            case NeighborState.Reachable:
                neighbor.State = NeighborState.Stale;
                neighbor.DeadlineMicros = long.MaxValue;
                break;
            case NeighborState.Stale:
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
            stack.Icmp.NotifySender(context, stack.Pool.Data(context, packet), SocketError.HostUnreachable);
            stack.Pool.Release(packet);
        }

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
