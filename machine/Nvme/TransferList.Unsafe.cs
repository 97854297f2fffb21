using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RedLeafSharp.Machine.Pci;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// The memory of one command: its PRP entries walked, checked and translated before any byte moves (NVMe 1.4 section 4.3).
/// Neighbouring pages become one segment, so that a file medium is asked once.
/// </summary>
internal sealed unsafe class TransferList
{
    private readonly DmaPort dma;
    private readonly Segment[] segments;

    internal TransferList(DmaPort dma, int bytesMax)
    {
        this.dma = dma;
        segments = new Segment[(bytesMax / NvmeSpec.PageBytes) + 1];
    }

    internal int Count { get; private set; }

    internal Span<byte> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // SAFETY: the segment was translated by Build for this command, and the window is not fenced while a command runs.
            Segment segment = segments[index];
            return new Span<byte>(segment.Start, segment.LengthBytes);
        }
    }

    /// <summary>Walks the PRP entries of a command.</summary>
    /// <returns>Success, PRP Offset Invalid, or Data Transfer Error when the IOMMU refuses an access.</returns>
    internal ushort Build(ulong prp1, ulong prp2, int lengthBytes, LoanAccess access)
    {
        Count = 0;
        int first = Math.Min(lengthBytes, NvmeSpec.PageBytes - (int)(prp1 % NvmeSpec.PageBytes));
        if ((prp1 & 3) != 0)
        {
            return NvmeStatus.PrpOffsetInvalid;
        }

        if (!TryAdd(prp1, first, access))
        {
            return NvmeStatus.DataTransferError;
        }

        int rest = lengthBytes - first;
        return rest == 0 ? NvmeStatus.Success
            : rest <= NvmeSpec.PageBytes ? AddPage(prp2, rest, access)
            : AddList(prp2, rest, access);
    }

    /// <summary>Copies a structure that the controller returns into the memory of the command.</summary>
    internal void CopyFrom(ReadOnlySpan<byte> source)
    {
        for (int index = 0; index < Count && !source.IsEmpty; index++)
        {
            Span<byte> segment = this[index];
            int count = Math.Min(segment.Length, source.Length);
            source[..count].CopyTo(segment);
            source = source[count..];
        }
    }

    /// <summary>Copies what the command brings into a buffer of the controller.</summary>
    internal void CopyTo(Span<byte> destination)
    {
        for (int index = 0; index < Count && !destination.IsEmpty; index++)
        {
            Span<byte> segment = this[index];
            int count = Math.Min(segment.Length, destination.Length);
            segment[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    /// <summary>
    /// The list may start anywhere in a page; when it does not fit, the last entry of the page points to the next one.
    /// </summary>
    private ushort AddList(ulong list, int rest, LoanAccess access)
    {
        if ((list & 7) != 0)
        {
            return NvmeStatus.PrpOffsetInvalid;
        }

        while (true)
        {
            int room = (NvmeSpec.PageBytes - (int)(list % NvmeSpec.PageBytes)) / sizeof(ulong);
            int needed = (rest + NvmeSpec.PageBytes - 1) / NvmeSpec.PageBytes;
            int count = Math.Min(room, needed);
            if (!dma.TryRead(list, count * sizeof(ulong), out ReadOnlySpan<byte> entries))
            {
                return NvmeStatus.DataTransferError;
            }

            int pages = needed > room ? count - 1 : count;
            for (int index = 0; index < pages; index++)
            {
                int length = Math.Min(rest, NvmeSpec.PageBytes);
                ushort status = AddPage(Entry(entries, index), length, access);
                if (status != NvmeStatus.Success)
                {
                    return status;
                }

                rest -= length;
            }

            if (pages == count)
            {
                return NvmeStatus.Success;
            }

            list = Entry(entries, pages);
            if (list % NvmeSpec.PageBytes != 0)
            {
                return NvmeStatus.PrpOffsetInvalid;
            }
        }
    }

    private static ulong Entry(ReadOnlySpan<byte> entries, int index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(entries[(index * sizeof(ulong))..]);

    private ushort AddPage(ulong page, int lengthBytes, LoanAccess access) =>
        page % NvmeSpec.PageBytes != 0 ? NvmeStatus.PrpOffsetInvalid
            : TryAdd(page, lengthBytes, access) ? NvmeStatus.Success
            : NvmeStatus.DataTransferError;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAdd(ulong busAddress, int lengthBytes, LoanAccess access)
    {
        if (!dma.TryMap(busAddress, lengthBytes, access, out Span<byte> bytes))
        {
            return false;
        }

        // SAFETY: the span is over the heap's mapping, which does not move; it is used within the same command only.
        byte* start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
        if (Count > 0 && segments[Count - 1].Start + segments[Count - 1].LengthBytes == start)
        {
            segments[Count - 1].LengthBytes += lengthBytes;
        }
        else
        {
            segments[Count++] = new Segment { Start = start, LengthBytes = lengthBytes };
        }

        return true;
    }

    private struct Segment
    {
        internal byte* Start;
        internal int LengthBytes;
    }
}
