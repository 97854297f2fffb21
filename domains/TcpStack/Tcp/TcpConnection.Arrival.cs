using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>SEGMENT ARRIVES (RFC 9293 section 3.10.7). Closed and listening ports are <see cref="TcpProtocol"/>'s.</content>
internal sealed partial class TcpConnection
{
    private long challengeWindowStart;
    private int challengeCount;

    /// <summary>Takes a segment. Its payload is kept with a reference of its own, if it is kept.</summary>
    internal void Arrive(CallContext context, in TcpSegment segment)
    {
        lastActivityMicros = stack.NowMicros;
        keepaliveProbes = 0;
        if (State == TcpState.SynSent)
        {
            ArriveInSynSent(context, in segment);
        }
        else
        {
            ArriveSynchronized(context, in segment);
        }

        if (State != TcpState.Closed)
        {
            Output(context);
            Reschedule();
        }
    }

    /// <summary>Section 3.10.7.3.</summary>
    private void ArriveInSynSent(CallContext context, in TcpSegment segment)
    {
        // First, check the ACK bit.
        bool isAckGood = false;
        if (segment.Header.IsAck)
        {
            uint acknowledgment = segment.Header.Acknowledgment;
            if (Sequence.IsAtOrBefore(acknowledgment, iss) || Sequence.IsAfter(acknowledgment, sendNext))
            {
                tcp.AnswerWithReset(context, Flow, in segment);
                return;
            }

            isAckGood = true;
        }

        // Second, check the RST bit. Third, security: not there.
        if (segment.Header.IsRst)
        {
            if (isAckGood)
            {
                Finish(SocketError.ConnectionRefused);
            }

            return;
        }

        // Fourth, check the SYN bit.
        if (!segment.Header.IsSyn)
        {
            return;
        }

        TakeSyn(in segment);
        needsAck = true;
        if (!isAckGood)
        {
            // Both sides have opened at once (section 3.5, figure 7): the SYN goes out again, with an ACK.
            State = TcpState.SynReceived;
            segments.Clear();
            sendNext = iss;
            SendSyn(context);
            return;
        }

        Establish(context, in segment);
        AcceptData(context, in segment);
    }

    /// <summary>Section 3.10.7.4.</summary>
    private void ArriveSynchronized(CallContext context, in TcpSegment segment)
    {
        // First, check the sequence number: timestamps before it (RFC 7323 section 5.3).
        if (IsOldTimestamp(in segment) || !IsAcceptable(in segment))
        {
            RefuseSegment(context, in segment);
            return;
        }

        // Second, check the RST bit, as RFC 5961 section 3.2 has it.
        if (segment.Header.IsRst)
        {
            ArriveReset(context, in segment);
            return;
        }

        // Fourth, check the SYN bit (RFC 5961 section 4.2): only an ACK can tell whether the peer has started anew.
        if (segment.Header.IsSyn)
        {
            if (State == TcpState.SynReceived && segment.Start == irs)
            {
                ResendSyn(context);
            }
            else if (State == TcpState.SynReceived && Listener is not null)
            {
                // Back to LISTEN: the SYN will come again.
                Finish(SocketError.None);
            }
            else
            {
                SendChallengeAck(context);
            }

            return;
        }

        // Fifth, check the ACK field.
        if (!segment.Header.IsAck || !TryAcknowledge(context, in segment))
        {
            return;
        }

        RememberTimestamp(in segment);

        // Sixth, the URG bit. Seventh, the text. Eighth, the FIN bit.
        NoteMark(in segment);
        NoteUrgent(context, in segment);
        AcceptData(context, in segment);
        if (State == TcpState.TimeWait && segment.LengthBytes > 0)
        {
            stateDeadline = stack.NowMicros + TcpSpec.TimeWaitMicros;
            needsAck = true;
        }
    }

    /// <summary>Whether a segment overlaps the window (section 3.4, table 6).</summary>
    private bool IsAcceptable(in TcpSegment segment)
    {
        uint window = advertisedEdge - receiveNext;
        uint lengthBytes = segment.LengthBytes;
        if (lengthBytes == 0)
        {
            // An ACK one before the window's edge is no attack but a keepalive; it is answered like one that is out of it.
            return window == 0 ? segment.Start == receiveNext : segment.Start - receiveNext < window;
        }

        // By distances, never by order: a number half the space away is before one edge of the window and behind the other.
        return window > 0 && (segment.Start - receiveNext < window || receiveNext - segment.Start < lengthBytes);
    }

    private void RefuseSegment(CallContext context, in TcpSegment segment)
    {
        if (segment.Header.IsRst)
        {
            return;
        }

        // A SYN-ACK whose answer was lost comes again: it has to be answered however often. So has data that came twice,
        // and an ACK in a segment that the closed window refuses still counts (section 3.10.7.4).
        if (Sequence.IsBefore(segment.Start, receiveNext))
        {
            NoteDuplicate(segment.Start, Sequence.Min(segment.End, receiveNext));
        }

        if (State == TcpState.TimeWait && segment.Header.IsFin)
        {
            stateDeadline = stack.NowMicros + TcpSpec.TimeWaitMicros;
        }

        bool isAtEdge = segment.Start == receiveNext && advertisedEdge == receiveNext;
        if (isAtEdge && segment.Header.IsAck && !segment.Header.IsSyn && !TryAcknowledge(context, in segment))
        {
            return;
        }

        if (State == TcpState.SynReceived && segment.Header.IsSyn && segment.Start == irs)
        {
            // Of a simultaneous open the SYN-ACK is the peer's answer to our SYN (section 3.5, figure 7, line 6).
            if (segment.Header.IsAck && Listener is null && TryAcknowledge(context, in segment))
            {
                needsAck = true;
            }
            else if (State == TcpState.SynReceived)
            {
                ResendSyn(context);
            }
        }
        else if (segment.LengthBytes > 0)
        {
            needsAck = true;
        }
        else
        {
            SendChallengeAck(context);
        }
    }

