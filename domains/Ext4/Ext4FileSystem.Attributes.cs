using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <content>Space in files and extended attributes.</content>
internal sealed partial class Ext4FileSystem
{
    /// <inheritdoc/>
    public Reply<Unit, Errno> Allocate(CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes)
    {
        Errno error = BeginChange(context);
        if (error != Errno.None)
        {
            return error;
        }

        error = LoadRegular(context, inode, out Inode loaded);
        if (error == Errno.None && !MayAllocate(loaded, modes))
        {
            error = Errno.NotPermitted;
        }

        if (error == Errno.None)
        {
            error = volume.Space.Allocate(context, loaded, offset, length, modes);
            volume.Life.TouchModification(context, loaded);
            Errno stored = volume.Inodes.Store(context, loaded);
            error = error != Errno.None ? error : stored;
        }

        EndChange(context);
        return Answer(error);
    }

    /// <inheritdoc/>
    public Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset) =>
        Seek(context, inode, offset, isForData: true);

    /// <inheritdoc/>
    public Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset) =>
        Seek(context, inode, offset, isForData: false);

    /// <inheritdoc/>
    public Reply<int, Errno> GetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value)
    {
        int length = 0;
        Errno error = AttributeName.Parse(name, out AttributeName parsed);
        Inode loaded = null!;
        if (error == Errno.None)
        {
            error = Load(context, inode, out loaded);
        }

        if (error == Errno.None)
        {
            error = volume.Attributes.Get(context, loaded, parsed, value, out length);
        }

        return error == Errno.None ? length : error;
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags)
    {
        Errno error = AttributeName.Parse(name, out AttributeName parsed);
        error = error == Errno.None ? BeginAttributeChange(context, inode, out Inode loaded) : Fail(error, out loaded);
        if (error == Errno.None)
        {
            error = volume.Attributes.Set(context, loaded, parsed, value, flags);
            EndChange(context);
        }

        return Answer(error);
    }

    /// <inheritdoc/>
    public Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names)
    {
        int length = 0;
        Errno error = Load(context, inode, out Inode loaded);
        if (error == Errno.None)
        {
            error = volume.Attributes.List(context, loaded, names, out length);
        }

        return error == Errno.None ? length : error;
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name)
    {
        Errno error = AttributeName.Parse(name, out AttributeName parsed);
        error = error == Errno.None ? BeginAttributeChange(context, inode, out Inode loaded) : Fail(error, out loaded);
        if (error == Errno.None)
        {
            error = volume.Attributes.Remove(context, loaded, parsed);
            EndChange(context);
        }

        return Answer(error);
    }

    private static bool MayAllocate(Inode inode, AllocationModes modes) =>
        !inode.HasFlag(Ext4Spec.InodeFlags.Immutable)
        && (!inode.HasFlag(Ext4Spec.InodeFlags.AppendOnly) || (modes & ~AllocationModes.KeepSize) == 0);

    private static Errno Fail(Errno error, out Inode inode)
    {
        inode = null!;
        return error;
    }

    private Reply<ulong, Errno> Seek(CallContext context, ulong inode, ulong offset, bool isForData)
    {
        ulong found = 0;
        Errno error = LoadRegular(context, inode, out Inode loaded);
        if (error == Errno.None)
        {
            error = volume.Space.Seek(context, loaded, offset, isForData, out found);
        }

        return error == Errno.None ? found : error;
    }

    private Errno BeginAttributeChange(CallContext context, ulong number, out Inode inode)
    {
        inode = null!;
        Errno error = BeginChange(context);
        if (error != Errno.None)
        {
            return error;
        }

        error = Load(context, number, out inode);
        if (error == Errno.None && (inode.HasFlag(Ext4Spec.InodeFlags.Immutable) || inode.HasFlag(Ext4Spec.InodeFlags.AppendOnly)))
        {
            error = Errno.NotPermitted;
        }

        if (error != Errno.None)
        {
            EndChange(context);
        }

        return error;
    }
}
