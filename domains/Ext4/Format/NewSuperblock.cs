using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.SuperblockSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>The superblock of a new file system, with the features of Debian 12's mke2fs but for online resizing.</summary>
internal static class NewSuperblock
{
    private const uint Compatible =
        Features.CompatExtendedAttributes | Features.CompatDirectoryIndex;

    private const uint Incompatible =
        Features.IncompatFileType | Features.IncompatExtents | Features.Incompat64Bit | Features.IncompatFlexGroups;

    private const uint ReadOnlyCompatible =
        Features.ReadOnlySparseSuper | Features.ReadOnlyLargeFile | Features.ReadOnlyHugeFile | Features.ReadOnlyDirectoryLinks
        | Features.ReadOnlyExtraInodeSize | Features.ReadOnlyMetadataChecksum;

    /// <summary>Extra fields up to the creation time and project id.</summary>
    private const int ExtraInodeBytes = 32;

    private const int HashHalfMd4 = 1;

    internal static byte[] Make(FormatLayout layout, ReadOnlySpan<byte> label, long seconds, ulong entropy)
    {
        byte[] raw = new byte[Spec.Bytes];
        Put32(raw, Spec.InodeCount, layout.InodesPerGroup * layout.GroupCount);
        Put32(raw, Spec.BlockCountLow, (uint)layout.BlockCount);
        Put32(raw, Spec.BlockCountHigh, (uint)(layout.BlockCount >> 32));
        Put32(raw, Spec.LogBlockBytes, 2);
        Put32(raw, Spec.LogClusterBytes, 2);
        Put32(raw, Spec.BlocksPerGroup, FormatLayout.BlocksPerGroup);
        Put32(raw, Spec.ClustersPerGroup, FormatLayout.BlocksPerGroup);
        Put32(raw, Spec.InodesPerGroup, layout.InodesPerGroup);
        Put16(raw, Spec.MountCountMax, 0xFFFF);
        Put16(raw, Spec.Magic, Spec.MagicValue);
        Put16(raw, Spec.State, Spec.StateValid);
        Put16(raw, Spec.ErrorBehaviour, 1);
        Put32(raw, Spec.LastCheckTime, (uint)seconds);
        Put32(raw, Spec.FormatTime, (uint)seconds);
        Put32(raw, Spec.WriteTime, (uint)seconds);
        Put32(raw, Spec.Revision, Spec.DynamicRevision);
        Put32(raw, Spec.FirstInode, Ext4Spec.FirstFreeInode);
        Put16(raw, Spec.InodeBytes, FormatLayout.InodeBytes);
        bool hasJournal = layout.JournalBlocks > 0;
        Put32(raw, Spec.Compatible, Compatible | (hasJournal ? Features.CompatHasJournal : 0));
        Put32(raw, Spec.Incompatible, Incompatible);
        Put32(raw, Spec.ReadOnlyCompatible, ReadOnlyCompatible);
        label.CopyTo(raw.AsSpan(Spec.Label));
        PutNames(raw, entropy);
        Put32(raw, Spec.JournalInodeNumber, hasJournal ? Ext4Spec.JournalInode : 0);
        raw[Spec.DefaultHash] = HashHalfMd4;
        Put32(raw, Spec.Flags, Spec.FlagSignedHash);
        Put16(raw, Spec.DescriptorBytes, Ext4Spec.Group.Bytes64);
        Put16(raw, Spec.ExtraInodeBytesMin, ExtraInodeBytes);
        Put16(raw, Spec.ExtraInodeBytesWanted, ExtraInodeBytes);
        raw[Spec.LogGroupsPerFlex] = FormatLayout.LogGroupsPerFlex;
        raw[Spec.ChecksumType] = Spec.ChecksumCrc32C;
        Put32(raw, Spec.Checksum, Checksum.Crc32C(~0u, raw.AsSpan(0, Spec.Checksum)));
        return raw;
    }

    /// <summary>UUID (version 4) and the seed of the directory hash, from SplitMix64 over the time.</summary>
    private static void PutNames(byte[] raw, ulong entropy)
    {
        for (int index = 0; index < 4; index++)
        {
            entropy += 0x9E3779B97F4A7C15;
            ulong mixed = (entropy ^ (entropy >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            int offset = index < 2 ? Spec.Uuid + (8 * index) : Spec.HashSeed + (8 * (index - 2));
            Put64(raw, offset, mixed ^ (mixed >> 31));
        }

        raw[Spec.Uuid + 6] = (byte)((raw[Spec.Uuid + 6] & 0x0F) | 0x40);
        raw[Spec.Uuid + 8] = (byte)((raw[Spec.Uuid + 8] & 0x3F) | 0x80);
    }
}
