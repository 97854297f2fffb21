using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>
/// The buffers that have been posted and not come back. The driver knows each under a tag of ours, which names the slot and the number
/// of its use, so that one that comes back twice is found out.
/// </summary>
internal sealed class ReceiveLedger
{
    private const int SlotBits = 12;

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
            free[freeCount++] = (short)slot;
        }
    }

    internal int FreeCount => freeCount;

    internal bool IsEmpty => freeCount == slots.Length;

    /// <summary>Notes buffers, and describes them for the driver; at most <see cref="ShadowLimits.BatchFrames"/> and those that fit.</summary>
    internal ReadOnlySpan<ReceiveBuffer> Accept(ReadOnlySpan<ReceiveBuffer> buffers)
    {
        int count = Math.Min(Math.Min(buffers.Length, freeCount), batch.Length);
        for (int index = 0; index < count; index++)
        {
            int number = free[--freeCount];
            ref Slot slot = ref slots[number];
            slot.Buffer = buffers[index];
            slot.IsPosted = true;
            slot.DriverTag = (((slot.DriverTag >> SlotBits) + 1) << SlotBits) | (uint)number;
            batch[index] = slot.Buffer;
            batch[index].Tag = slot.DriverTag;
        }

        return batch.AsSpan(0, count);
    }

    /// <summary>Forgets the last so many of a batch, which the driver has not taken.</summary>
    internal void Withdraw(ReadOnlySpan<ReceiveBuffer> described)
    {
        for (int index = described.Length - 1; index >= 0; index--)
        {
            Release((int)(described[index].Tag & ((1 << SlotBits) - 1)));
        }
    }

    /// <summary>Gives a returned buffer its owner's tag; false when the driver does not have it, or says what cannot be.</summary>
    internal bool TryReturn(ref ReceivedFrame frame)
    {
        int number = (int)(frame.Tag & ((1 << SlotBits) - 1));
        if (number >= slots.Length || !slots[number].IsPosted || slots[number].DriverTag != frame.Tag
            || (uint)frame.LengthBytes > (uint)slots[number].Buffer.LengthBytes)
        {
            return false;
        }

        frame.Tag = slots[number].Buffer.Tag;
        Release(number);
        return true;
    }

    /// <summary>The next posted buffers from a slot on, under new tags, for the next driver.</summary>
    /// <param name="cursor">The slot to begin at; moved behind the last one described.</param>
    internal ReadOnlySpan<ReceiveBuffer> Describe(scoped ref int cursor)
    {
        int count = 0;
        for (; cursor < slots.Length && count < batch.Length; cursor++)
        {
            ref Slot slot = ref slots[cursor];
            if (slot.IsPosted)
            {
                slot.DriverTag = (((slot.DriverTag >> SlotBits) + 1) << SlotBits) | (uint)cursor;
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
            if (slots[number].IsPosted)
            {
                received[count++] = new ReceivedFrame { Tag = slots[number].Buffer.Tag, Flags = ReceiveFlags.Recalled };
                Release(number);
            }
        }

        return count;
    }

    private void Release(int number)
    {
        slots[number].IsPosted = false;
        free[freeCount++] = (short)number;
    }

    private struct Slot
    {
        internal ReceiveBuffer Buffer;
        internal ulong DriverTag;
        internal bool IsPosted;
    }
}
