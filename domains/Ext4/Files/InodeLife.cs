using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.InodeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>How inodes come into being and go.</summary>
internal sealed class InodeLife(Volume volume)
{
    private const uint AttributeMagic = 0xEA020000;
    private const int AttributeReferenceCount = 0x04;
    private const int AttributeChecksum = 0x10;
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
        inode.Flags = parent.Flags & Ext4Spec.InodeFlags.Inherited;
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
        if (inode.HasExtents)
        {
            Errno error = volume.ExtentRemoval.Truncate(context, inode, 0);
            if (error != Errno.None)
            {
                return error;
            }
        }

        Errno freed = FreeAttributes(context, inode);
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

    /// <summary>A block of extended attributes may be shared by several inodes (attributes.rst): the last one frees it.</summary>
    private Errno FreeAttributes(CallContext context, Inode inode)
    {
        ulong block = inode.AttributeBlock;
        if (block == 0)
        {
            return Errno.None;
        }

        BlockBuffer buffer = default;
        Errno error = !volume.Superblock.IsInRange(block, 1)
            ? volume.Damaged($"inode {inode.Number}: attribute block {block}")
            : volume.Cache.Get(context, block, out buffer);
        if (error != Errno.None)
        {
            return error;
        }

        ReadOnlySpan<byte> bytes = volume.Cache.Read(context, buffer);
        uint references = U32(bytes, AttributeReferenceCount);
        if (U32(bytes, 0) != AttributeMagic || references == 0)
        {
            return volume.Damaged($"attribute block {block} of inode {inode.Number}: magic 0x{U32(bytes, 0):x8}");
        }

        uint expected = AttributeBlockChecksum(bytes, block);
        if (volume.Superblock.HasMetadataChecksum && U32(bytes, AttributeChecksum) != expected)
        {
            return volume.DamagedChecksum("attributes", block, U32(bytes, AttributeChecksum), expected);
        }

        inode.AttributeBlock = 0;
        volume.BlockAllocator.Charge(inode, -1);
        if (references == 1)
        {
            return volume.BlockAllocator.Free(context, block, 1, isMetadata: true);
        }

        Span<byte> shared = volume.Transaction.Modify(context, buffer);
        Put32(shared, AttributeReferenceCount, references - 1);
        if (volume.Superblock.HasMetadataChecksum)
        {
            Put32(shared, AttributeChecksum, AttributeBlockChecksum(shared, block));
        }

        return Errno.None;
    }

    private uint AttributeBlockChecksum(ReadOnlySpan<byte> bytes, ulong block)
    {
        uint crc = Checksum.Crc32C(volume.Superblock.ChecksumSeed, (uint)block);
        crc = Checksum.Crc32C(crc, (uint)(block >> 32));
        crc = Checksum.Crc32CZeroes(Checksum.Crc32C(crc, bytes[..AttributeChecksum]), 4);
        return Checksum.Crc32C(crc, bytes[(AttributeChecksum + 4)..]);
    }
}
