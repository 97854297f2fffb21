using System.Runtime.InteropServices;

namespace RedLeafSharp.Cli.Fuse;

// The structures of include/uapi/linux/fuse.h, one each, in the byte order of the machine as the protocol has it. Strings that
// follow one end with a NUL.

/// <summary>fuse_in_header: before each request.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RequestHeader
{
    internal const int Bytes = 40;

    internal uint LengthBytes;
    internal FuseOperation Operation;
    internal ulong Unique;
    internal ulong Node;
    internal uint UserId;
    internal uint GroupId;
    internal uint ProcessId;
    internal uint Padding;
}

/// <summary>fuse_out_header: before each reply.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReplyHeader
{
    internal const int Bytes = 16;

    internal uint LengthBytes;

    /// <summary>0 or a negative errno.</summary>
    internal int Error;

    internal ulong Unique;
}

/// <summary>fuse_attr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NodeAttributes
{
    internal ulong Inode;
    internal ulong SizeBytes;
    internal ulong SectorCount;
    internal ulong AccessSeconds;
    internal ulong ModificationSeconds;
    internal ulong ChangeSeconds;
    internal uint AccessNanoseconds;
    internal uint ModificationNanoseconds;
    internal uint ChangeNanoseconds;
    internal uint Mode;
    internal uint LinkCount;
    internal uint UserId;
    internal uint GroupId;
    internal uint DeviceNumber;
    internal uint BlockBytes;
    internal uint Flags;
}

/// <summary>fuse_entry_out: a name and what it names; with it Linux holds one more reference to the node.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntryReply
{
    internal const int Bytes = 128;

    /// <summary>0 says that there is no such name.</summary>
    internal ulong Node;
    internal ulong Generation;
    internal ulong EntryValidSeconds;
    internal ulong AttributesValidSeconds;
    internal uint EntryValidNanoseconds;
    internal uint AttributesValidNanoseconds;
    internal NodeAttributes Attributes;
}

/// <summary>fuse_attr_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AttributesReply
{
    internal ulong ValidSeconds;
    internal uint ValidNanoseconds;
    internal uint Padding;
    internal NodeAttributes Attributes;
}

/// <summary>fuse_init_in, as far as it is looked at.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InitializeRequest
{
    internal uint Major;
    internal uint Minor;
    internal uint ReadAheadBytesMax;
    internal FuseFeatures Features;
}

/// <summary>fuse_init_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InitializeReply
{
    internal uint Major;
    internal uint Minor;
    internal uint ReadAheadBytesMax;
    internal FuseFeatures Features;
    internal ushort BackgroundMax;
    internal ushort CongestionThreshold;
    internal uint WriteBytesMax;
    internal uint TimeGranularityNanoseconds;
    internal ushort PagesMax;
    internal ushort MapAlignment;
    internal uint MoreFeatures;
    internal uint Unused0;
    internal ulong Unused1;
    internal ulong Unused2;
    internal ulong Unused3;
}

/// <summary>fuse_forget_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ForgetRequest
{
    internal ulong Count;
}

/// <summary>fuse_batch_forget_in; so many <see cref="ForgetOne"/> follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BatchForgetRequest
{
    internal uint Count;
    internal uint Padding;
}

/// <summary>fuse_forget_one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ForgetOne
{
    internal const int Bytes = 16;

    internal ulong Node;
    internal ulong Count;
}

/// <summary>fuse_setattr_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SetAttributesRequest
{
    internal uint Fields;
    internal uint Padding;
    internal ulong Handle;
    internal ulong SizeBytes;
    internal ulong LockOwner;
    internal ulong AccessSeconds;
    internal ulong ModificationSeconds;
    internal ulong ChangeSeconds;
    internal uint AccessNanoseconds;
    internal uint ModificationNanoseconds;
    internal uint ChangeNanoseconds;
    internal uint Mode;
    internal uint Unused4;
    internal uint UserId;
    internal uint GroupId;
    internal uint Unused5;
}

/// <summary>fuse_mknod_in; the name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MakeNodeRequest
{
    internal uint Mode;
    internal uint DeviceNumber;
    internal uint FileModeMask;
    internal uint Padding;
}

/// <summary>fuse_mkdir_in; the name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MakeDirectoryRequest
{
    internal uint Mode;
    internal uint FileModeMask;
}

/// <summary>fuse_create_in; the name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CreateRequest
{
    internal uint Flags;
    internal uint Mode;
    internal uint FileModeMask;
    internal uint OpenFlags;
}

/// <summary>fuse_create_out of the protocol: a fuse_entry_out and a fuse_open_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CreateReply
{
    internal EntryReply Entry;
    internal ulong Handle;
    internal uint OpenFlags;
    internal uint Padding;
}

/// <summary>fuse_link_in; the new name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkRequest
{
    internal ulong Node;
}

/// <summary>fuse_rename_in; both names follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RenameRequest
{
    internal ulong NewDirectory;
}

/// <summary>fuse_rename2_in; both names follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Rename2Request
{
    internal ulong NewDirectory;
    internal uint Flags;
    internal uint Padding;
}

/// <summary>fuse_read_in and fuse_write_in, which are alike; the data to be written follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TransferRequest
{
    internal ulong Handle;
    internal ulong OffsetBytes;
    internal uint LengthBytes;

    /// <summary>read_flags, write_flags.</summary>
    internal uint TransferFlags;
    internal ulong LockOwner;
    internal uint OpenFlags;
    internal uint Padding;
}

/// <summary>fuse_write_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WriteReply
{
    internal uint LengthBytes;
    internal uint Padding;
}

/// <summary>fuse_statfs_out, whose content is fuse_kstatfs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatusReply
{
    internal ulong BlockCount;
    internal ulong FreeBlockCount;
    internal ulong AvailableBlockCount;
    internal ulong InodeCount;
    internal ulong FreeInodeCount;
    internal uint BlockBytes;
    internal uint NameBytesMax;
    internal uint FragmentBytes;
    internal uint Padding;
    internal ulong Spare0;
    internal ulong Spare1;
    internal ulong Spare2;
}

/// <summary>fuse_dirent; the name follows, and zeroes up to a multiple of 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ListedName
{
    internal const int Bytes = 24;

    internal ulong Inode;

    /// <summary>Where to go on reading after this entry.</summary>
    internal ulong NextCookie;
    internal uint NameBytes;
    internal uint Type;
}

/// <summary>fuse_fsync_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SyncRequest
{
    internal ulong Handle;
    internal uint Flags;
    internal uint Padding;
}

/// <summary>fuse_setxattr_in of servers without FUSE_SETXATTR_EXT; name and value follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SetExtendedAttributeRequest
{
    internal uint ValueBytes;
    internal uint Flags;
}

/// <summary>fuse_getxattr_in, also of LISTXATTR; the name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetExtendedAttributeRequest
{
    /// <summary>Room for the value; 0 asks for its length.</summary>
    internal uint RoomBytes;
    internal uint Padding;
}

/// <summary>fuse_getxattr_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExtendedAttributeLengthReply
{
    internal uint LengthBytes;
    internal uint Padding;
}

/// <summary>fuse_fallocate_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AllocateRequest
{
    internal ulong Handle;
    internal ulong OffsetBytes;
    internal ulong LengthBytes;
    internal uint Mode;
    internal uint Padding;
}

/// <summary>fuse_lseek_in.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeekRequest
{
    internal ulong Handle;
    internal ulong OffsetBytes;
    internal uint Origin;
    internal uint Padding;
}

/// <summary>fuse_lseek_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeekReply
{
    internal ulong OffsetBytes;
}
