using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.InodeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>The contract: each method is one operation, and a change is one transaction.</summary>
internal sealed partial class Ext4FileSystem(Volume volume, bool wasClean) : IFileSystem
{
    private readonly NameOperations names = new(volume);
    private bool isUnmounted;

    /// <summary>The journal; null when there is none.</summary>
    internal Journal? Journal => volume.Journal;

    internal bool IsUnmounted => isUnmounted;

    private RenameOperation Renames { get; } = new(volume, new NameOperations(volume));

    /// <inheritdoc/>
    public Reply<FileSystemStatus, Errno> GetStatus(CallContext context)
    {
        Superblock superblock = volume.Superblock;
        ulong free = superblock.FreeBlocks;
        return isUnmounted ? Errno.NoDevice : new FileSystemStatus
        {
            RootInode = Ext4Spec.RootInode,
            BlockCount = superblock.BlockCount,
            FreeBlockCount = free,
            AvailableBlockCount = free - Math.Min(free, superblock.ReservedBlocks + volume.BlockAllocator.KeptBackBlocks),
            InodeCount = superblock.InodeCount,
            FreeInodeCount = superblock.FreeInodes,
            BlockBytes = superblock.BlockBytes,
            NameBytesMax = Ext4Spec.NameBytesMax,
            IsReadOnly = volume.IsReadOnly,
            Id = LittleEndian.U64(superblock.Uuid, 0) ^ LittleEndian.U64(superblock.Uuid, 8),
        };
    }

    /// <inheritdoc/>
    public Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = isUnmounted ? Errno.NoDevice : NameOperations.CheckName(name);
        Inode inode = null!;
        if (error == Errno.None)
        {
            error = volume.Inodes.LoadDirectory(context, directory, out inode);
        }

        uint number = 0;
        if (error == Errno.None)
        {
            error = volume.Directories.LookUp(context, inode, name, out number);
        }

