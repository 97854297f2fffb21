using System.Runtime.CompilerServices;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>
/// The ring of pieces to send. Only the last piece of a batch asks to be written back; when it has been, the device is done with
/// all before it.
/// </summary>
/// <remarks>From <c>clean</c> to <c>tail</c> lie the descriptors in flight, <c>batches</c> says which of them go together.</remarks>
internal sealed class TransmitRing
{
    private readonly Registers registers;
    private readonly Batch[] batches;
    private readonly int mask;
    private readonly ulong bus;
    private Cell<PageBuffer> ring;
    private TransmitDescriptor context;
    private int clean;
    private int tail;
    private int firstBatch;
    private int nextBatch;

    /// <summary>Entries of frames that a reset has ended, and that have not been told of.</summary>
    private int endedEntries;

    /// <inheritdoc cref="ReceiveRing(CallContext, PciFunction, Registers, int)"/>
    internal TransmitRing(CallContext context, PciFunction device, Registers registers, int entryCount)
    {
        this.registers = registers;
        batches = new Batch[entryCount];
        mask = entryCount - 1;
        PageBuffer pages = device.AllocateDma(context, RingMemory.Pages(entryCount), out bus);
        ring.Put(ref pages);
    }

    /// <summary>Most entries in flight: of frames of one piece each.</summary>
    internal int Capacity => mask - E1000eLimits.DescriptorsPerFrameMax + 1;

    /// <summary>Whether the device has frames.</summary>
    internal bool HasInFlight => firstBatch != nextBatch;

    /// <summary>Counts batches that the device has finished: a number that stands still while frames are in flight is bad news.</summary>
    internal uint Progress { get; private set; }

    internal long SentFrames { get; private set; }

    internal long SentBytes { get; private set; }

    private int FreeCount => mask - ((tail - clean) & mask);

    /// <summary>Whether <see cref="Poll"/> would tell of something.</summary>
    internal bool HasNext(CallContext context) => endedEntries > 0 || (HasInFlight && IsBatchDone(Borrow(context)));

    /// <summary>Sends frames until one does not fit or is malformed; returns how many entries they are.</summary>
    internal int Send(CallContext context, in NetDeviceInfo info, ReadOnlySpan<TransmitEntry> entries)
    {
        Span<TransmitDescriptor> descriptors = Borrow(context);
        ref Batch batch = ref batches[nextBatch];
        batch = default;
        int taken = SendPlain(descriptors, in info, entries, ref batch);
        while (taken < entries.Length && TrySendOne(descriptors, in info, entries[taken..], ref batch, ref taken))
        {
            taken += SendPlain(descriptors, in info, entries[taken..], ref batch);
        }

        if (taken > 0)
        {
            int last = (tail - 1) & mask;
            descriptors[last].Command |= TransmitDescriptor.ReportStatus;
            batch.Last = last;
            batch.Entries = taken;
            nextBatch = (nextBatch + 1) & mask;
            registers[E1000eSpec.TransmitQueue + E1000eSpec.Tail] = (uint)tail;
        }

        return taken;
    }

    /// <summary>How many more entries the device is done with.</summary>
    internal int Poll(CallContext context)
    {
        int count = endedEntries;
        endedEntries = 0;
        if (HasInFlight)
        {
            Span<TransmitDescriptor> descriptors = Borrow(context);
            while (HasInFlight && IsBatchDone(descriptors))
            {
                count += EndBatch();
                Progress++;
            }
        }

        return count;
    }

    /// <summary>The device has been reset: whatever it had counts as done.</summary>
    internal void Restart()
    {
        while (HasInFlight)
        {
            endedEntries += EndBatch();
        }

        context = default;
        registers.SetRing(E1000eSpec.TransmitQueue, bus, batches.Length, tail, tail);
    }

    private Span<TransmitDescriptor> Borrow(CallContext context) => ring.Content.BorrowAs<TransmitDescriptor>(context);

