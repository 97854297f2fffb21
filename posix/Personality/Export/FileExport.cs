using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>Files by inode for a file server of the host: those of the root's file system, not what is mounted in it.</summary>
internal sealed partial class FileExport(PersonalityState state) : IFileExport
{
    private readonly Mount root = state.Mounts.Root;
    private readonly IFileSystem fileSystem = state.Mounts.Root.Files;

    public Reply<FileSystemStatus, Errno> GetStatus(CallContext context)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.GetStatus(context));
    }

    public Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.Lookup(context, directory, name));
    }

    public Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.GetAttributes(context, inode));
    }

    public Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.SetAttributes(context, inode, change));
    }

    public Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.Read(context, inode, offset, buffer));
    }

    public Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.Write(context, inode, offset, data));
    }

    public Reply<FileAttributes, Errno> Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId)
    {
        Errno error = Begin(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return Describe(context, fileSystem.Create(context, directory, name, mode, userId, groupId));
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<FileAttributes, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId)
    {
        Errno error = Begin(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return Describe(context, fileSystem.CreateDevice(context, directory, name, mode, device, userId, groupId));
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<FileAttributes, Errno> CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId)
    {
        Errno error = Begin(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            return Describe(context, fileSystem.CreateSymbolicLink(context, directory, name, target, userId, groupId));
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.ReadSymbolicLink(context, inode, target));
    }

    public Reply<FileAttributes, Errno> Link(CallContext context, ulong inode, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = Begin(context);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            error = fileSystem.Link(context, inode, directory, name).ErrorOf();
            return error != Errno.None ? error : Pass(fileSystem.GetAttributes(context, inode));
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<ulong, Errno> Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = BeginRemoval(context, directory, name, out ulong removed);
        if (error != Errno.None)
        {
            return error;
        }

        bool isRemoved = false;
        try
        {
            error = fileSystem.Unlink(context, directory, name).ErrorOf();
            isRemoved = error == Errno.None;
            return isRemoved ? KeepNameless(context, removed) : error;
        }
        finally
        {
            EndRemoval(context, isRemoved, removed);
        }
    }

    public Reply<ulong, Errno> RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = BeginRemoval(context, directory, name, out ulong removed);
        if (error != Errno.None)
        {
            return error;
        }

        bool isRemoved = false;
        try
        {
            error = fileSystem.RemoveDirectory(context, directory, name).ErrorOf();
            isRemoved = error == Errno.None;
            return isRemoved ? removed : error;
        }
        finally
        {
            EndRemoval(context, isRemoved, removed);
        }
    }

    public Reply<ulong, Errno> Rename(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName,
        RenameFlags flags)
    {
        Errno error = BeginRemoval(context, newDirectory, newName, out ulong replaced, isOptional: true);
        if (error != Errno.None)
        {
            return error;
        }

        bool isRenamed = false;
        try
        {
            error = fileSystem.Rename(context, directory, name, newDirectory, newName, flags).ErrorOf();
            isRenamed = error == Errno.None;
            return !isRenamed ? error : replaced == 0 ? 0ul : KeepNameless(context, replaced);
        }
        finally
        {
            EndRemoval(context, isRenamed, replaced);
        }
    }

    public Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.ReadDirectory(context, directory, cookie, buffer));
    }

    public Reply<Unit, Errno> Release(CallContext context, ulong inode)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : state.Holds.Release(context, new Location(root, inode)).ToReply();
    }

    public Reply<Unit, Errno> SyncFile(CallContext context, ulong inode, bool isDataOnly)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : Pass(fileSystem.SyncFile(context, inode, isDataOnly));
    }

    private static Reply<TValue, Errno> Pass<TValue>(Reply<TValue, Errno> reply)
        where TValue : unmanaged => reply.IsOk ? reply : reply.ErrorOf();

    private Errno CheckCaller(CallContext context)
    {
        if (!state.Processes.TryFind(context.Caller, out Process? process) || !process.IsAdopted
            || !process.Credentials.Effective.IsPrivileged)
        {
            return Errno.NotPermitted;
        }

        process.GiveWay(context);
        return Errno.None;
    }

    /// <summary>Checks the caller and takes the namespace lock, for a change of names.</summary>
    private Errno Begin(CallContext context)
    {
        Errno error = CheckCaller(context);
        return error != Errno.None ? error : state.Names.Acquire(context);
    }

    /// <summary>As <see cref="Begin"/>, and holds what has a name, so that it outlives the name.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name.</param>
    /// <param name="inode">What is held; 0 when the name is not there.</param>
    /// <param name="isOptional">Whether the name may be missing.</param>
    private Errno BeginRemoval(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, out ulong inode, bool isOptional = false)
    {
        inode = 0;
        Errno error = Begin(context);
        if (error != Errno.None)
        {
            return error;
        }

        bool isReady = false;
        try
        {
            Reply<FileAttributes, Errno> found = fileSystem.Lookup(context, directory, name);
            error = found.IsOk ? state.Holds.Hold(context, new Location(root, found.Value.Inode)) : found.ErrorOf();
            inode = error == Errno.None ? found.Value.Inode : 0;
            error = error == Errno.NoEntry && isOptional ? Errno.None : error;
            isReady = error == Errno.None;
            return error;
        }
        finally
        {
            if (!isReady)
            {
                state.Names.Release();
            }
        }
    }

    /// <summary>What has been removed stays held when it has no other name.</summary>
    private Reply<ulong, Errno> KeepNameless(CallContext context, ulong inode)
    {
        Reply<FileAttributes, Errno> attributes = fileSystem.GetAttributes(context, inode);
        if (attributes.IsOk && attributes.Value.LinkCount == 0)
        {
            return inode;
        }

        _ = state.Holds.Release(context, new Location(root, inode));
        return 0ul;
    }

    private void EndRemoval(CallContext context, bool isRemoved, ulong inode)
    {
        state.Names.Release();
        if (!isRemoved && inode != 0)
        {
            _ = state.Holds.Release(context, new Location(root, inode));
        }
    }

    private Reply<FileAttributes, Errno> Describe(CallContext context, Reply<ulong, Errno> inode) =>
        inode.IsOk ? Pass(fileSystem.GetAttributes(context, inode.Value)) : inode.ErrorOf();
}
