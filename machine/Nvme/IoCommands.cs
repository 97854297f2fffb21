using System.Buffers.Binary;
using System.Numerics;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>The NVM command set on the one namespace: NVMe 1.4 section 6.</summary>
internal sealed class IoCommands
{
    private const uint Deallocate = 1 << 2;
    private const int DatasetRangeBytes = 16;

    /// <summary>What a disk writes in one piece, whatever its logical blocks are.</summary>
    private const int SectorBytes = 512;

    private readonly NvmeController controller;
    private readonly IMedium medium;
    private readonly TransferList transfers;
    private readonly HealthRecord health;
    private readonly int blockShift;
    private readonly ulong blockCount;
    private readonly uint transferBlocksMax;
    private readonly byte[] scratch = new byte[NvmeSpec.PageBytes];

    internal IoCommands(NvmeController controller)
    {
        this.controller = controller;
        medium = controller.Medium;
        transfers = controller.Transfers;
        health = controller.Health;
        blockShift = BitOperations.Log2((uint)controller.Options.BlockBytes);
        blockCount = (ulong)medium.LengthBytes >> blockShift;
        transferBlocksMax = (uint)((NvmeSpec.PageBytes << controller.Options.TransferPagesShift) >> blockShift);
    }

    internal MediaFaults MediaFaults { get; } = new();

    internal ushort Execute(in SubmissionEntry entry, CommandFault fault = default)
    {
        if (entry.IsFusedOrUsesSgl)
        {
            return NvmeStatus.InvalidField;
        }

        if (entry.NamespaceId != 1)
        {
            return ExecuteElsewhere(in entry);
        }

        return (IoOpcode)entry.Opcode switch
        {
            IoOpcode.Read => Read(in entry, fault),
            IoOpcode.Write => Write(in entry, fault),
            IoOpcode.Flush => fault.Kind == CommandFaultKind.Lost ? NvmeStatus.Success : Flush(),
            IoOpcode.WriteZeroes => WriteZeroes(in entry),
            IoOpcode.DatasetManagement => ManageDataset(in entry),
            IoOpcode.Compare => Compare(in entry),
            IoOpcode.WriteUncorrectable => WriteUncorrectable(in entry),
            _ => NvmeStatus.InvalidOpcode,
        };
    }

    /// <summary>Section 4.2, NSID: what is not a namespace, and the value for all of them, which only Flush takes.</summary>
    private ushort ExecuteElsewhere(in SubmissionEntry entry) =>
        !IsKnown(entry.Opcode) ? NvmeStatus.InvalidOpcode
            : entry.NamespaceId != NvmeSpec.AllNamespaces ? NvmeStatus.InvalidNamespace
            : (IoOpcode)entry.Opcode == IoOpcode.Flush ? Flush()
            : NvmeStatus.InvalidField;

    private static bool IsKnown(byte opcode) => (IoOpcode)opcode is IoOpcode.Read or IoOpcode.Write or IoOpcode.Flush
        or IoOpcode.WriteZeroes or IoOpcode.DatasetManagement or IoOpcode.Compare or IoOpcode.WriteUncorrectable;

    private ushort Read(in SubmissionEntry entry, CommandFault fault)
    {
        ushort status = CheckTransfer(in entry, LoanAccess.DeviceWrites);
        if (status != NvmeStatus.Success)
        {
            return status;
        }

        if (!MediaFaults.CanRead(entry.FirstBlock, entry.BlockCount))
        {
            return MediaError(NvmeStatus.UnrecoveredReadError);
        }

        long offset = PlaceOf(in entry, fault);
        if (fault.Kind == CommandFaultKind.BitRot)
        {
            FlipBit(offset, fault.Argument % (int)(entry.BlockCount << (blockShift + 3)));
        }

        for (int index = 0; index < transfers.Count; index++)
        {
            Span<byte> segment = transfers[index];
            if (medium.Read(offset, segment) != MediumResult.Ok)
            {
                return MediaError(NvmeStatus.UnrecoveredReadError);
            }

            offset += segment.Length;
        }

        health.NoteRead((long)entry.BlockCount << blockShift);
        return NvmeStatus.Success;
    }

