using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>
/// The frames that have been accepted and whose tags have not been given back, in order. Those before <c>submitted</c> are with the
/// driver, which knows each under its number; it returns them in order.
/// </summary>
internal sealed class TransmitLedger
{
    private readonly TransmitFrame[] frames;
    private readonly Owned[] owned;

    /// <summary>First those of frames with one piece, which are most, one after the other; behind them room for more pieces of each slot.</summary>
    private readonly FrameSegment[] segments;

    private readonly ulong mask;
    private ulong first;
    private ulong submitted;
    private ulong next;

    /// <param name="capacity">A power of two.</param>
    internal TransmitLedger(int capacity)
    {
        frames = new TransmitFrame[capacity];
        owned = new Owned[capacity];
        segments = new FrameSegment[capacity * (1 + ShadowLimits.SegmentsMax)];
        mask = (ulong)capacity - 1;
    }

    internal bool IsFull => next - first > mask;

    internal bool IsEmpty => next == first;

    /// <summary>Whether the driver has frames.</summary>
    internal bool HasSubmitted => submitted != first;

    /// <summary>Whether a driver has the first frame, or has died while it may have had it.</summary>
    internal bool IsFirstTried => HasSubmitted || (HasReady && owned[(int)(first & mask)].DeathCount > 0);

    /// <summary>Whether frames wait to be handed over.</summary>
    internal bool HasReady => next != submitted;

    /// <summary>Frames that are with the driver.</summary>
    internal int SubmittedCount => (int)(submitted - first);

    /// <summary>The pieces of all entries, as frames handed to the driver refer to them.</summary>
    internal ReadOnlySpan<FrameSegment> Segments => segments;

    /// <summary>Takes frames in, up to the first that is not well-formed or has no room; returns how many.</summary>
    internal int Accept(in NetDeviceInfo info, ReadOnlySpan<TransmitFrame> offered, ReadOnlySpan<FrameSegment> pieces)
    {
        ulong number = next;
        int room = (int)Math.Min((uint)offered.Length, first + mask + 1 - number);
        int taken = 0;
        for (; taken < room && (info.AdmitsPlain(in offered[taken], pieces) || info.Admits(in offered[taken], pieces)); taken++)
        {
            ref readonly TransmitFrame frame = ref offered[taken];
            int slot = (int)(number & mask);
            int firstSegment = frame.SegmentCount == 1 ? slot : frames.Length + (slot * ShadowLimits.SegmentsMax);
            owned[slot] = new Owned { Tag = frame.Tag };
            ref TransmitFrame own = ref frames[slot];
            own = frame;
            own.Tag = number++;
            own.FirstSegment = firstSegment;
            segments[firstSegment] = pieces[frame.FirstSegment];
            if (frame.SegmentCount > 1)
            {
                pieces.Slice(frame.FirstSegment + 1, frame.SegmentCount - 1).CopyTo(segments.AsSpan(firstSegment + 1));
            }
        }

        next = number;
        return taken;
    }

    /// <summary>The next frames to hand over, up to the end of the ring, as the driver is to see them.</summary>
    internal ReadOnlySpan<TransmitFrame> NextBatch()
    {
        int start = (int)(submitted & mask);
        int count = (int)Math.Min(next - submitted, (ulong)Math.Min(ShadowLimits.BatchFrames, frames.Length - start));
        return frames.AsSpan(start, count);
    }

    /// <summary>The driver has taken the first frames of the batch.</summary>
    internal void MarkSubmitted(int count) => submitted += (uint)count;

    /// <summary>The driver died in the call: it may have taken all of them.</summary>
    internal void MarkAttempted(int count) => CountDeaths(submitted, submitted + (uint)count);

    /// <summary>
    /// Ends frames that the driver is done with and gives them their owners' tags, up to the first that is not the next one that the driver
    /// has; returns how many.
    /// </summary>
    internal int Complete(Span<ulong> numbers)
    {
        ulong number = first;
        int count = 0;
        for (; count < numbers.Length && numbers[count] == number && number != submitted; count++)
        {
            numbers[count] = owned[(int)(number++ & mask)].Tag;
        }

        first = number;
        return count;
    }

    /// <summary>Ends the first frame and returns its owner's tag.</summary>
    internal ulong Complete()
    {
        ulong tag = owned[(int)(first++ & mask)].Tag;
        submitted = Math.Max(submitted, first);
        return tag;
    }

    /// <summary>The driver is gone: everything is ready again. Returns how many it had.</summary>
    internal int Rewind()
    {
        int count = SubmittedCount;
        CountDeaths(first, submitted);
        submitted = first;
        return count;
    }

    /// <summary>Whether the first frame has been with as many drivers as may die of it.</summary>
    internal bool IsFirstSpent => HasReady && submitted == first && owned[(int)(first & mask)].DeathCount >= ShadowLimits.SendsMax;

    private void CountDeaths(ulong from, ulong to)
    {
        for (ulong number = from; number < to; number++)
        {
            owned[(int)(number & mask)].DeathCount++;
        }
    }

    /// <summary>What the driver is not told of a frame.</summary>
    private struct Owned
    {
        internal ulong Tag;

        /// <summary>Drivers that have died while they had it.</summary>
        internal int DeathCount;
    }
}
