namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>
/// Losses: RACK-TLP where the peer sends SACKs (RFC 8985), NewReno where it does not (RFC 6582); the window during recovery by
/// proportional rate reduction (RFC 6937).
/// </content>
internal sealed partial class TcpConnection
{
    private Rack rack;
    private RecoveryPhase phase;
    private uint recoveryPoint;
    private int prrDelivered;
    private int prrOut;

    /// <summary>What may still be delivered when recovery begins: what was SACKed before is not in it (RFC 9937: RecoverFS).</summary>
    private int recoveryPipe;
    private uint duplicateRound;
    private bool isProbeOut;
    private bool isProbeRetransmission;
    private uint probeEnd;

    private enum RecoveryPhase : byte
    {
        /// <summary>Nothing is known to be lost.</summary>
        Open,

        /// <summary>Losses are being repaired; the window shrinks to the threshold.</summary>
        Recovery,

        /// <summary>The timer has expired: slow start over what was in flight.</summary>
        Loss,
    }

    /// <summary>Whether segments are thought lost, or were until lately.</summary>
    internal bool IsRecovering => phase != RecoveryPhase.Open;

    private void Recover(CallContext context, in TcpSegment segment, ref Delivery delivery, bool isDuplicate)
    {
        uint acknowledgment = segment.Header.Acknowledgment;
        HearDuplicateSack(in delivery);
        CheckProbe(in segment, in delivery, isDuplicate);
        UndoIfSpurious(in segment, in delivery);
        CheckForward(acknowledgment, in delivery, isDuplicate);
        bool isEcho = HearEcho(in segment, delivery.Flight);
        if (IsRecovering && Sequence.IsAtOrAfter(acknowledgment, recoveryPoint) && delivery.AcknowledgedBytes > 0)
        {
            LeaveRecovery();
        }

        int lostBefore = segments.LostBytes;
        bool isPartial = !usesSack && phase == RecoveryPhase.Recovery && delivery.AcknowledgedBytes > 0;
        if (usesSack)
        {
            DetectByRack();
        }
        else
        {
            DetectByDuplicates(isDuplicate, isPartial);
        }

        if (phase == RecoveryPhase.Open && segments.LostBytes > 0)
        {
            EnterRecovery(delivery.Pipe, delivery.Flight);
        }

        if (phase == RecoveryPhase.Recovery)
        {
            bool isSafe = delivery.AcknowledgedBytes > 0 && segments.LostBytes <= lostBefore;
            ReduceProportionally(in delivery, isDuplicate, isSafe);
            if (isPartial)
            {
                // The next hole is filled whatever the window says (RFC 6582 section 3.2, step 3): nothing else would bring an ACK.
                congestion.Window = Math.Max(congestion.Window, PipeBytes + mss);
            }
        }
        else if (delivery.AcknowledgedBytes > 0 && !isEcho && forwardCheck != ForwardCheck.SendingNew && (delivery.WasWindowUsed || phase == RecoveryPhase.Loss))
        {
            congestion.OnAcknowledged(delivery.AcknowledgedBytes, stack.NowMicros, rtt.SmoothedMicros);
        }
    }

    /// <summary>RFC 8985 section 6.2, step 5: what was sent long enough before something that has arrived is lost.</summary>
    private void DetectByRack()
    {
        reorderDeadline = long.MaxValue;
        if (segments.SackedCount == 0 && phase == RecoveryPhase.Open)
        {
            return;
        }

        bool isUrgent = phase != RecoveryPhase.Open || segments.SackedCount >= TcpSpec.DuplicateThreshold;
        long reorderMicros = rack.ReorderMicros(isUrgent, in rtt);
        long longestMicros = 0;
        for (int index = 0; index < segments.Count; index++)
        {
            ref SentSegment sent = ref segments[index];
            if (sent.IsSacked || sent.IsLost || !rack.IsOvertaken(in sent))
            {
                continue;
            }

            long remaining = rack.RemainingMicros(in sent, reorderMicros, stack.NowMicros);
            if (remaining <= 0)
            {
                segments.MarkLost(index);
            }

            longestMicros = Math.Max(longestMicros, remaining);
        }

        if (longestMicros > 0)
        {
            reorderDeadline = stack.NowMicros + longestMicros;
        }
    }

    /// <summary>
    /// Three duplicate ACKs mean that the first segment is lost, and in recovery a partial ACK that the next one is (RFC 6582
    /// section 3.2).
    /// </summary>
    private void DetectByDuplicates(bool isDuplicate, bool isPartial)
    {
        bool isThird = isDuplicate && duplicateAcks == TcpSpec.DuplicateThreshold && phase == RecoveryPhase.Open
            && Sequence.IsAtOrAfter(sendUnacknowledged, recoveryPoint);
        if ((isThird || isPartial) && segments.Count > 0 && !segments[0].IsLost)
        {
            segments.MarkLost(0);
        }
    }

    private void EnterRecovery(int pipeBytes, int flightBytes)
    {
        phase = RecoveryPhase.Recovery;
        recoveryPoint = sendNext;
        recoveryPipe = Math.Max(pipeBytes, mss);
        (prrDelivered, prrOut) = (0, 0);
        congestion.OnLoss(flightBytes, stack.NowMicros);
        NoteReduction();
        isProbeOut = false;
        probeDeadline = long.MaxValue;
        if (rack.WindowPersist > 0 && --rack.WindowPersist == 0)
        {
            rack.WindowFactor = 1;
        }
    }

