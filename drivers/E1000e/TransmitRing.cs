using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>
/// The ring of pieces to send. Only the last piece of a batch asks to be written back; when it has been, the device is done with
/// all before it.
/// </summary>
/// <remarks>
/// From <c>clean</c> to <c>done</c> lie frames that the device is done with and whose tags are still to be delivered; from there
/// to <c>tail</c> those in flight. <c>done</c> is always the start of a batch.
/// </remarks>
internal sealed class TransmitRing
{
    private readonly Registers registers;
    private readonly Slot[] slots;
    private readonly int mask;
    private readonly ulong bus;
    private Cell<PageBuffer> ring;
    private TransmitDescriptor context;
    private int clean;
    private int done;
    private int tail;

    /// <inheritdoc cref="ReceiveRing(CallContext, PciFunction, Registers, int)"/>
    internal TransmitRing(CallContext context, PciFunction device, Registers registers, int entryCount)
    {
        this.registers = registers;
        slots = new Slot[entryCount];
        mask = entryCount - 1;
        PageBuffer pages = device.AllocateDma(context, RingMemory.Pages(entryCount), out bus);
        ring.Put(ref pages);
    }

    /// <summary>Most frames in flight: of one piece each.</summary>
    internal int Capacity => mask - E1000eLimits.DescriptorsPerFrameMax + 1;

    /// <summary>Whether the device has frames.</summary>
    internal bool HasInFlight => done != tail;

    /// <summary>Counts batches that the device has finished: a number that stands still while frames are in flight is bad news.</summary>
    internal uint Progress { get; private set; }

    internal long SentFrames { get; private set; }

    internal long SentBytes { get; private set; }

    private int FreeCount => mask - ((tail - clean) & mask);

    /// <summary>Whether <see cref="Poll"/> would deliver something.</summary>
    internal bool HasNext(CallContext context) => clean != done || (HasInFlight && IsBatchDone(Borrow(context)));

    /// <summary>Sends frames until one does not fit or is malformed; returns how many.</summary>
    internal int Send(CallContext context, in NetDeviceInfo info, ReadOnlySpan<TransmitFrame> frames, ReadOnlySpan<FrameSegment> segments)
    {
        Span<TransmitDescriptor> descriptors = Borrow(context);
        int batch = tail;
        int taken = SendPlain(descriptors, in info, frames, segments);
        while (taken < frames.Length && FreeCount >= E1000eLimits.DescriptorsPerFrameMax
            && info.Admits(in frames[taken], segments))
        {
            ref readonly TransmitFrame frame = ref frames[taken++];
            Put(descriptors, in frame, segments.Slice(frame.FirstSegment, frame.SegmentCount));
        }

        if (taken > 0)
        {
            int last = (tail - 1) & mask;
            descriptors[last].Command |= TransmitDescriptor.ReportStatus;
            slots[batch].BatchEnd = last;
            registers[E1000eSpec.TransmitQueue + E1000eSpec.Tail] = (uint)tail;
        }

        return taken;
    }

    /// <summary>Delivers the tags of frames that the device is done with; returns how many.</summary>
    internal int Poll(CallContext context, Span<ulong> sent)
    {
        Span<TransmitDescriptor> descriptors = Borrow(context);
        int count = 0;
        while (count < sent.Length && (clean != done || TryFinishBatch(descriptors)))
        {
            count += Collect(sent[count..]);
        }

        SentFrames += count;
        return count;
    }

    /// <summary>Delivers the tags of frames that the device is known to be done with.</summary>
    private int Collect(Span<ulong> sent)
    {
        int place = clean;
        int end = done;
        int count = 0;
        long sentBytes = 0;
        for (; count < sent.Length && place != end; place = (place + 1) & mask)
        {
            ref readonly Slot slot = ref slots[place];
            if (slot.LengthBytes > 0)
            {
                sent[count++] = slot.Tag;
                sentBytes += slot.LengthBytes;
            }
        }

        clean = place;
        SentBytes += sentBytes;
        return count;
    }

