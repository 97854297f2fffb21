using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>Copies a file, a link or a tree, for cp and for mv.</summary>
internal sealed class TreeCopier
{
    // Large enough that the cost of a call does not matter, small enough to stay in a processor's cache.
    private const int BufferBytes = 128 * 1024;

    // A tree that is deeper has a path that no call takes.
    private const int DepthMax = 2048;

    private readonly byte[] buffer = new byte[BufferBytes];
    private ulong topInode;
    private string topSource = "";
    private string topTarget = "";

    public bool IsRecursive { get; init; }

    public bool KeepsAttributes { get; init; }

    public bool IsVerbose { get; init; }

    public bool IsForced { get; init; }

    /// <summary>Copies what one operand names.</summary>
    /// <returns>The exit status.</returns>
    public int Copy(Libc libc, string source, string target)
    {
        topInode = 0;
        topSource = source;
        topTarget = target;
        return CopyAny(libc, source, target, depth: 0);
    }

    private int CopyAny(Libc libc, string source, string target, int depth)
    {
        Errno error = libc.GetAttributes(source, followsLinks: !IsRecursive, out FileAttributes from);
        if (error != Errno.None)
        {
            return libc.Complain($"cannot stat '{source}': {Errors.TextOf(error)}");
        }

        uint type = from.Mode & FileMode.TypeMask;
        if (type == FileMode.Directory && !IsRecursive)
        {
            return libc.Complain($"-r not specified; omitting directory '{source}'");
        }

        bool exists = libc.GetAttributes(target, followsLinks: true, out FileAttributes to) == Errno.None;
        if (exists && to.Inode == from.Inode)
        {
            return type == FileMode.Directory && depth > 0 ? 0 : libc.Complain($"'{source}' and '{target}' are the same file");
        }

        int status = type switch
        {
            FileMode.Directory => CopyDirectory(libc, source, target, from, exists, to, depth),
            FileMode.SymbolicLink => CopyLink(libc, source, target),
            _ => CopyFile(libc, source, target, from, exists && (to.Mode & FileMode.TypeMask) == FileMode.Directory),
        };
        if (KeepsAttributes && status == 0 && type != FileMode.SymbolicLink)
        {
            status = KeepAttributes(libc, target, from);
        }

        return status;
    }

    private int CopyFile(Libc libc, string source, string target, in FileAttributes from, bool isTargetDirectory)
    {
        if (isTargetDirectory)
        {
            return libc.Complain($"cannot overwrite directory '{target}' with non-directory '{source}'");
        }

        Errno error = libc.OpenToRead(source, out int input);
        if (error != Errno.None)
        {
            return libc.Complain($"cannot open '{source}' for reading: {Errors.TextOf(error)}");
        }

        const OpenFlags Flags = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate;
        error = libc.Open(target, Flags, from.Mode & 0x1FF, out int output);
        if (error == Errno.AccessDenied && IsForced)
        {
            _ = libc.System.Unlink(libc.Context, ByteText.ToBytes(target));
            error = libc.Open(target, Flags, from.Mode & 0x1FF, out output);
        }

        if (error != Errno.None)
        {
            libc.Close(input);
            return libc.Complain($"cannot create regular file '{target}': {Errors.TextOf(error)}");
        }

        int status = CopyData(libc, source, target, input, output);
        libc.Close(input);
        libc.Close(output);
        Tell(libc, source, target);
        return status;
    }

    private int CopyData(Libc libc, string source, string target, int input, int output)
    {
        while (true)
        {
            Errno error = libc.Read(input, buffer, out int length);
            if (error != Errno.None)
            {
                return libc.Complain($"error reading '{source}': {Errors.TextOf(error)}");
            }

            if (length == 0)
            {
                return 0;
            }

            error = libc.WriteAll(output, buffer.AsSpan(0, length));
            if (error != Errno.None)
            {
                return libc.Complain($"error writing '{target}': {Errors.TextOf(error)}");
            }
        }
    }

    private int CopyLink(Libc libc, string source, string target)
    {
        Errno error = libc.ReadLink(source, out string link);
        if (error != Errno.None)
        {
            return libc.Complain($"cannot read symbolic link '{source}': {Errors.TextOf(error)}");
        }

        Reply<Unit, Errno> made = libc.System.MakeSymbolicLink(libc.Context, ByteText.ToBytes(link), ByteText.ToBytes(target));
        if (made.Error == Errno.Exists && !libc.IsDirectory(target))
        {
            _ = libc.System.Unlink(libc.Context, ByteText.ToBytes(target));
            made = libc.System.MakeSymbolicLink(libc.Context, ByteText.ToBytes(link), ByteText.ToBytes(target));
        }

        Tell(libc, source, target);
        return made.IsOk ? 0 : libc.Complain($"cannot create symbolic link '{target}': {Errors.TextOf(Errors.Of(made))}");
    }

    private int CopyDirectory(
        Libc libc, string source, string target, in FileAttributes from, bool exists, in FileAttributes to, int depth)
    {
        if (depth >= DepthMax)
        {
            return libc.Complain(source, Errno.NameTooLong);
        }

        if (exists && (to.Mode & FileMode.TypeMask) != FileMode.Directory)
        {
            return libc.Complain($"cannot overwrite non-directory '{target}' with directory '{source}'");
        }

        if (from.Inode == topInode)
        {
            return libc.Complain($"cannot copy a directory, '{topSource}', into itself, '{topTarget}'");
        }

        // Listed before the target is made, which may be inside the source.
        Errno error = libc.ListDirectory(source, out List<string> names);
        if (error != Errno.None)
        {
            return libc.Complain($"cannot access '{source}': {Errors.TextOf(error)}");
        }

        if (!exists)
        {
            uint mode = (from.Mode & 0x1FF) | 0x1C0;
            Reply<Unit, Errno> made = libc.System.MakeDirectory(libc.Context, ByteText.ToBytes(target), mode);
            if (!made.IsOk)
            {
                return libc.Complain($"cannot create directory '{target}': {Errors.TextOf(Errors.Of(made))}");
            }

            Tell(libc, source, target);
        }

        if (depth == 0)
        {
            _ = libc.GetAttributes(target, followsLinks: true, out FileAttributes top);
            topInode = top.Inode;
        }

        int status = 0;
        foreach (string name in names)
        {
            status |= CopyAny(libc, Paths.Join(source, name), Paths.Join(target, name), depth + 1);
        }

        return status;
    }

    private static int KeepAttributes(Libc libc, string target, in FileAttributes from)
    {
        var change = new FileAttributesChange
        {
            Fields = FileAttributeFields.Mode | FileAttributeFields.UserId | FileAttributeFields.GroupId
                | FileAttributeFields.AccessTime | FileAttributeFields.ModificationTime,
            Mode = from.Mode & FileMode.PermissionMask,
            UserId = from.UserId,
            GroupId = from.GroupId,
            AccessTime = from.AccessTime,
            ModificationTime = from.ModificationTime,
        };
        Reply<Unit, Errno> reply = libc.System.SetAttributes(libc.Context, ByteText.ToBytes(target), change, followsLinks: true);
        return reply.IsOk ? 0 : libc.Complain($"preserving attributes for '{target}': {Errors.TextOf(Errors.Of(reply))}");
    }

    private void Tell(Libc libc, string source, string target)
    {
        if (IsVerbose)
        {
            libc.PrintLine($"'{source}' -> '{target}'");
        }
    }
}
