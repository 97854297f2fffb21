using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RedLeafSharp.Machine.Pci;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>A submission queue as the controller keeps it: NVMe 1.4 section 4.1. Physically contiguous.</summary>
internal sealed class SubmissionQueue(int id, ulong busAddress, int size, CompletionQueue completions, bool tracksCommandIds)
{
    internal readonly int Id = id;
    internal readonly ulong BusAddress = busAddress;
    internal readonly int Size = size;
    internal readonly CompletionQueue Completions = completions;

    /// <summary>Outstanding command identifiers; null where commands complete as they are fetched.</summary>
    private readonly ulong[]? outstanding = tracksCommandIds ? new ulong[65536 / 64] : null;

    internal int Head;
    internal int Tail;

    /// <summary>Commands fetched so far; names a command to the fault hooks.</summary>
    internal long FetchedCount;

    internal bool IsEmpty => Head == Tail;

    /// <summary>Notes the identifier; false when a command of this queue that is outstanding has it already.</summary>
    internal bool TryStart(ushort commandId)
    {
        if (outstanding is null)
        {
            return true;
        }

        ulong bit = 1UL << (commandId & 63);
        bool isNew = (outstanding[commandId >> 6] & bit) == 0;
        outstanding[commandId >> 6] |= bit;
        return isNew;
    }

    internal void Finish(ushort commandId)
    {
        if (outstanding is not null)
        {
            outstanding[commandId >> 6] &= ~(1UL << (commandId & 63));
        }
    }
}

/// <summary>A completion queue: NVMe 1.4 sections 4.1 and 4.6.</summary>
internal sealed class CompletionQueue(int id, ulong busAddress, int size, int vector, bool hasInterrupt)
{
    internal readonly int Id = id;
    internal readonly int Size = size;

    /// <summary>The bit of the queue's vector in the set of vectors to raise; 0 without interrupt.</summary>
    internal readonly ulong VectorBit = hasInterrupt ? 1UL << vector : 0;

    /// <summary>First entry that the host has not consumed.</summary>
    internal int Head;

    /// <summary>Next entry that the controller writes.</summary>
    internal int Tail;

    internal int SubmissionQueueCount;

    private uint phase = 1u << 16;

    /// <summary>Section 4.1.2: full when one entry is left, so that full and empty differ.</summary>
    internal bool IsFull => Next(Tail) == Head;

    /// <summary>Entries that the host has not consumed.</summary>
    internal int PostedCount => Tail >= Head ? Tail - Head : Tail + Size - Head;

    internal int FreeCount => Size - 1 - PostedCount;

    /// <summary>Writes one completion. The dword with the phase tag comes last, after the others are visible.</summary>
    /// <returns>False when the IOMMU refuses.</returns>
    internal bool TryPost(DmaPort dma, uint dword0, SubmissionQueue queue, ushort commandId, ushort status, CommandFault fault)
    {
        if (!dma.TryWrite(
            busAddress + ((ulong)Tail * NvmeSpec.CompletionEntryBytes), NvmeSpec.CompletionEntryBytes, out Span<byte> entry))
        {
            return false;
        }

        uint tag = fault.Kind == CommandFaultKind.FlipPhase ? phase ^ (1u << 16) : phase;
        int behind = fault.Kind == CommandFaultKind.StaleHead ? fault.Argument % queue.Size : 0;
        uint head = (uint)((queue.Head + queue.Size - behind) % queue.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(entry, dword0);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], head | ((uint)queue.Id << 16));
        ref uint last = ref MemoryMarshal.AsRef<uint>(entry[12..]);
        Volatile.Write(ref last, commandId | tag | ((uint)status << 17));
        Tail = Next(Tail);
        if (Tail == 0)
        {
            phase ^= 1u << 16;
        }

        return true;
    }

    private int Next(int index) => index + 1 == Size ? 0 : index + 1;
}
