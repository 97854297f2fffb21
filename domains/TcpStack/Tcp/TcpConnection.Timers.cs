using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>The timers of a connection. Each is a time; the earliest is in the protocol's heap.</content>
internal sealed partial class TcpConnection
{
    private long retransmissionDeadline = long.MaxValue;
    private long probeDeadline = long.MaxValue;
    private long reorderDeadline = long.MaxValue;
    private long delayedAckDeadline = long.MaxValue;
    private long keepaliveDeadline = long.MaxValue;
    private long stateDeadline = long.MaxValue;
    private long lastActivityMicros;
    private long lastProgressMicros;

    /// <summary>When the peer has acknowledged something last, or the socket was closed after that.</summary>
    private long acknowledgedMicros;
    private long lastSentMicros;
    private int expiries;
    private int probeExpiries;
    private int keepaliveProbes;

    /// <summary>Place in the heap of timers; -1 outside.</summary>
    internal int HeapIndex { get; set; } = -1;

    /// <summary>The time under which the connection is in the heap: not later than its earliest timer.</summary>
    internal long HeapDeadline { get; set; }

    internal long Deadline => Math.Min(
        Math.Min(Math.Min(retransmissionDeadline, probeDeadline), Math.Min(reorderDeadline, delayedAckDeadline)),
        Math.Min(keepaliveDeadline, stateDeadline));

    private long UserTimeoutMicros => Settings.UserTimeoutMicros > 0 ? Settings.UserTimeoutMicros : TcpSpec.UserTimeoutMicros;

    /// <summary>Does what is due.</summary>
    internal void Tick(CallContext context)
    {
        long now = stack.NowMicros;
        if (stateDeadline <= now)
        {
            Finish(SocketError.None);
            return;
        }

        if (reorderDeadline <= now)
        {
            ExpireReorder();
        }

        if (retransmissionDeadline <= now)
        {
            ExpireRetransmission(context);
        }
        else if (probeDeadline <= now)
        {
            ExpireProbe(context);
        }

        if (keepaliveDeadline <= now)
        {
            ExpireKeepalive(context);
        }

        needsAck |= delayedAckDeadline <= now;
        if (State != TcpState.Closed)
        {
            Output(context);
        }

        if (delayedAckDeadline <= now)
        {
            // There was no buffer for it. A timer that stays due would be looked at for ever.
            delayedAckDeadline = now + TcpSpec.DelayedAckMicros;
        }
    }

    /// <summary>A sign of life from above: looks again at what may be sent.</summary>
    internal void Kick(CallContext context) => Output(context);

    internal void ArmKeepalive()
    {
        keepaliveDeadline = Settings.UsesKeepalive && State is TcpState.Established or TcpState.CloseWait
            ? lastActivityMicros + Settings.KeepaliveIdleMicros
            : long.MaxValue;
        Reschedule();
    }

    /// <summary>Whether an error may be of this sequence number: others can be guessed by anybody (RFC 5927 section 4.1).</summary>
    internal bool IsOutstanding(uint sequence) =>
        Sequence.IsAtOrAfter(sequence, sendUnacknowledged) && Sequence.IsBefore(sequence, sendNext);

    /// <summary>The ICMP error of a packet of this connection (RFC 1122 section 4.2.3.9).</summary>
    internal void HearError(CallContext context, uint sequence, SocketError error, int mtuBytes)
    {
        if (!IsOutstanding(sequence))
        {
            return;
        }

        if (error == SocketError.MessageTooLong)
        {
            ShrinkPath(context, mtuBytes);
        }
        else if (State == TcpState.SynSent)
        {
            Finish(error);
        }
    }

    private void ShrinkPath(CallContext context, int mtuBytes)
    {
        int segmentBytes = Math.Max(mtuBytes, TcpSpec.MtuBytesMin(in path)) - TcpSpec.HeaderBytes(in path);
        int before = mss;
        if (State < TcpState.Established || segmentBytes >= mss + (usesTimestamps ? Wire.TcpOptions.TimestampBytes : 0))
        {
            return;
        }

        SetMss(segmentBytes);
        if (mss < before)
        {
            segments.MarkAllLost(forgetsSacks: false);
            Output(context);
        }
    }

    private void Reschedule() => tcp.Timers.Update(this, State == TcpState.Closed ? long.MaxValue : Deadline);

    /// <summary>Starts the retransmission timer if it does not run (RFC 6298 rule 5.1).</summary>
    private void StartRetransmission()
    {
        if (retransmissionDeadline == long.MaxValue)
        {
            retransmissionDeadline = stack.NowMicros + rtt.WithBackoff(Math.Max(expiries, probeExpiries));
        }
    }

    /// <summary>Something new was acknowledged (RFC 6298 rules 5.2 and 5.3).</summary>
    private void RestartRetransmission()
    {
        retransmissionDeadline = long.MaxValue;
        probeDeadline = long.MaxValue;
        if (segments.Count > 0)
        {
            StartRetransmission();
            ArmProbe();
        }
    }

    /// <summary>The probe time-out (RFC 8985 section 7.2).</summary>
    private void ArmProbe()
    {
        bool mayProbe = usesSack && phase == RecoveryPhase.Open && segments.SackedCount == 0 && segments.Count > 0
            && !isProbeOut && State >= TcpState.Established && sendWindow > 0;
        if (!mayProbe)
        {
            probeDeadline = long.MaxValue;
            return;
        }

        long timeout = !rtt.HasSample
            ? TcpSpec.ProbeInitialMicros
            : (2 * rtt.SmoothedMicros) + (segments.Count == 1 ? TcpSpec.WorstDelayedAckMicros : 2 * TcpSpec.TimestampTickMicros);
        probeDeadline = Math.Min(stack.NowMicros + timeout, retransmissionDeadline);
        probeDeadline = probeDeadline == retransmissionDeadline ? long.MaxValue : probeDeadline;
    }

