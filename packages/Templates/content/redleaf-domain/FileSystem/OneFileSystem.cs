using RedLeafSharp;
using RedLeafSharp.Contracts;

namespace RedLeafDomain1;

/// <summary>Answers for the root directory and the file in it; refuses every change.</summary>
internal sealed class OneFileSystem : IFileSystem
{
    private const ulong RootInode = 1;
    private const ulong FileInode = 2;
    private const uint RootMode = FileMode.Directory | 0b101_101_101;
    private const uint ReadableMode = FileMode.Regular | 0b100_100_100;
    private const int BlockBytes = 4096;

    private static ReadOnlySpan<byte> FileName => "hello"u8;

    private static ReadOnlySpan<byte> Content => "hello from a domain\n"u8;

    /// <inheritdoc/>
    public Reply<FileSystemStatus, Errno> GetStatus(CallContext context) => new FileSystemStatus
    {
        RootInode = RootInode,
        BlockCount = 1,
        InodeCount = 2,
        BlockBytes = BlockBytes,
        NameBytesMax = 255,
        IsReadOnly = true,
    };

    /// <inheritdoc/>
    public Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        if (directory != RootInode)
        {
            return Errno.NotDirectory;
        }

        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return GetAttributes(context, RootInode);
        }

        return name.SequenceEqual(FileName) ? GetAttributes(context, FileInode) : Errno.NoEntry;
    }

    /// <inheritdoc/>
    public Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode) => inode switch
    {
        RootInode => new FileAttributes { Inode = inode, Mode = RootMode, LinkCount = 2, BlockBytes = BlockBytes },
        FileInode => new FileAttributes
        {
            Inode = inode,
            Mode = ReadableMode,
            LinkCount = 1,
            BlockBytes = BlockBytes,
            SizeBytes = (ulong)Content.Length,
        },
        _ => Errno.NoEntry,
    };

    /// <inheritdoc/>
    public Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer)
    {
        if (inode != FileInode)
        {
            return Errno.IsDirectory;
        }

        ReadOnlySpan<byte> rest = Content[(int)Math.Min(offset, (ulong)Content.Length)..];
        rest = rest[..Math.Min(rest.Length, buffer.Length)];
        rest.CopyTo(buffer);
        return rest.Length;
    }

    /// <inheritdoc/>
    public Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer)
    {
        int written = 0;
        for (ulong index = cookie; index < 3; index++)
        {
            int length = index switch
            {
                0 => DirectoryEntry.Write(buffer[written..], RootInode, 1, FileType.Directory, "."u8),
                1 => DirectoryEntry.Write(buffer[written..], RootInode, 2, FileType.Directory, ".."u8),
                _ => DirectoryEntry.Write(buffer[written..], FileInode, 3, FileType.Regular, FileName),
            };
            if (length == 0)
            {
                return written > 0 ? written : Errno.InvalidArgument;
            }

            written += length;
        }

        return written;
    }

    /// <inheritdoc/>
    public Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target) => Errno.InvalidArgument;

    /// <inheritdoc/>
    public Reply<Unit, Errno> Hold(CallContext context, ulong inode) => default(Unit);

    /// <inheritdoc/>
    public Reply<Unit, Errno> Release(CallContext context, ulong inode) => default(Unit);

    /// <inheritdoc/>
    public Reply<Unit, Errno> SyncFile(CallContext context, ulong inode, bool isDataOnly) => default(Unit);

    /// <inheritdoc/>
    public Reply<Unit, Errno> Sync(CallContext context) => default(Unit);

    /// <inheritdoc/>
    public Reply<Unit, Errno> Unmount(CallContext context) => default(Unit);

    /// <inheritdoc/>
    public Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change) =>
        Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<int, Errno> LendPages(CallContext context, ulong inode, ulong offset, int lengthBytes, Span<PageRange> ranges) =>
        Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<Unit, Errno> ReturnPages(CallContext context, ReadOnlySpan<PageRange> ranges) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data) =>
        Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<ulong, Errno> Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId) =>
        Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<ulong, Errno> CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId) =>
        Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<Unit, Errno> Link(CallContext context, ulong inode, ulong directory, ReadOnlySpan<byte> name) =>
        Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<Unit, Errno> Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name) => Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<Unit, Errno> RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name) =>
        Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<Unit, Errno> Rename(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName,
        RenameFlags flags) => Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<Unit, Errno> Allocate(
        CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes) => Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<ulong, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId) =>
        Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<int, Errno> GetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags) =>
        Errno.ReadOnlyFileSystem;

    /// <inheritdoc/>
    public Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names) => 0;

    /// <inheritdoc/>
    public Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name) =>
        Errno.ReadOnlyFileSystem;
}
