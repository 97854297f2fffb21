using static RedLeafSharp.Domains.Ext4.BigEndian;
using Feature = RedLeafSharp.Domains.Ext4.JournalSpec.Feature;
using Spec = RedLeafSharp.Domains.Ext4.JournalSpec.Superblock;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The superblock of the journal. Holding one proves that its numbers fit each other and the journal's file, and that all
/// its features are supported.
/// </summary>
internal sealed class JournalSuperblock
{
    private const uint IncompatSupported =
        Feature.Revoke | Feature.Wide | Feature.ChecksumV2 | Feature.ChecksumV3 | Feature.FastCommit;

    private static readonly string[] IncompatNames =
        ["revoke", "64bit", "async_commit", "csum_v2", "csum_v3", "fast_commit"];

    private readonly byte[] raw;

    private JournalSuperblock(byte[] raw) => this.raw = raw;

    /// <summary>First block of the log.</summary>
    internal uint First => U32(raw, Spec.First);

    /// <summary>The block behind the log: behind it there may be fast commits.</summary>
    internal uint End => U32(raw, Spec.Length) - FastCommitBlocks(raw);

    /// <summary>Sequence number of the first transaction in the log.</summary>
    internal uint Sequence => U32(raw, Spec.Sequence);

    /// <summary>Block of the first transaction; 0 when the log is empty.</summary>
    internal uint Start => U32(raw, Spec.Start);

    /// <summary>A number that is not zero says that the file system gave up writing.</summary>
    internal int ErrorNumber
    {
        get => (int)U32(raw, Spec.ErrorNumber);
        set => Put32(raw, Spec.ErrorNumber, (uint)value);
    }

    internal bool HasChecksumV3 => Has(Feature.ChecksumV3);

    internal bool HasChecksumV2 => Has(Feature.ChecksumV2);

    internal bool HasChecksum => HasChecksumV2 || HasChecksumV3;

    /// <summary>Whether the log may have checksums of version 1. The others take their place.</summary>
    internal bool HasTransactionChecksum => !HasChecksum && (U32(raw, Spec.Compatible) & Feature.CompatChecksum) != 0;

    internal bool IsWide => Has(Feature.Wide);

    internal bool HasFastCommit => Has(Feature.FastCommit);

    internal ReadOnlySpan<byte> Uuid => raw.AsSpan(Spec.Uuid, Spec.UuidBytes);

    /// <summary>Start value of the checksums of the journal's blocks.</summary>
    internal uint ChecksumSeed => Checksum.Crc32C(~0u, Uuid);

    /// <summary>Bytes of a tag in a descriptor block.</summary>
    internal int TagBytes =>
        HasChecksumV3
            ? JournalSpec.Tag.BytesV3
            : JournalSpec.Tag.BytesNarrow + (IsWide ? 4 : 0) + (HasChecksumV2 ? JournalSpec.Tag.ExtraBytesV2 : 0);

    /// <summary>Reads and checks the superblock.</summary>
    /// <param name="block">The first block of the journal.</param>
    /// <param name="lengthMax">Blocks that the journal's file has.</param>
    /// <param name="superblock">The result, or null.</param>
    /// <returns>What is wrong, for the user; empty when nothing is.</returns>
    internal static string Parse(ReadOnlySpan<byte> block, uint lengthMax, out JournalSuperblock? superblock)
    {
        superblock = null;
        ReadOnlySpan<byte> bytes = block[..Spec.Bytes];
        uint type = U32(bytes, JournalSpec.BlockType);
        if (U32(bytes, 0) != JournalSpec.Magic || type is not (JournalSpec.SuperblockV1 or JournalSpec.SuperblockV2))
        {
            return $"journal superblock: magic 0x{U32(bytes, 0):x8}, expected 0x{JournalSpec.Magic:x8}";
        }

        byte[] raw = bytes.ToArray();
        if (type == JournalSpec.SuperblockV1)
        {
            // Version 1 ends before the features; what lies there has no meaning.
            raw.AsSpan(Spec.Compatible).Clear();
            Put32(raw, JournalSpec.BlockType, JournalSpec.SuperblockV2);
        }

        string problem = CheckFeatures(raw);
        if (problem.Length == 0)
        {
            problem = CheckNumbers(raw, block.Length, lengthMax);
        }

        superblock = problem.Length == 0 ? new JournalSuperblock(raw) : null;
        return problem;
    }

