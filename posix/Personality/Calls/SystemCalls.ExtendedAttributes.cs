using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Extended attributes: who may, by the part of the name before the first dot (xattr(7) of Linux).</content>
internal sealed partial class SystemCalls
{
    private const uint StickyBit = 0x200;

    public Reply<int, Errno> GetExtendedAttribute(
        CallContext context, int directory, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, AtFlags flags)
    {
        Errno error = BeginFindAttributes(context, directory, path, flags, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = CheckAttribute(process, walk, name, Access.Read);
            if (error != Errno.None)
            {
                return error;
            }

            Reply<int, Errno> reply = walk.FileMount.Files.GetExtendedAttribute(context, walk.File.Inode, name, value);
            return reply.IsOk ? reply : reply.ErrorOf();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context,
        int directory,
        ReadOnlySpan<byte> path,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> value,
        ExtendedAttributeFlags how,
        AtFlags flags)
    {
        const ExtendedAttributeFlags Both = ExtendedAttributeFlags.Create | ExtendedAttributeFlags.Replace;
        if ((how & ~Both) != 0)
        {
            return Errno.InvalidArgument;
        }

        Errno error = BeginFindAttributes(context, directory, path, flags, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = CheckAttribute(process, walk, name, Access.Write);
            return error != Errno.None
                ? error
                : walk.FileMount.Files.SetExtendedAttribute(context, walk.File.Inode, name, value, how).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<int, Errno> ListExtendedAttributes(
        CallContext context, int directory, ReadOnlySpan<byte> path, Span<byte> names, AtFlags flags)
    {
        Errno error = BeginFindAttributes(context, directory, path, flags, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return process.Credentials.Effective.IsPrivileged ? ListAll(context, names) : ListUntrusted(context, names);
        }
        finally
        {
            state.Names.Release();
        }
    }

    /// <summary>As BeginFind; a descriptor that only names its file (O_PATH) is no way to attributes (fgetxattr(2)).</summary>
    private Errno BeginFindAttributes(
        CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags, out Process process)
    {
        Errno error = BeginFind(context, directory, path, flags, AtFlags.NoFollow, out process);
        bool isPathOnly = error == Errno.None && state.Names.First.Final == FinalName.Empty
            && process.Descriptors[directory] is { IsPathOnly: true };
        if (isPathOnly)
        {
            state.Names.Release();
        }

        return isPathOnly ? Errno.BadDescriptor : error;
    }

    private Reply<int, Errno> ListAll(CallContext context, Span<byte> names)
    {
        PathWalk walk = state.Names.First;
        Reply<int, Errno> reply = walk.FileMount.Files.ListExtendedAttributes(context, walk.File.Inode, names);
        return reply.IsOk ? reply : reply.ErrorOf();
    }

    /// <summary>The names that begin with "trusted." are not told to the unprivileged, nor how long they are (xattr(7)).</summary>
    private Reply<int, Errno> ListUntrusted(CallContext context, Span<byte> names)
    {
        Reply<int, Errno> length = ListAll(context, []);
        if (!length.IsOk || length.Value == 0)
        {
            return length;
        }

        var all = new byte[length.Value];
        length = ListAll(context, all);
        ReadOnlySpan<byte> rest = length.IsOk ? all.AsSpan(0, length.Value) : [];
        int told = 0;
        while (rest.IndexOf((byte)0) is var end and >= 0)
        {
            ReadOnlySpan<byte> name = rest[..(end + 1)];
            rest = rest[(end + 1)..];
            if (name.StartsWith("trusted."u8))
            {
                continue;
            }

            if (!names.IsEmpty && !name.TryCopyTo(names[told..]))
            {
                return Errno.Range;
            }

            told += name.Length;
        }

        return length.IsOk ? told : length;
    }

    public Reply<Unit, Errno> RemoveExtendedAttribute(
        CallContext context, int directory, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, AtFlags flags)
    {
        Errno error = BeginFindAttributes(context, directory, path, flags, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = CheckAttribute(process, walk, name, Access.Write);
            return error != Errno.None
                ? error
                : walk.FileMount.Files.RemoveExtendedAttribute(context, walk.File.Inode, name).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    private static Errno CheckAttribute(Process process, PathWalk walk, ReadOnlySpan<byte> name, uint wanted)
    {
        if (name.Length is 0 or > Limits.AttributeNameBytesMax || name.Contains((byte)0))
        {
            return Errno.Range;
        }

        Errno error = CheckPermission(process, walk, name, wanted);
        bool isEmpty = name.SequenceEqual("user."u8) || name.SequenceEqual("trusted."u8) || name.SequenceEqual("security."u8);
        return error == Errno.None && isEmpty ? Errno.InvalidArgument : error;
    }

    private static Errno CheckPermission(Process process, PathWalk walk, ReadOnlySpan<byte> name, uint wanted)
    {
        bool writes = wanted == Access.Write;
        bool isPrivileged = process.Credentials.Effective.IsPrivileged;
        if (writes && walk.FileMount.IsReadOnly)
        {
            return Errno.ReadOnlyFileSystem;
        }

        if (name.StartsWith("trusted."u8))
        {
            return isPrivileged ? Errno.None : writes ? Errno.NotPermitted : Errno.NoData;
        }

        if (name.StartsWith("security."u8))
        {
            return isPrivileged || !writes ? Errno.None : Errno.NotPermitted;
        }

        return name.StartsWith("user."u8) ? CheckUserAttribute(process, walk, wanted)
            : Access.Allows(walk.File, process, wanted) ? Errno.NotSupported
            : Errno.AccessDenied;
    }

    /// <summary>Permission bits of links and devices say nothing about their attributes, so only files and directories have any.</summary>
    private static Errno CheckUserAttribute(Process process, PathWalk walk, uint wanted)
    {
        bool writes = wanted == Access.Write;
        if (walk.Type is not (FileMode.Regular or FileMode.Directory))
        {
            return writes ? Errno.NotPermitted : Errno.NoData;
        }

        if (writes && walk.IsDirectory && (walk.File.Mode & StickyBit) != 0 && !Access.Owns(walk.File, process))
        {
            return Errno.NotPermitted;
        }

        return Access.Allows(walk.File, process, wanted) ? Errno.None : Errno.AccessDenied;
    }
}
