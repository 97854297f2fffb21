using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// What a stream has to send or may have to send again: bytes in packet buffers, which segments refer to. All buffers but the
/// last
/// are full, so the place of a byte follows from its number.
/// </summary>
internal sealed class SendQueue(PacketPool pool)
{
    private int[] buffers = new int[4];
    private int head;
    private int bufferCount;
    private int headOffset;

    /// <summary>Sequence number of the first byte.</summary>
    internal uint Start { get; set; }

    internal int Count { get; private set; }

    internal int Capacity { get; set; } = StackLimits.StreamBytesDefault;

    internal uint End => Start + (uint)Count;

    internal int FreeBytes => Math.Max(0, Capacity - Count);

    /// <summary>Copies data in; returns how many bytes there was room for. Whole data fits if there is any room.</summary>
    internal int Append(CallContext context, ReadOnlySpan<byte> data, bool isWhole = false)
    {
        int room = isWhole && FreeBytes > 0 ? data.Length : FreeBytes;
        data = data[..Math.Min(data.Length, room)];
        int appended = 0;
        while (appended < data.Length)
        {
            int used = (headOffset + Count) % PacketPool.BufferBytes;
            if (headOffset + Count == bufferCount * PacketPool.BufferBytes && !TryAddBuffer())
            {
                break;
            }

            int taken = Math.Min(data.Length - appended, PacketPool.BufferBytes - used);
            int last = buffers[(head + bufferCount - 1) % buffers.Length];
            data.Slice(appended, taken).CopyTo(pool.Buffer(context, last)[used..]);
            appended += taken;
            Count += taken;
        }

        return appended;
    }

    /// <summary>The first bytes have been acknowledged.</summary>
    internal void Drop(int count)
    {
        Count -= count;
        Start += (uint)count;
        headOffset += count;
        while (headOffset >= PacketPool.BufferBytes || (Count == 0 && bufferCount > 0))
        {
            pool.Release(buffers[head]);
            head = (head + 1) % buffers.Length;
            bufferCount--;
            headOffset = bufferCount == 0 ? 0 : headOffset - PacketPool.BufferBytes;
        }
    }

    /// <summary>Adds the bytes from a sequence number on to a packet.</summary>
    internal bool TryAddTo(OutgoingPacket packet, uint sequence, int lengthBytes)
    {
        int position = headOffset + (int)(sequence - Start);
        while (lengthBytes > 0)
        {
            int offset = position % PacketPool.BufferBytes;
            int taken = Math.Min(lengthBytes, PacketPool.BufferBytes - offset);
            if (!packet.TryAdd(buffers[(head + (position / PacketPool.BufferBytes)) % buffers.Length], offset, taken))
            {
                return false;
            }

            position += taken;
            lengthBytes -= taken;
        }

        return true;
    }

    internal void Clear() => Drop(Count);

    private bool TryAddBuffer()
    {
        if (!pool.TryTakeForData(out int buffer))
        {
            return false;
        }

        if (bufferCount == buffers.Length)
        {
            int[] larger = new int[2 * buffers.Length];
            for (int index = 0; index < bufferCount; index++)
            {
                larger[index] = buffers[(head + index) % buffers.Length];
            }

            (buffers, head) = (larger, 0);
        }

        buffers[(head + bufferCount++) % buffers.Length] = buffer;
        return true;
    }
}
