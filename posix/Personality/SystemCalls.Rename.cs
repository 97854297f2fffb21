using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>rename(2).</content>
internal sealed partial class SystemCalls
{
    public Reply<Unit, Errno> Rename(CallContext context, ReadOnlySpan<byte> path, ReadOnlySpan<byte> newPath)
    {
        Errno error = BeginWalkToFile(context, path, FinalLink.KeepAlways, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk from = state.Names.First;
            PathWalk to = state.Names.Second;
            error = to.Walk(context, process, state.Names.Root, newPath, FinalLink.KeepAlways);
            error = error != Errno.None ? error : CheckRename(context, process, from, to);
            if (error != Errno.None)
            {
                return error;
            }

            // Two names of one file: POSIX has rename do nothing, successfully.
            return to.Exists && to.File.Inode == from.File.Inode
                ? default(Unit)
                : fileSystem.Rename(context, from.Directory.Inode, from.Name, to.Directory.Inode, to.Name, RenameFlags.None).ErrorOf().ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    private Errno CheckRename(CallContext context, Process process, PathWalk from, PathWalk to)
    {
        if (from.Final == FinalName.Root || to.Final == FinalName.Root)
        {
            return Errno.Busy;
        }

        if (from.Final != FinalName.Normal || to.Final != FinalName.Normal)
        {
            return Errno.InvalidArgument;
        }

        if (!from.IsDirectory && to.HasTrailingSlash && !to.Exists)
        {
            return Errno.NotDirectory;
        }

        Errno error = Access.CheckRemoval(from.Directory, from.File, process);
        error = error != Errno.None ? error
            : to.Exists ? Access.CheckRemoval(to.Directory, to.File, process)
            : CheckCreation(to, process);
        if (error != Errno.None || (to.Exists && to.File.Inode == from.File.Inode))
        {
            return error;
        }

        if (from.IsDirectory)
        {
            error = state.Names.IsInside(context, to.Directory.Inode, from.File.Inode, out bool isInside);
            error = error == Errno.None && isInside ? Errno.InvalidArgument : error;
        }

        return error != Errno.None ? error
            : to.Exists && from.IsDirectory && !to.IsDirectory ? Errno.NotDirectory
            : to.Exists && !from.IsDirectory && to.IsDirectory ? Errno.IsDirectory
            : Errno.None;
    }
}
