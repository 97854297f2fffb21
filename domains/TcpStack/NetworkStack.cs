using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Ndp;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack;

/// <summary>
/// One stack: the protocols and what they share. <see cref="Poll"/> does all the work that the outside and the clock ask for;
/// the rest happens inside the calls of sockets.
/// </summary>
internal sealed partial class NetworkStack
{
    private readonly List<NetworkInterface> interfaces = [];
    private readonly Ipv4Input v4;
    private readonly Ipv6Input v6;
    private ulong randomCounter;

    internal NetworkStack(PacketPool pool, ulong key0, ulong key1)
    {
        Pool = pool;
        Hash = new KeyedHash(key0, key1);
        Outgoing = new OutgoingPacket(pool);
        Control = new OutgoingPacket(pool);
        Fragment = new OutgoingPacket(pool);
        Deferred = new OutgoingPacket(pool);
        Lent = new LentPages(this);
        Routes = new RouteTable();
        Neighbors = new NeighborTable(this);
        Arp = new Arp(this);
        Discovery = new NeighborDiscovery(this);
        Routers = new RouterDiscovery(this);
        Autoconfiguration = new Autoconfiguration(this);
        Mld = new Mld(this);
        Destinations = new DestinationCache(this);
        Reassembly = new Reassembly(this);
        v4 = new Ipv4Input(this);
        v6 = new Ipv6Input(this);
        Delivery = new IpDelivery(this);
        Output = new IpOutput(this);
        Taps = new FrameTaps(this);
        Icmp = new Icmp(this);
        Icmpv6 = new Icmpv6(this);
        Igmp = new Igmp(this);
        Udp = new UdpProtocol(this);
        Raw = new RawSockets(this);
        Tcp = new TcpProtocol(this);
        AddInterface(new LoopbackInterface(pool));
        interfaces[0].TryAddAddress(new InterfaceAddress { Address = IpAddress.FromV4(127, 0, 0, 1), PrefixBits = 8 });
        interfaces[0].TryAddAddress(new InterfaceAddress { Address = IpAddress.LoopbackV6, PrefixBits = 128 });
    }

    internal PacketPool Pool { get; }

    internal KeyedHash Hash { get; }

    /// <summary>The packet of whoever sends data.</summary>
    internal OutgoingPacket Outgoing { get; }

    /// <summary>The packet of protocols that answer; it may be needed while <see cref="Outgoing"/> is being built.</summary>
    internal OutgoingPacket Control { get; }

    /// <summary>A fragment of either.</summary>
    internal OutgoingPacket Fragment { get; }

    /// <summary>A packet that has waited for a neighbour.</summary>
    internal OutgoingPacket Deferred { get; }

    /// <summary>Pages of others that are being sent.</summary>
    internal LentPages Lent { get; }

    internal RouteTable Routes { get; }

    internal NeighborTable Neighbors { get; }

    internal Arp Arp { get; }

    internal NeighborDiscovery Discovery { get; }

    internal RouterDiscovery Routers { get; }

    internal Autoconfiguration Autoconfiguration { get; }

    internal Mld Mld { get; }

    internal DestinationCache Destinations { get; }

    internal Reassembly Reassembly { get; }

    internal IpDelivery Delivery { get; }

    internal IpOutput Output { get; }

    /// <summary>Those who look at frames.</summary>
    internal FrameTaps Taps { get; }

    internal Icmp Icmp { get; }

    internal Icmpv6 Icmpv6 { get; }

    internal Igmp Igmp { get; }

    internal UdpProtocol Udp { get; }

    internal RawSockets Raw { get; }

    internal TcpProtocol Tcp { get; }

    internal List<NetworkInterface> Interfaces => interfaces;

    /// <summary>The time of this round; the clock is read once for each.</summary>
    internal long NowMicros { get; set; }

    internal NetworkInterface Interface(int index) => interfaces[index];

    internal bool TryFindInterface(int index, out NetworkInterface link)
    {
        bool isThere = (uint)index < (uint)interfaces.Count && interfaces[index] is not VlanInterface { IsGone: true };
        link = interfaces[isThere ? index : 0];
        return isThere;
    }

    /// <summary>Takes what has come in, does what is due and sends what is to be sent.</summary>
    /// <returns>Whether there may be more to do at once.</returns>
    internal bool Poll(CallContext context)
    {
        NowMicros = context.UptimeMicros;
        bool hasMore = false;
        foreach (NetworkInterface link in interfaces)
        {
            int taken = 0;
            v4.Forget();
            while (taken < StackLimits.PacketsPerRoundMax && link.TryReceive(context, out int packet))
            {
                Receive(context, link, packet);
                taken++;
            }

            _ = Tcp.EndRun(context);
            hasMore |= taken == StackLimits.PacketsPerRoundMax || (taken > 0 && link.IsLoopback);
            if (link.Mac != link.KnownMac)
            {
                Introduce(link);
            }
        }

        Arp.Tick(context);
        Discovery.Tick(context);
        Routers.Tick(context);
        Mld.Tick(context);
        Neighbors.Tick(context);
        Reassembly.Tick(context);
        Igmp.Tick(context);
        Tcp.Tick(context);
        Flush(context);
        return hasMore;
    }

