namespace RedLeafSharp.Domains.Ext4;

/// <summary>Offsets within an inode: Documentation/filesystems/ext4/inodes.rst.</summary>
internal static class InodeSpec
{
    internal const int Mode = 0x00;
    internal const int UserId = 0x02;
    internal const int SizeLow = 0x04;
    internal const int AccessTime = 0x08;
    internal const int ChangeTime = 0x0C;
    internal const int ModificationTime = 0x10;
    internal const int DeletionTime = 0x14;
    internal const int GroupId = 0x18;
    internal const int LinkCount = 0x1A;
    internal const int BlocksLow = 0x1C;
    internal const int Flags = 0x20;
    internal const int Block = 0x28;
    internal const int BlockBytes = 60;
    internal const int Generation = 0x64;
    internal const int AttributeBlockLow = 0x68;
    internal const int SizeHigh = 0x6C;
    internal const int BlocksHigh = 0x74;
    internal const int AttributeBlockHigh = 0x76;
    internal const int UserIdHigh = 0x78;
    internal const int GroupIdHigh = 0x7A;
    internal const int ChecksumLow = 0x7C;
    internal const int ExtraBytes = 0x80;
    internal const int ChecksumHigh = 0x82;
    internal const int ChangeTimeExtra = 0x84;
    internal const int ModificationTimeExtra = 0x88;
    internal const int AccessTimeExtra = 0x8C;
    internal const int CreationTime = 0x90;
    internal const int CreationTimeExtra = 0x94;
}
