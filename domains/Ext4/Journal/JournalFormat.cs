using static RedLeafSharp.Domains.Ext4.BigEndian;
using Spec = RedLeafSharp.Domains.Ext4.JournalSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>One block of a transaction: where it belongs, and what its copy in the log is like.</summary>
/// <param name="Block">The block of the disk.</param>
/// <param name="Flags">Flags of <see cref="JournalSpec.Tag"/>.</param>
/// <param name="DataChecksum">Checksum of the copy.</param>
internal readonly record struct JournalTag(ulong Block, uint Flags, uint DataChecksum);

/// <summary>Tags, headers and checksums of one journal, in the variant that its superblock asks for.</summary>
internal sealed class JournalFormat(JournalSuperblock superblock, int blockBytes)
{
    private readonly uint seed = superblock.ChecksumSeed;
    private readonly bool hasChecksum = superblock.HasChecksum;

    internal bool HasChecksum => hasChecksum;

    /// <summary>Where the tags of a descriptor or the records of a revoke block must end.</summary>
    internal int Limit => blockBytes - (hasChecksum ? Spec.TailBytes : 0);

    internal int RevokeRecordBytes => superblock.IsWide ? 8 : 4;

    /// <summary>Tags in one descriptor block; the first is followed by the journal's UUID.</summary>
    internal int TagsPerDescriptor => (Limit - Spec.HeaderBytes - Spec.Superblock.UuidBytes) / superblock.TagBytes;

    internal int RevokesPerBlock => (Limit - Spec.RevokeHeaderBytes) / RevokeRecordBytes;

    internal static void PutHeader(Span<byte> block, uint type, uint sequence)
    {
        block.Clear();
        Put32(block, 0, Spec.Magic);
        Put32(block, Spec.BlockType, type);
        Put32(block, Spec.BlockSequence, sequence);
    }

    /// <summary>Reads the tag at an offset and moves behind it.</summary>
    /// <returns>False behind the last tag.</returns>
    internal bool TryReadTag(ReadOnlySpan<byte> block, ref int offset, out JournalTag tag)
    {
        tag = default;
        if (offset == Spec.HeaderBytes)
        {
            // The first tag is always there.
        }
        else if (offset + superblock.TagBytes > Limit)
        {
            return false;
        }

        tag = superblock.HasChecksumV3 ? ReadTagV3(block, offset) : ReadTagNarrow(block, offset);
        bool isLast = (tag.Flags & Spec.Tag.Last) != 0;
        offset = isLast
            ? blockBytes
            : offset + superblock.TagBytes + ((tag.Flags & Spec.Tag.SameUuid) != 0 ? 0 : Spec.Superblock.UuidBytes);
        return true;
    }

    /// <summary>Writes a tag and, behind the first one, the UUID.</summary>
    /// <returns>The offset behind it.</returns>
    internal int PutTag(Span<byte> block, int offset, JournalTag tag)
    {
        bool isFirst = offset == Spec.HeaderBytes;
        uint flags = tag.Flags | (isFirst ? 0 : Spec.Tag.SameUuid);
        Put32(block, offset, (uint)tag.Block);
        if (superblock.HasChecksumV3)
        {
            Put32(block, offset + Spec.Tag.FlagsV3, flags);
            Put32(block, offset + Spec.Tag.BlockHighV3, (uint)(tag.Block >> 32));
            Put32(block, offset + Spec.Tag.ChecksumV3, tag.DataChecksum);
        }
        else
        {
            Put16(block, offset + Spec.Tag.ChecksumNarrow, tag.DataChecksum);
            Put16(block, offset + Spec.Tag.FlagsNarrow, flags);
            if (superblock.IsWide)
            {
                Put32(block, offset + Spec.Tag.BlockHighNarrow, (uint)(tag.Block >> 32));
            }
        }

        offset += superblock.TagBytes;
        if (isFirst)
        {
            superblock.Uuid.CopyTo(block[offset..]);
            offset += Spec.Superblock.UuidBytes;
        }

        return offset;
    }

    internal void PutRevoke(Span<byte> block, int index, ulong revoked)
    {
        int offset = Spec.RevokeHeaderBytes + (index * RevokeRecordBytes);
        if (superblock.IsWide)
        {
            Put64(block, offset, revoked);
        }
        else
        {
            Put32(block, offset, (uint)revoked);
        }
    }

    /// <summary>The checksum that a tag has of the block's copy in the log.</summary>
    internal uint DataChecksum(ReadOnlySpan<byte> copy, uint sequence)
    {
        if (!hasChecksum)
        {
            return 0;
        }

        uint crc = Checksum.Crc32C(seed, System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(sequence));
        crc = Checksum.Crc32C(crc, copy);
        return superblock.HasChecksumV3 ? crc : crc & 0xFFFF;
    }

    internal void SealTail(Span<byte> block)
    {
        if (hasChecksum)
        {
            Put32(block, Limit, TailChecksum(block));
        }
    }

    internal bool IsTailRight(ReadOnlySpan<byte> block) => !hasChecksum || U32(block, Limit) == TailChecksum(block);

    internal void SealCommit(Span<byte> block)
    {
        if (hasChecksum)
        {
            Put32(block, Spec.CommitChecksum, CommitChecksum(block));
        }
    }

    internal bool IsCommitRight(ReadOnlySpan<byte> block) =>
        !hasChecksum || U32(block, Spec.CommitChecksum) == CommitChecksum(block);

    private JournalTag ReadTagV3(ReadOnlySpan<byte> block, int offset)
    {
        ulong high = superblock.IsWide ? (ulong)U32(block, offset + Spec.Tag.BlockHighV3) << 32 : 0;
        uint flags = U32(block, offset + Spec.Tag.FlagsV3);
        return new JournalTag(U32(block, offset) | high, flags, U32(block, offset + Spec.Tag.ChecksumV3));
    }

    private JournalTag ReadTagNarrow(ReadOnlySpan<byte> block, int offset)
    {
        ulong high = superblock.IsWide ? (ulong)U32(block, offset + Spec.Tag.BlockHighNarrow) << 32 : 0;
        uint flags = U16(block, offset + Spec.Tag.FlagsNarrow);
        return new JournalTag(U32(block, offset) | high, flags, U16(block, offset + Spec.Tag.ChecksumNarrow));
    }

    private uint TailChecksum(ReadOnlySpan<byte> block) =>
        Checksum.Crc32CZeroes(Checksum.Crc32C(seed, block[..Limit]), Spec.TailBytes);

    private uint CommitChecksum(ReadOnlySpan<byte> block)
    {
        uint crc = Checksum.Crc32C(seed, block[..Spec.CommitChecksum]);
        crc = Checksum.Crc32CZeroes(crc, 4);
        return Checksum.Crc32C(crc, block[(Spec.CommitChecksum + 4)..]);
    }
}
