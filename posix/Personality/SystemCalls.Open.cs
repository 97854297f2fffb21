using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>open(2) and its steps.</content>
internal sealed partial class SystemCalls
{
    private const uint OpenModeMask = 0xFFF;

    public Reply<int, Errno> Open(CallContext context, ReadOnlySpan<byte> path, OpenFlags flags, uint mode)
    {
        if (!TryFindCaller(context, out Process? caller))
        {
            return Errno.NoProcess;
        }

        Errno error = CheckOpen(caller, flags, out int descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        uint device = Devices.Find(path);
        if (device != 0)
        {
            return OpenDevice(caller, descriptor, device, flags);
        }

        bool keepsLink = (flags & OpenFlags.NoFollow) != 0
            || (flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive);
        error = BeginWalk(context, path, keepsLink ? FinalLink.Keep : FinalLink.Follow, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return OpenWalked(context, process, descriptor, flags, mode);
        }
        finally
        {
            state.Names.Release();
        }
    }

    /// <summary>What can be told before anything is looked up, or made in vain.</summary>
    private Errno CheckOpen(Process process, OpenFlags flags, out int descriptor)
    {
        descriptor = process.Descriptors.FindFree();
        return (flags & OpenFlags.AccessMask) == OpenFlags.AccessMask ? Errno.InvalidArgument
            : descriptor < 0 ? Errno.TooManyFiles
            : !process.Session.OpenFiles.HasRoomFor(1) ? Errno.SystemFilesExhausted
            : Errno.None;
    }

    private Reply<int, Errno> OpenDevice(Process process, int descriptor, uint device, OpenFlags flags)
    {
        if ((flags & OpenFlags.Directory) != 0)
        {
            return Errno.NotDirectory;
        }

        if ((flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive))
        {
            return Errno.Exists;
        }

        OpenFile? file = Devices.Open(device, flags, process.Session.OpenFiles, state.Console);
        if (file is null)
        {
            return Errno.NoDevice;
        }

        _ = process.Session.OpenFiles.TryEnter();
        process.Descriptors.Set(descriptor, file);
        return descriptor;
    }

    private Reply<int, Errno> OpenWalked(CallContext context, Process process, int descriptor, OpenFlags flags, uint mode)
    {
        PathWalk walk = state.Names.First;
        ulong inode = walk.File.Inode;
        uint type = walk.Type;
        bool truncates = walk.Exists && type == FileMode.Regular && (flags & OpenFlags.Truncate) != 0;
        if (!walk.Exists)
        {
            Reply<ulong, Errno> created = CreateFile(context, process, flags, mode);
            if (!created.IsOk)
            {
                return created.Error;
            }

            inode = created.Value;
            type = FileMode.Regular;
        }
        else
        {
            Errno error = CheckExisting(process, flags);
            error = error == Errno.None && truncates ? Truncate(context, inode) : error;
            if (error != Errno.None)
            {
                return error;
            }
        }

        return type switch
        {
            FileMode.CharacterDevice => OpenDevice(process, descriptor, walk.File.DeviceNumber, flags & ~OpenFlags.Create),
            FileMode.Regular or FileMode.Directory => OpenInode(context, process, descriptor, inode, type, flags),
            _ => Errno.NoDevice,
        };
    }

    private Errno Truncate(CallContext context, ulong inode)
    {
        var empty = new FileAttributesChange { Fields = FileAttributeFields.Size };
        return fileSystem.SetAttributes(context, inode, empty).ErrorOf();
    }

    private Errno CheckExisting(Process process, OpenFlags flags)
    {
        PathWalk walk = state.Names.First;
        bool truncates = (flags & OpenFlags.Truncate) != 0;
        uint wanted = (flags & OpenFlags.AccessMask) switch
        {
            OpenFlags.ReadOnly => truncates ? Access.Read | Access.Write : Access.Read,
            OpenFlags.WriteOnly => Access.Write,
            _ => Access.Read | Access.Write,
        };
        bool changes = (wanted & Access.Write) != 0 || (flags & OpenFlags.Create) != 0;
        return (flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive) ? Errno.Exists
            : walk.Type == FileMode.SymbolicLink ? Errno.TooManySymbolicLinks
            : walk.IsDirectory && changes ? Errno.IsDirectory
            : !walk.IsDirectory && (flags & OpenFlags.Directory) != 0 ? Errno.NotDirectory
            : !Access.Allows(walk.File, process, wanted) ? Errno.AccessDenied
            : Errno.None;
    }

    private Reply<ulong, Errno> CreateFile(CallContext context, Process process, OpenFlags flags, uint mode)
    {
        PathWalk walk = state.Names.First;
        if ((flags & OpenFlags.Create) == 0)
        {
            return Errno.NoEntry;
        }

        if ((flags & OpenFlags.Directory) != 0)
        {
            return Errno.InvalidArgument;
        }

        if (walk.HasTrailingSlash)
        {
            return Errno.IsDirectory;
        }

        Errno error = CheckCreation(walk, process);
        if (error != Errno.None)
        {
            return error;
        }

        uint fileMode = FileMode.Regular | (mode & OpenModeMask & ~process.FileModeMask);
        Reply<ulong, Errno> created = fileSystem.Create(
            context, walk.Directory.Inode, walk.Name, fileMode, process.UserId, process.GroupId);
        return created.IsOk ? created : created.ErrorOf();
    }

    private Reply<int, Errno> OpenInode(
        CallContext context, Process process, int descriptor, ulong inode, uint type, OpenFlags flags)
    {
        Errno error = state.Vnodes.Open(context, inode, out Vnode? vnode);
        if (error != Errno.None)
        {
            return error;
        }

        // Others may have opened files while the file system worked.
        if (!process.Session.OpenFiles.TryEnter())
        {
            _ = state.Vnodes.Close(context, vnode!);
            return Errno.SystemFilesExhausted;
        }

        OpenFile file = type == FileMode.Directory
            ? new OpenDirectory(flags, process.Session.OpenFiles, fileSystem, state.Vnodes, vnode!)
            : new RegularFile(
                flags, process.Session.OpenFiles, fileSystem, state.Vnodes, vnode!, new SleepLock(KernelEvent.Create(context)));
        process.Descriptors.Set(descriptor, file);
        return descriptor;
    }
}
