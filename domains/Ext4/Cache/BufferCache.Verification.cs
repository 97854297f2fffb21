namespace RedLeafSharp.Domains.Ext4;

/// <content>What is known of the blocks in memory: which structures have been verified, and which lack their checksums.</content>
internal sealed partial class BufferCache
{
    /// <summary>Whether the structure at an offset within the block has been verified since it was read.</summary>
    internal bool IsVerified(BlockBuffer buffer, int offset = 0) =>
        (frames[buffer.Frame].Verified & VerifiedBit(buffer, offset)) != 0;

    internal void SetVerified(BlockBuffer buffer, int offset = 0) =>
        frames[buffer.Frame].Verified |= VerifiedBit(buffer, offset);

    /// <summary>
    /// Whether a block that files own has been verified as what it is taken for now: in a damaged file system one may be
    /// claimed twice.
    /// </summary>
    internal bool IsVerified(BlockBuffer buffer, BlockKind kind) =>
        IsVerified(buffer) && (BlockKind)(byte)(frames[buffer.Frame].Kinds >> KindShift(buffer)) == kind;

    internal void SetVerified(BlockBuffer buffer, BlockKind kind)
    {
        ref Frame frame = ref frames[buffer.Frame];
        frame.Kinds = (frame.Kinds & ~(0xFFu << KindShift(buffer))) | ((uint)kind << KindShift(buffer));
        SetVerified(buffer);
    }

    /// <summary>Notes that a block lacks its checksum.</summary>
    /// <returns>Whether that was not noted yet.</returns>
    internal bool SetUnsealed(BlockBuffer buffer)
    {
        ref Frame frame = ref frames[buffer.Frame];
        byte before = frame.Unsealed;
        frame.Unsealed |= BlockBits(buffer);
        return frame.Unsealed != before;
    }

    /// <summary>Ends what <see cref="SetUnsealed"/> has noted.</summary>
    /// <returns>Whether it was noted.</returns>
    internal bool TakeUnsealed(BlockBuffer buffer)
    {
        ref Frame frame = ref frames[buffer.Frame];
        byte before = frame.Unsealed;
        frame.Unsealed &= (byte)~BlockBits(buffer);
        return frame.Unsealed != before;
    }

    /// <summary>A structure is at least 128 bytes (an inode); a page has 32 of them.</summary>
    private static uint VerifiedBit(BlockBuffer buffer, int offset) => 1u << ((buffer.Offset + offset) >> 7);

    /// <summary>A page has at most four blocks, of 1 KiB.</summary>
    private static int KindShift(BlockBuffer buffer) => (buffer.Offset >> 10) * 8;

    private uint VerifiedMask(BlockBuffer buffer) =>
        (uint)(((1ul << (BlockBytes >> 7)) - 1) << (buffer.Offset >> 7));
}
