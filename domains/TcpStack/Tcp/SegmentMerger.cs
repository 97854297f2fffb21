using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// Joins segments of a stream that arrive in one round into one, as generic receive offload does: the connection is looked up once, its
/// timers are set once, and one ACK goes out for all. Payload stays where it is, as a chain of packets.
/// </summary>
/// <remarks>
/// Only segments that say the same but for their place: nothing but ACK and PSH, the same acknowledgment and window, the same
/// timestamps, no SACKs. Short ones are left alone, since the receive queue copies them into the buffer before. Each has had its
/// checksum verified. What is held is handed on at the latest when the round ends.
/// </remarks>
internal sealed class SegmentMerger(PacketPool pool)
{
    private TcpSegment held;
    private PacketOrigin origin;
    private FlowKey flow;
    private int last;
    private int count;

    internal bool IsEmpty => count == 0;

    /// <summary>Takes over the first segment of a run; false when nothing could follow it.</summary>
    internal bool TryHold(in FlowKey segmentFlow, in PacketOrigin segmentOrigin, in TcpSegment segment)
    {
        if (!IsPlain(in segment) || !segmentOrigin.IsUnicast)
        {
            return false;
        }

        (held, origin, flow, last, count) = (segment, segmentOrigin, segmentFlow, segment.Packet, 1);
        return true;
    }

    /// <summary>Takes a segment over that goes on where the run ends.</summary>
    internal bool TryAppend(in FlowKey segmentFlow, in TcpSegment segment)
    {
        if (count == 0 || count == StackLimits.SegmentsMergedMax || (held.Header.Flags & TcpFlags.Psh) != 0 || segment.Start != held.End
            || !segmentFlow.Equals(flow) || !IsPlain(in segment) || !SaysTheSame(in segment))
        {
            return false;
        }

        held.PayloadBytes += segment.PayloadBytes;
        held.Header.Flags |= segment.Header.Flags;
        pool[last].Next = segment.Packet;
        last = segment.Packet;
        count++;
        return true;
    }

    /// <summary>Gives back what is held.</summary>
    internal TcpSegment Take(out FlowKey segmentFlow, out PacketOrigin segmentOrigin)
    {
        (segmentFlow, segmentOrigin, count) = (flow, origin, 0);
        return held;
    }

    private static bool IsPlain(in TcpSegment segment) =>
        (segment.Header.Flags & ~TcpFlags.Psh) == TcpFlags.Ack && segment.PayloadBytes > ReceiveQueue.ShortBytes
        && segment.Options.SackCount == 0;

    private bool SaysTheSame(in TcpSegment segment) =>
        segment.IsMarked == held.IsMarked && segment.Header.Acknowledgment == held.Header.Acknowledgment
        && segment.Header.Window == held.Header.Window
        && segment.Options.HasTimestamps == held.Options.HasTimestamps
        && segment.Options.TimestampValue == held.Options.TimestampValue
        && segment.Options.TimestampEcho == held.Options.TimestampEcho;
}
