using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Calls that make names and take them away.</content>
internal sealed partial class SystemCalls
{
    private const uint DirectoryModeMask = 0x3FF;

    public Reply<Unit, Errno> MakeDirectory(CallContext context, int directory, ReadOnlySpan<byte> path, uint mode)
    {
        Errno error = BeginWalk(context, directory, path, FinalLink.Make, out Process process);
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

            uint directoryMode = CreationMode(walk, process, FileMode.Directory | (mode & DirectoryModeMask), out uint group);
            return walk.Mount.Files.Create(
                context, walk.Directory.Inode, walk.Name, directoryMode, process.Credentials.Effective.UserId, group)
                .ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> MakeNode(CallContext context, int directory, ReadOnlySpan<byte> path, uint mode, uint device)
    {
        uint type = (mode & FileMode.TypeMask) == 0 ? FileMode.Regular : mode & FileMode.TypeMask;
        bool isDevice = type is FileMode.CharacterDevice or FileMode.BlockDevice;
        if (!isDevice && type is not (FileMode.Regular or FileMode.Fifo or FileMode.Socket))
        {
            return type == FileMode.Directory ? Errno.NotPermitted : Errno.InvalidArgument;
        }

        Errno error = BeginWalk(context, directory, path, FinalLink.Make, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = walk.Exists ? Errno.Exists
                : walk.HasTrailingSlash ? Errno.NoEntry
                : CheckCreation(walk, process);
            error = error == Errno.None && isDevice && !process.Credentials.Effective.IsPrivileged ? Errno.NotPermitted : error;
            if (error != Errno.None)
            {
                return error;
            }

            uint nodeMode = CreationMode(walk, process, type | (mode & FileMode.PermissionMask), out uint group);
            uint user = process.Credentials.Effective.UserId;
            IFileSystem files = walk.Mount.Files;
            return isDevice
                ? files.CreateDevice(context, walk.Directory.Inode, walk.Name, nodeMode, device, user, group).ErrorOf().ToReply()
                : files.Create(context, walk.Directory.Inode, walk.Name, nodeMode, user, group).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> Unlink(CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags)
    {
        if ((flags & ~AtFlags.RemoveDirectory) != 0)
        {
            return Errno.InvalidArgument;
        }

        Errno error = BeginWalk(context, directory, path, FinalLink.KeepUnjudged, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            return (walk.IsNameTooLong ? Errno.NameTooLong
                : !walk.Exists ? Errno.NoEntry
                : (flags & AtFlags.RemoveDirectory) != 0 ? RemoveDirectory(context, process)
                : RemoveFile(context, process)).ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    private Errno RemoveDirectory(CallContext context, Process process)
    {
        PathWalk walk = state.Names.First;
        Errno error = walk.Final switch
        {
            FinalName.Root => Errno.Busy,
            FinalName.Dot => Errno.InvalidArgument,
            FinalName.DotDot => Errno.NotEmpty,
            _ => CheckRemoval(walk, process),
        };
        error = error == Errno.None && !walk.IsDirectory ? Errno.NotDirectory : error;
        return error != Errno.None
            ? error
            : walk.Mount.Files.RemoveDirectory(context, walk.Directory.Inode, walk.Name).ErrorOf();
    }

    private Errno RemoveFile(CallContext context, Process process)
    {
        // POSIX has EPERM for a directory; Linux deviates with EISDIR.
        PathWalk walk = state.Names.First;
        bool isName = walk.Final == FinalName.Normal && !walk.HasTrailingSlash;
        Errno error = isName ? CheckRemoval(walk, process) : walk.IsDirectory ? Errno.NotPermitted : Errno.NotDirectory;
        error = error == Errno.None && walk.IsDirectory ? Errno.NotPermitted : error;
        return error != Errno.None ? error : walk.Mount.Files.Unlink(context, walk.Directory.Inode, walk.Name).ErrorOf();
    }

    public Reply<Unit, Errno> Link(
        CallContext context, int directory, ReadOnlySpan<byte> path, int newDirectory, ReadOnlySpan<byte> newPath, AtFlags flags)
    {
        // linkat keeps a link unless told otherwise, the other way round than all others.
        AtFlags find = (flags & ~AtFlags.FollowLink) | ((flags & AtFlags.FollowLink) != 0 ? 0 : AtFlags.NoFollow);
        Errno error = BeginFind(context, directory, path, find, AtFlags.NoFollow, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk from = state.Names.First;
            PathWalk to = state.Names.Second;
            error = FindStart(process, newDirectory, newPath, out Location start);
            error = error != Errno.None ? error : to.Walk(context, process, start, newPath, FinalLink.Make);
            error = error != Errno.None ? error
                : to.Exists ? Errno.Exists
                : to.HasTrailingSlash ? Errno.NoEntry
                : from.FileMount != to.Mount ? Errno.CrossDevice
                : from.IsDirectory ? Errno.NotPermitted
                : from.File.LinkCount == 0 ? Errno.NoEntry
                : CheckCreation(to, process);
            return error != Errno.None
                ? error
                : to.Mount.Files.Link(context, from.File.Inode, to.Directory.Inode, to.Name).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> MakeSymbolicLink(
        CallContext context, ReadOnlySpan<byte> target, int directory, ReadOnlySpan<byte> path)
    {
        if (target.Length is 0 or > Limits.PathBytesMax)
        {
            return target.Length == 0 ? Errno.NoEntry : Errno.NameTooLong;
        }

        Errno error = BeginWalk(context, directory, path, FinalLink.Make, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            error = walk.Exists ? Errno.Exists : walk.HasTrailingSlash ? Errno.NoEntry : CheckCreation(walk, process);
            if (error != Errno.None)
            {
                return error;
            }

            _ = CreationMode(walk, process, FileMode.SymbolicLink, out uint group);
            return walk.Mount.Files.CreateSymbolicLink(
                context, walk.Directory.Inode, walk.Name, target, process.Credentials.Effective.UserId, group).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }
}
