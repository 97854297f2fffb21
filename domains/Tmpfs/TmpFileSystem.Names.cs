using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Tmpfs;

/// <content>Directories and the names in them.</content>
internal sealed partial class TmpFileSystem
{
    private const uint LinkMode = FileMode.SymbolicLink | 0x1FF;

    public Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = FindDirectory(directory, out TmpInode parent);
        if (error != Errno.None)
        {
            return error;
        }

        if (name.SequenceEqual("."u8))
        {
            return parent.Describe();
        }

        return name.SequenceEqual(".."u8) ? GetAttributes(context, parent.Parent)
            : parent.Names!.Find(name) is { } entry ? entry.Inode.Describe()
            : Errno.NoEntry;
    }

    public Reply<ulong, Errno> Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId) =>
        Add(context, directory, name, mode, 0, userId, groupId, []);

    public Reply<ulong, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId) =>
        Add(context, directory, name, mode, device, userId, groupId, []);

    public Reply<ulong, Errno> CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId) =>
        Add(context, directory, name, LinkMode, 0, userId, groupId, target.ToArray());

    private Reply<ulong, Errno> Add(
        CallContext context,
        ulong directory,
        ReadOnlySpan<byte> name,
        uint mode,
        uint device,
        uint userId,
        uint groupId,
        byte[] target)
    {
        Errno error = FindPlace(directory, name, out TmpInode parent);
        bool isDirectory = (mode & FileMode.TypeMask) == FileMode.Directory;
        error = error != Errno.None ? error
            : isDirectory && parent.Attributes.LinkCount >= TmpfsLimits.LinkCountMax ? Errno.TooManyLinks
            : space.TryTakeInode() ? Errno.None
            : Errno.NoSpace;
        if (error != Errno.None)
        {
            return error;
        }

        TmpInode inode = Make(context, mode, device, userId, groupId, target);
        parent.Names!.Add(name, inode);
        if (isDirectory)
        {
            inode.Attributes.LinkCount = 2;
            inode.Parent = directory;
            parent.Attributes.LinkCount++;
        }

        NoteChange(context, parent, 0);
        return inode.Number;
    }

    public Reply<Unit, Errno> Link(CallContext context, ulong inode, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = Find(inode, out TmpInode file);
        TmpInode parent = file;
        error = error != Errno.None ? error
            : file.IsDirectory ? Errno.NotPermitted
            : file.Attributes.LinkCount >= TmpfsLimits.LinkCountMax ? Errno.TooManyLinks
            : FindPlace(directory, name, out parent);
        if (error != Errno.None)
        {
            return error;
        }

        parent.Names!.Add(name, file);
        file.Attributes.LinkCount++;
        NoteChange(context, parent, 0);
        return Changed(context, file, Errno.None);
    }

    public Reply<Unit, Errno> Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = FindNamed(directory, name, out TmpInode parent, out NameEntry entry);
        error = error == Errno.None && entry.Inode.IsDirectory ? Errno.IsDirectory : error;
        if (error != Errno.None)
        {
            return error;
        }

        Remove(context, parent, entry);
        return default(Unit);
    }

    public Reply<Unit, Errno> RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = FindNamed(directory, name, out TmpInode parent, out NameEntry entry);
        error = error != Errno.None ? error
            : !entry.Inode.IsDirectory ? Errno.NotDirectory
            : entry.Inode.Names!.Count > 0 ? Errno.NotEmpty
            : Errno.None;
        if (error != Errno.None)
        {
            return error;
        }

        Remove(context, parent, entry);
        return default(Unit);
    }

    public Reply<Unit, Errno> Rename(
        CallContext context,
        ulong directory,
        ReadOnlySpan<byte> name,
        ulong newDirectory,
        ReadOnlySpan<byte> newName,
        RenameFlags flags)
    {
        Errno error = FindNamed(directory, name, out TmpInode from, out NameEntry entry);
        error = error != Errno.None ? error : FindDirectory(newDirectory, out _);
        if (error != Errno.None)
        {
            return error;
        }

        TmpInode to = inodes[newDirectory];
        NameEntry? replaced = to.Names!.Find(newName);
        error = CheckRename(entry.Inode, to, replaced, flags);
        if (error != Errno.None || replaced?.Inode == entry.Inode)
        {
            return error != Errno.None ? error : default(Unit);
        }

        if (flags == RenameFlags.Exchange)
        {
            Exchange(from, entry, to, replaced!);
        }
        else
        {
            Move(context, from, entry, to, replaced, newName);
        }

        NoteChange(context, from, 0);
        NoteChange(context, to, 0);
        return Changed(context, entry.Inode, Errno.None);
    }

    private static Errno CheckRename(TmpInode file, TmpInode to, NameEntry? replaced, RenameFlags flags) => flags switch
    {
        RenameFlags.NoReplace when replaced is not null => Errno.Exists,
        RenameFlags.Exchange => replaced is null ? Errno.NoEntry : Errno.None,
        RenameFlags.None or RenameFlags.NoReplace =>
            replaced is null ? (to.Attributes.LinkCount == 0 ? Errno.NoEntry : Errno.None)
            : replaced.Inode == file ? Errno.None
            : file.IsDirectory && !replaced.Inode.IsDirectory ? Errno.NotDirectory
            : !file.IsDirectory && replaced.Inode.IsDirectory ? Errno.IsDirectory
            : replaced.Inode.IsDirectory && replaced.Inode.Names!.Count > 0 ? Errno.NotEmpty
            : Errno.None,
        _ => Errno.InvalidArgument,
    };

    private static void Exchange(TmpInode from, NameEntry entry, TmpInode to, NameEntry other)
    {
        (entry.Inode, other.Inode) = (other.Inode, entry.Inode);
        Adopt(to, from, other.Inode);
        Adopt(from, to, entry.Inode);
    }

    private void Move(
        CallContext context, TmpInode from, NameEntry entry, TmpInode to, NameEntry? replaced, ReadOnlySpan<byte> newName)
    {
        if (replaced is not null)
        {
            Remove(context, to, replaced);
        }

        from.Names!.Remove(entry);
        to.Names!.Add(newName, entry.Inode);
        Adopt(to, from, entry.Inode);
    }

    /// <summary>A directory has come from one directory into another: its ".." is a link of the new one.</summary>
    private static void Adopt(TmpInode to, TmpInode from, TmpInode child)
    {
        if (child.IsDirectory)
        {
            child.Parent = to.Number;
            from.Attributes.LinkCount--;
            to.Attributes.LinkCount++;
        }
    }

    public Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer)
    {
        Errno error = FindDirectory(directory, out TmpInode parent);
        if (error != Errno.None)
        {
            return error;
        }

        int written = 0;
        bool fits = true;
        if (cookie == 0)
        {
            fits = TryWrite(buffer, ref written, directory, 1, FileType.Directory, "."u8);
        }

        if (cookie <= 1 && fits)
        {
            fits = TryWrite(buffer, ref written, parent.Parent, 2, FileType.Directory, ".."u8);
        }

        NameEntry? entry = parent.Names!.Next(cookie);
        while (fits && entry is not null)
        {
            FileType type = FileMode.ToFileType(entry.Inode.Attributes.Mode);
            fits = TryWrite(buffer, ref written, entry.Inode.Number, entry.Cookie, type, entry.Name);
            entry = parent.Names.Next(entry.Cookie);
        }

        NoteAccess(context, parent);
        return written == 0 && !fits ? Errno.InvalidArgument : written;
    }

    private static bool TryWrite(
        Span<byte> buffer, ref int written, ulong inode, ulong cookie, FileType type, ReadOnlySpan<byte> name)
    {
        int length = DirectoryEntry.Write(buffer[written..], inode, cookie, type, name);
        written += length;
        return length > 0;
    }

    private Errno FindDirectory(ulong number, out TmpInode directory)
    {
        Errno error = Find(number, out directory);
        return error != Errno.None ? error : directory.IsDirectory ? Errno.None : Errno.NotDirectory;
    }

    private Errno FindNamed(ulong directory, ReadOnlySpan<byte> name, out TmpInode parent, out NameEntry entry)
    {
        entry = null!;
        Errno error = FindDirectory(directory, out parent);
        if (error != Errno.None)
        {
            return error;
        }

        entry = parent.Names!.Find(name)!;
        return entry is null ? Errno.NoEntry : Errno.None;
    }

    /// <summary>Looks for a directory in which a name is to be made.</summary>
    private Errno FindPlace(ulong directory, ReadOnlySpan<byte> name, out TmpInode parent)
    {
        Errno error = FindDirectory(directory, out parent);
        return error != Errno.None ? error
            : name.Length is 0 or > TmpfsLimits.NameBytesMax ? Errno.NameTooLong
            : parent.Attributes.LinkCount == 0 ? Errno.NoEntry
            : parent.Names!.Find(name) is not null ? Errno.Exists
            : Errno.None;
    }

    private void Remove(CallContext context, TmpInode parent, NameEntry entry)
    {
        TmpInode file = entry.Inode;
        parent.Names!.Remove(entry);
        NoteChange(context, parent, 0);
        file.Attributes.ChangeTime = Now(context);
        file.Attributes.LinkCount -= file.IsDirectory ? 2u : 1u;
        parent.Attributes.LinkCount -= file.IsDirectory ? 1u : 0u;
        FreeIfUnused(file);
    }
}
