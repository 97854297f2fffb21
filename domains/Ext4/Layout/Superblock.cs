using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.SuperblockSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The superblock. Holding one proves that its checksum and its numbers have been checked: sizes are in range and agree with
/// each other, so that arithmetic with them neither overflows nor leaves the disk.
/// </summary>
internal sealed class Superblock
{
    private readonly byte[] raw;
    private readonly byte[] committed = new byte[Spec.Bytes];

    private Superblock(byte[] raw)
    {
        this.raw = raw;
        BlockShift = 10 + (int)U32(raw, Spec.LogBlockBytes);
        Compatible = U32(raw, Spec.Compatible);
        Incompatible = U32(raw, Spec.Incompatible);
        ReadOnlyCompatible = U32(raw, Spec.ReadOnlyCompatible);
        Is64Bit = HasIncompatible(Features.Incompat64Bit);
        BlockCount = U32(raw, Spec.BlockCountLow) | (Is64Bit ? (ulong)U32(raw, Spec.BlockCountHigh) << 32 : 0);
        ReservedBlocks = U32(raw, Spec.ReservedBlocksLow) | (Is64Bit ? (ulong)U32(raw, Spec.ReservedBlocksHigh) << 32 : 0);
        InodeBytes = U32(raw, Spec.Revision) == 0 ? Ext4Spec.GoodInodeBytes : U16(raw, Spec.InodeBytes);
        DescriptorBytes = Is64Bit ? U16(raw, Spec.DescriptorBytes) : Ext4Spec.Group.Bytes32;
        ChecksumSeed = HasIncompatible(Features.IncompatChecksumSeed)
            ? U32(raw, Spec.ChecksumSeed)
            : Checksum.Crc32C(~0u, Uuid);
    }

    internal int BlockShift { get; }

    internal int BlockBytes => 1 << BlockShift;

    internal uint Compatible { get; }

    internal uint Incompatible { get; private set; }

    internal uint ReadOnlyCompatible { get; private set; }

    internal bool Is64Bit { get; }

    internal ulong BlockCount { get; }

    internal ulong ReservedBlocks { get; }

    internal int InodeBytes { get; }

    internal int DescriptorBytes { get; }

    /// <summary>Start value of every metadata checksum but the superblock's.</summary>
    internal uint ChecksumSeed { get; }

    internal ReadOnlySpan<byte> Raw => raw;

    internal ReadOnlySpan<byte> Uuid => raw.AsSpan(Spec.Uuid, Spec.UuidBytes);

    internal uint InodeCount => U32(raw, Spec.InodeCount);

    internal uint FirstDataBlock => U32(raw, Spec.FirstDataBlock);

    internal uint BlocksPerGroup => U32(raw, Spec.BlocksPerGroup);

    internal uint InodesPerGroup => U32(raw, Spec.InodesPerGroup);

    internal uint FirstInode => U32(raw, Spec.Revision) == 0 ? Ext4Spec.FirstFreeInode : U32(raw, Spec.FirstInode);

    internal uint GroupCount => (uint)((BlockCount - FirstDataBlock + BlocksPerGroup - 1) / BlocksPerGroup);

    internal uint InodeTableBlocks => (InodesPerGroup * (uint)InodeBytes) >> BlockShift;

    internal uint DescriptorBlocks => (uint)((((ulong)GroupCount * (uint)DescriptorBytes) + (uint)BlockBytes - 1) >> BlockShift);

    internal uint ReservedDescriptorBlocks => U16(raw, Spec.ReservedDescriptorBlocks);

    internal bool HasMetadataChecksum => HasReadOnly(Features.ReadOnlyMetadataChecksum);

    internal bool HasDescriptorChecksum => HasReadOnly(Features.ReadOnlyDescriptorChecksum);

    internal bool HasFileTypes => HasIncompatible(Features.IncompatFileType);

    internal bool HasDirectoryIndex => (Compatible & Features.CompatDirectoryIndex) != 0;

    internal bool HasJournal => (Compatible & Features.CompatHasJournal) != 0;

    /// <summary>The file that lists orphans beside the list; 0 when there is none.</summary>
    internal uint OrphanFileInode =>
        (Compatible & Features.CompatOrphanFile) != 0 ? U32(raw, Spec.OrphanFileInode) : 0;

    /// <summary>Whether that file may name some.</summary>
    internal bool HasOrphansInFile => HasReadOnly(Features.ReadOnlyOrphanPresent);

    internal uint JournalInode => U32(raw, Spec.JournalInodeNumber);

    internal ushort State => U16(raw, Spec.State);

    /// <summary>Head of the list of files to be deleted or cut; the next one is in the inode's time of deletion.</summary>
    internal uint LastOrphan
    {
        get => U32(raw, Spec.LastOrphan);
        set => Put32(raw, Spec.LastOrphan, value);
    }

