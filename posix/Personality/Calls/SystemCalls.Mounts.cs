using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>File systems in the tree, and the directories of a process.</content>
internal sealed partial class SystemCalls
{
    private const uint FileModeMaskBits = 0x1FF;

    public static Errno SyncAll(CallContext context, MountTable mounts)
    {
        Errno first = Errno.None;
        for (int index = 0; index < mounts.All.Count; index++)
        {
            Errno error = mounts.All[index].Files.Sync(context).ErrorOf();
            first = first == Errno.None ? error : first;
        }

        return first;
    }

    public Reply<Unit, Errno> Sync(CallContext context) => SyncAll(context, state.Mounts).ToReply();

    public Reply<FileSystemStatus, Errno> GetFileSystemStatus(
        CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags)
    {
        Errno error = BeginFind(context, directory, path, flags, AtFlags.None, out _);
        if (error != Errno.None)
        {
            return error;
        }

        Mount mount = state.Names.First.FileMount;
        state.Names.Release();
        Reply<FileSystemStatus, Errno> reply = mount.Files.GetStatus(context);
        if (!reply.IsOk)
        {
            return reply.ErrorOf();
        }

        FileSystemStatus status = reply.Value;
        status.IsReadOnly |= mount.IsReadOnly;
        return status;
    }

    public Reply<Unit, Errno> Mount(
        CallContext context, ReadOnlySpan<byte> source, ReadOnlySpan<byte> target, ReadOnlySpan<byte> type, MountFlags flags)
    {
        Errno error = BeginWalkToFile(context, PlainCalls.WorkingDirectory, target, FinalLink.Follow, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return !process.Credentials.Effective.IsPrivileged ? Errno.NotPermitted
                : (flags & ~MountFlags.ReadOnly) != 0 ? Errno.InvalidArgument
                : MountHere(context, Ascii.ToText(source), Ascii.ToText(type), flags).ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    /// <summary>
    /// Mounts what the settings name, before there are processes. As with /dev and /proc, there need not be a directory below.
    /// </summary>
    public Errno MountAtStart(CallContext context, string source, ReadOnlySpan<byte> target)
    {
        Location root = state.Mounts.Root.RootLocation;
        var kernel = new Process(context, new Session(state.OpenFiles, state.Pipes, state.PassedFiles), 0, [], root, root);
        Errno error = state.Names.First.Walk(context, kernel, root, target, FinalLink.Follow);
        return error != Errno.None ? error : MountHere(context, source, string.Empty, MountFlags.None);
    }

    /// <summary>Mounts on what the first walk has found. The caller has the namespace lock.</summary>
    private Errno MountHere(CallContext context, string source, string type, MountFlags flags)
    {
        PathWalk walk = state.Names.First;
        if ((walk.Exists && !walk.IsDirectory) || walk.Final != FinalName.Normal || walk.IsMountPoint || state.Mounts.IsFull)
        {
            return walk.Exists && !walk.IsDirectory ? Errno.NotDirectory : Errno.Busy;
        }

        Errno error = FindFileSystem(source, type, out IFileSystem? files, out string foundType);
        if (error != Errno.None)
        {
            return error;
        }

        Reply<FileSystemStatus, Errno> status = files!.GetStatus(context);
        if (!status.IsOk)
        {
            return status.ErrorOf();
        }

        bool isReadOnly = status.Value.IsReadOnly || (flags & MountFlags.ReadOnly) != 0;
        Mount mount = state.NewMount(files, status.Value.RootInode, source, foundType, isReadOnly);
        state.Mounts.Attach(mount, new Location(walk.Mount, walk.Directory.Inode), walk.Name);
        return Errno.None;
    }

    private Errno FindFileSystem(string source, string type, out IFileSystem? files, out string foundType)
    {
        foundType = type;
        files = type switch
        {
            "proc" => state.ProcessFiles,
            "devfs" => state.DeviceFiles,
            _ => null,
        };
        if (files is not null)
        {
            return Errno.None;
        }

        FileSystemOffer? offer = state.Mounts.FindOffer(source);
        files = offer?.Files;
        foundType = offer?.Type ?? type;
        return offer is null || (type.Length > 0 && type != offer.Type) ? Errno.NoDevice
            : state.Mounts.IsMounted(offer.Files) ? Errno.Busy
            : Errno.None;
    }

    public Reply<Unit, Errno> Unmount(CallContext context, ReadOnlySpan<byte> target)
    {
        Errno error = BeginWalkToFile(context, PlainCalls.WorkingDirectory, target, FinalLink.Follow, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            Mount mount = state.Names.First.FileMount;
            error = !process.Credentials.Effective.IsPrivileged ? Errno.NotPermitted
                : !state.Names.First.FileLocation.IsRootOfMount ? Errno.InvalidArgument
                : mount.Parent is null || mount.UseCount > 0 ? Errno.Busy
                : mount.Files.Sync(context).ErrorOf();
            if (error != Errno.None)
            {
                return error;
            }

            // Files may have been opened while the file system worked.
            if (mount.UseCount > 0)
            {
                return Errno.Busy;
            }

            state.Mounts.Detach(mount);
            return default(Unit);
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> ChangeDirectory(CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags)
    {
        // What a descriptor without an inode names, a pipe, is no directory either.
        bool isNameless = TryFindNameless(context, directory, path, flags, out _);
        Process process = null!;
        Errno error = isNameless
            ? Errno.NotDirectory
            : BeginFind(context, directory, path, flags, AtFlags.None, out process);
        return (error != Errno.None ? error : Move(context, process, movesRoot: false)).ToReply();
    }

    public Reply<Unit, Errno> ChangeRoot(CallContext context, ReadOnlySpan<byte> path)
    {
        Errno error = BeginWalkToFile(context, PlainCalls.WorkingDirectory, path, FinalLink.Follow, out Process process);
        return (error != Errno.None ? error : Move(context, process, movesRoot: true)).ToReply();
    }

    /// <summary>Lets the process go to the directory that the first walk has found, and ends the walk.</summary>
    private Errno Move(CallContext context, Process process, bool movesRoot)
    {
        Location previous;
        try
        {
            PathWalk walk = state.Names.First;
            Errno error = !walk.IsDirectory ? Errno.NotDirectory
                : !Access.Allows(walk.File, process, Access.Execute) ? Errno.AccessDenied
                : movesRoot && !process.Credentials.Effective.IsPrivileged ? Errno.NotPermitted
                : state.Holds.Hold(context, walk.FileLocation);
            if (error != Errno.None)
            {
                return error;
            }

            previous = movesRoot ? process.Root : process.WorkingDirectory;
            process.Root = movesRoot ? walk.FileLocation : process.Root;
            process.WorkingDirectory = movesRoot ? process.WorkingDirectory : walk.FileLocation;
        }
        finally
        {
            state.Names.Release();
        }

        _ = state.Holds.Release(context, previous);
        return Errno.None;
    }

    public Reply<int, Errno> GetWorkingDirectory(CallContext context, Span<byte> buffer)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        Errno error = state.Names.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return state.Names.PathOf(context, process.Root, process.WorkingDirectory, buffer);
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<uint, Errno> SetFileModeMask(CallContext context, uint mask)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        uint previous = process.FileModeMask;
        process.FileModeMask = mask & FileModeMaskBits;
        return previous;
    }
}
