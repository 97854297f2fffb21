namespace RedLeafSharp.Domains.Ext4;

/// <summary>Extended attributes on the disk: Documentation/filesystems/ext4/attributes.rst.</summary>
internal static class AttributeSpec
{
    internal const uint Magic = 0xEA020000;

    /// <summary>Header of the attributes within an inode: only the magic number.</summary>
    internal const int InodeHeaderBytes = 4;

    /// <summary>Header of a block of attributes.</summary>
    internal const int BlockHeaderBytes = 32;

    internal const int BlockReferenceCount = 0x04;
    internal const int BlockCount = 0x08;
    internal const int BlockHash = 0x0C;
    internal const int BlockChecksum = 0x10;

    /// <summary>Inodes that may share a block (EXT4_XATTR_REFCOUNT_MAX of Linux).</summary>
    internal const uint ReferenceCountMax = 1024;

    internal const int EntryBytes = 16;
    internal const int NameLength = 0x00;
    internal const int NameIndex = 0x01;
    internal const int ValueOffset = 0x02;
    internal const int ValueInode = 0x04;
    internal const int ValueBytes = 0x08;
    internal const int Hash = 0x0C;

    internal const int NameBytesMax = 255;
    internal const int ValueBytesMax = 65536;

    internal const int NameHashShift = 5;
    internal const int ValueHashShift = 16;

    internal const byte IndexUser = 1;
    internal const byte IndexAccessList = 2;
    internal const byte IndexDefaultAccessList = 3;
    internal const byte IndexTrusted = 4;
    internal const byte IndexSecurity = 6;
}