    /// <summary>Takes what has been sent to this host itself, and what comes of that.</summary>
    /// <returns>Whether there is more than one call may do.</returns>
    internal bool RunLoopback(CallContext context)
    {
        NetworkInterface loopback = interfaces[0];
        for (int taken = 0; taken < StackLimits.LoopbackPacketsMax; taken++)
        {
            if (loopback.TryReceive(context, out int packet))
            {
                Receive(context, loopback, packet);
            }
            else if (!Tcp.EndRun(context))
            {
                return false;
            }
        }

        _ = Tcp.EndRun(context);
        return true;
    }

    /// <summary>When some device has to be looked after that has not told of anything; the end of time if there is none.</summary>
    internal long LookMicros
    {
        get
        {
            long every = long.MaxValue;
            foreach (NetworkInterface link in interfaces)
            {
                every = Math.Min(every, link.LookEveryMicros);
            }

            return every == long.MaxValue ? every : NowMicros + every;
        }
    }

    /// <summary>Asks all devices for a signal; true when something has come already.</summary>
    internal bool Arm(CallContext context)
    {
        bool hasMore = false;
        foreach (NetworkInterface link in interfaces)
        {
            hasMore |= link.Arm(context);
        }

        return hasMore;
    }

    /// <summary>Hands packets to the devices.</summary>
    internal void Flush(CallContext context)
    {
        foreach (NetworkInterface link in interfaces)
        {
            link.Flush(context);
        }

        if (Pool.HasReturned)
        {
            Lent.GiveBack(context);
        }
    }

    /// <summary>When <see cref="Poll"/> has something to do although nothing comes in.</summary>
    internal long DeadlineMicros => Math.Min(
        Math.Min(
            Math.Min(Arp.DeadlineMicros, Neighbors.DeadlineMicros), Math.Min(Reassembly.DeadlineMicros, Tcp.DeadlineMicros)),
        Math.Min(
            Math.Min(Discovery.DeadlineMicros, Routers.DeadlineMicros), Math.Min(Mld.DeadlineMicros, Igmp.DeadlineMicros)));

    /// <summary>A number that is hard to guess.</summary>
    internal ulong NextRandom() => Hash.Of(++randomCounter, (ulong)NowMicros, 0x7a);

    /// <summary>The sum over a chain of packets.</summary>
    internal uint SumChain(CallContext context, int packet)
    {
        uint sum = 0;
        bool isOdd = false;
        for (; packet != PacketPool.None; packet = Pool[packet].Next)
        {
            ReadOnlySpan<byte> data = Pool.Data(context, packet);
            sum += isOdd ? InternetChecksum.SumAtOdd(data) : InternetChecksum.Sum(data);
            isOdd ^= data.Length % 2 != 0;
        }

        return sum;
    }

    /// <summary>Copies data into buffers behind a packet's headers.</summary>
    internal bool TryAppendCopy(CallContext context, OutgoingPacket packet, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            if (!Pool.TryTakeForData(out int buffer))
            {
                return false;
            }

            int taken = Math.Min(data.Length, PacketPool.BufferBytes);
            data[..taken].CopyTo(Pool.Buffer(context, buffer));
            bool isAdded = packet.TryAdd(buffer, 0, taken);
            Pool.Release(buffer);
            if (!isAdded)
            {
                return false;
            }

            data = data[taken..];
        }

        return true;
    }

    /// <summary>Hands a frame to its link, and shows it to those who look. Nothing goes over a link that has been taken down.</summary>
    internal void Transmit(CallContext context, NetworkInterface link, OutgoingPacket packet)
    {
        if (!link.IsTakenUp)
        {
            link.Counters.SentDropped++;
            packet.Discard();
            return;
        }

        if (Taps.IsOpen)
        {
            Taps.NoteSent(context, link, packet);
        }

        link.Transmit(context, packet);
    }

    private void Receive(CallContext context, NetworkInterface link, int packet)
    {
        if (!link.IsTakenUp)
        {
            Drop(link, packet);
            return;
        }

        if (Taps.IsOpen)
        {
            Taps.NoteReceived(context, link, packet);
        }

        if (!link.HasLinkHeader)
        {
            bool isV6 = Pool[packet].LengthBytes > 0 && Pool.Data(context, packet)[0] >> 4 == 6;
            Receive(context, link, packet, isV6 ? EthernetHeader.TypeIpv6 : EthernetHeader.TypeIpv4);
            return;
        }

        ReadOnlySpan<byte> frame = Pool.Data(context, packet);
        if (!EthernetHeader.TryParse(frame, out EthernetHeader header)
            || (header.Destination != link.Mac && !header.Destination.IsMulticast)
            || ((header.HasTag || Pool[packet].HasTag) && !TryFindVlan(context, ref link, packet, ref header)))
        {
            Drop(link, packet);
            return;
        }

        Pool[packet].IsForLinkGroup = header.Destination.IsMulticast;
        Pool[packet].Skip(header.HeaderBytes);
        Receive(context, link, packet, header.Type);
    }

    private void Drop(NetworkInterface link, int packet)
    {
        link.Counters.ReceivedDropped++;
        Pool.Release(packet);
    }

    private void Receive(CallContext context, NetworkInterface link, int packet, ushort type)
    {
        switch (type)
        {
            case EthernetHeader.TypeIpv4:
                v4.Receive(context, link, packet);
                break;
            case EthernetHeader.TypeIpv6:
                v6.Receive(context, link, packet);
                break;
            case EthernetHeader.TypeArp:
                Arp.Receive(context, link, Pool.Data(context, packet));
                Pool.Release(packet);
                break;
            default:
                Pool.Release(packet);
                break;
        }
    }
}
