using System.Runtime.InteropServices;

namespace RedLeafSharp.Memory;

/// <summary>
/// The 16 bytes that the exchange heap keeps for each block.
/// </summary>
/// <remarks>
/// Owner and generation share one word, so that the check at a borrow or a crossing is one 64-bit compare. For small
/// blocks the header stands right before the payload, on its cache line; page blocks keep theirs in the first page of
/// the slab, so that payloads are page-aligned as PRP entries and host I/O want them
/// (docs/decisions/0003-exchange-heap.md).
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct BlockHeader
{
    /// <summary>High half: id of the owning domain, 0 when free. Low half: generation, incremented by each free.</summary>
    internal ulong OwnerAndGeneration;

    /// <summary>In use: payload length in bytes. Free: 1 + header index of the next free block, 0 at the end.</summary>
    internal uint LengthOrNext;

    /// <summary>Index into <see cref="SizeClasses"/>; fixed when the slab is carved.</summary>
    internal byte SizeClass;

    /// <summary>Whether a device may hold the address of this block; see <see cref="LoanState"/>.</summary>
    internal LoanState Loan;

    private readonly ushort reserved;

    internal readonly uint Owner => (uint)(OwnerAndGeneration >> 32);

    internal readonly uint Generation => (uint)OwnerAndGeneration;

    internal static ulong Pack(uint owner, uint generation) => ((ulong)owner << 32) | generation;
}

/// <summary>The life of a loan, as kept in the block's header.</summary>
[Flags]
internal enum LoanState : byte
{
    None = 0,

    /// <summary>The owner has lent the block: it can be neither moved nor freed until the owner ends the loan.</summary>
    Lent = 1,

    /// <summary>The loan lets a device read the block.</summary>
    DeviceReads = 2,

    /// <summary>The loan lets a device write the block.</summary>
    DeviceWrites = 4,

    /// <summary>The whole block is a ring of the owner's own device (see PciFunction.AllocateDma). Never together with the others.</summary>
    Ring = 8,

    /// <summary>The loan names another domain that may have the block granted; which one stands in a table of the heap.</summary>
    Named = 16,
}
