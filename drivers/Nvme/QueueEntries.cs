namespace RedLeafSharp.Drivers.Nvme;

/// <summary>A submission queue entry (NVMe 1.4 section 4.2).</summary>
internal struct Command
{
    internal uint Dword0;
    internal uint NamespaceId;
    internal ulong Reserved;
    internal ulong Metadata;
    internal ulong Prp1;
    internal ulong Prp2;
    internal uint Dword10;
    internal uint Dword11;
    internal uint Dword12;
    internal uint Dword13;
    internal uint Dword14;
    internal uint Dword15;

    internal static uint FirstDword(byte opcode, ushort identifier) => opcode | ((uint)identifier << 16);
}

/// <summary>A completion queue entry (NVMe 1.4 section 4.6). The device writes <see cref="Status"/> last.</summary>
internal struct CompletionEntry
{
    internal uint Result;
    internal uint Reserved;
    internal ushort SubmissionHead;
    internal ushort SubmissionQueueId;
    internal ushort CommandId;

    /// <summary>Bit 0: phase tag. Bits 1 to 8: status code. Bits 9 to 11: status code type.</summary>
    internal ushort Status;
}

/// <summary>A range of Dataset Management (NVMe 1.4 section 6.7).</summary>
internal struct DatasetRange
{
    internal uint Attributes;
    internal uint BlockCount;
    internal ulong FirstBlock;
}