    private void LeaveRecovery()
    {
        // Standard TCP at the end of recovery (RFC 6937 section 3.1): the window is the threshold, no burst.
        if (phase == RecoveryPhase.Recovery)
        {
            congestion.Window = Math.Min(congestion.Threshold, Math.Max(segments.PipeBytes, mss) + (3 * mss));
            congestion.Window = Math.Max(congestion.Window, Math.Min(congestion.Threshold, recoveryPipe));
        }

        phase = RecoveryPhase.Open;
        duplicateAcks = 0;
    }

    /// <summary>RFC 6937 section 3.1, with the slow start reduction bound while ACKs are safe.</summary>
    private void ReduceProportionally(in Delivery delivery, bool isDuplicate, bool isSafe)
    {
        // Without SACKs each duplicate ACK stands for a segment that has left the network (RFC 6675 section 1).
        int delivered = usesSack || !isDuplicate ? delivery.DeliveredBytes : mss;
        prrDelivered += delivered;
        int pipe = PipeBytes;
        int sendable;
        if (pipe > congestion.Threshold)
        {
            sendable = (int)((((long)prrDelivered * congestion.Threshold) + recoveryPipe - 1) / recoveryPipe) - prrOut;
        }
        else
        {
            int bound = isSafe ? Math.Max(prrDelivered - prrOut, delivered) + mss : prrDelivered - prrOut;
            sendable = Math.Min(congestion.Threshold - pipe, bound);
        }

        sendable = Math.Max(sendable, prrOut == 0 ? mss : 0);
        congestion.Window = pipe + sendable;
    }

    /// <summary>FlightSize: what is not acknowledged (RFC 5681 section 2), but for what limited transmit has added (section 3.2).</summary>
    private int FlightBytes => Math.Min(segments.TotalBytes, congestion.Window);

    /// <summary>What is in the network; without SACKs, duplicate ACKs tell how much has left it.</summary>
    private int PipeBytes => usesSack ? segments.PipeBytes : Math.Max(0, segments.PipeBytes - (DuplicatesThatCount * mss));

    /// <summary>Before a loss is known, the first two let a new segment out each: limited transmit (RFC 3042 section 2).</summary>
    private int DuplicatesThatCount => phase switch
    {
        RecoveryPhase.Open => Math.Min(duplicateAcks, TcpSpec.DuplicateThreshold - 1),
        RecoveryPhase.Recovery => duplicateAcks,
        _ => 0,
    };

    /// <summary>The peer has got something twice: we took for lost what was late (RFC 8985 section 6.2, step 4).</summary>
    private void HearDuplicateSack(in Delivery delivery)
    {
        if (!delivery.HasDuplicate)
        {
            return;
        }

        if (Sequence.IsAtOrAfter(sendUnacknowledged, duplicateRound))
        {
            duplicateRound = sendNext;
            rack.WindowFactor = Math.Min(Math.Max(1, rack.WindowFactor) + 1, 100);
            rack.WindowPersist = TcpSpec.ReorderPersistRecoveries;
        }
    }

    /// <summary>
    /// A tail loss probe was answered (RFC 8985 section 7.4.2): if it has repaired a loss, the network was congested.
    /// </summary>
    private void CheckProbe(in TcpSegment segment, in Delivery delivery, bool isDuplicate)
    {
        if (!isProbeOut || Sequence.IsBefore(segment.Header.Acknowledgment, probeEnd))
        {
            return;
        }

        bool wasSpurious = !isProbeRetransmission || (delivery.HasDuplicate && delivery.DuplicateEnd == probeEnd)
            || (segment.Header.Acknowledgment == probeEnd && isDuplicate);
        if (wasSpurious)
        {
            isProbeOut = false;
        }
        else if (Sequence.IsAfter(segment.Header.Acknowledgment, probeEnd))
        {
            isProbeOut = false;
            congestion.OnLoss(delivery.Flight, stack.NowMicros);
            congestion.Window = Math.Max(congestion.Threshold, mss);
            NoteReduction();
        }
    }

    /// <summary>The timer has expired (RFC 6298 section 5, RFC 5681 section 3.1, RFC 8985 section 6.3).</summary>
    private void CollapseAfterTimeout()
    {
        bool isFirst = phase != RecoveryPhase.Loss;
        forwardCheck = ForwardCheck.Off;
        if (isFirst)
        {
            PrepareUndo();
        }

        congestion.OnTimeout(segments.PipeBytes + segments.SackedBytes, isFirst, stack.NowMicros);

        // A peer that says what it has would have acknowledged the first segment: it has let go of it (RFC 2018 section 8; Linux).
        segments.MarkAllLost(forgetsSacks: !isFirst || segments[0].IsSacked);
        NoteReduction();
        phase = RecoveryPhase.Loss;
        recoveryPoint = sendNext;
        duplicateAcks = 0;
        isProbeOut = false;
        reorderDeadline = long.MaxValue;
    }
}
