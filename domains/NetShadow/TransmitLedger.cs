using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>
/// The frames that have been accepted and whose tags have not been given back, in order. Those before <c>submitted</c> are with the
/// driver, which knows each under its number; it returns them in order.
/// </summary>
internal sealed class TransmitLedger
{
    private readonly Entry[] entries;
    private readonly FrameSegment[] segments;
    private readonly TransmitFrame[] batch = new TransmitFrame[ShadowLimits.BatchFrames];
    private readonly ulong mask;
    private ulong first;
    private ulong submitted;
    private ulong next;

    /// <param name="capacity">A power of two.</param>
    internal TransmitLedger(int capacity)
    {
        entries = new Entry[capacity];
        segments = new FrameSegment[capacity * ShadowLimits.SegmentsMax];
        mask = (ulong)capacity - 1;
    }

    internal bool IsFull => next - first > mask;

    internal bool IsEmpty => next == first;

    /// <summary>Whether the driver has frames.</summary>
    internal bool HasSubmitted => submitted != first;

    /// <summary>Whether frames wait to be handed over.</summary>
    internal bool HasReady => next != submitted;

    /// <summary>Frames that are with the driver.</summary>
    internal int SubmittedCount => (int)(submitted - first);

    /// <summary>The pieces of all entries, as frames handed to the driver refer to them.</summary>
    internal ReadOnlySpan<FrameSegment> Segments => segments;

    /// <summary>Takes a well-formed frame in; the ledger is not full.</summary>
    internal void Accept(in TransmitFrame frame, ReadOnlySpan<FrameSegment> pieces)
    {
        int slot = (int)(next++ & mask);
        ref Entry entry = ref entries[slot];
        entry.Frame = frame;
        entry.Frame.FirstSegment = slot * ShadowLimits.SegmentsMax;
        entry.SendCount = 0;
        if (frame.SegmentCount == 1)
        {
            segments[entry.Frame.FirstSegment] = pieces[frame.FirstSegment];
        }
        else
        {
            pieces.Slice(frame.FirstSegment, frame.SegmentCount).CopyTo(segments.AsSpan(entry.Frame.FirstSegment));
        }
    }

    /// <summary>The next frames to hand over, as the driver is to see them.</summary>
    internal ReadOnlySpan<TransmitFrame> PrepareBatch()
    {
        int count = (int)Math.Min(next - submitted, (ulong)batch.Length);
        for (int index = 0; index < count; index++)
        {
            ulong number = submitted + (uint)index;
            batch[index] = entries[(int)(number & mask)].Frame;
            batch[index].Tag = number;
        }

        return batch.AsSpan(0, count);
    }

    /// <summary>The driver has taken the first frames of the batch; a frame counts as sent once more even if the driver dies with it.</summary>
    internal void MarkSubmitted(int count)
    {
        for (int index = 0; index < count; index++)
        {
            entries[(int)(submitted++ & mask)].SendCount++;
        }
    }

    /// <summary>The driver died in the call: it may have taken all of them.</summary>
    internal void MarkAttempted(int count)
    {
        for (ulong number = submitted; number < submitted + (uint)count; number++)
        {
            entries[(int)(number & mask)].SendCount++;
        }
    }

    /// <summary>Whether the driver may say now that it is done with the frame of this number.</summary>
    internal bool IsNext(ulong number) => number == first && HasSubmitted;

    /// <summary>Ends the first frame and returns its owner's tag.</summary>
    internal ulong Complete()
    {
        ulong tag = entries[(int)(first++ & mask)].Frame.Tag;
        submitted = Math.Max(submitted, first);
        return tag;
    }

    /// <summary>The driver is gone: everything is ready again. Returns how many it had.</summary>
    internal int Rewind()
    {
        int count = SubmittedCount;
        submitted = first;
        return count;
    }

    /// <summary>Whether the first frame has been with as many drivers as may die of it.</summary>
    internal bool IsFirstSpent => HasReady && submitted == first && entries[(int)(first & mask)].SendCount >= ShadowLimits.SendsMax;

    private struct Entry
    {
        internal TransmitFrame Frame;
        internal int SendCount;
    }
}
