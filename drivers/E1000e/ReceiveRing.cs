using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>
/// The ring of buffers to receive into. From <c>clean</c> up to <c>tail</c> lie the buffers that the device has, in the order in
/// which it uses them; those that it has filled come first. One entry stays empty: head equal to tail means none.
/// </summary>
internal sealed class ReceiveRing
{
    private const int FlagsCount = 1 << 7;

    private readonly Registers registers;

    /// <summary>The buffer of each place; the device overwrites the descriptor's address.</summary>
    private readonly ulong[] buffers;

    /// <summary>What the status of a frame says of it, by <see cref="FlagsIndex"/>.</summary>
    private readonly ReceiveFlags[] flags = new ReceiveFlags[FlagsCount];
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
        buffers = new ulong[entryCount];
        mask = entryCount - 1;
        PageBuffer pages = device.AllocateDma(context, RingMemory.Pages(entryCount), out bus);
        ring.Put(ref pages);
        for (uint index = 0; index < FlagsCount; index++)
        {
            flags[index] = FlagsOf(((index & 0x1F) << 2) | ((index & 0x60) << 24));
        }
    }

    /// <summary>Buffers that the device can have.</summary>
    internal int Capacity => mask;

    /// <summary>Frames delivered.</summary>
    internal long ReceivedFrames { get; private set; }

    /// <summary>Bytes in them.</summary>
    internal long ReceivedBytes { get; private set; }

    /// <summary>Frames that were dropped because they were damaged.</summary>
    internal long DamagedCount { get; private set; }

    /// <summary>Buffers that the device has, or has filled.</summary>
    internal int PostedCount => (tail - clean) & mask;

    /// <summary>Whether <see cref="Poll"/> would deliver something.</summary>
    internal bool HasNext(CallContext context) =>
        PostedCount > 0 && (isRecalling || IsDone(in Borrow(context)[clean]));

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
        return IsDone(in descriptors[next]) && !IsDone(in descriptors[clean]);
    }

    /// <summary>Gives the device buffers until it has enough; returns how many.</summary>
    internal int Post(CallContext context, ReadOnlySpan<ulong> offered)
    {
        if (isRecalling)
        {
            return 0;
        }

        int taken = Math.Min(offered.Length, mask - PostedCount);
        if (taken > 0)
        {
            Span<ReceiveDescriptor> descriptors = Borrow(context);
            int straight = Math.Min(taken, buffers.Length - tail);
            Put(descriptors, offered[..straight]);
            if (straight < taken)
            {
                Put(descriptors, offered[straight..taken]);
            }

            registers[E1000eSpec.ReceiveQueue + E1000eSpec.Tail] = (uint)tail;
        }

        return taken;
    }

    /// <summary>Delivers what became of buffers; returns of how many.</summary>
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
        int count = DeliverWhole(descriptors, received);
        while (count < received.Length && clean != tail && IsDone(in descriptors[clean]))
        {
            int whole = DeliverWhole(descriptors, received[count..]);
            if (whole > 0)
            {
                count += whole;
                continue;
            }

            int pieces = CountPieces(descriptors, received.Length - count, out bool isDamaged, out isConfused);
            if (pieces == 0 || isConfused)
            {
                break;
            }

            DamagedCount += isDamaged ? 1 : 0;
            for (; pieces > 0; pieces--)
            {
                Deliver(in descriptors[clean], isDamaged, out received[count++]);
            }
        }

        return count;
    }

    /// <summary>The device has been reset: lets the next polls return every buffer unfilled.</summary>
    internal void Recall()
    {
        isRecalling = PostedCount > 0;
        registers.SetRing(E1000eSpec.ReceiveQueue, bus, buffers.Length, tail, tail);
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
            descriptors[index].Post(buffers[index]);
        }

        registers.SetRing(E1000eSpec.ReceiveQueue, bus, buffers.Length, head, tail);
    }

    private static bool IsDone(in ReceiveDescriptor descriptor) => (Volatile.Read(in descriptor.Status) & ReceiveDescriptor.Done) != 0;

    /// <summary>One that cannot be would have the device reset again at the next poll.</summary>
    private static bool IsBelievable(in ReceiveDescriptor descriptor) => (descriptor.Status & ReceiveDescriptor.Done) != 0
        && (descriptor.LengthAndTag & 0xFFFF) <= E1000eLimits.ReceiveBufferBytes;

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

    /// <summary>The bits of a status that <see cref="FlagsOf"/> looks at: 6:2 and 30:29.</summary>
    private static uint FlagsIndex(uint status) => ((status >> 2) & 0x1F) | ((status >> 24) & 0x60);

    private Span<ReceiveDescriptor> Borrow(CallContext context) => ring.Content.BorrowAs<ReceiveDescriptor>(context);

    /// <summary>Describes buffers from the tail on; the ring does not end among them.</summary>
    private void Put(Span<ReceiveDescriptor> descriptors, ReadOnlySpan<ulong> addresses)
    {
        addresses.CopyTo(buffers.AsSpan(tail));
        Span<ReceiveDescriptor> run = descriptors[tail..];
        for (int index = 0; index < addresses.Length && index < run.Length; index++)
        {
            run[index].Post(addresses[index]);
        }

        tail = (tail + addresses.Length) & mask;
    }

    /// <summary>
    /// Delivers frames up to the first one that is not in one buffer with nothing wrong, which all but a few are, or to the end of the ring.
    /// </summary>
    private int DeliverWhole(ReadOnlySpan<ReceiveDescriptor> descriptors, Span<ReceivedFrame> received)
    {
        ReadOnlySpan<ReceiveDescriptor> run = descriptors.Slice(clean, Math.Min(PostedCount, buffers.Length - clean));
        const uint whole = ReceiveDescriptor.Done | ReceiveDescriptor.EndOfPacket;
        ReadOnlySpan<ReceiveFlags> known = flags;
        int count = 0;
        long bytes = 0;
        for (; count < run.Length && count < received.Length; count++)
        {
            // The acquiring read keeps those of the rest of the descriptor behind it.
            uint status = Volatile.Read(in run[count].Status);
            uint lengthAndTag = run[count].LengthAndTag;
            uint lengthBytes = lengthAndTag & 0xFFFF;
            if ((status & (whole | ReceiveDescriptor.Damaged)) != whole || lengthBytes > E1000eLimits.ReceiveBufferBytes)
            {
                break;
            }

            received[count].LengthBytes = (int)lengthBytes;
            received[count].Flags = known[(int)FlagsIndex(status)];
            received[count].VlanTag = (ushort)(lengthAndTag >> 16);
            bytes += lengthBytes;
        }

        clean = (clean + count) & mask;
        ReceivedFrames += count;
        ReceivedBytes += bytes;
        return count;
    }

    /// <summary>Descriptors of the next frame; 0 when it is not there as a whole, or there is no room for it.</summary>
    private int CountPieces(Span<ReceiveDescriptor> descriptors, int room, out bool isDamaged, out bool isConfused)
    {
        isConfused = false;
        isDamaged = false;
        int count = 0;
        for (int index = clean; index != tail && count < room; index = (index + 1) & mask)
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

    /// <summary>Delivers the next buffer: a piece of a frame, or nothing when the frame was damaged.</summary>
    private void Deliver(in ReceiveDescriptor descriptor, bool isDamaged, out ReceivedFrame piece)
    {
        clean = (clean + 1) & mask;
        if (isDamaged)
        {
            piece = new ReceivedFrame { Flags = ReceiveFlags.Unfilled };
            return;
        }

        uint status = descriptor.Status;
        bool isLast = (status & ReceiveDescriptor.EndOfPacket) != 0;
        piece = new ReceivedFrame
        {
            // Checked by CountPieces; a device that changes it later gets its own lie shortened.
            LengthBytes = Math.Min((int)(descriptor.LengthAndTag & 0xFFFF), E1000eLimits.ReceiveBufferBytes),
            Flags = isLast ? FlagsOf(status) : ReceiveFlags.Continues,
            VlanTag = (ushort)(descriptor.LengthAndTag >> 16),
        };
        ReceivedFrames += isLast ? 1 : 0;
        ReceivedBytes += piece.LengthBytes;
    }

    private int TakeRecalled(Span<ReceivedFrame> received)
    {
        int count = Math.Min(received.Length, PostedCount);
        received[..count].Fill(new ReceivedFrame { Flags = ReceiveFlags.Unfilled });
        clean = (clean + count) & mask;
        isRecalling = clean != tail;
        return count;
    }
}

/// <summary>Sizes of rings in memory.</summary>
internal static class RingMemory
{
    internal static int Pages(int entryCount) => ((entryCount * 16) + PageBuffer.PageBytes - 1) / PageBuffer.PageBytes;
}
