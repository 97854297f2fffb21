using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A file system that the personality makes up itself. Nobody can change it; its inodes are never freed.</summary>
internal abstract class SyntheticFileSystem : IFileSystem
{
    public const ulong RootInode = 1;

    private const int NameBytesMax = 255;

    public Reply<FileSystemStatus, Errno> GetStatus(CallContext context) =>
        new FileSystemStatus { RootInode = RootInode, BlockBytes = Limits.PipeAtomicBytes, NameBytesMax = NameBytesMax, IsReadOnly = true };

    public abstract Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name);

    public abstract Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode);

    public abstract Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer);

    public virtual Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer) =>
        Errno.InvalidArgument;

    public virtual Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target) =>
        Errno.InvalidArgument;

    public Reply<Unit, Errno> Hold(CallContext context, ulong inode) => default(Unit);

    public Reply<Unit, Errno> Release(CallContext context, ulong inode) => default(Unit);

    public Reply<Unit, Errno> SyncFile(CallContext context, ulong inode, bool isDataOnly) => default(Unit);

    public Reply<Unit, Errno> Sync(CallContext context) => default(Unit);

    public Reply<Unit, Errno> Unmount(CallContext context) => default(Unit);

    public Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change) =>
        Errno.ReadOnlyFileSystem;

    public Reply<int, Errno> LendPages(CallContext context, ulong inode, ulong offset, int lengthBytes, Span<PageRange> ranges) =>
        Errno.NotSupported;

    public Reply<Unit, Errno> ReturnPages(CallContext context, ReadOnlySpan<PageRange> ranges) => Errno.NotSupported;

    public Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data) =>
        Errno.ReadOnlyFileSystem;

    public Reply<Unit, Errno> Allocate(CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes) =>
        Errno.ReadOnlyFileSystem;

    public Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset) => Errno.InvalidArgument;

    public Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset) => Errno.InvalidArgument;

    public Reply<ulong, Errno> Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId) =>
        Errno.ReadOnlyFileSystem;

    public Reply<ulong, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId) =>
        Errno.ReadOnlyFileSystem;

    public Reply<ulong, Errno> CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId) =>
        Errno.ReadOnlyFileSystem;

    public Reply<Unit, Errno> Link(CallContext context, ulong inode, ulong directory, ReadOnlySpan<byte> name) =>
        Errno.ReadOnlyFileSystem;

    public Reply<Unit, Errno> Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name) =>
        Errno.ReadOnlyFileSystem;

    public Reply<Unit, Errno> RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name) =>
        Errno.ReadOnlyFileSystem;

    public Reply<Unit, Errno> Rename(
        CallContext context,
        ulong directory,
        ReadOnlySpan<byte> name,
        ulong newDirectory,
        ReadOnlySpan<byte> newName,
        RenameFlags flags) => Errno.ReadOnlyFileSystem;

    public Reply<int, Errno> GetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value) => Errno.NotSupported;

    public Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags) =>
        Errno.NotSupported;

    public Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names) => 0;

    public Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name) =>
        Errno.NotSupported;
}
