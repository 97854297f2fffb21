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
public interface IFileSystem
{
    /// <summary>Sizes and counts, as statvfs has them, and the root's inode number.</summary>
    Reply<FileSystemStatus, Errno> GetStatus(CallContext context);

    /// <summary>Finds a name in a directory.</summary>
    /// <returns>The inode number; <see cref="Errno.NoEntry"/>, <see cref="Errno.NotDirectory"/>.</returns>
    Reply<ulong, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>The attributes of an inode.</summary>
    Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode);

    /// <summary>Changes the attributes that <see cref="FileAttributesChange.Fields"/> names; a new size truncates or extends.</summary>
    /// <returns>The attributes afterwards.</returns>
    Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change);

    /// <summary>Reads from a regular file.</summary>
    /// <returns>Bytes read; 0 at or beyond the end of the file. Holes read as zeroes.</returns>
    Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer);

    /// <summary>Writes to a regular file, extending it as needed.</summary>
    /// <returns>Bytes written; less than asked only when the disk became full.</returns>
    Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data);

    /// <summary>Makes a regular file, directory, FIFO or device node, by the type bits of <paramref name="mode"/>.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The parent.</param>
    /// <param name="name">The name.</param>
    /// <param name="mode">Type and permission bits as in st_mode; the umask has been applied.</param>
    /// <param name="userId">Owner.</param>
    /// <param name="groupId">Group.</param>
    /// <returns>The new inode number; <see cref="Errno.Exists"/>, <see cref="Errno.NotDirectory"/>, <see cref="Errno.TooManyLinks"/>.</returns>
    Reply<ulong, Errno> Create(CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId);

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

    /// <summary>Renames, replacing what has the new name, as rename(2) does.</summary>
    Reply<Unit, Errno> Rename(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName);

    /// <summary>Reads entries of a directory, "." and ".." included.</summary>
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

    /// <summary>Makes one file durable.</summary>
    Reply<Unit, Errno> SyncFile(CallContext context, ulong inode);

    /// <summary>Makes everything durable.</summary>
    Reply<Unit, Errno> Sync(CallContext context);

    /// <summary>Makes everything durable, marks the file system clean and ends the mount.</summary>
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

    /// <summary>Device number of a device node.</summary>
    public uint DeviceNumber;

    /// <summary>Preferred transfer size in bytes.</summary>
    public uint BlockBytes;

    /// <summary>Last read.</summary>
    public FileTime AccessTime;

    /// <summary>Last change of the data.</summary>
    public FileTime ModificationTime;

    /// <summary>Last change of the attributes.</summary>
    public FileTime ChangeTime;
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
