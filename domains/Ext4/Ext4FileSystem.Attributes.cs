using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <content>Space in files and extended attributes.</content>
internal sealed partial class Ext4FileSystem
{
    /// <inheritdoc/>
    public Reply<Unit, Errno> Allocate(
        CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<ulong, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId) =>
        Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<int, Errno> GetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags) =>
        Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names) => Errno.NotSupported;

    /// <inheritdoc/>
    public Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name) =>
        Errno.NotSupported;
}
