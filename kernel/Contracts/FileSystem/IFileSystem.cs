namespace RedLeafSharp.Contracts;

/// <summary>
/// A mounted file system, by inode number. Paths, permissions, descriptors and mounts are the personality's business.
/// </summary>
/// <remarks>
/// A name is 1 to 255 bytes without '/' and NUL. Every method can also return <see cref="Errno.InputOutput"/>,
/// <see cref="Errno.Corrupted"/> and, if it changes anything, <see cref="Errno.ReadOnlyFileSystem"/> and
/// <see cref="Errno.NoSpace"/>. An inode that is not in use is <see cref="Errno.NoEntry"/>.
/// </remarks>
[DomainContract]
[States("mounted", "unmounted")]
public interface IFileSystem
{
    /// <summary>Sizes and counts, as statvfs has them, and the root's inode number.</summary>
    Reply<FileSystemStatus, Errno> GetStatus(CallContext context);

    /// <summary>Finds a name in a directory, also "." and "..".</summary>
    /// <returns>The attributes of what it names; <see cref="Errno.NoEntry"/>, <see cref="Errno.NotDirectory"/>.</returns>
    Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>The attributes of an inode.</summary>
    Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode);

    /// <summary>Changes the attributes that <see cref="FileAttributesChange.Fields"/> names; a new size truncates or extends.</summary>
    /// <returns>The attributes afterwards.</returns>
    Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change);

    /// <summary>Reads from a regular file.</summary>
    /// <returns>Bytes read; 0 at or beyond the end of the file. Holes read as zeroes.</returns>
    Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer);

    /// <summary>
    /// Lends the caller pages in which bytes of a regular file lie, for devices to read: what it has sent of them is not copied. They are
    /// used for nothing else until <see cref="ReturnPages"/> and until no device maps them any more; writers of the file change them.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="inode">The file.</param>
    /// <param name="offset">First byte wanted.</param>
    /// <param name="lengthBytes">Bytes wanted.</param>
    /// <param name="ranges">Receives the bytes in order, at most one range for a page; those written are to be returned.</param>
    /// <returns>
    /// Ranges written: fewer than bytes are wanted for before a hole, and when pages are short; 0 at or beyond the end of the file.
    /// <see cref="Errno.NotSupported"/> when there is nothing to lend at this offset: it can be read.
    /// </returns>
    Reply<int, Errno> LendPages(CallContext context, ulong inode, ulong offset, int lengthBytes, Span<PageRange> ranges);

    /// <summary>Ends what <see cref="LendPages"/> began, each range once: devices that map a page keep it as long as they do.</summary>
    Reply<Unit, Errno> ReturnPages(CallContext context, ReadOnlySpan<PageRange> ranges);

    /// <summary>Writes to a regular file, extending it as needed.</summary>
    /// <returns>Bytes written; less than asked only when the disk became full.</returns>
    Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data);

    /// <summary>
    /// Reserves space in a regular file, or gives some back, as fallocate(2) does. The range may lie anywhere in what a
    /// file can have; an empty one is <see cref="Errno.InvalidArgument"/>.
    /// </summary>
    /// <returns><see cref="Errno.NotSupported"/> for modes that the file system does not have; <see cref="Errno.FileTooLarge"/>.</returns>
    Reply<Unit, Errno> Allocate(CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes);

    /// <summary>Finds data in a regular file: the first byte at or behind an offset that is not in a hole (SEEK_DATA).</summary>
    /// <returns>Its offset; <see cref="Errno.NoDeviceOrAddress"/> when only a hole follows, or the file ends before.</returns>
    Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset);

    /// <summary>Finds a hole in a regular file: the first byte at or behind an offset that is in one (SEEK_HOLE).</summary>
    /// <returns>Its offset, at most the size; <see cref="Errno.NoDeviceOrAddress"/> when the file ends before the offset.</returns>
    Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset);

    /// <summary>Makes a regular file, directory, FIFO or socket, by the type bits of <paramref name="mode"/>.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The parent.</param>
    /// <param name="name">The name.</param>
    /// <param name="mode">Type and permission bits as in st_mode; the umask has been applied.</param>
    /// <param name="userId">Owner.</param>
    /// <param name="groupId">Group, unless the parent's set-group-id bit hands down its own.</param>
    /// <returns>The new inode number; <see cref="Errno.Exists"/>, <see cref="Errno.NotDirectory"/>, <see cref="Errno.TooManyLinks"/>.</returns>
    Reply<ulong, Errno> Create(CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId);

    /// <summary>Makes a block or character device node. What opening it means is not the file system's business.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The parent.</param>
    /// <param name="name">The name.</param>
    /// <param name="mode">Type and permission bits as in st_mode; the umask has been applied.</param>
    /// <param name="device">What <see cref="FileAttributes.DeviceNumber"/> is to be.</param>
    /// <param name="userId">Owner.</param>
    /// <param name="groupId">Group, unless the parent's set-group-id bit hands down its own.</param>
    /// <returns>The new inode number; the errors of <see cref="Create"/>.</returns>
    Reply<ulong, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId);

    /// <summary>Makes a symbolic link.</summary>
    /// <returns>The new inode number; <see cref="Errno.Exists"/>, <see cref="Errno.NameTooLong"/>.</returns>
    Reply<ulong, Errno> CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId);

    /// <summary>The target of a symbolic link.</summary>
    /// <returns>Bytes written to <paramref name="target"/>, cut off if it is too small; <see cref="Errno.InvalidArgument"/>.</returns>
    Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target);

    /// <summary>Gives a file that is not a directory another name.</summary>
    Reply<Unit, Errno> Link(CallContext context, ulong inode, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>Takes a name away from a file that is not a directory; the file goes with its last name and last hold.</summary>
    Reply<Unit, Errno> Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>Removes an empty directory.</summary>
    Reply<Unit, Errno> RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>Renames, as renameat2(2) does; without flags what has the new name is replaced.</summary>
    /// <returns><see cref="Errno.Exists"/> and <see cref="Errno.InvalidArgument"/> also by what the flags say.</returns>
    Reply<Unit, Errno> Rename(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName,
        RenameFlags flags);

    /// <summary>
    /// Reads entries of a directory, "." and ".." included. Cookies are below 2^63 and stay good while names come and go: a
    /// listing from the start to the end has each name that was there all the time exactly once.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="cookie">0 to start, or <see cref="DirectoryEntry.NextCookie"/> of the last entry read.</param>
    /// <param name="buffer">Receives whole entries in the layout of <see cref="DirectoryEntry"/>.</param>
    /// <returns>Bytes written; 0 at the end; <see cref="Errno.InvalidArgument"/> when not even one entry fits.</returns>
    Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer);

    /// <summary>Keeps an inode alive though its last name goes: an open file. Holds are counted.</summary>
    Reply<Unit, Errno> Hold(CallContext context, ulong inode);

    /// <summary>Ends a hold.</summary>
    Reply<Unit, Errno> Release(CallContext context, ulong inode);

    /// <summary>Reads an extended attribute.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="inode">A file of any type.</param>
    /// <param name="name">The name with its prefix, such as "user.mime".</param>
    /// <param name="value">Receives the value; may be empty to ask for its length.</param>
    /// <returns>
    /// Length of the value; <see cref="Errno.NoData"/>; <see cref="Errno.Range"/> when <paramref name="value"/> is not empty
    /// and too small; <see cref="Errno.NotSupported"/> for an unknown prefix.
    /// </returns>
    Reply<int, Errno> GetExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value);

    /// <summary>Sets an extended attribute, replacing an older value as a whole. Who may is the personality's business.</summary>
    /// <returns>
    /// <see cref="Errno.Exists"/> and <see cref="Errno.NoData"/> by what the flags say; <see cref="Errno.NoSpace"/> also when
    /// the inode has no room for it; <see cref="Errno.NotSupported"/> for an unknown prefix; <see cref="Errno.Range"/> for a
    /// name that is too long; <see cref="Errno.ArgumentsTooLong"/> for a value longer than 65,536 bytes.
    /// </returns>
    Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags);

    /// <summary>Lists the names of all extended attributes, each with its prefix and a NUL behind it.</summary>
    /// <returns>Length of the list; <see cref="Errno.Range"/> when <paramref name="names"/> is not empty and too small.</returns>
    Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names);

    /// <summary>Removes an extended attribute.</summary>
    /// <returns><see cref="Errno.NoData"/> when there is none of this name; <see cref="Errno.NotSupported"/>.</returns>
    Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name);

    /// <summary>Makes one file durable: its data, and unless told otherwise everything about it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="inode">The file or directory.</param>
    /// <param name="isDataOnly">Only what is needed to read the data back, as for fdatasync(2): no times.</param>
    Reply<Unit, Errno> SyncFile(CallContext context, ulong inode, bool isDataOnly);

    /// <summary>Makes everything durable.</summary>
    Reply<Unit, Errno> Sync(CallContext context);

    /// <summary>Makes everything durable, marks the file system clean and ends the mount.</summary>
    [LeadsTo("unmounted")]
    Reply<Unit, Errno> Unmount(CallContext context);
}

