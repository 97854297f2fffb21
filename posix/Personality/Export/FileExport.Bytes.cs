using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>What is known of single files beside their bytes: space, holes, extended attributes.</content>
internal sealed partial class FileExport
{
    public Reply<Unit, Errno> Allocate(CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.Allocate(context, inode, offset, length, modes));
    }

    public Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.SeekData(context, inode, offset));
    }

    public Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.SeekHole(context, inode, offset));
    }

    public Reply<int, Errno> GetExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.GetExtendedAttribute(context, inode, name, value));
    }

    public Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.SetExtendedAttribute(context, inode, name, value, flags));
    }

    public Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.ListExtendedAttributes(context, inode, names));
    }

    public Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.RemoveExtendedAttribute(context, inode, name));
    }
}