    private void StopSending()
    {
        (retransmissionDeadline, probeDeadline, reorderDeadline) = (long.MaxValue, long.MaxValue, long.MaxValue);
        keepaliveDeadline = long.MaxValue;
    }

    private void ExpireReorder()
    {
        int pipe = segments.PipeBytes;
        DetectByRack();
        if (phase == RecoveryPhase.Open && segments.LostBytes > 0)
        {
            EnterRecovery(pipe, FlightBytes);
            congestion.Window = PipeBytes + mss;
        }
    }

    private void ExpireRetransmission(CallContext context)
    {
        retransmissionDeadline = long.MaxValue;
        probeDeadline = long.MaxValue;
        if (IsConnecting)
        {
            ExpireSyn(context);
        }
        else if (sendWindow == 0 || segments.Count == 0)
        {
            ExpirePersist(context);
        }
        else if (stack.NowMicros - lastProgressMicros >= UserTimeoutMicros)
        {
            Abort(context, SocketError.TimedOut);
        }
        else
        {
            CollapseAfterTimeout();
            expiries++;
            tcp.RefreshPath(ref path);
            StartRetransmission();
        }
    }

    private void ExpireSyn(CallContext context)
    {
        int most = State == TcpState.SynSent ? TcpSpec.SynRetriesMax : TcpSpec.SynAckRetriesMax;
        if (expiries >= most)
        {
            Finish(SocketError.TimedOut);
            return;
        }

        expiries++;
        segments.MarkRetransmitted(0, stack.NowMicros);
        ResendSyn(context);
        StartRetransmission();
    }

    /// <summary>The peer's window is closed: one byte tells whether it still is (RFC 9293 section 3.8.6.1).</summary>
    private void ExpirePersist(CallContext context)
    {
        // A peer may keep its window closed as long as it likes (RFC 9293 section 3.8.6.1), but not on nobody's behalf: what is queued
        // for it would never be free again.
        long sinceMicros = IsOrphan ? acknowledgedMicros : Math.Max(lastActivityMicros, lastProgressMicros);
        if (stack.NowMicros - sinceMicros >= UserTimeoutMicros)
        {
            Abort(context, SocketError.TimedOut);
            return;
        }

        if (segments.Count > 0)
        {
            ProbeAgain(context);
        }
        else if (UnsentLength > 0)
        {
            TrySendNext(context, (int)Math.Clamp(Math.Min((uint)UnsentLength, sendWindow), 1, (uint)mss));
        }
        else
        {
            return;
        }

        // What an open window has waited for, for more to send, is no probe.
        probeExpiries += sendWindow == 0 ? 1 : 0;
        StartRetransmission();
    }

    /// <summary>One byte goes out once more, as a segment of its own: its ACK measures no round trip (RFC 6298 section 3).</summary>
    private void ProbeAgain(CallContext context)
    {
        bool isAlone = segments[0].LengthBytes == 1 || segments.TrySplit(0, 1);
        if (TryEmit(context, sendUnacknowledged, sendUnacknowledged + 1) && isAlone)
        {
            segments.MarkRetransmitted(0, stack.NowMicros);
        }
    }

    /// <summary>The window is open again: the byte of the probe is sent like others.</summary>
    private void ForgetWindowProbe()
    {
        probeExpiries = 0;
        retransmissionDeadline = long.MaxValue;
        if (segments.TotalBytes == 1 && segments[0].Start == sendUnacknowledged)
        {
            segments.Clear();
            sendNext = sendUnacknowledged;
        }
        else if (segments.Count > 0)
        {
            StartRetransmission();
        }
    }

    /// <summary>A tail loss probe (RFC 8985 section 7.3): new data if there is any, else the last segment again.</summary>
    private void ExpireProbe(CallContext context)
    {
        probeDeadline = long.MaxValue;
        if (segments.Count == 0)
        {
            return;
        }

        int windowRoom = (int)(sendUnacknowledged + sendWindow - sendNext);
        int lengthBytes = Math.Min(Math.Min(UnsentLength, mss - SackBytes), windowRoom);
        isProbeRetransmission = lengthBytes <= 0;
        if (!isProbeRetransmission)
        {
            isProbeOut = TrySendNext(context, lengthBytes);
        }
        else
        {
            int last = segments.Count - 1;
            isProbeOut = TryEmit(context, segments[last].Start, segments[last].End);
            segments.MarkRetransmitted(last, stack.NowMicros);
        }

        probeEnd = sendNext;
        retransmissionDeadline = long.MaxValue;
        StartRetransmission();
    }

    private void ExpireKeepalive(CallContext context)
    {
        long idleMicros = stack.NowMicros - lastActivityMicros;
        if (idleMicros < Settings.KeepaliveIdleMicros)
        {
            keepaliveDeadline = lastActivityMicros + Settings.KeepaliveIdleMicros;
            return;
        }

        if (segments.Count > 0)
        {
            // What is in flight asks the same question.
            keepaliveDeadline = stack.NowMicros + Settings.KeepaliveIntervalMicros;
            return;
        }

        if (keepaliveProbes >= Settings.KeepaliveProbes)
        {
            Abort(context, SocketError.TimedOut);
            return;
        }

        // One byte before the window, which the peer has to answer (RFC 9293 section 3.8.4).
        keepaliveProbes++;
        TryEmit(context, sendNext - 1, sendNext - 1);
        keepaliveDeadline = stack.NowMicros + Settings.KeepaliveIntervalMicros;
    }
}
