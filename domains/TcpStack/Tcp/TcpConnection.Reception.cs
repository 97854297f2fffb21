using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>What segments carry: text and FIN (RFC 9293 section 3.10.7.4, seventh and eighth).</content>
internal sealed partial class TcpConnection
{
    private readonly ReceiveQueue receiveQueue;
    private SequenceRange duplicate;
    private bool hasDuplicate;

    /// <summary>Whether the peer's FIN has come before something that precedes it, and its number.</summary>
    private bool isFinWaiting;
    private uint finSequence;

    /// <summary>The segment text (section 3.10.7.4, seventh) and the FIN bit (eighth).</summary>
    private void AcceptData(CallContext context, in TcpSegment segment)
    {
        bool mayReceive = State is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2;
        uint start = segment.Start + (segment.Header.IsSyn ? 1U : 0);
        uint end = start + (uint)segment.PayloadBytes;
        if (!mayReceive || segment.LengthBytes == 0)
        {
            return;
        }

        if (segment.PayloadBytes > 0 && IsOrphan && Sequence.IsAfter(end, receiveNext))
        {
            // It is new, and nobody can read it: the peer has to know (RFC 1122 section 4.2.2.13).
            Abort(context, SocketError.None);
            return;
        }

        uint edge = Sequence.Max(advertisedEdge, receiveNext);
        if (segment.PayloadBytes > 0)
        {
            AcceptTexts(context, segment.Packet, start, edge);
        }

        // A FIN beyond the window will come again; one behind a gap is kept until the gap is filled (RFC 9293, SHLD-31).
        if (segment.Header.IsFin)
        {
            needsAck = true;
            (isFinWaiting, finSequence) = Sequence.IsAtOrBefore(end, edge) ? (true, end) : (isFinWaiting, finSequence);
        }

        if (isFinWaiting && finSequence == receiveNext)
        {
            AcceptFin();
        }
    }

    /// <summary>The payload of a segment, or of those that were merged.</summary>
    private void AcceptTexts(CallContext context, int packet, uint start, uint edge)
    {
        uint before = receiveNext;
        for (; packet != PacketPool.None; packet = stack.Pool[packet].Next)
        {
            uint end = start + (uint)stack.Pool[packet].LengthBytes;
            AcceptText(context, packet, start, Sequence.Min(end, edge));
            start = end;
        }

        if (receiveNext != before)
        {
            TakeUrgent(context);
            Changed?.Invoke();
        }
    }

    private void AcceptText(CallContext context, int packet, uint start, uint end)
    {
        int offset = stack.Pool[packet].Offset;
        if (Sequence.IsBefore(start, receiveNext))
        {
            uint known = Sequence.Min(receiveNext, end);
            NoteDuplicate(start, known);
            offset += (int)(known - start);
            start = known;
        }
        else if (receiveQueue.HasGap && receiveQueue.TryFindHeld(start, end, out SequenceRange held))
        {
            NoteDuplicate(held.Start, held.End);
        }

        if (Sequence.IsAtOrAfter(start, end))
        {
            needsAck = true;
            return;
        }

        stack.Pool.AddReference(packet);
        if (start != receiveNext)
        {
            needsAck = true;
            if (!receiveQueue.TryInsert(start, end, packet, offset))
            {
                stack.Pool.Release(packet);
            }

            return;
        }

        bool hadGap = receiveQueue.HasGap;
        if (!receiveQueue.TryAppend(context, packet, offset, (int)(end - start)))
        {
            stack.Pool.Release(packet);
            return;
        }

        receiveNext = hadGap ? receiveQueue.Advance(context, start, end) : end;
        needsAck |= hadGap;
        NoteUnacknowledged((int)(end - start));
    }

    private void AcceptFin()
    {
        receiveNext++;
        isFinWaiting = false;
        hasReceivedFin = true;
        needsAck = true;
        switch (State)
        {
            case TcpState.Established:
                State = TcpState.CloseWait;
                break;
            case TcpState.FinWait1:
                State = TcpState.Closing;
                break;
            case TcpState.FinWait2:
                EnterTimeWait();
                break;
        }

        Changed?.Invoke();
    }

    private void EnterTimeWait()
    {
        State = TcpState.TimeWait;
        segments.Clear();
        StopSending();
        stateDeadline = stack.NowMicros + TcpSpec.TimeWaitMicros;
        tcp.NoteTimeWait(this);
        Changed?.Invoke();
    }

    /// <summary>What came twice is told by the next ACK (RFC 2883 section 4). It has to be here: the sender takes it for delivered.</summary>
    private void NoteDuplicate(uint start, uint end)
    {
        if (usesSack && Sequence.IsBefore(start, end))
        {
            duplicate = new SequenceRange(start, end);
            hasDuplicate = true;
        }
    }
}