    private ushort Write(in SubmissionEntry entry, CommandFault fault)
    {
        ushort status = CheckTransfer(in entry, LoanAccess.DeviceReads);
        if (status != NvmeStatus.Success || (status = CheckWritable(in entry)) != NvmeStatus.Success)
        {
            return status;
        }

        long start = (long)entry.FirstBlock << blockShift;
        long length = (long)entry.BlockCount << blockShift;
        if (!TryStore(PlaceOf(in entry, fault.Kind == CommandFaultKind.Misdirected ? fault : default), BytesStored(fault, length))
            || (fault.Kind == CommandFaultKind.Phantom && !TryStore(PlaceOf(in entry, fault), length)))
        {
            return MediaError(NvmeStatus.WriteFault);
        }

        MediaFaults.NoteWritten(entry.FirstBlock, entry.BlockCount);
        health.NoteWrite(length);
        return !MustPersist(in entry) || medium.Persist(start, length) == MediumResult.Ok
            ? NvmeStatus.Success
            : MediaError(NvmeStatus.WriteFault);
    }

    private static long BytesStored(CommandFault fault, long length) => fault.Kind switch
    {
        CommandFaultKind.Lost => 0,
        CommandFaultKind.Torn => Math.Min(length, fault.Argument * (long)SectorBytes),
        _ => length,
    };

    /// <summary>Puts the first bytes of the transfer onto the medium.</summary>
    private bool TryStore(long offset, long length)
    {
        for (int index = 0; index < transfers.Count && length > 0; index++)
        {
            ReadOnlySpan<byte> segment = transfers[index];
            segment = segment[..(int)Math.Min(segment.Length, length)];
            if (medium.Write(offset, segment) != MediumResult.Ok)
            {
                return false;
            }

            offset += segment.Length;
            length -= segment.Length;
        }

        return true;
    }

    /// <summary>Where a transfer begins on the medium; a device that goes astray stays on it.</summary>
    private long PlaceOf(in SubmissionEntry entry, CommandFault fault)
    {
        ulong shift = fault.Kind is CommandFaultKind.Misdirected or CommandFaultKind.Phantom ? (ulong)fault.Argument : 0;
        ulong first = shift == 0 ? entry.FirstBlock : (entry.FirstBlock + shift) % (blockCount - entry.BlockCount + 1);
        return (long)first << blockShift;
    }

    private void FlipBit(long offset, int bit)
    {
        Span<byte> one = scratch.AsSpan(0, 1);
        if (medium.Read(offset + (bit >> 3), one) == MediumResult.Ok)
        {
            one[0] ^= (byte)(1 << (bit & 7));
            _ = medium.Write(offset + (bit >> 3), one);
        }
    }

    private ushort Flush() => medium.Flush() == MediumResult.Ok ? NvmeStatus.Success : MediaError(NvmeStatus.WriteFault);

    /// <summary>Moves no data, so MDTS does not apply (section 6.15).</summary>
    private ushort WriteZeroes(in SubmissionEntry entry)
    {
        ushort status = CheckRange(in entry);
        if (status != NvmeStatus.Success || (status = CheckWritable(in entry)) != NvmeStatus.Success)
        {
            return status;
        }

        long start = (long)entry.FirstBlock << blockShift;
        long length = (long)entry.BlockCount << blockShift;
        if (medium.Zero(start, length) != MediumResult.Ok
            || (MustPersist(in entry) && medium.Persist(start, length) != MediumResult.Ok))
        {
            return MediaError(NvmeStatus.WriteFault);
        }

        MediaFaults.NoteWritten(entry.FirstBlock, entry.BlockCount);
        return NvmeStatus.Success;
    }

    private ushort Compare(in SubmissionEntry entry)
    {
        ushort status = CheckTransfer(in entry, LoanAccess.DeviceReads);
        if (status != NvmeStatus.Success)
        {
            return status;
        }

        if (!MediaFaults.CanRead(entry.FirstBlock, entry.BlockCount))
        {
            return MediaError(NvmeStatus.UnrecoveredReadError);
        }

        long offset = (long)entry.FirstBlock << blockShift;
        for (int index = 0; index < transfers.Count; index++)
        {
            ReadOnlySpan<byte> rest = transfers[index];
            while (!rest.IsEmpty)
            {
                Span<byte> stored = scratch.AsSpan(0, Math.Min(rest.Length, scratch.Length));
                if (medium.Read(offset, stored) != MediumResult.Ok)
                {
                    return MediaError(NvmeStatus.UnrecoveredReadError);
                }

                if (!rest[..stored.Length].SequenceEqual(stored))
                {
                    return NvmeStatus.CompareFailure;
                }

                rest = rest[stored.Length..];
                offset += stored.Length;
            }
        }

        return NvmeStatus.Success;
    }