    /// <summary>Where the log starts now; a start of 0 says that it is empty.</summary>
    internal void SetStart(uint start, uint sequence)
    {
        Put32(raw, Spec.Start, start);
        Put32(raw, Spec.Sequence, sequence);
    }

    /// <summary>Chooses the features of an empty journal as Linux does, from those of its file system.</summary>
    internal void Adapt(bool isWide, bool hasMetadataChecksum)
    {
        uint kept = U32(raw, Spec.Incompatible) & ~(Feature.ChecksumV2 | Feature.ChecksumV3);
        uint incompatible = kept | Feature.Revoke | (isWide ? Feature.Wide : 0) | (hasMetadataChecksum ? Feature.ChecksumV3 : 0);
        Put32(raw, Spec.Incompatible, incompatible);
        Put32(raw, Spec.Compatible, U32(raw, Spec.Compatible) & ~Feature.CompatChecksum);
        raw[Spec.ChecksumType] = hasMetadataChecksum ? Spec.ChecksumCrc32C : (byte)0;
    }

    /// <summary>Puts the superblock at the start of its block, with a new checksum.</summary>
    internal void Store(Span<byte> block)
    {
        Put32(raw, Spec.Checksum, 0);
        if (HasChecksum)
        {
            Put32(raw, Spec.Checksum, Checksum.Crc32C(~0u, raw));
        }

        raw.CopyTo(block);
    }

    private static string CheckFeatures(ReadOnlySpan<byte> raw)
    {
        uint incompatible = U32(raw, Spec.Incompatible);
        uint unknown = incompatible & ~IncompatSupported;
        if (unknown != 0 || U32(raw, Spec.ReadOnlyCompatible) != 0)
        {
            return unknown == 0
                ? $"the journal has unknown read-only features: 0x{U32(raw, Spec.ReadOnlyCompatible):x}"
                : $"the journal needs features that are not supported: {Features.Describe(unknown, IncompatNames, "FEATURE_I")}";
        }

        if ((incompatible & (Feature.ChecksumV2 | Feature.ChecksumV3)) == 0)
        {
            return "";
        }

        Span<byte> copy = raw.ToArray();
        Put32(copy, Spec.Checksum, 0);
        uint found = U32(raw, Spec.Checksum);
        uint expected = Checksum.Crc32C(~0u, copy);
        return raw[Spec.ChecksumType] != Spec.ChecksumCrc32C
            ? $"journal superblock: checksum type {raw[Spec.ChecksumType]} is not known"
            : found != expected ? $"journal superblock: checksum 0x{found:x8}, expected 0x{expected:x8}" : "";
    }

    private static string CheckNumbers(ReadOnlySpan<byte> raw, int blockBytes, uint lengthMax)
    {
        uint length = U32(raw, Spec.Length);
        uint first = U32(raw, Spec.First);
        uint start = U32(raw, Spec.Start);
        if (U32(raw, Spec.BlockBytes) != (uint)blockBytes || length > lengthMax || length < JournalSpec.BlocksMin)
        {
            return $"journal superblock: {length} blocks of {U32(raw, Spec.BlockBytes)} bytes, its file has {lengthMax}";
        }

        uint fastCommits = FastCommitBlocks(raw);
        bool isLogLargeEnough = fastCommits < length && length - fastCommits >= JournalSpec.BlocksMin / 2;
        uint end = isLogLargeEnough ? length - fastCommits : length;
        bool isStartRight = start == 0 || (start >= first && start < end);
        return isLogLargeEnough && first >= 1 && first <= end - (JournalSpec.BlocksMin / 4) && isStartRight
            ? ""
            : $"journal superblock: log from {first} to {end}, start {start}, {fastCommits} blocks of fast commits";
    }

    private static uint FastCommitBlocks(ReadOnlySpan<byte> raw)
    {
        if ((U32(raw, Spec.Incompatible) & Feature.FastCommit) == 0)
        {
            return 0;
        }

        uint count = U32(raw, Spec.FastCommitBlocks);
        return count == 0 ? Spec.FastCommitBlocksDefault : count;
    }

    private bool Has(uint feature) => (U32(raw, Spec.Incompatible) & feature) != 0;
}