    private bool IsBatchDone(Span<TransmitDescriptor> descriptors) =>
        (Volatile.Read(ref descriptors[batches[firstBatch].Last].Status) & TransmitDescriptor.Done) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int EndBatch()
    {
        ref readonly Batch batch = ref batches[firstBatch];
        clean = (batch.Last + 1) & mask;
        SentFrames += batch.Frames;
        SentBytes += batch.Bytes;
        firstBatch = (firstBatch + 1) & mask;
        return batch.Entries;
    }

    /// <summary>Sends frames up to the first one that is not finished and in one piece, which most are, or to the end of the ring.</summary>
    private int SendPlain(Span<TransmitDescriptor> descriptors, in NetDeviceInfo info, ReadOnlySpan<TransmitEntry> entries, ref Batch batch)
    {
        const uint plain = TransmitOffload.PlainCommand | TransmitDescriptor.EndOfPacket;
        int room = Math.Clamp(FreeCount - E1000eLimits.DescriptorsPerFrameMax + 1, 0, batches.Length - tail);
        Span<TransmitDescriptor> run = descriptors.Slice(tail, room);
        int count = 0;
        long bytes = 0;
        for (; count < run.Length && count < entries.Length && info.AdmitsPlain(in entries[count]); count++)
        {
            run[count].Set(entries[count].BusAddress, plain | (uint)entries[count].LengthBytes, status: 0);
            bytes += entries[count].LengthBytes;
        }

        tail = (tail + count) & mask;
        batch.Frames += count;
        batch.Bytes += bytes;
        return count;
    }

    /// <summary>Sends a frame of any kind; false when it does not fit, or is malformed.</summary>
    private bool TrySendOne(
        Span<TransmitDescriptor> descriptors, in NetDeviceInfo info, ReadOnlySpan<TransmitEntry> entries, ref Batch batch, ref int taken)
    {
        if (FreeCount < E1000eLimits.DescriptorsPerFrameMax || !info.Admits(entries, out int count))
        {
            return false;
        }

        ReadOnlySpan<TransmitEntry> pieces = entries[..count];
        FrameOffload asked = default;
        if ((pieces[0].Flags & EntryFlags.Offload) != 0)
        {
            asked = FrameOffload.Of(in pieces[0]);
            pieces = pieces[1..];
        }

        batch.Bytes += Put(descriptors, in asked, pieces);
        batch.Frames++;
        taken += count;
        return true;
    }

    private int Put(Span<TransmitDescriptor> descriptors, in FrameOffload asked, ReadOnlySpan<TransmitEntry> pieces)
    {
        int lengthBytes = 0;
        foreach (ref readonly TransmitEntry piece in pieces)
        {
            lengthBytes += piece.LengthBytes;
        }

        var offload = new TransmitOffload(in asked, lengthBytes);
        if (offload.HasContext && !IsInForce(in offload.Context))
        {
            context = offload.Context;
            Next(descriptors) = context;
        }

        foreach (ref readonly TransmitEntry piece in pieces)
        {
            for (int offset = 0; offset < piece.LengthBytes; offset += E1000eLimits.DescriptorBytesMax)
            {
                int count = Math.Min(E1000eLimits.DescriptorBytesMax, piece.LengthBytes - offset);
                Next(descriptors).Set(piece.BusAddress + (uint)offset, offload.Command | (uint)count, offload.Status);
            }
        }

        descriptors[(tail - 1) & mask].Command |= TransmitDescriptor.EndOfPacket;
        return lengthBytes;
    }

    private bool IsInForce(in TransmitDescriptor wanted) =>
        context.Address == wanted.Address && context.Command == wanted.Command && context.Status == wanted.Status;

    private ref TransmitDescriptor Next(Span<TransmitDescriptor> descriptors)
    {
        ref TransmitDescriptor next = ref descriptors[tail];
        tail = (tail + 1) & mask;
        return ref next;
    }

    /// <summary>What was handed over in one call.</summary>
    private struct Batch
    {
        /// <summary>Its last descriptor.</summary>
        internal int Last;
        internal int Entries;
        internal int Frames;
        internal long Bytes;
    }
}
