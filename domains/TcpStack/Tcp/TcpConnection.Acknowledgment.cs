using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>What an acknowledgment tells: what has arrived, how long it took, how much may be sent.</content>
internal sealed partial class TcpConnection
{
    private readonly SentSegments segments = new();
    private readonly CongestionControl congestion;
    private RttEstimator rtt;
    private int duplicateAcks;

    /// <summary>An ACK that is not beyond what was sent.</summary>
    private void Acknowledge(CallContext context, in TcpSegment segment)
    {
        uint acknowledgment = segment.Header.Acknowledgment;
        var delivery = new Delivery { Pipe = segments.PipeBytes, Flight = FlightBytes, WasWindowUsed = isWindowLimited };
        bool isDuplicate = IsDuplicateAck(in segment);
        bool isOld = Sequence.IsBefore(acknowledgment, sendUnacknowledged);
        if (Sequence.IsAfter(acknowledgment, sendUnacknowledged))
        {
            TakeCumulative(in segment, ref delivery);
        }

        if (usesSack && segment.Options.SackCount > 0)
        {
            TakeSacks(in segment, ref delivery);
        }

        if (!isOld)
        {
            UpdateWindow(in segment);
        }

        if (delivery.RttMicros > 0)
        {
            // Only a measurement ends the back-off: an ACK of what was sent twice may be of the first time (RFC 6298 section 3; Linux).
            rtt.Add(delivery.RttMicros);
            expiries = 0;
        }

        if (delivery.NewlySackedBytes > 0)
        {
            ArmProbe();
        }

        duplicateAcks = delivery.AcknowledgedBytes > 0 ? 0 : isDuplicate ? duplicateAcks + 1 : duplicateAcks;
        Recover(context, in segment, ref delivery, isDuplicate);
        if (delivery.AcknowledgedBytes > 0)
        {
            lastProgressMicros = stack.NowMicros;
            acknowledgedMicros = stack.NowMicros;
            RestartRetransmission();
            if (sendQueue.FreeBytes > sendQueue.Capacity / 3)
            {
                Changed?.Invoke();
            }
        }
    }

    /// <summary>
    /// RFC 5681 section 2: nothing new, nothing in it, the same window, and something is outstanding; no answer to a probe.
    /// </summary>
    private bool IsDuplicateAck(in TcpSegment segment) =>
        segment.Header.Acknowledgment == sendUnacknowledged && segments.Count > 0 && segment.LengthBytes == 0
        && sendWindow > 0 && ScaledWindow(in segment) == sendWindow;

    private void TakeCumulative(in TcpSegment segment, ref Delivery delivery)
    {
        uint acknowledgment = segment.Header.Acknowledgment;
        while (segments.Count > 0 && Sequence.IsAfter(acknowledgment, segments[0].Start))
        {
            ref SentSegment first = ref segments[0];
            if (Sequence.IsBefore(acknowledgment, first.End))
            {
                delivery.DeliveredBytes += first.IsSacked ? 0 : (int)(acknowledgment - first.Start);
                segments.TrimFirst(acknowledgment);
                break;
            }

            if (!first.IsSacked)
            {
                NoteDelivered(in first, in segment, ref delivery);
            }

            segments.DropFirst();
        }

        delivery.AcknowledgedBytes = (int)(acknowledgment - sendUnacknowledged);
        sendUnacknowledged = acknowledgment;

        // After 2 GiB without a loss they would be ahead, and the next loss would be taken for one of before.
        recoveryPoint = Sequence.Follow(recoveryPoint, acknowledgment);
        congestionPoint = Sequence.Follow(congestionPoint, acknowledgment);
        duplicateRound = Sequence.Follow(duplicateRound, acknowledgment);
        uint dataEnd = Sequence.Min(acknowledgment, sendQueue.End);
        if (Sequence.IsAfter(dataEnd, sendQueue.Start))
        {
            sendQueue.Drop((int)(dataEnd - sendQueue.Start));
        }

        // Only segments that were sent again: the echoed timestamp tells which transmission it was (RFC 7323 section 4.1).
        if (delivery.RttMicros == 0 && usesTimestamps && segment.Options.HasTimestamps && segment.Options.TimestampEcho != 0)
        {
            delivery.RttMicros = (TimestampNow - segment.Options.TimestampEcho) * TcpSpec.TimestampTickMicros;
        }
    }

    /// <summary>
    /// RFC 2018 section 4, RFC 2883 section 4: the first block may tell of a duplicate. The others come with the latest in front, and are
    /// taken in order: what one ACK tells of is not reordered by how it tells of it (RFC 8985 section 6.2, step 3).
    /// </summary>
    private void TakeSacks(in TcpSegment segment, ref Delivery delivery)
    {
        SequenceRange first = segment.Options.Sack(0);
        if (IsOfSent(first) && IsDuplicateSack(in segment, first))
        {
            delivery.HasDuplicate = true;
            delivery.DuplicateEnd = first.End;
        }

        uint from = segment.Header.Acknowledgment;
        int index = delivery.HasDuplicate ? 1 : 0;
        while (TryFindLowest(in segment, index, from, out SequenceRange block))
        {
            TakeSack(block, in segment, ref delivery);
            from = block.End;
        }
    }

