using System.Runtime.InteropServices;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>One command as the host wrote it: NVMe 1.4 section 4.2, figures 104 and 105.</summary>
[StructLayout(LayoutKind.Sequential, Size = NvmeSpec.SubmissionEntryBytes)]
internal struct SubmissionEntry
{
    internal uint Dword0;
    internal uint NamespaceId;
    internal ulong Dwords2And3;
    internal ulong Metadata;
    internal ulong Prp1;
    internal ulong Prp2;
    internal uint Dword10;
    internal uint Dword11;
    internal uint Dword12;
    internal uint Dword13;
    internal uint Dword14;
    internal uint Dword15;

    internal readonly byte Opcode => (byte)Dword0;

    internal readonly ushort CommandId => (ushort)(Dword0 >> 16);

    /// <summary>Fused operation (bits 9:8) or SGLs (bits 15:14), neither of which this controller has.</summary>
    internal readonly bool IsFusedOrUsesSgl => (Dword0 & 0xC300) != 0;

    internal readonly ulong FirstBlock => Dword10 | ((ulong)Dword11 << 32);

    /// <summary>NLB of the I/O commands, which counts from 0.</summary>
    internal readonly uint BlockCount => (Dword12 & 0xFFFF) + 1;

    internal readonly bool HasForceUnitAccess => (Dword12 & (1u << 30)) != 0;
}