    private ushort WriteUncorrectable(in SubmissionEntry entry)
    {
        ushort status = CheckRange(in entry);
        if (status != NvmeStatus.Success || (status = CheckWritable(in entry)) != NvmeStatus.Success)
        {
            return status;
        }

        return MediaFaults.TryFailReads(entry.FirstBlock, entry.BlockCount) ? NvmeStatus.Success : NvmeStatus.InternalError;
    }

    /// <summary>
    /// Section 6.7: all ranges are checked before the first is deallocated, so that a wrong one changes nothing.
    /// </summary>
    private ushort ManageDataset(in SubmissionEntry entry)
    {
        int lengthBytes = ((int)(entry.Dword10 & 0xFF) + 1) * DatasetRangeBytes;
        ushort status = transfers.Build(entry.Prp1, entry.Prp2, lengthBytes, LoanAccess.DeviceReads);
        if (status != NvmeStatus.Success)
        {
            return status;
        }

        transfers.CopyTo(scratch.AsSpan(0, lengthBytes));
        for (int offset = 0; offset < lengthBytes; offset += DatasetRangeBytes)
        {
            (ulong first, uint count) = DatasetRange(offset);
            if (first > blockCount || count > blockCount - first)
            {
                return NvmeStatus.LbaOutOfRange;
            }
        }

        if ((entry.Dword11 & Deallocate) == 0)
        {
            return NvmeStatus.Success;
        }

        return medium.IsReadOnly ? NvmeStatus.NamespaceWriteProtected : DeallocateRanges(lengthBytes);
    }

    private ushort DeallocateRanges(int lengthBytes)
    {
        for (int offset = 0; offset < lengthBytes; offset += DatasetRangeBytes)
        {
            (ulong first, uint count) = DatasetRange(offset);
            if (count > 0 && medium.Zero((long)first << blockShift, (long)count << blockShift) != MediumResult.Ok)
            {
                return MediaError(NvmeStatus.WriteFault);
            }

            MediaFaults.NoteWritten(first, count);
        }

        return NvmeStatus.Success;
    }

    private (ulong First, uint Count) DatasetRange(int offset) => (
        BinaryPrimitives.ReadUInt64LittleEndian(scratch.AsSpan(offset + 8)),
        BinaryPrimitives.ReadUInt32LittleEndian(scratch.AsSpan(offset + 4)));

    private ushort CheckTransfer(in SubmissionEntry entry, LoanAccess access)
    {
        if (entry.BlockCount > transferBlocksMax)
        {
            return NvmeStatus.InvalidField;
        }

        ushort status = CheckRange(in entry);
        return status != NvmeStatus.Success
            ? status
            : transfers.Build(entry.Prp1, entry.Prp2, (int)(entry.BlockCount << blockShift), access);
    }

    /// <summary>With the write cache switched off every write goes through (section 5.21.1.6).</summary>
    private bool MustPersist(in SubmissionEntry entry) => entry.HasForceUnitAccess || !controller.IsWriteCacheEnabled;

    private ushort CheckRange(in SubmissionEntry entry) =>
        entry.FirstBlock >= blockCount || entry.BlockCount > blockCount - entry.FirstBlock
            ? NvmeStatus.LbaOutOfRange
            : NvmeStatus.Success;

    private ushort CheckWritable(in SubmissionEntry entry) =>
        medium.IsReadOnly ? NvmeStatus.NamespaceWriteProtected
            : MediaFaults.CanWrite(entry.FirstBlock, entry.BlockCount) ? NvmeStatus.Success
            : MediaError(NvmeStatus.WriteFault);

    private ushort MediaError(ushort status)
    {
        health.MediaErrorCount++;
        return status;
    }
}
