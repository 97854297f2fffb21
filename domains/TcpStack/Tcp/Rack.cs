namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>What RACK keeps of a connection (RFC 8985 section 5.2).</summary>
internal struct Rack
{
    private long sentMicros;
    private uint end;

    /// <summary>Round trip of the segment delivered last of those sent last.</summary>
    internal long RttMicros { get; private set; }

    /// <summary>The end of the foremost segment delivered.</summary>
    internal uint Fack;

    /// <summary>Whether the network has been seen to change the order.</summary>
    internal bool HasReordering { get; private set; }

    internal int WindowFactor;
    internal int WindowPersist;

    /// <summary>Steps 1 and 2: a segment has been delivered.</summary>
    internal void Note(in SentSegment sent, long elapsedMicros)
    {
        if (Sequence.IsAfter(sent.End, Fack))
        {
            Fack = sent.End;
        }
        else if (Sequence.IsBefore(sent.End, Fack) && !sent.IsRetransmitted)
        {
            HasReordering = true;
        }

        RttMicros = elapsedMicros;
        if (IsSentAfter(sent.SentMicros, sent.End, sentMicros, end))
        {
            (sentMicros, end) = (sent.SentMicros, sent.End);
        }
    }

    /// <summary>Whether something that was sent later than this segment has been delivered.</summary>
    internal readonly bool IsOvertaken(in SentSegment segment) => IsSentAfter(sentMicros, end, segment.SentMicros, segment.End);

    /// <summary>Step 3: how much reordering is put up with.</summary>
    internal readonly long ReorderMicros(bool isUrgent, in RttEstimator rtt) => !HasReordering && isUrgent
        ? 0
        : Math.Min(Math.Max(1, WindowFactor) * (rtt.MinMicros / 4), rtt.SmoothedMicros);

    /// <summary>Step 4: how long until this segment counts as lost; 0 or less when it does now.</summary>
    internal readonly long RemainingMicros(in SentSegment segment, long reorderMicros, long nowMicros) =>
        segment.SentMicros + RttMicros + reorderMicros - nowMicros;

    private static bool IsSentAfter(long micros1, uint end1, long micros2, uint end2) =>
        micros1 > micros2 || (micros1 == micros2 && Sequence.IsAfter(end1, end2));
}
