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

        // The directories of both names come first: what is wrong with them is told before a name that is missing, as in Linux.
        Errno error = BeginWalk(context, directory, path, FinalLink.KeepUnjudged, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk from = state.Names.First;
            PathWalk to = state.Names.Second;
            error = FindStart(process, newDirectory, newPath, out Location start);
            error = error != Errno.None ? error : to.Walk(context, process, start, newPath, FinalLink.KeepUnjudged);
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

    /// <summary>What the two names say by themselves, in the order of Linux; "." and ".." are EINVAL as POSIX has it.</summary>
    private static Errno CheckNames(PathWalk from, PathWalk to, RenameFlags flags)
    {
        bool exchanges = flags == RenameFlags.Exchange;
        bool needsDirectory = from.HasTrailingSlash || (to.HasTrailingSlash && !exchanges);
        return from.Mount != to.Mount ? Errno.CrossDevice
            : from.Final != FinalName.Normal ? Special(from)
            : to.Final != FinalName.Normal ? (flags == RenameFlags.NoReplace ? Errno.Exists : Special(to))
            : from.IsNameTooLong ? Errno.NameTooLong
            : !from.Exists ? Errno.NoEntry
            : to.IsNameTooLong ? Errno.NameTooLong
            : to.Exists && flags == RenameFlags.NoReplace ? Errno.Exists
            : !to.Exists && exchanges ? Errno.NoEntry
            : exchanges && to.HasTrailingSlash && !to.IsDirectory ? Errno.NotDirectory
            : needsDirectory && !from.IsDirectory ? Errno.NotDirectory
            : Errno.None;

        static Errno Special(PathWalk walk) => walk.Final == FinalName.Root ? Errno.Busy : Errno.InvalidArgument;
    }

    private static Errno CheckRename(CallContext context, Process process, PathWalk from, PathWalk to, RenameFlags flags)
    {
        bool exchanges = flags == RenameFlags.Exchange;
        Errno error = CheckNames(from, to, flags);
        error = error != Errno.None ? error : CheckPlaces(context, from, to, Errno.InvalidArgument);

        // A file that is to replace the directory it is in is EISDIR, as POSIX has it; Linux says ENOTEMPTY.
        error = error != Errno.None || !(exchanges || from.IsDirectory) ? error
            : CheckPlaces(context, to, from, exchanges ? Errno.InvalidArgument : Errno.NotEmpty);
        if (error != Errno.None || (to.Exists && to.File.Inode == from.File.Inode))
        {
            return error;
        }

        error = CheckRemoval(from, process);
        error = error != Errno.None ? error : to.Exists ? CheckRemoval(to, process) : CheckCreation(to, process);
        return error != Errno.None ? error
            : exchanges ? CheckMove(process, from, to) is var moved && moved != Errno.None ? moved : CheckMove(process, to, from)
            : to.Exists && from.IsDirectory && !to.IsDirectory ? Errno.NotDirectory
            : to.Exists && !from.IsDirectory && to.IsDirectory ? Errno.IsDirectory
            : CheckMove(process, from, to);
    }

    /// <summary>A directory cannot come to lie in itself, and one that the other name lies in is not empty.</summary>
    private static Errno CheckPlaces(CallContext context, PathWalk outer, PathWalk inner, Errno refusal)
    {
        if (!outer.IsDirectory || outer.Directory.Inode == inner.Directory.Inode)
        {
            return Errno.None;
        }

        var place = new Location(inner.Mount, inner.Directory.Inode);
        Errno error = Namespace.IsInside(context, place, outer.File.Inode, out bool isInside);
        return error == Errno.None && isInside ? refusal : error;
    }

    /// <summary>To move a directory changes its "..", which is to write to it.</summary>
    private static Errno CheckMove(Process process, PathWalk from, PathWalk to) =>
        !from.IsDirectory || from.Directory.Inode == to.Directory.Inode || Access.Allows(from.File, process, Access.Write)
            ? Errno.None
            : Errno.AccessDenied;
}