    /// <summary>The device has been reset: whatever it had counts as done.</summary>
    internal void Restart()
    {
        done = tail;
        context = default;
        registers.SetRing(E1000eSpec.TransmitQueue, bus, slots.Length, tail, tail);
    }

    private Span<TransmitDescriptor> Borrow(CallContext context) => ring.Content.BorrowAs<TransmitDescriptor>(context);

    private bool IsBatchDone(Span<TransmitDescriptor> descriptors) =>
        (Volatile.Read(ref descriptors[slots[done].BatchEnd].Status) & TransmitDescriptor.Done) != 0;

    private bool TryFinishBatch(Span<TransmitDescriptor> descriptors)
    {
        if (!HasInFlight || !IsBatchDone(descriptors))
        {
            return false;
        }

        done = (slots[done].BatchEnd + 1) & mask;
        Progress++;
        return true;
    }

    private void Put(Span<TransmitDescriptor> descriptors, in TransmitFrame frame, ReadOnlySpan<FrameSegment> segments)
    {
        int lengthBytes = 0;
        foreach (ref readonly FrameSegment segment in segments)
        {
            lengthBytes += segment.LengthBytes;
        }

        var offload = new TransmitOffload(in frame, lengthBytes);
        if (offload.HasContext && !IsInForce(in offload.Context))
        {
            context = offload.Context;
            Next(descriptors, default) = context;
        }

        foreach (ref readonly FrameSegment segment in segments)
        {
            for (int offset = 0; offset < segment.LengthBytes; offset += E1000eLimits.DescriptorBytesMax)
            {
                int count = Math.Min(E1000eLimits.DescriptorBytesMax, segment.LengthBytes - offset);
                Next(descriptors, default) = new TransmitDescriptor
                {
                    Address = segment.BusAddress + (uint)offset,
                    Command = offload.Command | (uint)count,
                    Status = offload.Status,
                };
            }
        }

        int last = (tail - 1) & mask;
        descriptors[last].Command |= TransmitDescriptor.EndOfPacket;
        slots[last].Tag = frame.Tag;
        slots[last].LengthBytes = lengthBytes;
    }

    /// <summary>Sends frames up to the first one that is not finished and in one piece; most are.</summary>
    private int SendPlain(
        Span<TransmitDescriptor> descriptors, in NetDeviceInfo info, ReadOnlySpan<TransmitFrame> frames, ReadOnlySpan<FrameSegment> segments)
    {
        int place = tail;
        int room = Math.Min(frames.Length, FreeCount - E1000eLimits.DescriptorsPerFrameMax + 1);
        int taken = 0;
        for (; taken < room && info.AdmitsPlain(in frames[taken], segments); taken++)
        {
            ref readonly FrameSegment segment = ref segments[frames[taken].FirstSegment];
            descriptors[place] = new TransmitDescriptor
            {
                Address = segment.BusAddress,
                Command = TransmitOffload.PlainCommand | TransmitDescriptor.EndOfPacket | (uint)segment.LengthBytes,
            };
            slots[place] = new Slot { Tag = frames[taken].Tag, LengthBytes = segment.LengthBytes };
            place = (place + 1) & mask;
        }

        tail = place;
        return taken;
    }

    private bool IsInForce(in TransmitDescriptor wanted) =>
        context.Address == wanted.Address && context.Command == wanted.Command && context.Status == wanted.Status;

    private ref TransmitDescriptor Next(Span<TransmitDescriptor> descriptors, in Slot slot)
    {
        slots[tail] = slot;
        ref TransmitDescriptor next = ref descriptors[tail];
        tail = (tail + 1) & mask;
        return ref next;
    }

    /// <summary>What a descriptor ends: a frame, when it has a length.</summary>
    private struct Slot
    {
        internal ulong Tag;
        internal int LengthBytes;

        /// <summary>In a batch's first descriptor: its last.</summary>
        internal int BatchEnd;
    }
}
