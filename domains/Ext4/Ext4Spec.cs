namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Numbers of the on-disk format, from the Linux kernel's Documentation/filesystems/ext4; the page is named at each group.
/// All fields are little-endian.
/// </summary>
internal static class Ext4Spec
{
    internal const int PageBytes = PageBuffer.PageBytes;
    internal const int PageShift = 12;
    internal const uint RootInode = 2;
    internal const uint JournalInode = 8;
    internal const uint FirstFreeInode = 11;
    internal const int NameBytesMax = 255;
    internal const int GoodInodeBytes = 128;
    internal const int LinkCountMax = 65000;
    internal const int SectorBytes = 512;

    /// <summary>inodes.rst: the flags of i_flags that this code looks at.</summary>
    internal static class InodeFlags
    {
        internal const uint Immutable = 0x10;
        internal const uint AppendOnly = 0x20;
        internal const uint Index = 0x1000;
        internal const uint HugeFile = 0x40000;
        internal const uint Extents = 0x80000;
        internal const uint InlineData = 0x10000000;

        /// <summary>Inherited from the parent directory: SYNC, NODUMP, NOATIME, DIRSYNC and the like are user's flags.</summary>
        internal const uint Inherited = 0x8 | 0x40 | 0x80 | 0x10000;

        /// <summary>Those that mean something for what is neither file nor directory: NODUMP and NOATIME.</summary>
        internal const uint InheritedByOthers = 0x40 | 0x80;
    }

    /// <summary>group_descr.rst: offsets and flags.</summary>
    internal static class Group
    {
        internal const int Bytes32 = 32;
        internal const int Bytes64 = 64;
        internal const int BlockBitmap = 0x00;
        internal const int InodeBitmap = 0x04;
        internal const int InodeTable = 0x08;
        internal const int FreeBlocks = 0x0C;
        internal const int FreeInodes = 0x0E;
        internal const int UsedDirectories = 0x10;
        internal const int Flags = 0x12;
        internal const int BlockBitmapChecksum = 0x18;
        internal const int InodeBitmapChecksum = 0x1A;
        internal const int UnusedInodes = 0x1C;
        internal const int Checksum = 0x1E;

        /// <summary>Distance from a 32-bit field's low half to its high half.</summary>
        internal const int WideHigh = 0x20;

        internal const int FreeBlocksHigh = 0x2C;
        internal const int FreeInodesHigh = 0x2E;
        internal const int UsedDirectoriesHigh = 0x30;
        internal const int UnusedInodesHigh = 0x32;
        internal const int BlockBitmapChecksumHigh = 0x38;
        internal const int InodeBitmapChecksumHigh = 0x3A;

        internal const ushort InodeUninitialized = 1;
        internal const ushort BlockUninitialized = 2;
        internal const ushort InodeTableZeroed = 4;
    }

    /// <summary>ifork.rst: the extent tree.</summary>
    internal static class Extent
    {
        internal const ushort Magic = 0xF30A;
        internal const int HeaderBytes = 12;
        internal const int EntryBytes = 12;
        internal const int TailBytes = 4;
        internal const int RootEntriesMax = 4;
        internal const int DepthMax = 5;

        /// <summary>A block may be said to hold so many entries less than fit (e2fsprogs leaves room for a tail).</summary>
        internal const int EntriesSpareMax = 2;

        /// <summary>Longest written extent; a longer length means unwritten, by this much less.</summary>
        internal const int LengthMax = 32768;

        internal const int UnwrittenLengthMax = LengthMax - 1;
    }

    /// <summary>ifork.rst: block numbers in the inode, and tables of them.</summary>
    internal static class IndirectMap
    {
        /// <summary>Numbers of blocks in the inode; those of a table of each level follow.</summary>
        internal const int DirectBlocks = 12;

        internal const int LevelsMax = 3;
    }

    /// <summary>directory.rst: directory blocks and the hash tree.</summary>
    internal static class Directory
    {
        internal const int EntryHeaderBytes = 8;
        internal const int TailBytes = 12;
        internal const byte TailFileType = 0xDE;

        /// <summary>Where the checksum is in the tail.</summary>
        internal const int TailChecksum = 8;
        internal const int RootInfoOffset = 0x18;
        internal const int RootInfoBytes = 8;
        internal const int RootCountOffset = 0x20;
        internal const int NodeCountOffset = 0x08;
        internal const int IndexEntryBytes = 8;
        internal const int IndexTailBytes = 8;

        /// <summary>Index levels below the root without the largedir feature.</summary>
        internal const int IndirectLevelsMax = 1;
    }
}
