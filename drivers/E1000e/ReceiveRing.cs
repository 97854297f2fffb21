using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>
/// The ring of buffers to receive into. From <c>clean</c> up to <c>tail</c> lie the buffers that the device has, in the order in
/// which it uses them; those that it has filled come first. One entry stays empty: head equal to tail means none.
/// </summary>
internal sealed class ReceiveRing
{
    private readonly Registers registers;
    private readonly Slot[] slots;
    private readonly int mask;
    private readonly ulong bus;
    private Cell<PageBuffer> ring;
    private int clean;
    private int tail;
    private bool isRecalling;

    /// <param name="context">The driver.</param>
    /// <param name="device">The function.</param>
    /// <param name="registers">Its registers.</param>
    /// <param name="entryCount">Descriptors, a power of two.</param>
    internal ReceiveRing(CallContext context, PciFunction device, Registers registers, int entryCount)
    {
        this.registers = registers;
        slots = new Slot[entryCount];
        mask = entryCount - 1;
        PageBuffer pages = device.AllocateDma(context, RingMemory.Pages(entryCount), out bus);
        ring.Put(ref pages);
    }

    /// <summary>Buffers that the device can have.</summary>
    internal int Capacity => mask;

    /// <summary>Frames that were dropped because they were damaged.</summary>
    internal long DamagedCount { get; private set; }

    /// <summary>Buffers that the device has, or has filled.</summary>
    internal int PostedCount => (tail - clean) & mask;

    /// <summary>Whether <see cref="Poll"/> would deliver something.</summary>
    internal bool HasNext(CallContext context) =>
        PostedCount > 0 && (isRecalling || (Volatile.Read(ref Borrow(context)[clean].Status) & ReceiveDescriptor.Done) != 0);

    /// <summary>
    /// Whether the device has gone past a descriptor without writing it back: it writes them in their order (section 7.1.8), and never
    /// comes back to one.
    /// </summary>
    internal bool HasHole(CallContext context)
    {
        int next = (clean + 1) & mask;
        if (isRecalling || PostedCount < 2)
        {
            return false;
        }

        // The first one is looked at last: both may have been written since.
        Span<ReceiveDescriptor> descriptors = Borrow(context);
        return (Volatile.Read(ref descriptors[next].Status) & ReceiveDescriptor.Done) != 0
            && (Volatile.Read(ref descriptors[clean].Status) & ReceiveDescriptor.Done) == 0;
    }

    /// <summary>Gives the device buffers until it has enough; returns how many.</summary>
    internal int Post(CallContext context, ReadOnlySpan<ReceiveBuffer> buffers)
    {
        if (isRecalling)
        {
            return 0;
        }

        Span<ReceiveDescriptor> descriptors = Borrow(context);
        int count = Math.Min(buffers.Length, mask - PostedCount);
        int place = tail;
        int taken = 0;
        while (taken < count && buffers[taken].LengthBytes >= E1000eLimits.ReceiveBufferBytes)
        {
            ref readonly ReceiveBuffer buffer = ref buffers[taken++];
            place = Put(descriptors, place, buffer.Tag, buffer.BusAddress);
        }

        if (taken > 0)
        {
            tail = place;
            registers[E1000eSpec.ReceiveQueue + E1000eSpec.Tail] = (uint)place;
        }

        return taken;
    }

    /// <summary>Delivers frames; returns how many entries.</summary>
    /// <param name="context">The driver.</param>
    /// <param name="received">Room for them.</param>
    /// <param name="isConfused">The device has written what cannot be: nothing it says counts any more.</param>
    internal int Poll(CallContext context, Span<ReceivedFrame> received, out bool isConfused)
    {
        isConfused = false;
        if (isRecalling)
        {
            return TakeRecalled(received);
        }

        Span<ReceiveDescriptor> descriptors = Borrow(context);
        int tailBefore = tail;
        int count = PollWhole(descriptors, tailBefore, received);
        while (count < received.Length && clean != tailBefore)
        {
            int pieces = CountPieces(descriptors, tailBefore, received.Length - count, out bool isDamaged, out isConfused);
            if (pieces == 0 || isConfused)
            {
                break;
            }

            if (isDamaged)
            {
                DropFrame(descriptors, pieces);
                continue;
            }

            for (; pieces > 0; pieces--)
            {
                clean = Deliver(in descriptors[clean], clean, ref received[count++]);
            }

            count += PollWhole(descriptors, tailBefore, received[count..]);
        }

        if (tail != tailBefore)
        {
            registers[E1000eSpec.ReceiveQueue + E1000eSpec.Tail] = (uint)tail;
        }

        return count;
    }

    /// <summary>The device has been reset: lets the next polls return every buffer unfilled.</summary>
    internal void Recall()
    {
        isRecalling = PostedCount > 0;
        registers.SetRing(E1000eSpec.ReceiveQueue, bus, slots.Length, tail, tail);
    }

    /// <summary>
    /// The device has been reset: what it had filled completely is still to be delivered, and it gets the rest again.
    /// </summary>
    internal void Restart(CallContext context)
    {
        Span<ReceiveDescriptor> descriptors = Borrow(context);
        int head = clean;
        for (int index = clean; index != tail && IsBelievable(in descriptors[index]); index = (index + 1) & mask)
        {
            head = (descriptors[index].Status & ReceiveDescriptor.EndOfPacket) != 0 ? (index + 1) & mask : head;
        }

        for (int index = head; index != tail; index = (index + 1) & mask)
        {
            descriptors[index] = new ReceiveDescriptor { Address = slots[index].BusAddress };
        }

        registers.SetRing(E1000eSpec.ReceiveQueue, bus, slots.Length, head, tail);
    }

