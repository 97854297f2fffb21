using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// What a stream has received: pieces of packets in order, for the program to read, and pieces behind a gap. Nothing is copied
/// but
/// short pieces, which go into the buffer before them: otherwise each would keep a whole buffer.
/// </summary>
internal sealed class ReceiveQueue(PacketPool pool)
{
    /// <summary>Pieces up to this length are copied.</summary>
    internal const int ShortBytes = 256;

    private Piece[] ready = new Piece[8];
    private OutOfOrder[] pending = [];
    private int head;
    private int readyCount;
    private int pendingCount;
    private readonly SequenceRange[] recent = new SequenceRange[TcpOptions.SackBlocksMax];

    /// <summary>Bytes that can be read.</summary>
    internal int Count { get; private set; }

    internal int Capacity { get; set; } = StackLimits.StreamBytesDefault;

    internal bool HasGap => pendingCount > 0;

    internal int FreeBytes => Math.Max(0, Capacity - Count);

    /// <summary>Ranges behind the gap, the latest first (RFC 2018 section 4).</summary>
    internal int SackCount { get; private set; }

    internal SequenceRange Sack(int index) => recent[index];

    /// <summary>Adds what comes next in order, with its reference; false when there are too many pieces.</summary>
    internal bool TryAppend(CallContext context, int packet, int offset, int lengthBytes)
    {
        if (readyCount > 0 && lengthBytes <= ShortBytes && TryCopyToLast(context, packet, offset, lengthBytes))
        {
            return true;
        }

        if (readyCount == ready.Length && !TryGrow())
        {
            return false;
        }

        int place = (head + readyCount++) & (ready.Length - 1);
        ready[place] = new Piece { Packet = packet, Offset = offset, LengthBytes = lengthBytes };
        Count += lengthBytes;
        return true;
    }

    /// <summary>The first bytes of a range that are behind a gap already, as far as they go on; false when none are.</summary>
    internal bool TryFindHeld(uint start, uint end, out SequenceRange held)
    {
        held = default;
        int index = FindEndingAfter(start);
        if (index == pendingCount || Sequence.IsAtOrAfter(pending[index].Start, end))
        {
            return false;
        }

        uint first = Sequence.Max(start, pending[index].Start);
        while (index + 1 < pendingCount && pending[index].End == pending[index + 1].Start)
        {
            index++;
        }

        held = new SequenceRange(first, Sequence.Min(end, pending[index].End));
        return true;
    }

    /// <summary>
    /// Keeps a piece behind a gap, with its reference. What is there already stays; what the new piece covers as a whole goes.
    /// </summary>
    /// <returns>False when all of it was there, or pieces are too many or buffers scarce; the reference stays the caller's then.</returns>
    internal bool TryInsert(uint start, uint end, int packet, int offset)
    {
        int index = FindEndingAfter(start);
        while (index < pendingCount && Sequence.IsAtOrBefore(pending[index].Start, start))
        {
            uint covered = Sequence.Max(start, pending[index].End);
            offset += (int)(covered - start);
            start = covered;
            index++;
        }

        if (Sequence.IsAtOrAfter(start, end))
        {
            // The block that a duplicate lies in is told of next to it (RFC 2883 section 4).
            Remember(index - 1);
            return false;
        }

        if (pool.FreeCount < StackLimits.PacketsReserved + (pool.Capacity / StackLimits.OutOfOrderShare))
        {
            return false;
        }

        while (index < pendingCount && Sequence.IsAtOrBefore(pending[index].End, end))
        {
            RemovePending(index);
        }

        end = index < pendingCount ? Sequence.Min(end, pending[index].Start) : end;
        if (pendingCount == pending.Length && !TryGrowPending())
        {
            return false;
        }

        Array.Copy(pending, index, pending, index + 1, pendingCount - index);
        pending[index] = new OutOfOrder { Start = start, End = end, Packet = packet, Offset = offset };
        pendingCount++;
        Remember(index);
        return true;
    }

    /// <summary>Moves what has become contiguous to the pieces in order, since a range has filled the gap or part of it.</summary>
    /// <returns>The next byte that is missing.</returns>
    internal uint Advance(CallContext context, uint start, uint next)
    {
        while (pendingCount > 0 && Sequence.IsAtOrBefore(pending[0].Start, next))
        {
            OutOfOrder first = pending[0];
            int skipped = (int)(next - first.Start);
            int lengthBytes = (int)(first.End - first.Start) - skipped;
            if (lengthBytes > 0)
            {
                if (!TryAppend(context, first.Packet, first.Offset + skipped, lengthBytes))
                {
                    break;
                }

                next = first.End;
                pendingCount--;
                Array.Copy(pending, 1, pending, 0, pendingCount);
            }
            else
            {
                RemovePending(0);
            }
        }

        ForgetFrom(start, next);
        return next;
    }

