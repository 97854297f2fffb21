using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>What can be done with names: create, link, unlink, and the rules of POSIX for each. Rename is next door.</summary>
internal sealed class NameOperations(Volume volume)
{
    /// <summary>Longest symbolic link that fits into the inode itself.</summary>
    private const int FastLinkBytesMax = InodeSpec.BlockBytes - 1;

    internal static Errno CheckName(ReadOnlySpan<byte> name)
    {
        if (name.Length > Ext4Spec.NameBytesMax)
        {
            return Errno.NameTooLong;
        }

        return name.IsEmpty || name.ContainsAny((byte)'/', (byte)0) ? Errno.InvalidArgument : Errno.None;
    }

    internal Errno Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId,
        out ulong number)
    {
        number = 0;
        uint type = mode & FileMode.TypeMask;

        Errno error = PrepareNew(context, directory, name, out Inode parent);
        if (error == Errno.None && type == FileMode.Directory && !CanAddSubdirectory(parent))
        {
            error = Errno.TooManyLinks;
        }

        if (error != Errno.None)
        {
            return error;
        }

        mode &= FileMode.TypeMask | FileMode.PermissionMask;
        error = volume.Life.Create(context, parent, mode, userId, groupId, out Inode inode);
        if (error != Errno.None)
        {
            return error;
        }

        if (type is FileMode.CharacterDevice or FileMode.BlockDevice)
        {
            inode.DeviceNumber = device;
        }

        error = type == FileMode.Directory ? volume.Directories.Initialize(context, inode, parent.Number) : Errno.None;
        if (error == Errno.None && type == FileMode.Directory)
        {
            AddSubdirectoryLink(parent);
        }

        number = inode.Number;
        return Name(context, parent, name, inode, error);
    }

    internal Errno CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId,
        out ulong number)
    {
        number = 0;
        if (target.IsEmpty || target.Length >= volume.BlockBytes)
        {
            return target.IsEmpty ? Errno.NoEntry : Errno.NameTooLong;
        }

        Errno error = PrepareNew(context, directory, name, out Inode parent);
        if (error != Errno.None)
        {
            return error;
        }

        error = volume.Life.Create(context, parent, FileMode.SymbolicLink | 0x1FF, userId, groupId, out Inode inode);
        if (error != Errno.None)
        {
            return error;
        }

        if (target.Length <= FastLinkBytesMax)
        {
            target.CopyTo(inode.Block);
            inode.SizeBytes = (ulong)target.Length;
        }
        else
        {
            volume.Life.InitializeMap(inode);
            error = volume.Files.Write(context, inode, 0, target, out int written);
            error = error == Errno.None && written < target.Length ? Errno.NoSpace : error;
        }

        number = inode.Number;
        return Name(context, parent, name, inode, error);
    }

    internal Errno ReadSymbolicLink(CallContext context, ulong number, Span<byte> target, out int count)
    {
        count = 0;
        Errno error = volume.Inodes.Load(context, number, out Inode inode);
        if (error != Errno.None || !inode.IsSymbolicLink)
        {
            return error != Errno.None ? error : Errno.InvalidArgument;
        }

        if (inode.HasBlocks && inode.SectorCount > 0)
        {
            return volume.Files.Read(context, inode, 0, target, out count);
        }

        if (inode.SizeBytes > FastLinkBytesMax)
        {
            return volume.Damaged($"inode {number}: a symbolic link of {inode.SizeBytes} bytes without blocks");
        }

        count = Math.Min(target.Length, (int)inode.SizeBytes);
        inode.Block[..count].CopyTo(target);
        return Errno.None;
    }

    internal Errno Link(CallContext context, ulong number, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = PrepareNew(context, directory, name, out Inode parent);
        Inode inode = null!;
        if (error == Errno.None)
        {
            error = volume.Inodes.Load(context, number, out inode);
        }

        if (error != Errno.None)
        {
            return error;
        }

        if (inode.IsDirectory || inode.LinkCount == 0 || inode.LinkCount >= Ext4Spec.LinkCountMax)
        {
            return inode.IsDirectory ? Errno.NotPermitted : inode.LinkCount == 0 ? Errno.NoEntry : Errno.TooManyLinks;
        }

        error = volume.Directories.Add(context, parent, name, inode);
        if (error == Errno.None)
        {
            inode.LinkCount++;
            volume.Life.TouchChange(context, inode);
            volume.Life.TouchModification(context, parent);
            error = volume.Inodes.Store(context, inode);
        }

        return StoreAlso(context, parent, error);
    }

    internal Errno Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = FindOld(context, directory, name, out Inode parent, out DirectoryPlace place, out Inode inode);
        if (error == Errno.None && inode.IsDirectory)
        {
            error = Errno.IsDirectory;
        }

        if (error == Errno.None)
        {
            error = volume.Directories.Remove(context, parent, name, place);
        }

        if (error != Errno.None)
        {
            return error;
        }

        volume.Life.TouchModification(context, parent);
        error = volume.Inodes.Store(context, parent);
        return error == Errno.None ? DropLink(context, inode) : error;
    }

    internal Errno RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        if (Directories.IsOwn(name))
        {
            return name.Length == 1 ? Errno.InvalidArgument : Errno.NotEmpty;
        }

        Errno error = FindOld(context, directory, name, out Inode parent, out DirectoryPlace place, out Inode inode);
        if (error == Errno.None)
        {
            error = CheckRemovable(context, inode);
        }

        if (error == Errno.None)
        {
            error = volume.Directories.Remove(context, parent, name, place);
        }

        if (error != Errno.None)
        {
            return error;
        }

        DropSubdirectoryLink(parent);
        volume.Life.TouchModification(context, parent);
        error = volume.Inodes.Store(context, parent);
        return error == Errno.None ? DropDirectory(context, inode) : error;
    }

    /// <summary>Whether a directory may go: it is one, and it is empty.</summary>
    internal Errno CheckRemovable(CallContext context, Inode inode)
    {
        if (!inode.IsDirectory)
        {
            return Errno.NotDirectory;
        }

        if (inode.Number == Ext4Spec.RootInode)
        {
            return Errno.Busy;
        }

        Errno error = volume.Directories.IsEmpty(context, inode, out bool isEmpty);
        return error == Errno.None && !isEmpty ? Errno.NotEmpty : error;
    }

    /// <summary>An entry that is to be removed or moved, with the inode that it names.</summary>
    internal Errno FindOld(
        CallContext context, ulong directory, ReadOnlySpan<byte> name,
        out Inode parent, out DirectoryPlace place, out Inode inode)
    {
        inode = null!;
        place = default;
        parent = null!;
        Errno error = CheckName(name);
        if (error == Errno.None && Directories.IsOwn(name))
        {
            error = Errno.InvalidArgument;
        }

        if (error == Errno.None)
        {
            error = volume.Inodes.LoadDirectory(context, directory, out parent);
        }

        if (error == Errno.None)
        {
            error = volume.Directories.Find(context, parent, name, out place);
        }

        if (error != Errno.None)
        {
            return error;
        }

        error = volume.Inodes.Load(context, place.Inode, out inode);
        return error == Errno.NoEntry || (error == Errno.None && inode.LinkCount == 0)
            ? volume.Damaged($"directory {directory} names inode {place.Inode}, which is not in use")
            : error;
    }

    /// <summary>One name less; without names and holds the file goes.</summary>
    internal Errno DropLink(CallContext context, Inode inode)
    {
        inode.LinkCount--;
        volume.Life.TouchChange(context, inode);
        if (inode.LinkCount > 0)
        {
            return volume.Inodes.Store(context, inode);
        }

        return inode.HoldCount == 0 ? volume.Life.Destroy(context, inode) : volume.Orphans.Add(context, inode);
    }

    /// <summary>An empty directory has lost its name.</summary>
    internal Errno DropDirectory(CallContext context, Inode inode)
    {
        inode.LinkCount = 0;
        volume.Life.TouchChange(context, inode);
        return inode.HoldCount == 0 ? volume.Life.Destroy(context, inode) : volume.Orphans.Add(context, inode);
    }

    /// <summary>dir_nlink (super.rst): an indexed directory may have more subdirectories than the count can tell.</summary>
    internal bool CanAddSubdirectory(Inode parent) =>
        parent.LinkCount < Ext4Spec.LinkCountMax || IsUncounted(parent);

    internal void AddSubdirectoryLink(Inode parent)
    {
        if (parent.LinkCount == 1 || (IsUncounted(parent) && parent.LinkCount >= Ext4Spec.LinkCountMax))
        {
            parent.LinkCount = 1;
        }
        else
        {
            parent.LinkCount++;
        }
    }

    internal static void DropSubdirectoryLink(Inode parent)
    {
        if (parent.LinkCount > 2)
        {
            parent.LinkCount--;
        }
    }

    private bool IsUncounted(Inode parent) =>
        volume.Superblock.HasReadOnly(Features.ReadOnlyDirectoryLinks) && parent.HasFlag(Ext4Spec.InodeFlags.Index);

    private Errno PrepareNew(CallContext context, ulong directory, ReadOnlySpan<byte> name, out Inode parent)
    {
        parent = null!;
        Errno error = CheckName(name);
        if (error == Errno.None)
        {
            error = volume.Inodes.LoadDirectory(context, directory, out parent);
        }

        if (error != Errno.None)
        {
            return error;
        }

        if (parent.LinkCount == 0)
        {
            return Errno.NoEntry;
        }

        error = volume.Directories.LookUp(context, parent, name, out _);
        return error == Errno.None ? Errno.Exists : error == Errno.NoEntry ? Errno.None : error;
    }

    /// <summary>Gives a new inode its name, or takes everything back when this or an earlier step has failed.</summary>
    private Errno Name(CallContext context, Inode parent, ReadOnlySpan<byte> name, Inode inode, Errno error)
    {
        bool isCounted = error == Errno.None && inode.IsDirectory;
        if (error == Errno.None)
        {
            error = volume.Directories.Add(context, parent, name, inode);
        }

        if (error == Errno.None)
        {
            volume.Life.TouchModification(context, parent);
            return StoreAlso(context, parent, volume.Inodes.Store(context, inode));
        }

        if (isCounted)
        {
            DropSubdirectoryLink(parent);
        }

        inode.LinkCount = 0;
        Errno stored = volume.Inodes.Store(context, parent);
        if (!volume.IsDamaged)
        {
            _ = volume.Life.Destroy(context, inode);
        }

        return error != Errno.None ? error : stored;
    }

    /// <summary>Stores a directory whose blocks may have changed even though the operation failed.</summary>
    private Errno StoreAlso(CallContext context, Inode parent, Errno error)
    {
        Errno stored = volume.Inodes.Store(context, parent);
        return error != Errno.None ? error : stored;
    }
}
