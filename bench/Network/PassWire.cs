using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Bench.Network;

/// <summary>One end of a wire between two stacks in one thread: a packet is copied into a buffer of the other's pool.</summary>
internal sealed class PassWire(PacketPool pool, string name) : NetworkInterface(name, default, MtuBytesOfEthernet)
{
    private const int MtuBytesOfEthernet = 1_500;
    private const int PacketCount = 7_680;

    /// <summary>Packets on their way: more than a round takes.</summary>
    private const int QueueMax = 1_024;

    private readonly int[] queue = new int[QueueMax];
    private uint head;
    private uint tail;

    internal static IpAddress First { get; } = IpAddress.FromV4(10, 0, 0, 1);

    internal static IpAddress Second { get; } = IpAddress.FromV4(10, 0, 0, 2);

    internal override bool HasLinkHeader => false;

    private PassWire? Other { get; set; }

    /// <summary>Two stacks, connected.</summary>
    internal static (NetworkStack First, NetworkStack Second) Connect(CallContext context)
    {
        (NetworkStack firstStack, PassWire first) = Create(context, First, 1);
        (NetworkStack secondStack, PassWire second) = Create(context, Second, 2);
        first.Other = second;
        second.Other = first;
        return (firstStack, secondStack);
    }

    internal override void Transmit(CallContext context, OutgoingPacket packet)
    {
        if (Other!.tail - Other.head == QueueMax || !Other.Pool.TryTake(out int copy))
        {
            Counters.SentDropped++;
            packet.Discard();
            return;
        }

        ref Packet made = ref Other.Pool[copy];
        made.Offset = OutgoingPacket.HeadroomBytes;
        made.LengthBytes = packet.LengthBytes;
        packet.CopyTo(context, 0, Other.Pool.Buffer(context, copy).Slice(OutgoingPacket.HeadroomBytes, packet.LengthBytes));
        packet.Discard();
        Other.queue[Other.tail++ % QueueMax] = copy;
    }

    internal override bool TryReceive(CallContext context, out int packet)
    {
        bool isThere = head != tail;
        packet = isThere ? queue[head++ % QueueMax] : PacketPool.None;
        return isThere;
    }

    private PacketPool Pool => pool;

    private static (NetworkStack Stack, PassWire Wire) Create(CallContext context, IpAddress address, ulong key)
    {
        if (!PacketPool.TryCreate(context, PacketCount, out PacketPool pool))
        {
            throw new InvalidOperationException("no memory for packets");
        }

        var stack = new NetworkStack(pool, key, ~key);
        var wire = new PassWire(pool, "eth0");
        stack.AddInterface(wire);
        _ = stack.TryAddAddress(wire, address, prefixBits: 24, isTentative: false);
        return (stack, wire);
    }
}
