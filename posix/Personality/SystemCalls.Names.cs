using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Calls that make, take away and change names.</content>
internal sealed partial class SystemCalls
{
    private const uint DirectoryModeMask = 0x3FF;

    public Reply<Unit, Errno> MakeDirectory(CallContext context, ReadOnlySpan<byte> path, uint mode)
    {
        Errno error = BeginWalk(context, path, FinalLink.Keep, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = walk.Exists ? Errno.Exists : CheckCreation(walk, process);
            if (error != Errno.None)
            {
                return error;
            }

            uint directoryMode = FileMode.Directory | (mode & DirectoryModeMask & ~process.FileModeMask);
            return fileSystem.Create(
                context, walk.Directory.Inode, walk.Name, directoryMode, process.UserId, process.GroupId).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> RemoveDirectory(CallContext context, ReadOnlySpan<byte> path)
    {
        Errno error = BeginWalkToFile(context, path, FinalLink.KeepAlways, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = !walk.IsDirectory ? Errno.NotDirectory : walk.Final switch
            {
                FinalName.Root => Errno.Busy,
                FinalName.Dot => Errno.InvalidArgument,
                FinalName.DotDot => Errno.NotEmpty,
                _ => Access.CheckRemoval(walk.Directory, walk.File, process),
            };
            return error != Errno.None
                ? error
                : fileSystem.RemoveDirectory(context, walk.Directory.Inode, walk.Name).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> Unlink(CallContext context, ReadOnlySpan<byte> path)
    {
        Errno error = BeginWalkToFile(context, path, FinalLink.KeepAlways, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            // POSIX has EPERM for a directory; Linux deviates with EISDIR.
            PathWalk walk = state.Names.First;
            error = walk.IsDirectory ? Errno.NotPermitted : Access.CheckRemoval(walk.Directory, walk.File, process);
            return error != Errno.None
                ? error
                : fileSystem.Unlink(context, walk.Directory.Inode, walk.Name).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> Link(CallContext context, ReadOnlySpan<byte> path, ReadOnlySpan<byte> newPath)
    {
        Errno error = BeginWalkToFile(context, path, FinalLink.Keep, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk from = state.Names.First;
            PathWalk to = state.Names.Second;
            error = to.Walk(context, process, state.Names.Root, newPath, FinalLink.Keep);
            error = error != Errno.None ? error
                : from.IsDirectory ? Errno.NotPermitted
                : to.Exists ? Errno.Exists
                : to.HasTrailingSlash ? Errno.NoEntry
                : CheckCreation(to, process);
            return error != Errno.None
                ? error
                : fileSystem.Link(context, from.File.Inode, to.Directory.Inode, to.Name).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> MakeSymbolicLink(CallContext context, ReadOnlySpan<byte> target, ReadOnlySpan<byte> path)
    {
        if (target.Length == 0)
        {
            return Errno.NoEntry;
        }

        if (target.Length > Limits.PathBytesMax)
        {
            return Errno.NameTooLong;
        }

        Errno error = BeginWalk(context, path, FinalLink.Keep, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = walk.Exists ? Errno.Exists : walk.HasTrailingSlash ? Errno.NoEntry : CheckCreation(walk, process);
            return error != Errno.None
                ? error
                : fileSystem.CreateSymbolicLink(
                    context, walk.Directory.Inode, walk.Name, target, process.UserId, process.GroupId).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }
}
