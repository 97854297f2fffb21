namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The feature words of the superblock (super.rst): an unknown compatible feature is harmless, an unknown read-only
/// compatible one forbids writing, an unknown incompatible one forbids mounting.
/// </summary>
internal static class Features
{
    internal const uint CompatHasJournal = 0x4;
    internal const uint CompatExtendedAttributes = 0x8;
    internal const uint CompatDirectoryIndex = 0x20;
    internal const uint CompatSparseSuper2 = 0x200;
    internal const uint CompatOrphanFile = 0x1000;

    internal const uint IncompatFileType = 0x2;
    internal const uint IncompatRecover = 0x4;
    internal const uint IncompatExtents = 0x40;
    internal const uint Incompat64Bit = 0x80;
    internal const uint IncompatFlexGroups = 0x200;
    internal const uint IncompatChecksumSeed = 0x2000;

    internal const uint ReadOnlySparseSuper = 0x1;
    internal const uint ReadOnlyLargeFile = 0x2;
    internal const uint ReadOnlyHugeFile = 0x8;
    internal const uint ReadOnlyDescriptorChecksum = 0x10;
    internal const uint ReadOnlyDirectoryLinks = 0x20;
    internal const uint ReadOnlyExtraInodeSize = 0x40;
    internal const uint ReadOnlyBigAlloc = 0x200;
    internal const uint ReadOnlyMetadataChecksum = 0x400;
    internal const uint ReadOnlyOrphanPresent = 0x10000;

    internal const uint IncompatSupported =
        IncompatFileType | IncompatRecover | IncompatExtents | Incompat64Bit | IncompatFlexGroups | IncompatChecksumSeed;

    internal const uint ReadOnlySupported =
        ReadOnlySparseSuper | ReadOnlyLargeFile | ReadOnlyHugeFile | ReadOnlyDescriptorChecksum | ReadOnlyDirectoryLinks
        | ReadOnlyExtraInodeSize | ReadOnlyMetadataChecksum | ReadOnlyOrphanPresent;

    private static readonly string[] IncompatNames =
    [
        "compression", "filetype", "needs_recovery", "journal_dev", "meta_bg", "", "extents", "64bit", "mmp", "flex_bg",
        "ea_inode", "", "dirdata", "metadata_csum_seed", "large_dir", "inline_data", "encrypt", "casefold",
    ];

    private static readonly string[] ReadOnlyNames =
    [
        "sparse_super", "large_file", "btree_dir", "huge_file", "uninit_bg", "dir_nlink", "extra_isize", "snapshot", "quota",
        "bigalloc", "metadata_csum", "replica", "read-only", "project", "shared_blocks", "verity", "orphan_present",
    ];

    /// <summary>The names of the incompatible features in <paramref name="bits"/>, as dumpe2fs prints them.</summary>
    internal static string DescribeIncompatible(uint bits) => Describe(bits, IncompatNames, "FEATURE_I");

    /// <summary>The names of the read-only compatible features in <paramref name="bits"/>.</summary>
    internal static string DescribeReadOnly(uint bits) => Describe(bits, ReadOnlyNames, "FEATURE_R");

    internal static string Describe(uint bits, string[] names, string prefix)
    {
        string text = "";
        for (int bit = 0; bit < 32; bit++)
        {
            if ((bits & (1u << bit)) != 0)
            {
                bool isNamed = bit < names.Length && names[bit].Length > 0;
                text += (text.Length > 0 ? ", " : "") + (isNamed ? names[bit] : $"{prefix}{bit}");
            }
        }

        return text;
    }
}
