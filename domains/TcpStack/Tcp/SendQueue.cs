using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// What a stream has to send or may have to send again: bytes in packet buffers, or in pages that others have lent, which segments
/// refer to where they lie.
/// </summary>
internal sealed class SendQueue(PacketPool pool)
{
    private Stretch[] stretches = new Stretch[4]; // always a power of two
    private int head;
    private int stretchCount;
    private int lentCount;

    /// <summary>How far from the head the last segment ended, where the next one begins most of the time.</summary>
    private int recent;

    /// <summary>Sequence number of the first byte.</summary>
    internal uint Start { get; set; }

    internal int Count { get; private set; }

    internal int Capacity { get; set; } = StackLimits.StreamBytesDefault;

    internal uint End => Start + (uint)Count;

    internal int FreeBytes => Math.Max(0, Capacity - Count);

    /// <summary>Copies data in; returns how many bytes there was room for.</summary>
    internal int Append(CallContext context, ReadOnlySpan<byte> data)
    {
        data = data[..Math.Min(data.Length, FreeBytes)];
        int appended = 0;
        while (appended < data.Length)
        {
            if (!HasRoomInLast && !TryAddBuffer())
            {
                break;
            }

            ref Stretch last = ref At(stretchCount - 1);
            int taken = Math.Min(data.Length - appended, PacketPool.BufferBytes - last.LengthBytes);
            data.Slice(appended, taken).CopyTo(pool.Buffer(context, last.Packet)[last.LengthBytes..]);
            last.LengthBytes += taken;
            appended += taken;
            Count += taken;
        }

        return appended;
    }

    /// <summary>Appends bytes of a page that is lent; the reference to it is the queue's from here on.</summary>
    internal void AppendLent(int packet, int lengthBytes)
    {
        Add(new Stretch { Start = End, Packet = packet, LengthBytes = lengthBytes });
        Count += lengthBytes;
        lentCount++;
    }

    /// <summary>The first bytes have been acknowledged.</summary>
    internal void Drop(int count)
    {
        Count -= count;
        Start += (uint)count;
        while (stretchCount > 0 && !Sequence.IsAfter(At(0).End, Start))
        {
            int packet = At(0).Packet;
            lentCount -= pool.IsLent(packet) ? 1 : 0;
            pool.Release(packet);
            head = (head + 1) & (stretches.Length - 1);
            stretchCount--;
            recent = Math.Max(0, recent - 1);
        }
    }

    /// <summary>Adds the bytes from a sequence number on to a packet.</summary>
    internal bool TryAddTo(OutgoingPacket packet, uint sequence, int lengthBytes)
    {
        int place = Find(sequence);
        while (lengthBytes > 0)
        {
            ref Stretch stretch = ref At(place++);
            int skipped = (int)(sequence - stretch.Start);
            int taken = Math.Min(lengthBytes, stretch.LengthBytes - skipped);
            if (!packet.TryAdd(stretch.Packet, skipped, taken))
            {
                return false;
            }

            sequence += (uint)taken;
            lengthBytes -= taken;
        }

        recent = place - 1;
        return true;
    }

    /// <summary>
    /// How many bytes from a sequence number on lie in at most so many pieces. Without lent pages the answer is what was asked for: the
    /// device's limit is known in buffers.
    /// </summary>
    internal int BytesWithin(int piecesMax, uint sequence, int lengthBytes)
    {
        if (lentCount == 0)
        {
            return lengthBytes;
        }

        int last = Math.Min(Find(sequence) + piecesMax, stretchCount) - 1;
        return Math.Min(lengthBytes, (int)(At(last).End - sequence));
    }

    internal void Clear() => Drop(Count);

    private bool HasRoomInLast =>
        stretchCount > 0 && !pool.IsLent(At(stretchCount - 1).Packet) && At(stretchCount - 1).LengthBytes < PacketPool.BufferBytes;

    private ref Stretch At(int place) => ref stretches[(head + place) & (stretches.Length - 1)];

    /// <summary>The place of a byte that is in the queue: near the last one, or by bisection.</summary>
    private int Find(uint sequence)
    {
        if (recent < stretchCount && !Sequence.IsAfter(At(recent).Start, sequence))
        {
            if (Sequence.IsAfter(At(recent).End, sequence))
            {
                return recent;
            }

            if (recent + 1 < stretchCount && Sequence.IsAfter(At(recent + 1).End, sequence))
            {
                return recent + 1;
            }
        }

        int low = 0;
        int high = stretchCount - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Sequence.IsAfter(At(middle).End, sequence) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private bool TryAddBuffer()
    {
        if (!pool.TryTakeForData(out int buffer))
        {
            return false;
        }

        Add(new Stretch { Start = End, Packet = buffer });
        return true;
    }

    private void Add(in Stretch stretch)
    {
        if (stretchCount == stretches.Length)
        {
            var larger = new Stretch[2 * stretches.Length];
            for (int place = 0; place < stretchCount; place++)
            {
                larger[place] = At(place);
            }

            (stretches, head) = (larger, 0);
        }

        stretchCount++;
        At(stretchCount - 1) = stretch;
    }

    /// <summary>Bytes that lie together, from the start of what their packet names.</summary>
    private struct Stretch
    {
        /// <summary>Sequence number of the first byte.</summary>
        internal uint Start;
        internal int Packet;
        internal int LengthBytes;

        internal readonly uint End => Start + (uint)LengthBytes;
    }
}
