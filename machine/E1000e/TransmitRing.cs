using System.Runtime.InteropServices;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Pci;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// Works off the descriptors that the driver has put into the ring (sections 7.2.10 to 7.2.13): legacy ones, contexts and data. The
/// pieces of a frame are gathered, the frame is sent at its last piece, and descriptors that ask for it are written back.
/// </summary>
internal sealed class TransmitRing
{
    private readonly DmaPort dma;
    private readonly InterruptCauses interrupts;
    private readonly E1000eOptions options;
    private readonly FrameFinisher finisher;
    private readonly bool hasPieces;

    /// <summary>What has been left where it lies, for a link that takes pieces; else all of the frame is gathered.</summary>
    private readonly FramePieces pieces = new();
    private readonly byte[] gathered = new byte[Spec.TagBytes + E1000eLimits.GatheredBytesMax];
    private TransmitContext context;
    private int gatheredBytes;
    private byte popts;
    private byte legacyStart;
    private uint control;
    private bool isCut;
    private bool isInPlace;
    private bool isBroken;
    private bool isStalled;
    private long writtenBack;

    internal TransmitRing(
        DmaPort dma, LinkPort link, InterruptCauses interrupts, ReceiveFilters filters, E1000eStatistics statistics, E1000eOptions options)
    {
        this.dma = dma;
        this.interrupts = interrupts;
        this.options = options;
        hasPieces = link is { TakesPieces: true, TakesUnfinished: true };
        finisher = new FrameFinisher(link, filters, statistics, options, pieces);
    }

    /// <summary>Base, length, head and tail.</summary>
    internal DescriptorRing Ring { get; } = new();

    /// <summary>TCTL.</summary>
    internal uint Control
    {
        get => control;
        set
        {
            control = value;
            finisher.IsPadding = (value & Spec.TransmitPad) != 0;
        }
    }

    /// <summary>TARC0: bit 10 lets the queue work.</summary>
    internal uint Arbitration { get; set; } = Spec.QueueEnable | 3;

    /// <summary>CTRL.VME: descriptors may insert tags.</summary>
    internal bool InsertsTags { get; set; }

    /// <summary>Whether the driver has the link on: CTRL.SLU, and a transceiver with power. Frames go nowhere without.</summary>
    internal bool IsLinkOn
    {
        set => finisher.IsLinkOn = value;
    }

    /// <summary>Works until the ring is empty or the budget is used up; returns whether there was something.</summary>
    internal bool Step()
    {
        if ((Control & Spec.TransmitEnable) == 0 || (Arbitration & Spec.QueueEnable) == 0 || !dma.IsEnabled || isStalled
            || Ring.AvailableCount == 0)
        {
            return false;
        }

        uint causes = 0;
        for (int count = 0; count < E1000eLimits.DescriptorsPerStep && Ring.AvailableCount > 0 && !isStalled; count++)
        {
            Process(ref causes);
        }

        causes |= Ring.AvailableCount == 0 ? Spec.CauseTransmitQueueEmpty : 0;
        interrupts.Set(causes);
        return true;
    }

    internal void Reset()
    {
        Ring.Reset();
        Control = 0;
        Arbitration = Spec.QueueEnable | 3;
        InsertsTags = false;
        isStalled = false;
        context = default;
        BeginFrame();
    }

    private void BeginFrame()
    {
        gatheredBytes = 0;
        popts = 0;
        isCut = false;
        isBroken = false;
        isInPlace = false;
        pieces.Clear();
    }