/// <summary>Sizes and counts of a file system.</summary>
public struct FileSystemStatus
{
    /// <summary>Inode number of the root directory.</summary>
    public ulong RootInode;

    /// <summary>Blocks in all, of <see cref="BlockBytes"/>.</summary>
    public ulong BlockCount;

    /// <summary>Free blocks.</summary>
    public ulong FreeBlockCount;

    /// <summary>Free blocks that an unprivileged user may use.</summary>
    public ulong AvailableBlockCount;

    /// <summary>Inodes in all.</summary>
    public ulong InodeCount;

    /// <summary>Free inodes.</summary>
    public ulong FreeInodeCount;

    /// <summary>Bytes in a block.</summary>
    public int BlockBytes;

    /// <summary>Longest file name in bytes.</summary>
    public int NameBytesMax;

    /// <summary>Whether nothing can be changed.</summary>
    public bool IsReadOnly;

    /// <summary>Tells file systems apart (f_fsid).</summary>
    public ulong Id;
}

/// <summary>A moment with nanoseconds, since 1970-01-01 UTC.</summary>
public struct FileTime
{
    /// <summary>Seconds.</summary>
    public long Seconds;

    /// <summary>Nanoseconds, 0 to 999,999,999.</summary>
    public uint Nanoseconds;
}

