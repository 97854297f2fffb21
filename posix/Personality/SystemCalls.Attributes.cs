using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Calls that look at names and change attributes, and those of the working directory.</content>
internal sealed partial class SystemCalls
{
    private const uint FileModeMaskBits = 0x1FF;

    public Reply<FileAttributes, Errno> GetAttributes(CallContext context, ReadOnlySpan<byte> path, bool followsLinks)
    {
        uint device = Devices.Find(path);
        if (device != 0)
        {
            return Devices.AttributesOf(device);
        }

        Errno error = BeginWalkToFile(context, path, followsLinks ? FinalLink.Follow : FinalLink.Keep, out _);
        if (error != Errno.None)
        {
            return error;
        }

        FileAttributes attributes = state.Names.First.File;
        state.Names.Release();
        return attributes;
    }

    public Reply<Unit, Errno> SetAttributes(
        CallContext context, ReadOnlySpan<byte> path, in FileAttributesChange change, bool followsLinks)
    {
        if (Devices.Find(path) != 0)
        {
            return Errno.NotPermitted;
        }

        Errno error = BeginWalkToFile(context, path, followsLinks ? FinalLink.Follow : FinalLink.Keep, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            ulong inode = state.Names.First.File.Inode;
            return AttributeChange.Apply(context, fileSystem, process, inode, change, checksWriteAccess: true).ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<int, Errno> ReadSymbolicLink(CallContext context, ReadOnlySpan<byte> path, Span<byte> target)
    {
        Errno error = BeginWalkToFile(context, path, FinalLink.Keep, out _);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            if (walk.Type != FileMode.SymbolicLink || target.Length == 0)
            {
                return Errno.InvalidArgument;
            }

            Reply<int, Errno> reply = fileSystem.ReadSymbolicLink(context, walk.File.Inode, target);
            return reply.IsOk ? reply : reply.ErrorOf();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> ChangeDirectory(CallContext context, ReadOnlySpan<byte> path)
    {
        Errno error = BeginWalkToFile(context, path, FinalLink.Follow, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        ulong previous;
        try
        {
            PathWalk walk = state.Names.First;
            error = !walk.IsDirectory ? Errno.NotDirectory
                : !Access.Allows(walk.File, process, Access.Execute) ? Errno.AccessDenied
                : fileSystem.Hold(context, walk.File.Inode).ErrorOf();
            if (error != Errno.None)
            {
                return error;
            }

            previous = process.WorkingDirectory;
            process.WorkingDirectory = walk.File.Inode;
        }
        finally
        {
            state.Names.Release();
        }

        _ = state.Holds.Release(context, previous);
        return default(Unit);
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
            return state.Names.PathOf(context, process.WorkingDirectory, buffer);
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

    public Reply<Unit, Errno> Sync(CallContext context) => fileSystem.Sync(context).ErrorOf().ToReply();

    public Reply<FileSystemStatus, Errno> GetFileSystemStatus(CallContext context, ReadOnlySpan<byte> path)
    {
        Errno error = BeginWalkToFile(context, path, FinalLink.Follow, out _);
        if (error != Errno.None)
        {
            return error;
        }

        state.Names.Release();
        Reply<FileSystemStatus, Errno> reply = fileSystem.GetStatus(context);
        return reply.IsOk ? reply : reply.ErrorOf();
    }
}
