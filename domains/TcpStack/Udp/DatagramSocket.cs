using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Udp;

/// <summary>A socket for datagrams, of UDP or raw: a queue of packets as they came.</summary>
internal sealed class DatagramSocket(PacketPool pool)
{
    private readonly Datagram[] queue = new Datagram[StackLimits.DatagramsQueuedMax];
    private int head;

    internal IpAddress Local = IpAddress.AnyV4;
    internal IpAddress Remote = IpAddress.AnyV4;
    internal ushort LocalPort;
    internal ushort RemotePort;

    /// <summary>Whether it is a raw socket of IPv6: it sees no packets of IPv4.</summary>
    internal bool IsV6;

    /// <summary>The protocol of a raw socket.</summary>
    internal byte Protocol;

    /// <summary>The link that the peer's address means something on, from 1.</summary>
    internal int RemoteZone;

    /// <summary>Whether :: stands for no addresses of IPv4.</summary>
    internal bool IsV6Only;

    /// <summary>IP_HDRINCL: what a raw socket of IPv4 sends begins with the IP header.</summary>
    internal bool HasHeader;

    internal byte TimeToLive;
    internal bool MayBroadcast;

    /// <summary>The only link that it sends and receives over (SO_BINDTODEVICE), from 1; 0 for all.</summary>
    internal int BoundLink;

    /// <summary>Whether others may bind to its address: if they say so too (SO_REUSEADDR), or as equals (SO_REUSEPORT).</summary>
    internal bool MayShareAddress;

    /// <inheritdoc cref="MayShareAddress"/>
    internal bool MaySharePort;

    /// <summary>The link that packets to groups go out by, from 1; 0 for the route's.</summary>
    internal int MulticastLink;

    internal byte MulticastTimeToLive = Ip.IpSpec.TimeToLiveMulticast;

    /// <summary>Whether this host gets what it sends to a group, if it is in it.</summary>
    internal bool LoopsMulticast = true;

    /// <summary>Whether it gets what other sockets have joined a group for (IP_MULTICAST_ALL of Linux, on by default).</summary>
    internal bool TakesAllGroups = true;

    /// <summary>The groups that it is in; null when it never was in one.</summary>
    internal GroupList? Groups;

    /// <summary>IP_TOS.</summary>
    internal byte TypeOfService;

    /// <summary>An error that the next call is told of (RFC 1122 section 4.1.3.3).</summary>
    internal SocketError PendingError;

    /// <summary>Called when the socket may have become readable.</summary>
    internal Action? Changed;

    internal long DroppedCount { get; private set; }

    internal int Count { get; private set; }

    internal bool IsConnected => !Remote.IsUnspecified;

    /// <summary>Whether a packet that has come over a link is one for it, as far as the link goes.</summary>
    internal bool IsBoundTo(NetworkInterface link) => BoundLink == 0 || BoundLink == link.Index + 1;

    /// <summary>
    /// The link to send over, from 1: the socket's, the one that has been named with an address which means something on its link only, that
    /// for groups; 0 for any.
    /// </summary>
    internal int LinkFor(IpAddress destination, int zone)
    {
        bool hasZone = zone != 0 && !destination.IsV4 && (destination.IsLinkLocal || destination.IsMulticast);
        return BoundLink != 0 ? BoundLink : hasZone ? zone : destination.IsMulticast ? MulticastLink : 0;
    }

    /// <summary>The first datagram of the queue; there is one.</summary>
    internal ref readonly Datagram First => ref queue[head];

    /// <summary>Adds a datagram, with a reference to each of its buffers.</summary>
    internal void Enqueue(in Datagram datagram)
    {
        if (Count == queue.Length)
        {
            DroppedCount++;
            return;
        }

        for (int packet = datagram.Packet; packet != PacketPool.None; packet = pool[packet].Next)
        {
            pool.AddReference(packet);
        }

        queue[(head + Count++) % queue.Length] = datagram;
        Changed?.Invoke();
    }

    /// <summary>Copies the first datagram out and drops it; what does not fit is lost, as POSIX has it.</summary>
    /// <returns>Bytes copied.</returns>
    internal int Dequeue(CallContext context, Span<byte> buffer) => Read(context, buffer, isPeek: false);

    /// <summary>As <see cref="Dequeue"/>; a peek leaves the datagram where it is.</summary>
    internal int Read(CallContext context, Span<byte> buffer, bool isPeek)
    {
        Datagram datagram = queue[head];
        int copied = 0;
        int skipped = datagram.SkippedBytes;
        for (int packet = datagram.Packet; packet != PacketPool.None; packet = pool[packet].Next)
        {
            ref Packet info = ref pool[packet];
            ReadOnlySpan<byte> data = pool.Buffer(context, packet).Slice(info.Offset + skipped, info.LengthBytes - skipped);
            int taken = Math.Min(Math.Min(data.Length, datagram.LengthBytes - copied), buffer.Length - copied);
            data[..taken].CopyTo(buffer[copied..]);
            copied += taken;
            skipped = 0;
        }

        if (!isPeek)
        {
            DropFirst();
        }

        return copied;
    }

    internal void Clear()
    {
        while (Count > 0)
        {
            DropFirst();
        }
    }

    private void DropFirst()
    {
        pool.ReleaseChain(queue[head].Packet);
        head = (head + 1) % queue.Length;
        Count--;
    }
}

/// <summary>A datagram in a socket's queue.</summary>
internal struct Datagram
{
    internal IpAddress Source;
    internal ushort SourcePort;

    /// <summary>The link that it came over, from 1.</summary>
    internal int Zone;

    internal int Packet;

    /// <summary>Bytes of the first buffer that are not the datagram's: the header of UDP.</summary>
    internal int SkippedBytes;

    internal int LengthBytes;

    /// <summary>Of a frame: the link it was on, from 1, and its length, of which not all may be here.</summary>
    internal int LinkIndex;
    internal int FrameBytes;
}