    /// <summary>Copies data out; what is not <paramref name="isPeek"/> is gone afterwards. A peek may leave out the first byte.</summary>
    internal int Read(CallContext context, Span<byte> buffer, bool isPeek, int skippedBytes = 0)
    {
        int copied = 0;
        for (int index = 0; copied < buffer.Length && index < readyCount; index++)
        {
            ref Piece piece = ref ready[(head + index) & (ready.Length - 1)];
            int taken = Math.Min(piece.LengthBytes - skippedBytes, buffer.Length - copied);
            pool.Buffer(context, piece.Packet).Slice(piece.Offset + skippedBytes, taken).CopyTo(buffer[copied..]);
            copied += taken;
            skippedBytes = 0;
        }

        if (!isPeek)
        {
            Drop(copied);
        }

        return copied;
    }

    /// <summary>A byte that is there.</summary>
    internal byte Peek(CallContext context, int offset)
    {
        int index = head;
        while (offset >= ready[index].LengthBytes)
        {
            offset -= ready[index].LengthBytes;
            index = (index + 1) & (ready.Length - 1);
        }

        return pool.Buffer(context, ready[index].Packet)[ready[index].Offset + offset];
    }

    internal void Drop(int count)
    {
        Count -= count;
        while (count > 0)
        {
            ref Piece first = ref ready[head];
            int taken = Math.Min(count, first.LengthBytes);
            first.Offset += taken;
            first.LengthBytes -= taken;
            count -= taken;
            if (first.LengthBytes == 0)
            {
                pool.Release(first.Packet);
                head = (head + 1) & (ready.Length - 1);
                readyCount--;
            }
        }
    }

    internal void Clear()
    {
        Drop(Count);
        ClearPending();
    }

    /// <summary>Nothing will come any more that could fill the gap.</summary>
    internal void ClearPending()
    {
        while (pendingCount > 0)
        {
            RemovePending(pendingCount - 1);
        }

        SackCount = 0;
    }

    private bool TryCopyToLast(CallContext context, int packet, int offset, int lengthBytes)
    {
        ref Piece last = ref ready[(head + readyCount - 1) & (ready.Length - 1)];
        int end = last.Offset + last.LengthBytes;
        if (pool[last.Packet].References > 1 || end + lengthBytes > PacketPool.BufferBytes || last.Packet == packet)
        {
            return false;
        }

        pool.Buffer(context, packet).Slice(offset, lengthBytes).CopyTo(pool.Buffer(context, last.Packet)[end..]);
        last.LengthBytes += lengthBytes;
        Count += lengthBytes;
        pool.Release(packet);
        return true;
    }

    /// <summary>The first piece behind the gap that ends after a sequence number.</summary>
    private int FindEndingAfter(uint sequence)
    {
        (int low, int high) = (0, pendingCount);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Sequence.IsAfter(pending[middle].End, sequence) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void RemovePending(int index)
    {
        pool.Release(pending[index].Packet);
        pendingCount--;
        Array.Copy(pending, index + 1, pending, index, pendingCount - index);
    }

    /// <summary>Puts the range around a piece in front, and drops those that it swallows.</summary>
    private void Remember(int index)
    {
        (int first, int last) = (index, index);
        while (first > 0 && pending[first - 1].End == pending[first].Start)
        {
            first--;
        }

        while (last + 1 < pendingCount && pending[last].End == pending[last + 1].Start)
        {
            last++;
        }

        ForgetFrom(pending[first].Start, pending[last].End);
        SackCount = Math.Min(SackCount + 1, recent.Length);
        Array.Copy(recent, 0, recent, 1, SackCount - 1);
        recent[0] = new SequenceRange(pending[first].Start, pending[last].End);
    }

    /// <summary>Drops the ranges that end in another one, which are part of it.</summary>
    private void ForgetFrom(uint start, uint end)
    {
        int kept = 0;
        for (int index = 0; index < SackCount; index++)
        {
            SequenceRange old = recent[index];
            recent[kept] = old;
            kept += Sequence.IsAfter(old.End, start) && Sequence.IsAtOrBefore(old.End, end) ? 0 : 1;
        }

        SackCount = kept;
    }

    private bool TryGrow()
    {
        if (ready.Length >= StackLimits.SegmentsInFlightMax)
        {
            return false;
        }

        var larger = new Piece[2 * ready.Length];
        for (int index = 0; index < readyCount; index++)
        {
            larger[index] = ready[(head + index) & (ready.Length - 1)];
        }

        (ready, head) = (larger, 0);
        return true;
    }

    private bool TryGrowPending()
    {
        if (pending.Length >= StackLimits.OutOfOrderMax)
        {
            return false;
        }

        var larger = new OutOfOrder[Math.Max(8, 2 * pending.Length)];
        Array.Copy(pending, larger, pendingCount);
        pending = larger;
        return true;
    }

    private struct OutOfOrder
    {
        internal uint Start;
        internal uint End;
        internal int Packet;
        internal int Offset;
    }
}
