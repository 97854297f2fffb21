namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>
/// Time-outs that were none: the path has become slower, and nothing was lost. The Eifel algorithm tells by the timestamp of the first
/// acknowledgment (RFC 3522); without timestamps F-RTO tells by the second one, before which nothing but new data is sent (RFC 5682). What
/// the time-out has done is taken back (RFC 4015).
/// </content>
internal sealed partial class TcpConnection
{
    private bool mayUndo;
    private uint undoTimestamp;
    private int undoThreshold;
    private ForwardCheck forwardCheck;

    /// <summary>How far F-RTO has come (RFC 5682 section 2.1).</summary>
    private enum ForwardCheck : byte
    {
        /// <summary>It does not look, or has seen that there was a loss.</summary>
        Off,

        /// <summary>Step 1: the first segment has been sent again, no other.</summary>
        AfterTimeout,

        /// <summary>Step 2b: it has been acknowledged, and new data goes out instead of what is thought lost.</summary>
        SendingNew,
    }

    /// <summary>RFC 3522 section 3.2, steps 1 and 2: before the first segment is sent again.</summary>
    private void PrepareUndo()
    {
        mayUndo = usesTimestamps;
        forwardCheck = usesTimestamps ? ForwardCheck.Off : ForwardCheck.AfterTimeout;
        undoTimestamp = TimestampNow;
        undoThreshold = Math.Max(segments.PipeBytes + segments.SackedBytes, congestion.Threshold);
    }

    /// <summary>Steps 4 and 5: the first acknowledgment of something new echoes a segment from before the time-out.</summary>
    private void UndoIfSpurious(in TcpSegment segment, in Delivery delivery)
    {
        if (!mayUndo || phase != RecoveryPhase.Loss || delivery.AcknowledgedBytes == 0)
        {
            return;
        }

        mayUndo = false;
        if (!segment.Options.HasTimestamps || !Sequence.IsBefore(segment.Options.TimestampEcho, undoTimestamp))
        {
            return;
        }

        TakeTimeoutBack(in delivery);
    }

    /// <summary>
    /// RFC 5682 section 2.1, steps 2 and 3: an acknowledgment of more than what was sent again is of what was sent before the time-out.
    /// </summary>
    private void CheckForward(uint acknowledgment, in Delivery delivery, bool isDuplicate)
    {
        bool isAdvance = delivery.AcknowledgedBytes > 0;
        if (forwardCheck == ForwardCheck.SendingNew && acknowledgment == sendUnacknowledged)
        {
            // Step 3. What does not advance counts as a duplicate, whatever else it says: what is lost must not wait for the timer.
            forwardCheck = ForwardCheck.Off;
            if (isAdvance)
            {
                TakeTimeoutBack(in delivery);
            }
            else
            {
                congestion.Window = 3 * mss;
            }

            return;
        }

        if (forwardCheck != ForwardCheck.AfterTimeout || (!isAdvance && !isDuplicate))
        {
            return;
        }

        // Step 2: a full segment has to be there to be sent, and the peer has to miss something still.
        int sendable = Math.Min(UnsentLength, (int)(sendUnacknowledged + sendWindow - sendNext));
        bool maySendNew = isAdvance && Sequence.IsBefore(acknowledgment, recoveryPoint) && sendable >= mss;
        forwardCheck = maySendNew ? ForwardCheck.SendingNew : ForwardCheck.Off;
        congestion.Window = maySendNew ? PipeBytes + (2 * mss) : congestion.Window;
    }

    private void TakeTimeoutBack(in Delivery delivery)
    {
        // RFC 4015 section 3.4: no burst, but the window grows back to where it was in no time.
        segments.ForgiveLosses();
        int initial = TcpSpec.InitialWindowSegments * mss;
        congestion.Threshold = Math.Max(congestion.Threshold, undoThreshold);
        congestion.Window = Math.Max(congestion.Window, segments.PipeBytes + Math.Min(delivery.AcknowledgedBytes, initial));
        phase = RecoveryPhase.Open;
        SpuriousTimeouts++;
    }

    /// <summary>Time-outs that have been taken back.</summary>
    internal int SpuriousTimeouts { get; private set; }
}
