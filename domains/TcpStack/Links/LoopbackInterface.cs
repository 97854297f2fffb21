using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>The interface whose packets come back to the host (RFC 1122 section 3.2.1.3 (g)).</summary>
internal sealed class LoopbackInterface(PacketPool pool) : NetworkInterface("lo", default, MtuBytesDefault)
{
    /// <summary>What fits into a packet buffer behind the headroom.</summary>
    internal const int MtuBytesDefault = 2_000;

    private int first = PacketPool.None;
    private int last = PacketPool.None;
    private int count;

    internal override bool HasLinkHeader => false;

    internal override bool IsLoopback => true;

    internal override void Transmit(CallContext context, OutgoingPacket packet)
    {
        // Copied, so that sender and receiver never have the same bytes: a retransmission writes headers anew.
        if (count == StackLimits.PacketsPerRoundMax || !packet.TryFlatten(context, out int copy))
        {
            Counters.SentDropped++;
            packet.Discard();
            return;
        }

        Counters.SentPackets++;
        Counters.SentBytes += packet.LengthBytes;
        packet.Discard();
        pool[copy].IsTransportChecked = true;
        if (last == PacketPool.None)
        {
            first = copy;
        }
        else
        {
            pool[last].Next = copy;
        }

        last = copy;
        count++;
    }

    internal override bool TryReceive(CallContext context, out int packet)
    {
        packet = first;
        if (packet == PacketPool.None)
        {
            return false;
        }

        first = pool[packet].Next;
        last = first == PacketPool.None ? PacketPool.None : last;
        pool[packet].Next = PacketPool.None;
        count--;
        Counters.ReceivedPackets++;
        Counters.ReceivedBytes += pool[packet].LengthBytes;
        return true;
    }
}