    private void ArriveReset(CallContext context, in TcpSegment segment)
    {
        if (segment.Start != receiveNext)
        {
            SendChallengeAck(context);
            return;
        }

        // Of a passive open nobody has heard of yet (section 3.10.7.4: return to LISTEN).
        SocketError error = State switch
        {
            TcpState.SynReceived => SocketError.ConnectionRefused,
            TcpState.Closing or TcpState.LastAck or TcpState.TimeWait => SocketError.None,

            // The program has seen the peer's end: what it hears of is that nobody takes its data (POSIX.1-2017, write; Linux).
            TcpState.CloseWait => SocketError.BrokenPipe,
            _ => SocketError.ConnectionReset,
        };
        Finish(error);
    }

    /// <summary>The ACK field (section 3.10.7.4, fifth); false when the segment is to be dropped.</summary>
    private bool TryAcknowledge(CallContext context, in TcpSegment segment)
    {
        uint acknowledgment = segment.Header.Acknowledgment;
        if (State == TcpState.SynReceived)
        {
            if (Sequence.IsAtOrBefore(acknowledgment, iss) || Sequence.IsAfter(acknowledgment, sendNext))
            {
                tcp.AnswerWithReset(context, Flow, in segment);
                return false;
            }

            if (Listener is not null && !Listener.TryEstablish(this))
            {
                // The program is slow to accept: the peer will send its ACK or its data again.
                return false;
            }

            Establish(context, in segment);
            return State != TcpState.Closed;
        }

        // RFC 5961 section 5.2: not older than the largest window that the peer ever offered.
        if (Sequence.IsAfter(acknowledgment, sendNext)
            || Sequence.IsBefore(acknowledgment, sendUnacknowledged - sendWindowMax))
        {
            SendChallengeAck(context);
            return false;
        }

        Acknowledge(context, in segment);
        AdvanceClosing(context);
        return State != TcpState.Closed;
    }

    private void Establish(CallContext context, in TcpSegment segment)
    {
        bool wasSynLost = expiries > 0;
        State = isFinQueued ? TcpState.FinWait1 : TcpState.Established;
        congestion.Begin(mss, wasSynLost);
        Acknowledge(context, in segment);
        expiries = 0;
        if (wasSynLost && !rtt.HasSample)
        {
            rtt.BaseMicros = TcpSpec.RtoAfterSynLossMicros;
        }

        ArmKeepalive();
        Changed?.Invoke();
    }

    /// <summary>What our FIN's acknowledgment means in each state.</summary>
    private void AdvanceClosing(CallContext context)
    {
        if (!isFinQueued || sendUnacknowledged != sendQueue.End + 1)
        {
            return;
        }

        switch (State)
        {
            case TcpState.FinWait1:
                State = TcpState.FinWait2;
                stateDeadline = IsOrphan ? stack.NowMicros + TcpSpec.FinWait2Micros : long.MaxValue;
                Changed?.Invoke();
                break;
            case TcpState.Closing:
                EnterTimeWait();
                break;
            case TcpState.LastAck:
                Finish(SocketError.None);
                break;
        }
    }

    /// <summary>PAWS (RFC 7323 section 5.3, R1); a reset is never dropped for its timestamp.</summary>
    private bool IsOldTimestamp(in TcpSegment segment) =>
        usesTimestamps && segment.Options.HasTimestamps && !segment.Header.IsRst
        && Sequence.IsBefore(segment.Options.TimestampValue, timestampRecent)
        && stack.NowMicros - timestampRecentMicros < TcpSpec.PawsIdleMicros;

    /// <summary>RFC 7323 section 5.3, R3: of segments that the last ACK sent asked for.</summary>
    private void RememberTimestamp(in TcpSegment segment)
    {
        if (usesTimestamps && segment.Options.HasTimestamps && Sequence.IsAtOrBefore(segment.Start, lastAckSent)
            && Sequence.IsAtOrAfter(segment.Options.TimestampValue, timestampRecent))
        {
            timestampRecent = segment.Options.TimestampValue;
            timestampRecentMicros = stack.NowMicros;
        }
    }

    /// <summary>An ACK that lets an honest peer find out what is wrong (RFC 5961 section 7: a bounded number).</summary>
    private void SendChallengeAck(CallContext context)
    {
        if (stack.NowMicros - challengeWindowStart >= TcpSpec.ChallengeWindowMicros)
        {
            (challengeWindowStart, challengeCount) = (stack.NowMicros, 0);
        }

        if (challengeCount++ < TcpSpec.ChallengeAcksMax)
        {
            EmitAck(context);
        }
    }
}
