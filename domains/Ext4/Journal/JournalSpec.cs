namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The on-disk format of jbd2 (Documentation/filesystems/ext4/journal.rst). Unlike the rest of the file system all fields
/// are big-endian.
/// </summary>
internal static class JournalSpec
{
    internal const uint Magic = 0xC03B3998;

    /// <summary>"Block Header": magic, type, sequence.</summary>
    internal const int BlockType = 0x04;
    internal const int BlockSequence = 0x08;
    internal const int HeaderBytes = 12;

    internal const uint DescriptorBlock = 1;
    internal const uint CommitBlock = 2;
    internal const uint SuperblockV1 = 3;
    internal const uint SuperblockV2 = 4;
    internal const uint RevokeBlock = 5;

    /// <summary>Linux has it as JBD2_MIN_JOURNAL_BLOCKS.</summary>
    internal const uint BlocksMin = 1024;

    /// <summary>"Super Block".</summary>
    internal static class Superblock
    {
        internal const int Bytes = 1024;
        internal const int BlockBytes = 0x0C;
        internal const int Length = 0x10;
        internal const int First = 0x14;
        internal const int Sequence = 0x18;
        internal const int Start = 0x1C;
        internal const int ErrorNumber = 0x20;
        internal const int Compatible = 0x24;
        internal const int Incompatible = 0x28;
        internal const int ReadOnlyCompatible = 0x2C;
        internal const int Uuid = 0x30;
        internal const int UuidBytes = 16;
        internal const int UserCount = 0x40;
        internal const int ChecksumType = 0x50;
        internal const int FastCommitBlocks = 0x54;
        internal const int Checksum = 0xFC;

        internal const byte ChecksumCrc32C = 4;

        /// <summary>What a count of 0 fast-commit blocks means (JBD2_DEFAULT_FAST_COMMIT_BLOCKS of Linux).</summary>
        internal const uint FastCommitBlocksDefault = 256;
    }

    /// <summary>"jbd2 incompat" and "jbd2 compat" features.</summary>
    internal static class Feature
    {
        internal const uint CompatChecksum = 1;
        internal const uint Revoke = 1;
        internal const uint Wide = 2;
        internal const uint AsyncCommit = 4;
        internal const uint ChecksumV2 = 8;
        internal const uint ChecksumV3 = 0x10;
        internal const uint FastCommit = 0x20;
    }

    /// <summary>"Descriptor Block": journal_block_tag3_s and journal_block_tag_s.</summary>
    internal static class Tag
    {
        internal const uint Escaped = 1;
        internal const uint SameUuid = 2;
        internal const uint Last = 8;

        internal const int BytesV3 = 16;
        internal const int FlagsV3 = 4;
        internal const int BlockHighV3 = 8;
        internal const int ChecksumV3 = 12;

        internal const int BytesNarrow = 8;
        internal const int ChecksumNarrow = 4;
        internal const int FlagsNarrow = 6;
        internal const int BlockHighNarrow = 8;

        /// <summary>A tag of a journal with checksums of version 2 has two bytes more that nobody uses.</summary>
        internal const int ExtraBytesV2 = 2;
    }

    /// <summary>The checksum at the end of descriptor and revoke blocks.</summary>
    internal const int TailBytes = 4;

    /// <summary>"Revocation Block": bytes in use, the header included.</summary>
    internal const int RevokeBytesUsed = 0x0C;
    internal const int RevokeHeaderBytes = 16;

    /// <summary>"Commit Block".</summary>
    internal const int CommitChecksumType = 0x0C;
    internal const int CommitChecksumSize = 0x0D;
    internal const int CommitChecksum = 0x10;
    internal const int CommitSeconds = 0x30;
    internal const int CommitNanoseconds = 0x38;
}
