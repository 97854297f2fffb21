using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>rename(2) and renameat2(2).</content>
internal sealed partial class SystemCalls
{
    private const RenameFlags AllRenameFlags = RenameFlags.NoReplace | RenameFlags.Exchange;

    public Reply<Unit, Errno> Rename(
        CallContext context,
        int directory,
        ReadOnlySpan<byte> path,
        int newDirectory,
        ReadOnlySpan<byte> newPath,
        RenameFlags flags)
    {
        if ((flags & ~AllRenameFlags) != 0 || flags == AllRenameFlags)
        {
            return Errno.InvalidArgument;
        }

        Errno error = BeginWalkToFile(context, directory, path, FinalLink.KeepAlways, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk from = state.Names.First;
            PathWalk to = state.Names.Second;
            error = FindStart(process, newDirectory, newPath, out Location start);
            error = error != Errno.None ? error : to.Walk(context, process, start, newPath, FinalLink.KeepAlways);
            error = error != Errno.None ? error : CheckRename(context, process, from, to, flags);
            if (error != Errno.None)
            {
                return error;
            }

            // Two names of one file: POSIX has rename do nothing, successfully.
            return to.Exists && to.File.Inode == from.File.Inode
                ? default(Unit)
                : from.Mount.Files.Rename(context, from.Directory.Inode, from.Name, to.Directory.Inode, to.Name, flags)
                    .ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    private static Errno CheckRename(CallContext context, Process process, PathWalk from, PathWalk to, RenameFlags flags)
    {
        if (from.Final == FinalName.Root || to.Final == FinalName.Root)
        {
            return Errno.Busy;
        }

        if (from.Final != FinalName.Normal || to.Final != FinalName.Normal)
        {
            return Errno.InvalidArgument;
        }

        if (from.Mount != to.Mount)
        {
            return Errno.CrossDevice;
        }

        bool exchanges = flags == RenameFlags.Exchange;
        if (exchanges && !to.Exists)
        {
            return Errno.NoEntry;
        }

        if (!from.IsDirectory && to.HasTrailingSlash)
        {
            return Errno.NotDirectory;
        }

        Errno error = CheckRemoval(from, process);
        error = error != Errno.None ? error : to.Exists ? CheckRemoval(to, process) : CheckCreation(to, process);
        error = error == Errno.None && to.Exists && flags == RenameFlags.NoReplace ? Errno.Exists : error;
        if (error != Errno.None || (to.Exists && to.File.Inode == from.File.Inode))
        {
            return error;
        }

        error = CheckMove(context, process, from, to);
        error = error == Errno.None && exchanges ? CheckMove(context, process, to, from) : error;
        return error != Errno.None || exchanges ? error
            : to.Exists && from.IsDirectory && !to.IsDirectory ? Errno.NotDirectory
            : to.Exists && !from.IsDirectory && to.IsDirectory ? Errno.IsDirectory
            : Errno.None;
    }

    /// <summary>A directory cannot come to lie in itself, and to change its ".." is to write to it.</summary>
    private static Errno CheckMove(CallContext context, Process process, PathWalk from, PathWalk to)
    {
        if (!from.IsDirectory || from.Directory.Inode == to.Directory.Inode)
        {
            return Errno.None;
        }

        var target = new Location(to.Mount, to.Directory.Inode);
        Errno error = Namespace.IsInside(context, target, from.File.Inode, out bool isInside);
        return error != Errno.None ? error
            : isInside ? Errno.InvalidArgument
            : Access.Allows(from.File, process, Access.Write) ? Errno.None
            : Errno.AccessDenied;
    }
}