    /// <summary>The lowest block that begins at a sequence number or after it, of those from an index on.</summary>
    private bool TryFindLowest(in TcpSegment segment, int index, uint from, out SequenceRange lowest)
    {
        (lowest, bool isFound) = (default, false);
        for (; index < segment.Options.SackCount; index++)
        {
            SequenceRange block = segment.Options.Sack(index);
            if (IsOfSent(block) && Sequence.IsAtOrAfter(block.Start, from) && (!isFound || Sequence.IsBefore(block.Start, lowest.Start)))
            {
                (lowest, isFound) = (block, true);
            }
        }

        return isFound;
    }

    private bool IsOfSent(SequenceRange block) =>
        Sequence.IsBefore(block.Start, block.End) && Sequence.IsAtOrBefore(block.End, sendNext);

    private static bool IsDuplicateSack(in TcpSegment segment, SequenceRange block)
    {
        if (Sequence.IsBefore(block.Start, segment.Header.Acknowledgment))
        {
            return true;
        }

        SequenceRange second = segment.Options.Sack(1);
        return segment.Options.SackCount > 1 && Sequence.IsAtOrAfter(block.Start, second.Start)
            && Sequence.IsAtOrBefore(block.End, second.End);
    }

    private void TakeSack(SequenceRange block, in TcpSegment segment, ref Delivery delivery)
    {
        for (int index = segments.FindEndingAfter(block.Start); index < segments.Count; index++)
        {
            ref SentSegment sent = ref segments[index];
            if (Sequence.IsAfter(sent.End, block.End))
            {
                break;
            }

            // A segment that is covered in part only is not taken as delivered (RFC 6675 section 3).
            if (!sent.IsSacked && Sequence.IsAtOrAfter(sent.Start, block.Start))
            {
                NoteDelivered(in sent, in segment, ref delivery);
                segments.MarkSacked(index);
                delivery.NewlySackedBytes += sent.LengthBytes;
            }
        }
    }

    /// <summary>
    /// Measures by a segment that has arrived now (RFC 6298 section 3: Karn), and tells RACK (RFC 8985 section 6.2, steps 1 and
    /// 2).
    /// </summary>
    private void NoteDelivered(in SentSegment sent, in TcpSegment segment, ref Delivery delivery)
    {
        delivery.DeliveredBytes += sent.LengthBytes;
        long elapsedMicros = Math.Max(1, stack.NowMicros - sent.SentMicros);
        if (!sent.IsRetransmitted)
        {
            delivery.RttMicros = elapsedMicros;
        }
        else if (IsAckOfOriginal(in segment, elapsedMicros, sent.SentMicros))
        {
            return;
        }

        rack.Note(in sent, elapsedMicros);
    }

    private bool IsAckOfOriginal(in TcpSegment segment, long elapsedMicros, long sentMicros) =>
        elapsedMicros < rtt.MinMicros
        || (usesTimestamps && segment.Options.HasTimestamps
            && Sequence.IsBefore(segment.Options.TimestampEcho, TimestampAt(sentMicros)));

    /// <summary>SND.WND (RFC 9293 section 3.10.7.4): from newer segments only.</summary>
    private void UpdateWindow(in TcpSegment segment)
    {
        bool isNewer = Sequence.IsBefore(windowUpdateSequence, segment.Start)
            || (windowUpdateSequence == segment.Start
                && Sequence.IsAtOrBefore(windowUpdateAcknowledgment, segment.Header.Acknowledgment));
        if (!isNewer)
        {
            return;
        }

        uint window = ScaledWindow(in segment);
        bool hasOpened = sendWindow == 0 && window > 0;
        sendWindow = window;
        sendWindowMax = Math.Max(sendWindowMax, window);
        (windowUpdateSequence, windowUpdateAcknowledgment) = (segment.Start, segment.Header.Acknowledgment);
        if (hasOpened)
        {
            ForgetWindowProbe();
        }
    }

    private uint ScaledWindow(in TcpSegment segment) =>
        segment.Header.IsSyn ? segment.Header.Window : (uint)segment.Header.Window << sendScale;

    /// <summary>What one acknowledgment has brought.</summary>
    private struct Delivery
    {
        internal int AcknowledgedBytes;
        internal int DeliveredBytes;
        internal int NewlySackedBytes;

        /// <summary>What was in the network before, and what was outstanding.</summary>
        internal int Pipe;
        internal int Flight;
        internal long RttMicros;
        internal bool WasWindowUsed;
        internal bool HasDuplicate;
        internal uint DuplicateEnd;
    }
}