/// <summary>The attributes of an inode, as stat has them.</summary>
public struct FileAttributes
{
    /// <summary>Inode number.</summary>
    public ulong Inode;

    /// <summary>Which file system the inode is of (st_dev). A file system leaves it 0; the personality sets it.</summary>
    public uint FileSystemNumber;

    /// <summary>Size in bytes.</summary>
    public ulong SizeBytes;

    /// <summary>Space in use, in units of 512 bytes.</summary>
    public ulong SectorCount;

    /// <summary>Type and permission bits, as st_mode.</summary>
    public uint Mode;

    /// <summary>Number of names.</summary>
    public uint LinkCount;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>Device number of a device node, as Linux's new_encode_dev has it: minor's low 8 bits, major, rest of minor.</summary>
    public uint DeviceNumber;

    /// <summary>With the inode number tells files apart that had the number one after another.</summary>
    public uint Generation;

    /// <summary>Preferred transfer size in bytes.</summary>
    public uint BlockBytes;

    /// <summary>Last read.</summary>
    public FileTime AccessTime;

    /// <summary>Last change of the data.</summary>
    public FileTime ModificationTime;

    /// <summary>Last change of the attributes.</summary>
    public FileTime ChangeTime;

    /// <summary>When the file was made; all zero when the file system does not know.</summary>
    public FileTime CreationTime;
}

/// <summary>Which attributes to change.</summary>
[Flags]
public enum FileAttributeFields
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Permission bits.</summary>
    Mode = 1,

    /// <summary>Owner.</summary>
    UserId = 2,

    /// <summary>Group.</summary>
    GroupId = 4,

    /// <summary>Size.</summary>
    Size = 8,

    /// <summary>Last read.</summary>
    AccessTime = 16,

    /// <summary>Last change of the data.</summary>
    ModificationTime = 32,
}

/// <summary>A change of attributes.</summary>
public struct FileAttributesChange
{
    /// <summary>Which of the fields below count.</summary>
    public FileAttributeFields Fields;

    /// <summary>Permission bits; the type bits are ignored.</summary>
    public uint Mode;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary>Size in bytes.</summary>
    public ulong SizeBytes;

    /// <summary>Last read.</summary>
    public FileTime AccessTime;

    /// <summary>Last change of the data.</summary>
    public FileTime ModificationTime;
}
