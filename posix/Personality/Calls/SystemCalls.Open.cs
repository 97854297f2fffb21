using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>open(2) and its steps.</content>
internal sealed partial class SystemCalls
{
    private const uint OpenModeMask = 0xFFF;
    private const OpenFlags ExclusiveCreate = OpenFlags.Create | OpenFlags.Exclusive;

    public Reply<int, Errno> Open(CallContext context, int directory, ReadOnlySpan<byte> path, OpenFlags flags, uint mode)
    {
        if (!TryFindCaller(context, out Process? caller))
        {
            return Errno.NoProcess;
        }

        Errno error = CheckOpen(caller, ref flags, out int descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        bool keepsLink = (flags & OpenFlags.NoFollow) != 0 || (flags & ExclusiveCreate) == ExclusiveCreate;
        error = BeginWalk(context, directory, path, keepsLink ? FinalLink.Keep : FinalLink.Follow, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            error = OpenWalked(context, process, descriptor, flags, mode);
        }
        finally
        {
            state.Names.Release();
        }

        error = error != Errno.None ? error : FinishOpen(context, process, descriptor);
        return error != Errno.None ? error : descriptor;
    }

    /// <summary>What can be told before anything is looked up, or made in vain.</summary>
    private Errno CheckOpen(Process process, ref OpenFlags flags, out int descriptor)
    {
        // O_PATH asks for nothing of the file, and so ignores what would (open(2) of Linux).
        flags = (flags & OpenFlags.Path) != 0
            ? flags & (OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec)
            : flags;
        descriptor = process.Descriptors.FindFree();
        return (flags & OpenFlags.AccessMask) == OpenFlags.AccessMask
            || (flags & (OpenFlags.Create | OpenFlags.Directory)) == (OpenFlags.Create | OpenFlags.Directory) ? Errno.InvalidArgument
            : descriptor < 0 ? Errno.TooManyFiles
            : !process.Session.OpenFiles.HasRoomFor(1) ? Errno.SystemFilesExhausted
            : Errno.None;
    }

    private Errno OpenWalked(CallContext context, Process process, int descriptor, OpenFlags flags, uint mode)
    {
        PathWalk walk = state.Names.First;
        if (!walk.Exists)
        {
            Errno missing = CreateFile(context, process, flags, mode, out ulong created);
            return missing != Errno.None
                ? missing
                : OpenInode(context, process, descriptor, new Location(walk.Mount, created), FileMode.Regular, 0, flags);
        }

        Errno error = CheckExisting(process, flags);
        bool truncates = walk.Type == FileMode.Regular && (flags & OpenFlags.Truncate) != 0;
        error = error == Errno.None && truncates ? Truncate(context, process) : error;
        return error != Errno.None
            ? error
            : OpenInode(context, process, descriptor, walk.FileLocation, walk.Type, walk.File.DeviceNumber, flags);
    }

    private Errno Truncate(CallContext context, Process process)
    {
        PathWalk walk = state.Names.First;
        var empty = new FileAttributesChange { Fields = FileAttributeFields.Size };
        return AttributeChange.Apply(context, walk.FileMount, process, walk.File, empty, isOpenToWrite: true);
    }

    private Errno CheckExisting(Process process, OpenFlags flags)
    {
        PathWalk walk = state.Names.First;
        bool isPath = (flags & OpenFlags.Path) != 0;
        bool truncates = (flags & OpenFlags.Truncate) != 0;
        uint wanted = isPath ? 0 : (flags & OpenFlags.AccessMask) switch
        {
            OpenFlags.ReadOnly => truncates ? Access.Read | Access.Write : Access.Read,
            OpenFlags.WriteOnly => Access.Write,
            _ => Access.Read | Access.Write,
        };
        bool writes = (wanted & Access.Write) != 0;
        return (flags & ExclusiveCreate) == ExclusiveCreate ? Errno.Exists
            : !walk.IsDirectory && (flags & OpenFlags.Directory) != 0 ? Errno.NotDirectory
            : walk.Type == FileMode.SymbolicLink && !isPath ? Errno.TooManySymbolicLinks
            : walk.IsDirectory && (writes || (flags & OpenFlags.Create) != 0) ? Errno.IsDirectory
            : !Access.Allows(walk.File, process, wanted) ? Errno.AccessDenied
            : writes && walk.FileMount.IsReadOnly && walk.Type == FileMode.Regular ? Errno.ReadOnlyFileSystem
            : Errno.None;
    }

    private Errno CreateFile(CallContext context, Process process, OpenFlags flags, uint mode, out ulong created)
    {
        PathWalk walk = state.Names.First;
        created = 0;
        if ((flags & OpenFlags.Create) == 0)
        {
            return Errno.NoEntry;
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

        uint fileMode = CreationMode(walk, process, FileMode.Regular | (mode & OpenModeMask), out uint groupId);
        Reply<ulong, Errno> reply = walk.Mount.Files.Create(
            context, walk.Directory.Inode, walk.Name, fileMode, process.Credentials.Effective.UserId, groupId);
        created = reply.Value;
        return reply.ErrorOf();
    }

    /// <summary>Lets a descriptor name a new open file description of an inode.</summary>
    private Errno OpenInode(
        CallContext context, Process process, int descriptor, Location location, uint type, uint device, OpenFlags flags)
    {
        Errno error = state.Vnodes.Open(context, location, out Vnode? vnode);
        if (error != Errno.None)
        {
            return error;
        }

        // Others may have opened files while the file system worked.
        OpenFile? file = null;
        error = process.Session.OpenFiles.HasRoomFor(1)
            ? MakeOpenFile(context, process.Session, type, device, flags, vnode!, out file)
            : Errno.SystemFilesExhausted;
        if (file is null)
        {
            _ = state.Vnodes.Close(context, vnode!);
            return error;
        }

        _ = process.Session.OpenFiles.TryEnter();
        process.Descriptors.Set(descriptor, file, (flags & OpenFlags.CloseOnExec) != 0);
        return Errno.None;
    }

    private Errno MakeOpenFile(
        CallContext context, Session session, uint type, uint device, OpenFlags flags, Vnode vnode, out OpenFile? file)
    {
        file = null;
        if ((flags & OpenFlags.Path) != 0)
        {
            file = new NamedFile(flags, session.OpenFiles, state.Vnodes, vnode);
            return Errno.None;
        }

        switch (type)
        {
            case FileMode.Regular:
                file = RegularFile.Open(flags, session.OpenFiles, state.Vnodes, vnode);
                return Errno.None;
            case FileMode.Directory:
                file = new OpenDirectory(flags, session.OpenFiles, state.Vnodes, vnode);
                return Errno.None;
            case FileMode.CharacterDevice:
                file = Devices.Open(device, flags, state, session.OpenFiles, vnode);
                return file is null ? Errno.NoDeviceOrAddress : Errno.None;
            case FileMode.Fifo:
                return OpenFifo(context, session, flags, vnode, out file);
            default:
                // There are no block devices and no sockets behind names.
                return Errno.NoDeviceOrAddress;
        }
    }

    private Errno OpenFifo(CallContext context, Session session, OpenFlags flags, Vnode vnode, out OpenFile? file)
    {
        file = null;
        bool onlyWrites = (flags & OpenFlags.AccessMask) == OpenFlags.WriteOnly;
        if (onlyWrites && (flags & OpenFlags.NonBlock) != 0 && vnode.Fifo is not { HasReader: true })
        {
            return Errno.NoDeviceOrAddress;
        }

        if (vnode.Fifo is null)
        {
            if (session.Pipes.IsFull)
            {
                return Errno.SystemFilesExhausted;
            }

            vnode.Fifo = new Pipe(context, session.Pipes);
        }

        file = new Fifo(flags, session.OpenFiles, state.Vnodes, vnode, vnode.Fifo);
        return Errno.None;
    }

    /// <summary>Waits for what the open waits for, without the namespace lock; the descriptor goes when that fails.</summary>
    private static Errno FinishOpen(CallContext context, Process process, int descriptor)
    {
        Errno error = process.Descriptors[descriptor]!.FinishOpen(context);
        if (error != Errno.None)
        {
            _ = process.Descriptors.Close(context, process, descriptor);
        }

        return error;
    }
}
