using System.Buffers.Binary;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// The Error Information log: the newest errors first, 64 bytes each (NVMe 1.4 section 5.14.1.1). It outlives
/// controller resets.
/// </summary>
internal sealed class ErrorLog
{
    private const int EntryBytes = 64;

    private readonly byte[] entries = new byte[NvmeLimits.ErrorLogEntries * EntryBytes];

    /// <summary>Errors since power-on; numbers the entries from 1.</summary>
    internal long Count { get; private set; }

    internal void Add(int queueId, in SubmissionEntry command, ushort status)
    {
        Span<byte> entry = entries.AsSpan((int)(Count % NvmeLimits.ErrorLogEntries) * EntryBytes, EntryBytes);
        Count++;
        entry.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(entry, Count);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], (ushort)queueId);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[10..], command.CommandId);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[12..], (ushort)((status | NvmeStatus.More) << 1));

        // Parameter error location: not tied to one byte of the command.
        BinaryPrimitives.WriteUInt16LittleEndian(entry[14..], 0xFFFF);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], queueId == 0 ? 0 : command.FirstBlock);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[24..], command.NamespaceId);
    }

    /// <summary>Copies the log, newest entry first; returns its length.</summary>
    internal int CopyTo(Span<byte> page)
    {
        long count = Math.Min(Count, NvmeLimits.ErrorLogEntries);
        for (long age = 0; age < count; age++)
        {
            int slot = (int)((Count - 1 - age) % NvmeLimits.ErrorLogEntries);
            entries.AsSpan(slot * EntryBytes, EntryBytes).CopyTo(page[((int)age * EntryBytes)..]);
        }

        return entries.Length;
    }
}
