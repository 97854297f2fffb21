namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>A segment that has been sent and is not acknowledged as a whole.</summary>
internal struct SentSegment
{
    internal uint Start;
    internal uint End;

    /// <summary>When it was sent last.</summary>
    internal long SentMicros;

    /// <summary>The peer has it, but something before it is missing.</summary>
    internal bool IsSacked;

    /// <summary>Taken for lost, and not sent again since.</summary>
    internal bool IsLost;

    internal bool IsRetransmitted;

    internal readonly int LengthBytes => (int)(End - Start);
}

/// <summary>
/// The scoreboard: segments in flight, in order of their sequence numbers (RFC 6675 section 3, RFC 8985 section 5). A ring that
/// grows
/// by doubling, at most to <see cref="StackLimits.SegmentsInFlightMax"/>.
/// </summary>
internal sealed class SentSegments
{
    private SentSegment[] ring = new SentSegment[8];
    private int head;

    internal int Count { get; private set; }

    internal int FreeCount => StackLimits.SegmentsInFlightMax - Count;

    internal bool IsFull => Count == StackLimits.SegmentsInFlightMax;

    internal int TotalBytes { get; private set; }

    internal int SackedBytes { get; private set; }

    internal int SackedCount { get; private set; }

    /// <summary>Bytes that have to be sent again.</summary>
    internal int LostBytes { get; private set; }

    /// <summary>How often segments have been sent again, since the start.</summary>
    internal long RetransmittedCount { get; private set; }

    /// <summary>What is thought to be in the network (RFC 6675 section 4: pipe).</summary>
    internal int PipeBytes => TotalBytes - SackedBytes - LostBytes;

    internal ref SentSegment this[int index] => ref ring[(head + index) & (ring.Length - 1)];

    internal void Append(uint start, uint end, long nowMicros)
    {
        if (Count == ring.Length)
        {
            Grow();
        }

        this[Count++] = new SentSegment { Start = start, End = end, SentMicros = nowMicros };
        TotalBytes += (int)(end - start);
    }

    /// <summary>The first segment has been acknowledged.</summary>
    internal void DropFirst()
    {
        ref SentSegment first = ref this[0];
        Uncount(in first);
        head = (head + 1) & (ring.Length - 1);
        Count--;
    }

    /// <summary>The first bytes of the first segment have been acknowledged.</summary>
    internal void TrimFirst(uint start)
    {
        ref SentSegment first = ref this[0];
        Uncount(in first);
        first.Start = start;
        Recount(in first);
    }

    internal void MarkSacked(int index)
    {
        ref SentSegment segment = ref this[index];
        Uncount(in segment);
        (segment.IsSacked, segment.IsLost) = (true, false);
        Recount(in segment);
    }

    internal void MarkLost(int index)
    {
        ref SentSegment segment = ref this[index];
        Uncount(in segment);
        segment.IsLost = true;
        Recount(in segment);
    }

    /// <summary>A segment goes out once more.</summary>
    internal void MarkRetransmitted(int index, long nowMicros)
    {
        ref SentSegment segment = ref this[index];
        Uncount(in segment);
        (segment.IsLost, segment.IsRetransmitted, segment.SentMicros) = (false, true, nowMicros);
        RetransmittedCount++;
        Recount(in segment);
    }

    /// <summary>
    /// Everything that is not acknowledged has to be sent again; the peer may have let go of what it had selectively acknowledged
    /// (RFC 2018 section 8).
    /// </summary>
    internal void MarkAllLost(bool forgetsSacks)
    {
        for (int index = 0; index < Count; index++)
        {
            this[index].IsSacked &= !forgetsSacks;
            this[index].IsLost = !this[index].IsSacked;
        }

        (TotalBytes, SackedBytes, SackedCount, LostBytes) = (0, 0, 0, 0);
        for (int index = 0; index < Count; index++)
        {
            Recount(in this[index]);
        }
    }

    /// <summary>What was taken for lost was late: it is on its way.</summary>
    internal void ForgiveLosses()
    {
        for (int index = 0; index < Count; index++)
        {
            this[index].IsLost = false;
        }

        LostBytes = 0;
    }

    /// <summary>Cuts a segment in two, when the path takes only shorter ones now.</summary>
    internal bool TrySplit(int index, int lengthBytes)
    {
        if (IsFull)
        {
            return false;
        }

        SentSegment rest = this[index];
        Append(rest.End, rest.End, rest.SentMicros);
        for (int later = Count - 1; later > index + 1; later--)
        {
            this[later] = this[later - 1];
        }

        rest.Start += (uint)lengthBytes;
        this[index + 1] = rest;
        this[index].End = rest.Start;
        SackedCount += rest.IsSacked ? 1 : 0;
        return true;
    }

    /// <summary>The first segment that ends after a sequence number.</summary>
    internal int FindEndingAfter(uint sequence)
    {
        (int low, int high) = (0, Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Sequence.IsAfter(this[middle].End, sequence) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    internal void Clear() => (Count, TotalBytes, SackedBytes, SackedCount, LostBytes) = (0, 0, 0, 0, 0);

    private void Recount(in SentSegment segment)
    {
        TotalBytes += segment.LengthBytes;
        SackedBytes += segment.IsSacked ? segment.LengthBytes : 0;
        SackedCount += segment.IsSacked ? 1 : 0;
        LostBytes += segment.IsLost ? segment.LengthBytes : 0;
    }

    private void Uncount(in SentSegment segment)
    {
        TotalBytes -= segment.LengthBytes;
        SackedBytes -= segment.IsSacked ? segment.LengthBytes : 0;
        SackedCount -= segment.IsSacked ? 1 : 0;
        LostBytes -= segment.IsLost ? segment.LengthBytes : 0;
    }

    private void Grow()
    {
        var larger = new SentSegment[2 * ring.Length];
        for (int index = 0; index < Count; index++)
        {
            larger[index] = this[index];
        }

        (ring, head) = (larger, 0);
    }
}