    private void Process(ref uint causes)
    {
        if (!dma.TryMap(Ring.HeadAddress, Spec.DescriptorBytes, LoanAccess.DeviceReads | LoanAccess.DeviceWrites, out Span<byte> entry))
        {
            options.Diagnose("the transmit ring is not mapped");
            isStalled = true;
            return;
        }

        uint lower = MemoryMarshal.Read<uint>(entry[8..]);
        byte command = (byte)(lower >> 24);
        if ((command & Spec.CommandExtension) == 0)
        {
            // Where a checksum begins is told by the first descriptor of a frame (section 7.2.10.1).
            legacyStart = gatheredBytes == 0 ? entry[13] : legacyStart;
            Gather(MemoryMarshal.Read<ulong>(entry), (int)(lower & 0xFFFF));
            FinishLegacy(entry, lower, command);
        }
        else if ((lower & Spec.TypeMask) == Spec.TypeContext)
        {
            context = new TransmitContext(entry);
        }
        else if ((lower & Spec.TypeMask) == Spec.TypeData)
        {
            if (gatheredBytes == 0)
            {
                // The options of a frame are those of its first data descriptor (section 7.2.12).
                popts = entry[13];
                isCut = (command & Spec.DataSegmentation) != 0;
                isInPlace = hasPieces && isCut && (popts & Spec.OptionTransportChecksum) != 0 && context.SumsHeadersOnly;
            }

            Gather(MemoryMarshal.Read<ulong>(entry), (int)(lower & Spec.DataLengthMask));
            if ((command & Spec.CommandEndOfPacket) != 0)
            {
                int tag = (command & Spec.CommandVlan) != 0 && InsertsTags ? MemoryMarshal.Read<ushort>(entry[14..]) : -1;
                Finish(tag);
            }
        }
        else
        {
            options.Diagnose($"a transmit descriptor of unknown type {lower & Spec.TypeMask:x}");
        }

        WriteBack(entry, command, ref causes);
    }

    private void FinishLegacy(ReadOnlySpan<byte> entry, uint lower, byte command)
    {
        if ((command & Spec.CommandEndOfPacket) == 0)
        {
            return;
        }

        Collect();
        if ((command & Spec.CommandInsertChecksum) != 0 && !isBroken)
        {
            finisher.Insert(gathered.AsSpan(Spec.TagBytes, gatheredBytes), legacyStart, (int)(lower >> 16 & 0xFF), 0);
        }

        popts = 0;
        isCut = false;
        int tag = (command & Spec.CommandVlan) != 0 && InsertsTags ? MemoryMarshal.Read<ushort>(entry[14..]) : -1;
        Finish(tag);
    }

    private void Gather(ulong address, int count)
    {
        if (isBroken || count == 0)
        {
            return;
        }

        if (count > E1000eLimits.GatheredBytesMax - gatheredBytes)
        {
            options.Diagnose("a frame is longer than 64 KiB");
            isBroken = true;
        }
        else if (dma.TryRead(address, count, out ReadOnlySpan<byte> bytes))
        {
            if (!isInPlace || !pieces.TryAdd(bytes))
            {
                Collect();
                bytes.CopyTo(gathered.AsSpan(Spec.TagBytes + gatheredBytes));
            }

            gatheredBytes += count;
        }
        else
        {
            isBroken = true;
        }
    }

    /// <summary>Gathers what has been left in place.</summary>
    private void Collect()
    {
        isInPlace = false;
        pieces.TakeFront(gathered.AsSpan(Spec.TagBytes, pieces.LengthBytes));
    }

    /// <summary>Sends what has been gathered; a frame with a piece that could not be read is dropped as a whole.</summary>
    private void Finish(int tag)
    {
        if (!isBroken && gatheredBytes >= 14)
        {
            if (!context.SumsHeadersOnly)
            {
                // The context is another one than at the frame's first piece.
                Collect();
            }

            // Headers are worked on, so they are taken to where they can be changed.
            pieces.TakeFront(gathered.AsSpan(Spec.TagBytes, Math.Min(context.HeaderBytes, pieces.LengthBytes)));
            finisher.Send(gathered, gatheredBytes, in context, popts, isCut, tag);
        }
        else if (!isBroken)
        {
            options.Diagnose($"a frame of {gatheredBytes} bytes has no header");
        }

        BeginFrame();
    }

    private void WriteBack(Span<byte> entry, byte command, ref uint causes)
    {
        bool isReported = (command & Spec.CommandReportStatus) != 0;
        DescriptorFault fault = isReported && options.Faults is { } faults ? faults.OnWriteBack(false, writtenBack++).Kind : default;
        if (fault == DescriptorFault.Stall)
        {
            isStalled = true;
            return;
        }

        if (isReported && fault != DescriptorFault.Lost)
        {
            uint upper = MemoryMarshal.Read<uint>(entry[12..]) | Spec.DescriptorDone;
            Volatile.Write(ref MemoryMarshal.AsRef<uint>(entry[12..]), upper);
            causes |= Spec.CauseTransmitWrittenBack | Spec.CauseTransmitQueue0;
        }

        Ring.Advance();
    }
}
