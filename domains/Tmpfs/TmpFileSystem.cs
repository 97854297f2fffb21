using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Tmpfs;

/// <summary>The file system. This part has the inodes and their attributes; the others names and data.</summary>
internal sealed partial class TmpFileSystem : IFileSystem
{
    private const ulong RootNumber = 1;
    private const uint RootMode = FileMode.Directory | 0x3FF;
    private const ulong FileSystemId = 0x01021994;

    private readonly Dictionary<ulong, TmpInode> inodes = new();
    private readonly Space space;
    private ulong lastNumber;
    private bool isUnmounted;

    public TmpFileSystem(CallContext context, Space space)
    {
        this.space = space;
        TmpInode root = Make(context, RootMode, 0, 0, 0, []);
        root.Attributes.LinkCount = 2;
        root.Parent = RootNumber;
    }

    public Reply<FileSystemStatus, Errno> GetStatus(CallContext context) => isUnmounted
        ? Errno.NoDevice
        : new FileSystemStatus
        {
            RootInode = RootNumber,
            BlockCount = (ulong)space.PageCount,
            FreeBlockCount = (ulong)space.FreePageCount,
            AvailableBlockCount = (ulong)space.FreePageCount,
            InodeCount = (ulong)space.InodeCount,
            FreeInodeCount = (ulong)space.FreeInodeCount,
            BlockBytes = TmpfsLimits.PageBytes,
            NameBytesMax = TmpfsLimits.NameBytesMax,
            Id = FileSystemId,
        };