    internal bool HasJournalBackup => raw[Spec.JournalBackupType] == 1;

    internal int DefaultHashVersion => raw[Spec.DefaultHash];

    internal bool HasUnsignedHash => (U32(raw, Spec.Flags) & Spec.FlagUnsignedHash) != 0;

    internal int ExtraInodeBytes =>
        InodeBytes > Ext4Spec.GoodInodeBytes
            ? Math.Clamp((int)U16(raw, Spec.ExtraInodeBytesWanted), 32, InodeBytes - Ext4Spec.GoodInodeBytes) & ~3
            : 0;

    internal ulong FreeBlocks
    {
        get => U32(raw, Spec.FreeBlocksLow) | (Is64Bit ? (ulong)U32(raw, Spec.FreeBlocksHigh) << 32 : 0);
        set
        {
            Put32(raw, Spec.FreeBlocksLow, (uint)value);
            if (Is64Bit)
            {
                Put32(raw, Spec.FreeBlocksHigh, (uint)(value >> 32));
            }
        }
    }

    internal uint FreeInodes
    {
        get => U32(raw, Spec.FreeInodes);
        set => Put32(raw, Spec.FreeInodes, value);
    }

    /// <summary>How it begins what it says of a disk that has something else.</summary>
    internal const string NoFileSystem = "no ext4 file system";

    /// <summary>Reads and checks the 1,024 bytes.</summary>
    /// <param name="bytes">The superblock as it is on the disk.</param>
    /// <param name="deviceBytes">Size of the disk.</param>
    /// <param name="superblock">The result, or null.</param>
    /// <returns>What is wrong, for the user; empty when nothing is.</returns>
    internal static string Parse(ReadOnlySpan<byte> bytes, ulong deviceBytes, out Superblock? superblock)
    {
        superblock = null;
        if (U16(bytes, Spec.Magic) != Spec.MagicValue)
        {
            return $"{NoFileSystem}: the magic number at byte {Spec.OffsetBytes + Spec.Magic} is 0x{U16(bytes, Spec.Magic):x4}, not 0xef53";
        }

        uint unknown = U32(bytes, Spec.Incompatible) & ~Features.IncompatSupported;
        if (unknown != 0)
        {
            return $"the file system needs features that are not supported: {Features.DescribeIncompatible(unknown)}";
        }

        uint found = U32(bytes, Spec.Checksum);
        uint expected = Checksum.Crc32C(~0u, bytes[..Spec.Checksum]);
        bool hasChecksum = (U32(bytes, Spec.ReadOnlyCompatible) & Features.ReadOnlyMetadataChecksum) != 0;
        if (hasChecksum && (bytes[Spec.ChecksumType] != Spec.ChecksumCrc32C || found != expected))
        {
            return $"superblock: checksum 0x{found:x8}, expected 0x{expected:x8}";
        }

        string problem = SuperblockRules.Check(bytes, deviceBytes);
        if (problem.Length == 0)
        {
            superblock = new Superblock(bytes.ToArray());
        }

        return problem;
    }

    internal bool HasIncompatible(uint feature) => (Incompatible & feature) != 0;

    internal bool HasReadOnly(uint feature) => (ReadOnlyCompatible & feature) != 0;

    /// <summary>First block of a group.</summary>
    internal ulong GroupStart(uint group) => FirstDataBlock + ((ulong)group * BlocksPerGroup);

    internal uint BlocksInGroup(uint group) => (uint)Math.Min(BlocksPerGroup, BlockCount - GroupStart(group));

    internal uint GroupOf(ulong block) => (uint)((block - FirstDataBlock) / BlocksPerGroup);

    internal bool IsInRange(ulong block, ulong count) =>
        block > FirstDataBlock && count <= BlockCount && block <= BlockCount - count;

    /// <summary>Whether a group starts with a copy of superblock and descriptors (blockgroup.rst, sparse_super).</summary>
    internal bool HasSuperblockCopy(uint group)
    {
        if (group == 0)
        {
            return true;
        }

        if ((Compatible & Features.CompatSparseSuper2) != 0)
        {
            return group == U32(raw, Spec.BackupGroups) || group == U32(raw, Spec.BackupGroups + 4);
        }

        return !HasReadOnly(Features.ReadOnlySparseSuper) || IsSparseCopy(group);
    }

    /// <summary>Groups 0 and 1 and the powers of 3, 5 and 7.</summary>
    internal static bool IsSparseCopy(uint group) => group <= 1 || IsPower(group, 3) || IsPower(group, 5) || IsPower(group, 7);

    internal uint[] GetHashSeed()
    {
        var seed = new uint[4];
        for (int index = 0; index < seed.Length; index++)
        {
            seed[index] = U32(raw, Spec.HashSeed + (4 * index));
        }

        return seed;
    }