    /// <summary>One that cannot be would have the device reset again at the next poll.</summary>
    private static bool IsBelievable(in ReceiveDescriptor descriptor) => (descriptor.Status & ReceiveDescriptor.Done) != 0
        && (descriptor.LengthAndTag & 0xFFFF) <= E1000eLimits.ReceiveBufferBytes;

    private Span<ReceiveDescriptor> Borrow(CallContext context) => ring.Content.BorrowAs<ReceiveDescriptor>(context);

    /// <summary>Fills a place, and returns the next one.</summary>
    private int Put(Span<ReceiveDescriptor> descriptors, int place, ulong tag, ulong address)
    {
        slots[place] = new Slot { Tag = tag, BusAddress = address };
        descriptors[place] = new ReceiveDescriptor { Address = address };
        return (place + 1) & mask;
    }

    /// <summary>Delivers frames up to the first one that is not in one buffer with nothing wrong.</summary>
    private int PollWhole(Span<ReceiveDescriptor> descriptors, int end, Span<ReceivedFrame> received)
    {
        int place = clean;
        int count = 0;
        while (count < received.Length && place != end && IsWhole(in descriptors[place]))
        {
            place = Deliver(in descriptors[place], place, ref received[count++]);
        }

        clean = place;
        return count;
    }

    /// <summary>A frame in one buffer with nothing wrong: all but a few.</summary>
    private static bool IsWhole(in ReceiveDescriptor descriptor)
    {
        // The acquiring read keeps those of the rest of the descriptor behind it.
        const uint Whole = ReceiveDescriptor.Done | ReceiveDescriptor.EndOfPacket;
        return (Volatile.Read(in descriptor.Status) & (Whole | ReceiveDescriptor.Damaged)) == Whole
            && (descriptor.LengthAndTag & 0xFFFF) <= E1000eLimits.ReceiveBufferBytes;
    }

    /// <summary>Descriptors of the next frame; 0 when it is not there as a whole, or there is no room for it.</summary>
    private int CountPieces(Span<ReceiveDescriptor> descriptors, int end, int room, out bool isDamaged, out bool isConfused)
    {
        isConfused = false;
        isDamaged = false;
        int count = 0;
        for (int index = clean; index != end && count < room; index = (index + 1) & mask)
        {
            // The acquiring read keeps those of the rest of the descriptor behind it.
            uint status = Volatile.Read(ref descriptors[index].Status);
            if ((status & ReceiveDescriptor.Done) == 0)
            {
                return 0;
            }

            count++;
            isDamaged |= (status & ReceiveDescriptor.Damaged) != 0;
            isConfused |= (descriptors[index].LengthAndTag & 0xFFFF) > E1000eLimits.ReceiveBufferBytes;
            if (isConfused || (status & ReceiveDescriptor.EndOfPacket) != 0)
            {
                return count;
            }
        }

        return 0;
    }

    /// <summary>Delivers the buffer of a place, and returns the next one.</summary>
    private int Deliver(in ReceiveDescriptor descriptor, int place, ref ReceivedFrame frame)
    {
        uint status = descriptor.Status;
        frame.Tag = slots[place].Tag;

        // Checked by CountPieces; a device that changes it later gets its own lie shortened.
        frame.LengthBytes = Math.Min((int)(descriptor.LengthAndTag & 0xFFFF), E1000eLimits.ReceiveBufferBytes);
        frame.VlanTag = (ushort)(descriptor.LengthAndTag >> 16);
        frame.Hash = 0;
        frame.Flags = (status & ReceiveDescriptor.EndOfPacket) != 0 ? FlagsOf(status) : ReceiveFlags.Continues;
        return (place + 1) & mask;
    }

    private static ReceiveFlags FlagsOf(uint status)
    {
        ReceiveFlags flags = (status & ReceiveDescriptor.Vlan) != 0 ? ReceiveFlags.VlanRemoved : ReceiveFlags.None;
        if ((status & ReceiveDescriptor.IgnoreChecksum) == 0)
        {
            bool isIpWrong = (status & ReceiveDescriptor.IpWrong) != 0;
            bool isTransportWrong = (status & ReceiveDescriptor.TransportWrong) != 0;
            flags |= (status & ReceiveDescriptor.IpChecked) != 0 && !isIpWrong ? ReceiveFlags.IPv4ChecksumGood : ReceiveFlags.None;
            flags |= (status & ReceiveDescriptor.TransportChecked) != 0 && !isTransportWrong
                ? ReceiveFlags.TransportChecksumGood
                : ReceiveFlags.None;
            flags |= isIpWrong || isTransportWrong ? ReceiveFlags.ChecksumBad : ReceiveFlags.None;
        }

        return flags;
    }

    /// <summary>The buffers of a damaged frame go back to the device.</summary>
    private void DropFrame(Span<ReceiveDescriptor> descriptors, int pieces)
    {
        DamagedCount++;
        for (; pieces > 0; pieces--)
        {
            Slot slot = slots[clean];
            clean = (clean + 1) & mask;
            tail = Put(descriptors, tail, slot.Tag, slot.BusAddress);
        }
    }

    private int TakeRecalled(Span<ReceivedFrame> received)
    {
        int count = 0;
        while (count < received.Length && clean != tail)
        {
            received[count++] = new ReceivedFrame { Tag = slots[clean].Tag, Flags = ReceiveFlags.Recalled };
            clean = (clean + 1) & mask;
        }

        isRecalling = clean != tail;
        return count;
    }

    private struct Slot
    {
        internal ulong Tag;
        internal ulong BusAddress;
    }
}

/// <summary>Sizes of rings in memory.</summary>
internal static class RingMemory
{
    internal static int Pages(int entryCount) => ((entryCount * 16) + PageBuffer.PageBytes - 1) / PageBuffer.PageBytes;
}
