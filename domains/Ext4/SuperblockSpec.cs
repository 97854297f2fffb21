namespace RedLeafSharp.Domains.Ext4;

/// <summary>Offsets and values of the superblock: Documentation/filesystems/ext4/super.rst.</summary>
internal static class SuperblockSpec
{
    internal const int OffsetBytes = 1024;
    internal const int Bytes = 1024;
    internal const ushort MagicValue = 0xEF53;
    internal const uint DynamicRevision = 1;
    internal const byte ChecksumCrc32C = 1;

    internal const int InodeCount = 0x00;
    internal const int BlockCountLow = 0x04;
    internal const int ReservedBlocksLow = 0x08;
    internal const int FreeBlocksLow = 0x0C;
    internal const int FreeInodes = 0x10;
    internal const int FirstDataBlock = 0x14;
    internal const int LogBlockBytes = 0x18;
    internal const int LogClusterBytes = 0x1C;
    internal const int BlocksPerGroup = 0x20;
    internal const int ClustersPerGroup = 0x24;
    internal const int InodesPerGroup = 0x28;
    internal const int MountTime = 0x2C;
    internal const int WriteTime = 0x30;
    internal const int MountCount = 0x34;
    internal const int MountCountMax = 0x36;
    internal const int Magic = 0x38;
    internal const int State = 0x3A;
    internal const int ErrorBehaviour = 0x3C;
    internal const int LastCheckTime = 0x40;
    internal const int Revision = 0x4C;
    internal const int FirstInode = 0x54;
    internal const int InodeBytes = 0x58;
    internal const int BlockGroup = 0x5A;
    internal const int Compatible = 0x5C;
    internal const int Incompatible = 0x60;
    internal const int ReadOnlyCompatible = 0x64;
    internal const int Uuid = 0x68;
    internal const int UuidBytes = 16;
    internal const int Label = 0x78;
    internal const int LabelBytes = 16;
    internal const int ReservedDescriptorBlocks = 0xCE;
    internal const int JournalInodeNumber = 0xE0;
    internal const int LastOrphan = 0xE8;
    internal const int HashSeed = 0xEC;
    internal const int DefaultHash = 0xFC;
    internal const int JournalBackupType = 0xFD;
    internal const int DescriptorBytes = 0xFE;
    internal const int DefaultMountOptions = 0x100;
    internal const int FirstMetaGroup = 0x104;
    internal const int FormatTime = 0x108;
    internal const int JournalBackup = 0x10C;
    internal const int BlockCountHigh = 0x150;
    internal const int ReservedBlocksHigh = 0x154;
    internal const int FreeBlocksHigh = 0x158;
    internal const int ExtraInodeBytesMin = 0x15C;
    internal const int ExtraInodeBytesWanted = 0x15E;
    internal const int Flags = 0x160;
    internal const int LogGroupsPerFlex = 0x174;
    internal const int ChecksumType = 0x175;
    internal const int KilobytesWritten = 0x178;
    internal const int BackupGroups = 0x24C;
    internal const int ChecksumSeed = 0x270;
    internal const int WriteTimeHigh = 0x274;
    internal const int MountTimeHigh = 0x275;
    internal const int OrphanFileInode = 0x280;
    internal const int Checksum = 0x3FC;

    internal const ushort StateValid = 1;
    internal const ushort StateError = 2;
    internal const ushort StateOrphans = 4;

    internal const uint FlagSignedHash = 1;
    internal const uint FlagUnsignedHash = 2;
}
