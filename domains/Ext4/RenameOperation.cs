using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>rename(2): the new name appears before the old one goes, and what had the new name is replaced in place.</summary>
internal sealed class RenameOperation(Volume volume, NameOperations names)
{
    private readonly ExchangeOperation exchange = new(volume, names);

    internal Errno Run(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName,
        RenameFlags flags)
    {
        Errno error = names.FindOld(context, directory, name, out Inode parent, out _, out Inode inode);
        Inode newParent = null!;
        if (error == Errno.None)
        {
            error = Directories.IsOwn(newName) ? Errno.InvalidArgument : NameOperations.CheckName(newName);
        }

        if (error == Errno.None)
        {
            error = volume.Inodes.LoadDirectory(context, newDirectory, out newParent);
        }

        if (error != Errno.None)
        {
            return error;
        }

        if (newParent.LinkCount == 0)
        {
            return Errno.NoEntry;
        }

        // The way up to the root may be longer than inodes stay in memory unless they are held.
        parent.HoldCount++;
        newParent.HoldCount++;
        inode.HoldCount++;
        error = inode.IsDirectory && parent != newParent ? exchange.CheckNotBelow(context, inode, newParent) : Errno.None;
        if (error == Errno.None)
        {
            error = (flags & RenameFlags.Exchange) != 0
                ? exchange.Run(context, parent, name, newParent, newName, inode)
                : Move(context, parent, name, newParent, newName, inode, (flags & RenameFlags.NoReplace) != 0);
        }

        parent.HoldCount--;
        newParent.HoldCount--;
        inode.HoldCount--;
        return error;
    }

    private Errno Move(
        CallContext context, Inode parent, ReadOnlySpan<byte> name, Inode newParent, ReadOnlySpan<byte> newName, Inode inode,
        bool keepsOther)
    {
        Inode? replaced = null;
        Errno error = volume.Directories.Find(context, newParent, newName, out DirectoryPlace place);
        if (error == Errno.None)
        {
            if (keepsOther)
            {
                return Errno.Exists;
            }

            if (place.Inode == inode.Number)
            {
                // Two names of one file: rename does nothing and both stay.
                return Errno.None;
            }

            error = CheckReplaceable(context, inode, place.Inode, out replaced);
        }
        else if (error == Errno.NoEntry)
        {
            error = Errno.None;
        }

        bool isSubdirectoryMoved = inode.IsDirectory && parent != newParent;
        if (error == Errno.None && isSubdirectoryMoved && replaced is null && !names.CanAddSubdirectory(newParent))
        {
            error = Errno.TooManyLinks;
        }

        if (error == Errno.None)
        {
            error = replaced is null
                ? volume.Directories.Add(context, newParent, newName, inode)
                : volume.Directories.Replace(context, newParent, newName, place, inode);
        }

        if (error == Errno.None)
        {
            error = RemoveOld(context, parent, name);
        }

        if (error == Errno.None && isSubdirectoryMoved)
        {
            error = MoveParentLink(context, parent, newParent, inode, replaced is null);
        }
        else if (error == Errno.None && inode.IsDirectory && replaced is not null)
        {
            NameOperations.DropSubdirectoryLink(parent);
        }

        return Finish(context, parent, newParent, inode, replaced, error);
    }

    /// <summary>The place of the old name may have changed with the directory's blocks: it is looked up again.</summary>
    private Errno RemoveOld(CallContext context, Inode parent, ReadOnlySpan<byte> name)
    {
        Errno error = volume.Directories.Find(context, parent, name, out DirectoryPlace place);
        return error == Errno.None ? volume.Directories.Remove(context, parent, name, place) : error;
    }

    private Errno MoveParentLink(CallContext context, Inode parent, Inode newParent, Inode inode, bool isAdditional)
    {
        NameOperations.DropSubdirectoryLink(parent);
        if (isAdditional)
        {
            names.AddSubdirectoryLink(newParent);
        }

        return volume.Directories.SetParent(context, inode, newParent);
    }

    private Errno Finish(CallContext context, Inode parent, Inode newParent, Inode inode, Inode? replaced, Errno error)
    {
        if (error == Errno.None)
        {
            volume.Life.TouchModification(context, parent);
            volume.Life.TouchModification(context, newParent);
            volume.Life.TouchChange(context, inode);
            error = volume.Inodes.Store(context, inode);
        }

        // Also after a failure: the blocks of the new directory may have changed.
        Errno stored = volume.Inodes.Store(context, parent);
        Errno newStored = volume.Inodes.Store(context, newParent);
        error = error != Errno.None ? error : stored != Errno.None ? stored : newStored;
        if (error != Errno.None || replaced is null)
        {
            return error;
        }

        return replaced.IsDirectory ? names.DropDirectory(context, replaced) : names.DropLink(context, replaced);
    }

    private Errno CheckReplaceable(CallContext context, Inode inode, uint number, out Inode? replaced)
    {
        replaced = null;
        Errno error = volume.Inodes.Load(context, number, out Inode old);
        if (error != Errno.None || old.LinkCount == 0)
        {
            return error is Errno.None or Errno.NoEntry
                ? volume.Damaged($"a directory names inode {number}, which is not in use")
                : error;
        }

        replaced = old;
        if (inode.IsDirectory)
        {
            return names.CheckRemovable(context, old);
        }

        return old.IsDirectory ? Errno.IsDirectory : Errno.None;
    }
}
