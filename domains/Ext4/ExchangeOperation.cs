using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>renameat2(2) with RENAME_EXCHANGE: two names, of whatever type, change places; no name is gone at any time.</summary>
internal sealed class ExchangeOperation(Volume volume, NameOperations names)
{
    /// <summary>Exchanges a name with another one.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="parent">Directory of the first name; held, like the next two inodes.</param>
    /// <param name="name">The first name.</param>
    /// <param name="newParent">Directory of the second name; the first file does not lie above it.</param>
    /// <param name="newName">The second name.</param>
    /// <param name="inode">What has the first name.</param>
    internal Errno Run(
        CallContext context, Inode parent, ReadOnlySpan<byte> name, Inode newParent, ReadOnlySpan<byte> newName, Inode inode)
    {
        Errno error = names.FindOld(context, newParent.Number, newName, out _, out _, out Inode other);
        if (error != Errno.None || other == inode)
        {
            return error;
        }

        other.HoldCount++;
        error = other.IsDirectory && parent != newParent ? CheckNotBelow(context, other, parent) : Errno.None;
        if (error == Errno.None && parent != newParent && inode.IsDirectory != other.IsDirectory)
        {
            Inode gaining = inode.IsDirectory ? newParent : parent;
            error = names.CanAddSubdirectory(gaining) ? Errno.None : Errno.TooManyLinks;
        }

        if (error == Errno.None)
        {
            error = Swap(context, parent, name, newParent, newName, inode, other);
        }

        other.HoldCount--;
        return error;
    }

    private Errno Swap(
        CallContext context, Inode parent, ReadOnlySpan<byte> name, Inode newParent, ReadOnlySpan<byte> newName,
        Inode inode, Inode other)
    {
        Errno error = Put(context, newParent, newName, inode);
        if (error == Errno.None)
        {
            error = Put(context, parent, name, other);
        }

        if (error == Errno.None && parent != newParent)
        {
            error = MoveParents(context, parent, newParent, inode, other);
        }

        volume.Life.TouchModification(context, parent);
        volume.Life.TouchModification(context, newParent);
        volume.Life.TouchChange(context, inode);
        volume.Life.TouchChange(context, other);
        error = Store(context, parent, error);
        error = Store(context, newParent, error);
        error = Store(context, inode, error);
        return Store(context, other, error);
    }

    private Errno Store(CallContext context, Inode inode, Errno error)
    {
        Errno stored = volume.Inodes.Store(context, inode);
        return error != Errno.None ? error : stored;
    }

    private Errno Put(CallContext context, Inode directory, ReadOnlySpan<byte> name, Inode inode)
    {
        Errno error = volume.Directories.Find(context, directory, name, out DirectoryPlace place);
        return error == Errno.None ? volume.Directories.Replace(context, directory, name, place, inode) : error;
    }

    private Errno MoveParents(CallContext context, Inode parent, Inode newParent, Inode inode, Inode other)
    {
        Errno error = inode.IsDirectory ? volume.Directories.SetParent(context, inode, newParent) : Errno.None;
        if (error == Errno.None && other.IsDirectory)
        {
            error = volume.Directories.SetParent(context, other, parent);
        }

        if (inode.IsDirectory != other.IsDirectory)
        {
            NameOperations.DropSubdirectoryLink(inode.IsDirectory ? parent : newParent);
            names.AddSubdirectoryLink(inode.IsDirectory ? newParent : parent);
        }

        return error;
    }

    /// <summary>A directory must not move below itself: looks at every directory from the new place to the root.</summary>
    internal Errno CheckNotBelow(CallContext context, Inode inode, Inode newParent)
    {
        uint current = newParent.Number;
        for (int depth = 0; depth < Ext4Limits.DirectoryDepthMax; depth++)
        {
            if (current == inode.Number)
            {
                return Errno.InvalidArgument;
            }

            if (current == Ext4Spec.RootInode)
            {
                return Errno.None;
            }

            Errno error = volume.Inodes.LoadDirectory(context, current, out Inode directory);
            if (error == Errno.None)
            {
                error = volume.Directories.GetParent(context, directory, out current);
            }

            if (error != Errno.None)
            {
                return error == Errno.NoEntry
                    ? volume.Damaged($"directory {current} is not in use, but others lie below it")
                    : error;
            }
        }

        return volume.Damaged($"directory {newParent.Number} does not lie below the root");
    }
}
