namespace RedLeafSharp.Contracts;

/// <summary>
/// The files of the personality's root file system for a file server: by inode instead of by path or descriptor, as a server of
/// files inside Linux sees them (Documentation/filesystems/nfs/exporting.rst). A server has names for files that outlive opens and
/// renames; paths do not, and there are more files than descriptors.
/// </summary>
/// <remarks>
/// Only a process of the host with user id 0 may call it; others get <see cref="Errno.NotPermitted"/>. Permissions are the
/// server's to check: its clients are users that this system does not know. Changes of names happen under the lock under which
/// programs resolve paths. A name is 1 to 255 bytes without '/' and NUL; errors are those of <see cref="IFileSystem"/>.
/// </remarks>
[DomainContract]
public interface IFileExport
{
    /// <summary>Sizes and counts, and the root's inode number.</summary>
    Reply<FileSystemStatus, Errno> GetStatus(CallContext context);

    /// <summary>Finds a name in a directory.</summary>
    Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>The attributes of an inode.</summary>
    Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode);

    /// <summary>Changes attributes.</summary>
    /// <returns>The attributes afterwards.</returns>
    Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change);

    /// <summary>Reads from a regular file.</summary>
    /// <returns>Bytes read; 0 at or beyond the end.</returns>
    Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer);

    /// <summary>Writes to a regular file.</summary>
    /// <returns>Bytes written; less than asked only when the disk became full.</returns>
    Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data);

    /// <summary>As <see cref="IFileSystem.Allocate"/>.</summary>
    Reply<Unit, Errno> Allocate(CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes);

    /// <summary>As <see cref="IFileSystem.SeekData"/>.</summary>
    Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset);

    /// <summary>As <see cref="IFileSystem.SeekHole"/>.</summary>
    Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset);

    /// <summary>Makes a regular file, directory, FIFO or socket, by the type bits of <paramref name="mode"/>.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The parent.</param>
    /// <param name="name">The name.</param>
    /// <param name="mode">As st_mode; no umask is applied.</param>
    /// <param name="userId">Owner.</param>
    /// <param name="groupId">Group, unless the parent hands its own on (set-group-id).</param>
    /// <returns>The attributes of the new file.</returns>
    Reply<FileAttributes, Errno> Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId);

    /// <summary>Makes a block or character device node.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The parent.</param>
    /// <param name="name">The name.</param>
    /// <param name="mode">As st_mode; no umask is applied.</param>
    /// <param name="device">As <see cref="FileAttributes.DeviceNumber"/>.</param>
    /// <param name="userId">Owner.</param>
    /// <param name="groupId">Group, unless the parent hands its own on.</param>
    /// <returns>The attributes of the new node.</returns>
    Reply<FileAttributes, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId);

    /// <summary>Makes a symbolic link.</summary>
    /// <returns>The attributes of the link.</returns>
    Reply<FileAttributes, Errno> CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId);

    /// <summary>The target of a symbolic link.</summary>
    /// <returns>Bytes written to <paramref name="target"/>, cut off if it is too small.</returns>
    Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target);

    /// <summary>Gives a file that is not a directory another name.</summary>
    /// <returns>The attributes afterwards.</returns>
    Reply<FileAttributes, Errno> Link(CallContext context, ulong inode, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>Takes a name away from a file that is not a directory.</summary>
    /// <returns>
    /// 0, or the inode when this was its last name: it is held for the caller then, who ends that with <see cref="Release"/>.
    /// </returns>
    Reply<ulong, Errno> Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>Removes an empty directory.</summary>
    /// <returns>Its inode, which is held for the caller.</returns>
    Reply<ulong, Errno> RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name);

    /// <summary>As <see cref="IFileSystem.Rename"/>.</summary>
    /// <returns>As <see cref="Unlink"/>, of what had the new name.</returns>
    Reply<ulong, Errno> Rename(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName,
        RenameFlags flags);

    /// <summary>Reads entries of a directory, "." and ".." included, in the layout of <see cref="DirectoryEntry"/>.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="cookie">0 to start, or <see cref="DirectoryEntry.NextCookie"/> of the last entry read.</param>
    /// <param name="buffer">Receives whole entries.</param>
    /// <returns>Bytes written; 0 at the end.</returns>
    Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer);

    /// <summary>Ends the hold on an inode that has lost its last name; the file goes with its last hold.</summary>
    Reply<Unit, Errno> Release(CallContext context, ulong inode);

    /// <summary>As <see cref="IFileSystem.GetExtendedAttribute"/>.</summary>
    Reply<int, Errno> GetExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value);

    /// <summary>As <see cref="IFileSystem.SetExtendedAttribute"/>.</summary>
    Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags);

    /// <summary>As <see cref="IFileSystem.ListExtendedAttributes"/>.</summary>
    Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names);

    /// <summary>As <see cref="IFileSystem.RemoveExtendedAttribute"/>.</summary>
    Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name);

    /// <summary>As <see cref="IFileSystem.SyncFile"/>.</summary>
    Reply<Unit, Errno> SyncFile(CallContext context, ulong inode, bool isDataOnly);
}