    /// <summary>
    /// What Linux notes when it mounts for writing: with a journal that it is to be replayed, otherwise that the file system
    /// is not valid until the unmount.
    /// </summary>
    internal void NoteMount(long seconds)
    {
        if (HasJournal)
        {
            SetRecovery(true);
        }
        else
        {
            Put16(raw, Spec.State, State & ~(uint)Spec.StateValid);
        }

        // A file of 2 GiB needs the feature; mkfs has set it since 2009, and to have it without such a file harms nobody.
        if (U32(raw, Spec.Revision) >= Spec.DynamicRevision)
        {
            ReadOnlyCompatible |= Features.ReadOnlyLargeFile;
            Put32(raw, Spec.ReadOnlyCompatible, ReadOnlyCompatible);
        }

        Put16(raw, Spec.MountCount, U16(raw, Spec.MountCount) + 1u);
        Put32(raw, Spec.MountTime, (uint)seconds);
        raw[Spec.MountTimeHigh] = (byte)(seconds >> 32);
    }

    /// <summary>Whether the journal has to be replayed before anything else.</summary>
    internal void SetRecovery(bool isNeeded)
    {
        Incompatible = isNeeded ? Incompatible | Features.IncompatRecover : Incompatible & ~Features.IncompatRecover;
        Put32(raw, Spec.Incompatible, Incompatible);
    }

    /// <summary>Linux sets this feature with the first attribute.</summary>
    internal void NoteAttributes() =>
        Put32(raw, Spec.Compatible, U32(raw, Spec.Compatible) | Features.CompatExtendedAttributes);

    /// <summary>The file of orphans names none any more.</summary>
    internal void NoteNoOrphansInFile()
    {
        ReadOnlyCompatible &= ~Features.ReadOnlyOrphanPresent;
        Put32(raw, Spec.ReadOnlyCompatible, ReadOnlyCompatible);
    }

    internal void NoteDamage() => Put16(raw, Spec.State, State | (uint)Spec.StateError);

    internal void NoteClean() => Put16(raw, Spec.State, State | (uint)Spec.StateValid);

    /// <summary>Puts the superblock where it belongs, with a new checksum.</summary>
    internal void Store(Span<byte> target, long seconds)
    {
        Put32(raw, Spec.WriteTime, (uint)seconds);
        raw[Spec.WriteTimeHigh] = (byte)(seconds >> 32);
        if (HasMetadataChecksum)
        {
            Put32(raw, Spec.Checksum, Checksum.Crc32C(~0u, raw.AsSpan(0, Spec.Checksum)));
        }

        raw.CopyTo(target);
    }

    /// <summary>What has been stored last is on the disk, or in the log.</summary>
    internal void NoteCommitted() => raw.CopyTo(committed, 0);

    /// <summary>Puts the superblock as it was last committed where it belongs, with a note of an error.</summary>
    internal void StoreCommittedWithError(Span<byte> target)
    {
        committed.CopyTo(target);
        Put16(target, Spec.State, U16(target, Spec.State) | (uint)Spec.StateError);
        if (HasMetadataChecksum)
        {
            Put32(target, Spec.Checksum, Checksum.Crc32C(~0u, target[..Spec.Checksum]));
        }
    }

    /// <summary>A copy for the start of a group; its only difference is the group's number.</summary>
    internal void StoreCopy(Span<byte> target, uint group)
    {
        raw.CopyTo(target);
        Put16(target, Spec.BlockGroup, group);
        Put32(target, Spec.Checksum, Checksum.Crc32C(~0u, target[..Spec.Checksum]));
    }

    /// <summary>Keeps a copy of the journal's map and size, with which e2fsck can find it when the inode is lost.</summary>
    internal void BackUpJournal(Inode journal)
    {
        raw[Spec.JournalBackupType] = 1;
        journal.Block.CopyTo(raw.AsSpan(Spec.JournalBackup));
        Put32(raw, Spec.JournalBackup + InodeSpec.BlockBytes, (uint)(journal.SizeBytes >> 32));
        Put32(raw, Spec.JournalBackup + InodeSpec.BlockBytes + 4, (uint)journal.SizeBytes);
    }

    /// <summary>The reverse of <see cref="BackUpJournal"/>.</summary>
    internal void RestoreJournal(Inode journal)
    {
        raw.AsSpan(Spec.JournalBackup, InodeSpec.BlockBytes).CopyTo(journal.Block);
        ulong high = U32(raw, Spec.JournalBackup + InodeSpec.BlockBytes);
        journal.SizeBytes = (high << 32) | U32(raw, Spec.JournalBackup + InodeSpec.BlockBytes + 4);
        journal.Flags |= HasIncompatible(Features.IncompatExtents) ? Ext4Spec.InodeFlags.Extents : 0;
    }

    private static bool IsPower(uint number, uint root)
    {
        while (number % root == 0)
        {
            number /= root;
        }

        return number == 1;
    }
}
