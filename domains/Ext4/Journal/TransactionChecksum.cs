using static RedLeafSharp.Domains.Ext4.BigEndian;
using Spec = RedLeafSharp.Domains.Ext4.JournalSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Checksums of version 1, which are only read here: one for a whole transaction, in its commit block, over its descriptor
/// blocks and the blocks that they name, in the order of the log (journal.rst, "Commit Block"; calc_chksums of Linux).
/// </summary>
internal struct TransactionChecksum
{
    private const byte TypeCrc32 = 1;
    private const byte SizeCrc32 = 4;

    private uint sum;
    private bool isStarted;

    /// <summary>CRC-32 of IEEE 802.3, most significant bit first (crc32_be of Linux), for four bits.</summary>
    private static ReadOnlySpan<uint> Table =>
    [
        0x00000000, 0x04C11DB7, 0x09823B6E, 0x0D4326D9, 0x130476DC, 0x17C56B6B, 0x1A864DB2, 0x1E475005,
        0x2608EDB8, 0x22C9F00F, 0x2F8AD6D6, 0x2B4BCB61, 0x350C9B64, 0x31CD86D3, 0x3C8EA00A, 0x384FBDBD,
    ];

    internal void Add(ReadOnlySpan<byte> block)
    {
        uint crc = isStarted ? sum : ~0u;
        foreach (byte one in block)
        {
            crc = (crc << 4) ^ Table[(int)((crc >> 28) ^ (uint)(one >> 4))];
            crc = (crc << 4) ^ Table[(int)((crc >> 28) ^ (uint)(one & 0xF))];
        }

        (sum, isStarted) = (crc, true);
    }

    /// <summary>Ends a transaction: whether its commit block has this sum, or none as Linux writes without the feature.</summary>
    internal bool TryEnd(ReadOnlySpan<byte> commit)
    {
        uint expected = isStarted ? sum : ~0u;
        isStarted = false;
        uint found = U32(commit, Spec.CommitChecksum);
        (byte type, byte size) = (commit[Spec.CommitChecksumType], commit[Spec.CommitChecksumSize]);
        return (type, size, found) is (0, 0, 0) || ((type, size) is (TypeCrc32, SizeCrc32) && found == expected);
    }
}