    public Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode)
    {
        Errno error = Find(inode, out TmpInode file);
        return error != Errno.None ? error : file.Describe();
    }

    public Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change)
    {
        Errno error = Find(inode, out TmpInode file);
        bool sizes = (change.Fields & FileAttributeFields.Size) != 0;
        error = error != Errno.None ? error
            : !sizes ? Errno.None
            : file.IsDirectory ? Errno.IsDirectory
            : !file.IsRegular ? Errno.InvalidArgument
            : change.SizeBytes > TmpfsLimits.FileBytesMax ? Errno.FileTooLarge
            : Errno.None;
        if (error != Errno.None)
        {
            return error;
        }

        ref FileAttributes attributes = ref file.Attributes;
        attributes.ChangeTime = Now(context);
        if (sizes)
        {
            Resize(file, change.SizeBytes);
            attributes.ModificationTime = attributes.ChangeTime;
        }

        Assign(ref attributes, change);
        return file.Describe();
    }

    private static void Assign(ref FileAttributes attributes, in FileAttributesChange change)
    {
        FileAttributeFields fields = change.Fields;
        if ((fields & FileAttributeFields.Mode) != 0)
        {
            attributes.Mode = (attributes.Mode & FileMode.TypeMask) | (change.Mode & FileMode.PermissionMask);
        }

        attributes.UserId = (fields & FileAttributeFields.UserId) != 0 ? change.UserId : attributes.UserId;
        attributes.GroupId = (fields & FileAttributeFields.GroupId) != 0 ? change.GroupId : attributes.GroupId;
        attributes.AccessTime = (fields & FileAttributeFields.AccessTime) != 0 ? change.AccessTime : attributes.AccessTime;
        attributes.ModificationTime =
            (fields & FileAttributeFields.ModificationTime) != 0 ? change.ModificationTime : attributes.ModificationTime;
    }

    public Reply<Unit, Errno> Hold(CallContext context, ulong inode)
    {
        Errno error = Find(inode, out TmpInode file);
        if (error != Errno.None)
        {
            return error;
        }

        file.HoldCount++;
        return default(Unit);
    }

    public Reply<Unit, Errno> Release(CallContext context, ulong inode)
    {
        Errno error = Find(inode, out TmpInode file);
        if (error != Errno.None || file.HoldCount == 0)
        {
            return error != Errno.None ? error : Errno.InvalidArgument;
        }

        file.HoldCount--;
        FreeIfUnused(file);
        return default(Unit);
    }

    public Reply<int, Errno> GetExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value)
    {
        Errno error = Find(inode, out TmpInode file);
        return error != Errno.None ? error
            : !HasKnownPrefix(name) ? Errno.NotSupported
            : file.Extended?.Get(name, value) ?? Errno.NoData;
    }

    public Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags)
    {
        Errno error = Find(inode, out TmpInode file);
        error = error != Errno.None ? error
            : !HasKnownPrefix(name) ? Errno.NotSupported
            : name.Length > TmpfsLimits.NameBytesMax ? Errno.Range
            : value.Length > TmpfsLimits.AttributeBytesMax ? Errno.ArgumentsTooLong
            : (file.Extended ??= new AttributeTable()).Set(name, value, flags);
        return Changed(context, file, error);
    }

    public Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names)
    {
        Errno error = Find(inode, out TmpInode file);
        return error != Errno.None ? error : file.Extended?.List(names) ?? 0;
    }

    public Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name)
    {
        Errno error = Find(inode, out TmpInode file);
        error = error != Errno.None ? error
            : !HasKnownPrefix(name) ? Errno.NotSupported
            : file.Extended?.Remove(name) ?? Errno.NoData;
        return Changed(context, file, error);
    }

    public Reply<Unit, Errno> SyncFile(CallContext context, ulong inode, bool isDataOnly)
    {
        Errno error = Find(inode, out _);
        return error != Errno.None ? error : default(Unit);
    }

    public Reply<Unit, Errno> Sync(CallContext context) => isUnmounted ? Errno.NoDevice : default(Unit);

    public Reply<Unit, Errno> Unmount(CallContext context)
    {
        inodes.Clear();
        isUnmounted = true;
        return default(Unit);
    }

    private static FileTime Now(CallContext context)
    {
        (long seconds, long micros) = Math.DivRem(context.WallClockMicros, 1_000_000);
        return new FileTime { Seconds = seconds, Nanoseconds = (uint)(micros * 1000) };
    }

    private static bool HasKnownPrefix(ReadOnlySpan<byte> name) =>
        name.StartsWith("user."u8) || name.StartsWith("trusted."u8) || name.StartsWith("security."u8);

    private static Reply<Unit, Errno> Changed(CallContext context, TmpInode file, Errno error)
    {
        if (error != Errno.None)
        {
            return error;
        }

        file.Attributes.ChangeTime = Now(context);
        return default(Unit);
    }

    private Errno Find(ulong number, out TmpInode inode)
    {
        bool isFound = inodes.TryGetValue(number, out TmpInode? found);
        inode = found!;
        return isFound ? Errno.None : isUnmounted ? Errno.NoDevice : Errno.NoEntry;
    }

    /// <summary>Makes an inode without a name; the space for it has been taken.</summary>
    private TmpInode Make(CallContext context, uint mode, uint device, uint userId, uint groupId, byte[] target)
    {
        lastNumber++;
        FileTime now = Now(context);
        var attributes = new FileAttributes
        {
            Inode = lastNumber,
            SizeBytes = (ulong)target.Length,
            Mode = mode,
            LinkCount = 1,
            UserId = userId,
            GroupId = groupId,
            DeviceNumber = device,
            BlockBytes = TmpfsLimits.PageBytes,
            AccessTime = now,
            ModificationTime = now,
            ChangeTime = now,
            CreationTime = now,
        };
        bool isDirectory = (mode & FileMode.TypeMask) == FileMode.Directory;
        attributes.SizeBytes = isDirectory ? TmpfsLimits.PageBytes : attributes.SizeBytes;
        var inode = new TmpInode(attributes, space) { Names = isDirectory ? new NameTable() : null, Target = target };
        inodes.Add(lastNumber, inode);
        return inode;
    }

    private void FreeIfUnused(TmpInode file)
    {
        if (file.Attributes.LinkCount == 0 && file.HoldCount == 0)
        {
            file.Data.Truncate(0);
            inodes.Remove(file.Number);
            space.GiveInode();
        }
    }
}
