namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <content>
/// Time-outs that were none: the path has become slower, and nothing was lost. The Eifel algorithm tells by the timestamp of the first
/// acknowledgment (RFC 3522), and takes back what the time-out has done (RFC 4015).
/// </content>
internal sealed partial class TcpConnection
{
    private bool mayUndo;
    private uint undoTimestamp;
    private int undoThreshold;

    /// <summary>RFC 3522 section 3.2, steps 1 and 2: before the first segment is sent again.</summary>
    private void PrepareUndo()
    {
        mayUndo = usesTimestamps;
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
