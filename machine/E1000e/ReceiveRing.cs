using System.Runtime.InteropServices;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Pci;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// Takes frames from the link into the buffers that the driver has put into the ring (sections 7.1.4 to 7.1.7), in legacy or
/// extended descriptors.
/// </summary>
internal sealed class ReceiveRing(
    DmaPort dma, InterruptCauses interrupts, ReceiveFilters filters, E1000eStatistics statistics, E1000eOptions options)
{
    private static readonly int[] BufferSizes = [2048, 1024, 512, 256];

    private long writtenBack;
    private long overrunsSeen;
    private bool isStalled;
    private bool isHung;
    private bool isWaiting;

    /// <summary>Base, length, head and tail.</summary>
    internal DescriptorRing Ring { get; } = new();

    /// <summary>RCTL.</summary>
    internal uint Control { get; set; }

    /// <summary>RXCSUM.</summary>
    internal uint ChecksumControl { get; set; }

    /// <summary>RFCTL.</summary>
    internal uint FilterControl { get; set; }

    /// <summary>CTRL.VME: tags are taken out.</summary>
    internal bool RemovesTags { get; set; }

    /// <inheritdoc cref="TransmitRing.IsLinkOn"/>
    internal bool IsLinkOn { get; set; } = true;

    private bool IsEnabled => (Control & Spec.ReceiveEnable) != 0;

    /// <summary>Bytes of a buffer: RCTL.BSIZE and BSEX, or FLXBUF in KiB (section 10.2.5.1).</summary>
    private int BufferBytes
    {
        get
        {
            int kibibytes = (int)(Control >> Spec.ReceiveFlexibleSizeShift) & 0xF;
            int size = BufferSizes[(int)(Control >> Spec.ReceiveBufferSizeShift) & 3];
            return kibibytes != 0 ? kibibytes << 10 : (Control & Spec.ReceiveBufferSizeExtension) != 0 ? size << 4 : size;
        }
    }

    /// <summary>The buffer that the next frame would go to; 0 when there is none.</summary>
    internal ulong NextBuffer =>
        Ring.AvailableCount > 0 && dma.TryMap(Ring.HeadAddress, Spec.DescriptorBytes, LoanAccess.DeviceReads, out Span<byte> entry)
            ? MemoryMarshal.Read<ulong>(entry)
            : 0;

    /// <summary>Takes what has arrived; returns whether there was something.</summary>
    internal bool Step(LinkPort link)
    {
        CountOverruns(link);
        if (isHung || !IsLinkOn)
        {
            return Lose(link);
        }

        bool hasWorked = false;
        uint causes = 0;
        for (int frames = 0; frames < E1000eLimits.FramesPerStep && !isStalled && IsEnabled && dma.IsEnabled; frames++)
        {
            if (!link.TryPeek(out ReadOnlySpan<byte> frame, out FrameState state))
            {
                break;
            }

            if (!TryReceive(frame, in state, ref causes))
            {
                break;
            }

            link.Take();
            hasWorked = true;
        }

        if (causes != 0)
        {
            interrupts.Set(causes);
        }

        return hasWorked;
    }

    internal void Reset()
    {
        Ring.Reset();
        Control = 0;
        ChecksumControl = Spec.ChecksumIp | Spec.ChecksumTransport;
        FilterControl = 0;
        RemovesTags = false;
        isStalled = false;
        isHung = false;
        isWaiting = false;
    }

    /// <summary>Returns false when the frame has to wait for descriptors, which is counted once.</summary>
    private bool TryReceive(ReadOnlySpan<byte> frame, in FrameState state, ref uint causes)
    {
        if (!isWaiting)
        {
            statistics.Count(Spec.TotalReceived);
            statistics.CountOctets(Spec.TotalOctetsReceived, OnWire(frame));
        }

        bool hasWaited = isWaiting;
        isWaiting = false;
        if (!IsAcceptable(frame, out bool isInexact))
        {
            return true;
        }

        uint status = FrameInspector.Inspect(frame, in state, filters.EtherType, ChecksumControl, FilterControl);
        status |= isInexact ? Spec.ReceivePassedInexact : 0;
        ushort tag = 0;
        int tagAt = -1;
        if (RemovesTags && filters.HasTag(frame))
        {
            tag = (ushort)((frame[14] << 8) | frame[15]);
            status |= Spec.ReceiveVlan;
            tagAt = 12;
        }

        int length = frame.Length - (tagAt < 0 ? 0 : Spec.TagBytes);
        int padding = Math.Max(0, Spec.FrameBytesMin - length);
        int checksum = (Control & Spec.ReceiveStripChecksum) != 0 ? 0 : Spec.LinkChecksumBytes;
        int total = length + padding + checksum;
        int needed = (total + BufferBytes - 1) / BufferBytes;
        if (Ring.AvailableCount < needed)
        {
            if (needed >= Ring.Count && Ring.Count > 0)
            {
                // One descriptor is never the device's: it would wait for ever. Hardware would fill buffers as they come, in pieces.
                statistics.Count(Spec.MissedPackets);
                causes |= Spec.CauseReceiveOverrun;
                return true;
            }

            isWaiting = true;
            if (!hasWaited)
            {
                statistics.Count(Spec.NoBuffers);
            }

            return false;
        }

        Store(frame, tagAt, total, status, tag);
        CountGood(frame);
        causes |= Spec.CauseReceiveQueue0 | Spec.CauseReceiveTimer;
        int threshold = Ring.Count >> ((int)(Control >> Spec.ReceiveThresholdShift & 3) + 1);
        causes |= Ring.AvailableCount == threshold ? Spec.CauseReceiveThreshold : 0;
        return true;
    }

    /// <summary>Whether it is for this station and of a length that is taken; lengths of other frames are nobody's error.</summary>
    private bool IsAcceptable(ReadOnlySpan<byte> frame, out bool isInexact)
    {
        isInexact = false;
        if (frame.Length < 14)
        {
            statistics.Count(Spec.Undersize);
            return false;
        }

        if (!filters.Accepts(frame, Control, out isInexact))
        {
            return false;
        }

        int limit = (Control & Spec.ReceiveLongPackets) != 0 ? E1000eLimits.WireBytesMax : Spec.FrameBytesMax;
        if (frame.Length > limit)
        {
            statistics.Count(Spec.Oversize);
            return false;
        }

        return true;
    }

    /// <summary>Length on the wire, with the link's checksum; it says nothing of a tag that is taken out later.</summary>
    private static int OnWire(ReadOnlySpan<byte> frame) => Math.Max(frame.Length, Spec.FrameBytesMin) + Spec.LinkChecksumBytes;

    /// <summary>Writes the frame's bytes without the tag, zeroes for padding and checksum, and the descriptors.</summary>
    private void Store(ReadOnlySpan<byte> frame, int tagAt, int total, uint status, ushort tag)
    {
        int bufferBytes = BufferBytes;
        for (int offset = 0; offset < total; offset += bufferBytes)
        {
            int count = Math.Min(bufferBytes, total - offset);
            if (!dma.TryMap(Ring.HeadAddress, Spec.DescriptorBytes, LoanAccess.DeviceReads | LoanAccess.DeviceWrites, out Span<byte> entry))
            {
                isStalled = true;
                return;
            }

            WriteBackFault fault = options.Faults?.OnWriteBack(true, writtenBack++) ?? default;
            ulong buffer = DamagedReceive.Place(MemoryMarshal.Read<ulong>(entry), fault);
            int room = fault.Kind == DescriptorFault.Overrun ? bufferBytes + fault.Argument : count;
            if (buffer != 0 && fault.Kind != DescriptorFault.NoData && dma.TryWrite(buffer, room, out Span<byte> bytes))
            {
                CopyWithoutTag(frame, tagAt, offset, bytes);
                DamagedReceive.Spoil(bytes, count, fault);
            }

            if (fault.Kind == DescriptorFault.Stall)
            {
                isStalled = isHung = true;
                return;
            }

            bool isLast = offset + count == total;
            uint bits = Spec.ReceiveDone | (isLast ? status | Spec.ReceiveEndOfPacket : 0);
            int told = DamagedReceive.Tell(count, ref bits, fault);
            if (fault.Kind != DescriptorFault.Lost)
            {
                WriteBack(entry, told, bits, isLast ? tag : (ushort)0);
            }

            Ring.Advance();
            if (fault.Kind == DescriptorFault.Twice && Ring.AvailableCount > 0
                && dma.TryMap(Ring.HeadAddress, Spec.DescriptorBytes, LoanAccess.DeviceReads | LoanAccess.DeviceWrites, out entry))
            {
                WriteBack(entry, told, bits, isLast ? tag : (ushort)0);
                Ring.Advance();
            }
        }
    }

    private void WriteBack(Span<byte> entry, int count, uint bits, ushort tag)
    {
        if ((FilterControl & Spec.FilterExtendedStatus) != 0)
        {
            MemoryMarshal.Write(entry, 0UL);
            uint last = (ushort)count | ((uint)tag << 16);
            MemoryMarshal.Write(entry[12..], in last);
            Volatile.Write(ref MemoryMarshal.AsRef<uint>(entry[8..]), bits);
        }
        else
        {
            uint lengths = (ushort)count;
            MemoryMarshal.Write(entry[8..], in lengths);
            uint last = (bits & 0xFF) | (bits >> Spec.ExtendedErrorShift << 8) | ((uint)tag << 16);
            Volatile.Write(ref MemoryMarshal.AsRef<uint>(entry[12..]), last);
        }
    }

    private static void CopyWithoutTag(ReadOnlySpan<byte> frame, int tagAt, int offset, Span<byte> bytes)
    {
        int written = 0;
        if (tagAt >= 0 && offset < tagAt)
        {
            written = Math.Min(tagAt - offset, bytes.Length);
            frame.Slice(offset, written).CopyTo(bytes);
        }

        int source = offset + written + (tagAt >= 0 ? Spec.TagBytes : 0);
        int count = Math.Clamp(frame.Length - source, 0, bytes.Length - written);
        if (count > 0)
        {
            frame.Slice(source, count).CopyTo(bytes[written..]);
        }

        bytes[(written + count)..].Clear();
    }

    private void CountGood(ReadOnlySpan<byte> frame)
    {
        int lengthBytes = OnWire(frame);
        statistics.Count(Spec.GoodReceived);
        statistics.CountOctets(Spec.GoodOctetsReceived, lengthBytes);
        statistics.CountLength(Spec.Received64, lengthBytes);
        if ((frame[0] & 1) != 0)
        {
            statistics.Count(frame[..6].IndexOfAnyExcept((byte)0xFF) < 0 ? Spec.BroadcastReceived : Spec.MulticastReceived);
        }
    }

    /// <summary>
    /// Frames that come while the rest of the receiver stands still: its FIFO is full at once. With the link off, nobody knows of them.
    /// </summary>
    private bool Lose(LinkPort link)
    {
        bool hasWorked = false;
        for (; link.TryPeek(out _, out _); link.Take())
        {
            statistics.Count(Spec.MissedPackets, IsLinkOn ? 1u : 0u);
            hasWorked = true;
        }

        return hasWorked;
    }

    /// <summary>What the link could not keep is missed, unless nothing was to be received.</summary>
    private void CountOverruns(LinkPort link)
    {
        long count = link.OverrunCount - overrunsSeen;
        if (count == 0)
        {
            return;
        }

        overrunsSeen += count;
        if (IsEnabled && IsLinkOn)
        {
            statistics.Count(Spec.MissedPackets, (uint)Math.Min(count, uint.MaxValue));
            interrupts.Set(Spec.CauseReceiveOverrun);
        }
    }
}
