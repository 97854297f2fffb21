using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The list on the disk of files that are to be deleted or cut when nobody is there any more to do it (orphan.rst): those
/// without a name that are still open, and those whose blocks are being freed over several transactions. The superblock has
/// the first, and each inode the next in the place of its time of deletion.
/// </summary>
internal sealed class OrphanList(Volume volume)
{
    /// <summary>Puts an inode on the list and stores it. Without a journal there is no list, as in Linux.</summary>
    internal Errno Add(CallContext context, Inode inode)
    {
        if (volume.Journal is null || inode.IsOrphan)
        {
            return volume.Inodes.Store(context, inode);
        }

        uint head = volume.Superblock.LastOrphan;
        if (head != 0)
        {
            Errno error = volume.Inodes.LoadReserved(context, head, out Inode next);
            if (error != Errno.None)
            {
                return error;
            }

            next.PreviousOrphan = inode.Number;
        }

        inode.IsOrphan = true;
        inode.PreviousOrphan = 0;
        inode.DeletionTime = head;
        volume.Superblock.LastOrphan = inode.Number;
        return volume.Inodes.Store(context, inode);
    }

    /// <summary>Takes an inode from the list; storing it is up to the caller.</summary>
    internal Errno Remove(CallContext context, Inode inode)
    {
        if (!inode.IsOrphan)
        {
            return Errno.None;
        }

        uint next = inode.DeletionTime;
        uint previous = inode.PreviousOrphan;
        Errno error = Errno.None;
        if (next != 0)
        {
            error = volume.Inodes.LoadReserved(context, next, out Inode following);
            if (error == Errno.None)
            {
                following.PreviousOrphan = previous;
            }
        }

        if (previous == 0)
        {
            volume.Superblock.LastOrphan = next;
        }
        else if (error == Errno.None)
        {
            error = volume.Inodes.LoadReserved(context, previous, out Inode before);
            if (error == Errno.None)
            {
                before.DeletionTime = next;
                error = volume.Inodes.Store(context, before);
            }
        }

        inode.IsOrphan = false;
        inode.DeletionTime = 0;
        return error;
    }

    /// <summary>Does what is left to do after a power cut.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="deleted">Files that have been deleted.</param>
    /// <param name="cut">Files that have been cut.</param>
    internal Errno Process(CallContext context, out uint deleted, out uint cut)
    {
        deleted = 0;
        cut = 0;
        Errno error = Errno.None;
        while (volume.Superblock.LastOrphan != 0 && error == Errno.None)
        {
            if (volume.Journal!.IsFull)
            {
                error = volume.Commit(context);
            }

            volume.Transaction.Begin();
            error = error == Errno.None ? ProcessFirst(context, ref deleted, ref cut) : error;
            volume.Transaction.End();
        }

        return error;
    }

    /// <summary>Each one leaves the list and cannot be on it again: it is free then, or at its end.</summary>
    private Errno ProcessFirst(CallContext context, ref uint deleted, ref uint cut)
    {
        uint number = volume.Superblock.LastOrphan;
        Errno error = volume.Inodes.LoadReserved(context, number, out Inode inode);
        if (error == Errno.None)
        {
            error = volume.InodeAllocator.CheckInUse(context, number, out bool isInUse);
            bool isRightNext = inode.DeletionTime <= volume.Superblock.InodeCount && inode.DeletionTime != number;
            if (error == Errno.None && !(isInUse && isRightNext && inode.Mode != 0))
            {
                error = volume.Damaged($"inode {number} is on the list of orphans, but not in use");
            }
        }

        if (error != Errno.None)
        {
            return error == Errno.NoEntry ? volume.Damaged($"inode {number} is on the list of orphans, but there is none") : error;
        }

        inode.IsOrphan = true;
        inode.PreviousOrphan = 0;
        return Finish(context, inode, ref deleted, ref cut);
    }

    /// <summary>Deletes a file, or cuts it to its size.</summary>
    internal Errno Finish(CallContext context, Inode inode, ref uint deleted, ref uint cut)
    {
        if (inode.LinkCount == 0)
        {
            deleted++;
            return volume.Life.Destroy(context, inode);
        }

        cut++;
        Errno error = volume.Files.CutToSize(context, inode);
        return error == Errno.None ? volume.Inodes.Store(context, inode) : error;
    }
}