        return error == Errno.None ? GetAttributes(context, number) : error;
    }

    /// <inheritdoc/>
    public Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode)
    {
        Errno error = Load(context, inode, out Inode loaded);
        return error == Errno.None ? Describe(loaded) : error;
    }

    /// <inheritdoc/>
    public Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change)
    {
        Errno error = BeginChange(context);
        if (error != Errno.None)
        {
            return error;
        }

        error = Load(context, inode, out Inode loaded);
        if (error == Errno.None)
        {
            error = Apply(context, loaded, change);
        }

        EndChange(context);
        return error == Errno.None ? Describe(loaded) : error;
    }

    /// <inheritdoc/>
    public Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer)
    {
        Errno error = LoadRegular(context, inode, out Inode loaded);
        if (error != Errno.None)
        {
            return error;
        }

        error = volume.Files.Read(context, loaded, offset, buffer, out int count);
        if (error == Errno.None && buffer.Length > 0)
        {
            NoteAccess(context, loaded, isStart: offset == 0);
        }

        return error == Errno.None || count > 0 ? count : error;
    }

    /// <inheritdoc/>
    public Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data)
    {
        Errno error = BeginChange(context);
        if (error != Errno.None)
        {
            return error;
        }

        int count = 0;
        error = LoadRegular(context, inode, out Inode loaded);
        if (error == Errno.None && loaded.HasFlag(Ext4Spec.InodeFlags.Immutable))
        {
            error = Errno.NotPermitted;
        }

        if (error == Errno.None && !data.IsEmpty)
        {
            error = volume.Files.Write(context, loaded, offset, data, out count);
            volume.Life.TouchModification(context, loaded);
            Errno stored = volume.Inodes.Store(context, loaded);
            error = error != Errno.None ? error : stored;
        }

        EndChange(context);
        return error == Errno.None ? count : error;
    }

    /// <inheritdoc/>
    public Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer)
    {
        if (isUnmounted)
        {
            return Errno.NoDevice;
        }

        Errno error = volume.Inodes.LoadDirectory(context, directory, out Inode inode);
        int written = 0;
        if (error == Errno.None)
        {
            error = volume.Directories.List(context, inode, cookie, buffer, out written);
        }

        if (error == Errno.None)
        {
            NoteAccess(context, inode, isStart: cookie == 0);
        }

        return error == Errno.None ? written : error;
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> Hold(CallContext context, ulong inode)
    {
        Errno error = Load(context, inode, out Inode loaded);
        if (error == Errno.None && loaded.HoldCount == 0 && volume.Inodes.HeldCount >= Ext4Limits.HeldInodesMax)
        {
            error = Errno.SystemFilesExhausted;
        }

        if (error == Errno.None)
        {
            volume.Inodes.HeldCount += loaded.HoldCount == 0 ? 1 : 0;
            loaded.HoldCount++;
        }

        return Answer(error);
    }

    /// <inheritdoc/>
    public Reply<Unit, Errno> Release(CallContext context, ulong inode)
    {
        Errno error = Load(context, inode, out Inode loaded);
        if (error == Errno.None && loaded.HoldCount == 0)
        {
            error = Errno.InvalidArgument;
        }

        if (error != Errno.None)
        {
            return error;
        }

        loaded.HoldCount--;
        if (loaded.HoldCount > 0)
        {
            return default(Unit);
        }

        volume.Inodes.HeldCount--;
        if (loaded.LinkCount == 0 && BeginChange(context) == Errno.None)
        {
            error = volume.Life.Destroy(context, loaded);
            EndChange(context);
        }

        return Answer(error);
    }

    private static Reply<Unit, Errno> Answer(Errno error) => error == Errno.None ? default(Unit) : error;

    private Errno Load(CallContext context, ulong number, out Inode inode)
    {
        inode = null!;
        return isUnmounted ? Errno.NoDevice : volume.Inodes.Load(context, number, out inode);
    }

    private Errno LoadRegular(CallContext context, ulong number, out Inode inode)
    {
        Errno error = Load(context, number, out inode);
        return error != Errno.None || inode.IsRegular ? error : inode.IsDirectory ? Errno.IsDirectory : Errno.InvalidArgument;
    }

    /// <summary>Begins a change; the running transaction is committed first if it has no room for another, or is old.</summary>
    private Errno BeginChange(CallContext context)
    {
        if (isUnmounted)
        {
            return Errno.NoDevice;
        }

        if (volume.Cache.HasMetadataWriteFailed)
        {
            volume.BecomeReadOnly("metadata could not be written to the disk: nothing is written any more");
        }

        if (volume.IsReadOnly)
        {
            return Errno.ReadOnlyFileSystem;
        }

        if (volume.Journal is { } journal && (journal.IsFull || journal.IsOld(context) || IsRoomPending))
        {
            // Lost file data is told by the next sync.
            _ = volume.Commit(context);
            if (volume.IsReadOnly)
            {
                return Errno.ReadOnlyFileSystem;
            }
        }

        volume.Transaction.Begin();
        return Errno.None;
    }

    /// <summary>The disk is nearly full but for what becomes free with the next commit.</summary>
    private bool IsRoomPending =>
        volume.BlockAllocator.PendingFrees.Count > 0 && volume.BlockAllocator.RoomBlocks < Ext4Limits.ReadyBlocksMin;

    /// <summary>A cache that is dirty for the most part is written at once, in the order of the disk.</summary>
    private void EndChange(CallContext context)
    {
        volume.Transaction.End();
        if (volume.Cache.DirtyCount > volume.Cache.PageCountMax / 4 * Ext4Limits.DirtyQuartersMax)
        {
            _ = volume.Cache.WriteBack(context);
        }
    }

    private FileAttributes Describe(Inode inode)
    {
        int sectorsPerUnit = inode.HasFlag(Ext4Spec.InodeFlags.HugeFile) ? volume.BlockBytes / Ext4Spec.SectorBytes : 1;
        return new FileAttributes
        {
            Inode = inode.Number,
            SizeBytes = inode.SizeBytes,
            SectorCount = inode.SectorCount * (uint)sectorsPerUnit,
            Mode = inode.Mode,
            LinkCount = inode.LinkCount,
            UserId = inode.UserId,
            GroupId = inode.GroupId,
            DeviceNumber = inode.Type is FileMode.CharacterDevice or FileMode.BlockDevice ? inode.DeviceNumber : 0,
            Generation = inode.Generation,
            BlockBytes = (uint)volume.BlockBytes,
            AccessTime = inode.GetTime(Spec.AccessTime, Spec.AccessTimeExtra),
            ModificationTime = inode.GetTime(Spec.ModificationTime, Spec.ModificationTimeExtra),
            ChangeTime = inode.GetTime(Spec.ChangeTime, Spec.ChangeTimeExtra),
            CreationTime = inode.Fits(Spec.CreationTime, 8)
                ? inode.GetTime(Spec.CreationTime, Spec.CreationTimeExtra)
                : default,
        };
    }

    private Errno Apply(CallContext context, Inode inode, in FileAttributesChange change)
    {
        FileAttributeFields fields = change.Fields;
        Errno error = Errno.None;
        if ((fields & FileAttributeFields.Size) != 0)
        {
            error = !inode.IsRegular
                ? (inode.IsDirectory ? Errno.IsDirectory : Errno.InvalidArgument)
                : volume.Files.SetSize(context, inode, change.SizeBytes);
            if (error == Errno.None)
            {
                volume.Life.TouchModification(context, inode);
            }
        }

        if (error != Errno.None)
        {
            return error;
        }

        inode.Mode = (fields & FileAttributeFields.Mode) != 0 ? inode.Type | (change.Mode & FileMode.PermissionMask) : inode.Mode;
        inode.UserId = (fields & FileAttributeFields.UserId) != 0 ? change.UserId : inode.UserId;
        inode.GroupId = (fields & FileAttributeFields.GroupId) != 0 ? change.GroupId : inode.GroupId;
        if ((fields & FileAttributeFields.AccessTime) != 0)
        {
            inode.SetTime(Spec.AccessTime, Spec.AccessTimeExtra, change.AccessTime);
        }

        if ((fields & FileAttributeFields.ModificationTime) != 0)
        {
            inode.SetTime(Spec.ModificationTime, Spec.ModificationTimeExtra, change.ModificationTime);
        }

        volume.Life.TouchChange(context, inode);
        return volume.Inodes.Store(context, inode);
    }
}
