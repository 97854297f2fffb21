using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.InodeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>How inodes come into being and go.</summary>
internal sealed class InodeLife(Volume volume)
{
    private const uint SetGroupId = 0x400;

    /// <summary>The system's time as inodes have it.</summary>
    internal static FileTime Now(CallContext context)
    {
        long micros = context.WallClockMicros;
        return new FileTime { Seconds = micros / 1_000_000, Nanoseconds = (uint)(micros % 1_000_000) * 1000 };
    }

    /// <summary>Allocates an inode and fills it in; it has no name yet and is not stored.</summary>
    internal Errno Create(CallContext context, Inode parent, uint mode, uint userId, uint groupId, out Inode inode)
    {
        inode = null!;
        bool isDirectory = (mode & FileMode.TypeMask) == FileMode.Directory;
        Errno error = volume.InodeAllocator.Allocate(context, parent, isDirectory, out uint number);
        if (error != Errno.None)
        {
            return error;
        }

        inode = volume.Inodes.TakeNew(number);
        bool inheritsGroup = (parent.Mode & SetGroupId) != 0;
        bool isOther = !isDirectory && (mode & FileMode.TypeMask) != FileMode.Regular;
        inode.Flags = parent.Flags & (isOther ? Ext4Spec.InodeFlags.InheritedByOthers : Ext4Spec.InodeFlags.Inherited);
        inode.UserId = userId;
        inode.GroupId = inheritsGroup ? parent.GroupId : groupId;
        inode.Generation = volume.NextGeneration(context);
        inode.LinkCount = isDirectory ? 2u : 1;
        Initialize(context, inode, mode | (inheritsGroup && isDirectory ? SetGroupId : 0));
        return Errno.None;
    }

    /// <summary>A reserved inode of a new file system.</summary>
    internal Errno CreateReserved(CallContext context, uint number, uint mode, out Inode inode)
    {
        inode = volume.Inodes.TakeNew(number);
        inode.LinkCount = 1;
        Initialize(context, inode, mode);
        return Errno.None;
    }

    /// <summary>Frees an inode without a name, with all that it owns.</summary>
    internal Errno Destroy(CallContext context, Inode inode)
    {
        bool isDirectory = inode.IsDirectory;
        if (inode.HasBlocks)
        {
            Errno error = volume.ExtentRemoval.Truncate(context, inode, 0);
            if (error != Errno.None)
            {
                return error;
            }
        }

        Errno freed = volume.Attributes.Blocks.Release(context, inode);
        if (freed != Errno.None)
        {
            return freed;
        }

        Errno listed = volume.Orphans.Remove(context, inode);
        if (listed != Errno.None)
        {
            return listed;
        }

        inode.LinkCount = 0;
        inode.SizeBytes = 0;
        inode.DeletionTime = (uint)Now(context).Seconds;
        Errno stored = volume.Inodes.Store(context, inode);
        return stored != Errno.None ? stored : volume.InodeAllocator.Free(context, inode.Number, isDirectory);
    }

    internal void TouchChange(CallContext context, Inode inode) =>
        inode.SetTime(Spec.ChangeTime, Spec.ChangeTimeExtra, Now(context));

    internal void TouchModification(CallContext context, Inode inode)
    {
        FileTime now = Now(context);
        inode.SetTime(Spec.ModificationTime, Spec.ModificationTimeExtra, now);
        inode.SetTime(Spec.ChangeTime, Spec.ChangeTimeExtra, now);
    }

    private void Initialize(CallContext context, Inode inode, uint mode)
    {
        inode.Mode = mode;
        if (volume.Superblock.InodeBytes > Ext4Spec.GoodInodeBytes)
        {
            Put16(inode.Raw, Spec.ExtraBytes, (uint)volume.Superblock.ExtraInodeBytes);
        }

        SetNewTimes(inode, Now(context));
        if (inode.IsRegular || inode.IsDirectory)
        {
            InitializeMap(inode);
        }
    }

    /// <summary>A map of no blocks: of extents, or on a file system that has none (ext2, ext3) of block numbers, which are all 0.</summary>
    internal void InitializeMap(Inode inode)
    {
        if (volume.Superblock.HasIncompatible(Features.IncompatExtents))
        {
            ExtentTree.Initialize(inode);
        }
    }

    private static void SetNewTimes(Inode inode, FileTime now)
    {
        inode.SetTime(Spec.AccessTime, Spec.AccessTimeExtra, now);
        inode.SetTime(Spec.ModificationTime, Spec.ModificationTimeExtra, now);
        inode.SetTime(Spec.ChangeTime, Spec.ChangeTimeExtra, now);
        if (inode.Fits(Spec.CreationTime, 8))
        {
            inode.SetTime(Spec.CreationTime, Spec.CreationTimeExtra, now);
        }
    }
}
