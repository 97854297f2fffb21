using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>
/// The buffers that have been posted and not come back. The driver knows each under a tag of ours, which names the slot and counts what
/// has become of it, so that one that comes back twice is found out.
/// </summary>
/// <remarks>The count is odd while the buffer is posted.</remarks>
internal sealed class ReceiveLedger
{
    private const int SlotBits = 12;
    private const ulong SlotMask = (1 << SlotBits) - 1;
    private const ulong OneChange = 1 << SlotBits;

    private readonly Slot[] slots;
    private readonly short[] free;
    private readonly ReceiveBuffer[] batch = new ReceiveBuffer[ShadowLimits.BatchFrames];
    private int freeCount;

    internal ReceiveLedger(int capacity)
    {
        slots = new Slot[capacity];
        free = new short[capacity];
        for (int slot = capacity - 1; slot >= 0; slot--)
        {
            slots[slot].DriverTag = (uint)slot;
            free[freeCount++] = (short)slot;
        }
    }

    internal int FreeCount => freeCount;

    internal bool IsEmpty => freeCount == slots.Length;

    /// <summary>Notes buffers, and describes them for the driver; at most <see cref="ShadowLimits.BatchFrames"/> and those that fit.</summary>
    internal ReadOnlySpan<ReceiveBuffer> Accept(ReadOnlySpan<ReceiveBuffer> buffers)
    {
        int count = Math.Min(Math.Min(buffers.Length, freeCount), batch.Length);
        int last = freeCount - 1;
        for (int index = 0; index < count; index++)
        {
            ref Slot slot = ref slots[free[last - index]];
            slot.DriverTag += OneChange;
            slot.Buffer = buffers[index];
            batch[index] = buffers[index];
            batch[index].Tag = slot.DriverTag;
        }

        freeCount -= count;
        return batch.AsSpan(0, count);
    }

    /// <summary>Forgets the last so many of a batch, which the driver has not taken.</summary>
    internal void Withdraw(ReadOnlySpan<ReceiveBuffer> described)
    {
        for (int index = described.Length - 1; index >= 0; index--)
        {
            Release((int)(described[index].Tag & SlotMask));
        }
    }

    /// <summary>
    /// Gives returned buffers their owners' tags, up to the first one that the driver does not have, or of which it says what cannot be;
    /// returns how many.
    /// </summary>
    /// <param name="returned">What the driver says.</param>
    /// <param name="statistics">Counts frames and bytes.</param>
    internal int Return(Span<ReceivedFrame> returned, ref NetStatistics statistics)
    {
        int count = 0;
        int released = freeCount;
        long frames = 0;
        long bytes = 0;
        foreach (ref ReceivedFrame frame in returned)
        {
            int number = (int)(frame.Tag & SlotMask);
            if (number >= slots.Length || slots[number].DriverTag != frame.Tag || !IsPosted(frame.Tag)
                || (uint)frame.LengthBytes > (uint)slots[number].Buffer.LengthBytes)
            {
                break;
            }

            ref Slot slot = ref slots[number];
            slot.DriverTag += OneChange;
            frame.Tag = slot.Buffer.Tag;
            free[released++] = (short)number;
            frames += (frame.Flags & (ReceiveFlags.Continues | ReceiveFlags.Recalled)) == 0 ? 1 : 0;
            bytes += frame.LengthBytes;
            count++;
        }

        freeCount = released;
        statistics.ReceivedFrames += frames;
        statistics.ReceivedBytes += bytes;
        return count;
    }

    /// <summary>The next posted buffers from a slot on, under new tags, for the next driver.</summary>
    /// <param name="cursor">The slot to begin at; moved behind the last one described.</param>
    internal ReadOnlySpan<ReceiveBuffer> Describe(scoped ref int cursor)
    {
        int count = 0;
        for (; cursor < slots.Length && count < batch.Length; cursor++)
        {
            ref Slot slot = ref slots[cursor];
            if (IsPosted(slot.DriverTag))
            {
                slot.DriverTag += 2 * OneChange;
                batch[count] = slot.Buffer;
                batch[count++].Tag = slot.DriverTag;
            }
        }

        return batch.AsSpan(0, count);
    }

    /// <summary>Gives back unfilled buffers, without a driver; returns how many.</summary>
    internal int TakeRecalled(Span<ReceivedFrame> received)
    {
        int count = 0;
        for (int number = 0; number < slots.Length && count < received.Length; number++)
        {
            if (IsPosted(slots[number].DriverTag))
            {
                received[count++] = new ReceivedFrame { Tag = slots[number].Buffer.Tag, Flags = ReceiveFlags.Recalled };
                Release(number);
            }
        }

        return count;
    }

    private static bool IsPosted(ulong driverTag) => (driverTag & OneChange) != 0;

    private void Release(int number)
    {
        slots[number].DriverTag += OneChange;
        free[freeCount++] = (short)number;
    }

    private struct Slot
    {
        internal ReceiveBuffer Buffer;
        internal ulong DriverTag;
    }
}
