using System.Text;
using RedLeafSharp.Contracts;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// A file system of dictionaries, the simplest that keeps the contract: what the personality runs on in its unit tests, and
/// the model that others are compared with.
/// </summary>
internal sealed class MemoryFileSystem : IFileSystem
{
    internal const ulong Root = 2;

    private readonly Dictionary<ulong, MemoryInode> inodes = [];
    private ulong lastInode = Root;
    private long clock = 1_600_000_000;

    internal MemoryFileSystem()
    {
        MemoryInode root = Add(Root, FileMode.Directory | 0x1ED, 0, 0);
        root.Parent = Root;
        root.Attributes.LinkCount = 2;
    }

    /// <summary>Bytes that all files together may have.</summary>
    internal long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Called at the start of each method with its name; what it returns, unless none, is the answer.</summary>
    internal Func<string, Errno>? Interfere { get; set; }

    /// <summary>What it has lent; null when it lends nothing.</summary>
    internal LentMemory? Lent { get; set; }

    /// <summary>Holds that have not been ended.</summary>
    internal int HoldCount => inodes.Values.Sum(inode => inode.Holds);

    /// <summary>Inodes in use.</summary>
    internal int InodeCount => inodes.Count;

    public Reply<FileSystemStatus, Errno> GetStatus(CallContext context) => new FileSystemStatus
    {
        RootInode = Root,
        BlockCount = 1 << 20,
        FreeBlockCount = 1 << 19,
        AvailableBlockCount = 1 << 18,
        InodeCount = 1 << 16,
        FreeInodeCount = (1 << 16) - (ulong)inodes.Count,
        BlockBytes = 4096,
        NameBytesMax = 255,
    };

    public Reply<FileAttributes, Errno> Lookup(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = Find(nameof(Lookup), directory, out MemoryInode parent);
        if (error != Errno.None)
        {
            return error;
        }

        if (!parent.IsDirectory)
        {
            return Errno.NotDirectory;
        }

        string text = Encoding.Latin1.GetString(name);
        ulong number = text == "." ? directory : text == ".." ? parent.Parent : parent.Entries.GetValueOrDefault(text);
        return inodes.TryGetValue(number, out MemoryInode? found) ? found.Describe() : Errno.NoEntry;
    }

    public Reply<FileAttributes, Errno> GetAttributes(CallContext context, ulong inode)
    {
        Errno error = Find(nameof(GetAttributes), inode, out MemoryInode file);
        return error != Errno.None ? error : file.Describe();
    }

    public Reply<FileAttributes, Errno> SetAttributes(CallContext context, ulong inode, in FileAttributesChange change)
    {
        Errno error = Find(nameof(SetAttributes), inode, out MemoryInode file);
        if (error != Errno.None)
        {
            return error;
        }

        file.Apply(change);
        file.Attributes.ChangeTime = Now();
        return file.Describe();
    }

    public Reply<int, Errno> Read(CallContext context, ulong inode, ulong offset, Span<byte> buffer)
    {
        Errno error = Find(nameof(Read), inode, out MemoryInode file);
        return error != Errno.None ? error : file.Read(offset, buffer);
    }

    public Reply<int, Errno> LendPages(CallContext context, ulong inode, ulong offset, int lengthBytes, Span<PageRange> ranges)
    {
        Errno error = Lent is null ? Errno.NotSupported : Find(nameof(LendPages), inode, out _);
        return error != Errno.None ? error : Lent!.Lend(context, inodes[inode].Data, offset, lengthBytes, ranges);
    }

    public Reply<Unit, Errno> ReturnPages(CallContext context, ReadOnlySpan<PageRange> ranges) =>
        Lent?.Return(ranges) ?? Errno.NotSupported;

    public Reply<int, Errno> Write(CallContext context, ulong inode, ulong offset, ReadOnlySpan<byte> data)
    {
        Errno error = Find(nameof(Write), inode, out MemoryInode file);
        if (error != Errno.None)
        {
            return error;
        }

        long used = inodes.Values.Sum(other => (long)other.Data.Length);
        long left = CapacityBytes - used + Math.Max(0, file.Data.Length - (long)offset);
        int length = (int)Math.Min(data.Length, left);
        if (length <= 0)
        {
            return Errno.NoSpace;
        }

        file.Write(offset, data[..length]);
        file.Attributes.ModificationTime = Now();
        return length;
    }

    public Reply<ulong, Errno> Create(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId)
    {
        Errno error = FindFree(nameof(Create), directory, name, out MemoryInode parent, out string text);
        if (error != Errno.None)
        {
            return error;
        }

        MemoryInode file = Add(++lastInode, mode, userId, groupId);
        parent.Entries.Add(text, file.Attributes.Inode);
        if (file.IsDirectory)
        {
            file.Parent = directory;
            file.Attributes.LinkCount = 2;
            parent.Attributes.LinkCount++;
        }

        return file.Attributes.Inode;
    }

    public Reply<ulong, Errno> CreateSymbolicLink(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId)
    {
        Reply<ulong, Errno> created = Create(context, directory, name, FileMode.SymbolicLink | 0x1FF, userId, groupId);
        if (created.IsOk)
        {
            inodes[created.Value].Data = target.ToArray();
        }

        return created;
    }

    public Reply<int, Errno> ReadSymbolicLink(CallContext context, ulong inode, Span<byte> target)
    {
        Errno error = Find(nameof(ReadSymbolicLink), inode, out MemoryInode link);
        return error != Errno.None ? error : link.Type != FileMode.SymbolicLink ? Errno.InvalidArgument : link.Read(0, target);
    }

    public Reply<Unit, Errno> Link(CallContext context, ulong inode, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = FindFree(nameof(Link), directory, name, out MemoryInode parent, out string text);
        if (error != Errno.None)
        {
            return error;
        }

        parent.Entries.Add(text, inode);
        inodes[inode].Attributes.LinkCount++;
        return default(Unit);
    }

    public Reply<Unit, Errno> Unlink(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = FindNamed(nameof(Unlink), directory, name, out MemoryInode parent, out MemoryInode file);
        if (error != Errno.None || file.IsDirectory)
        {
            return error == Errno.None ? Errno.IsDirectory : error;
        }

        parent.Entries.Remove(Encoding.Latin1.GetString(name));
        Drop(file, 1);
        return default(Unit);
    }

    public Reply<Unit, Errno> RemoveDirectory(CallContext context, ulong directory, ReadOnlySpan<byte> name)
    {
        Errno error = FindNamed(nameof(RemoveDirectory), directory, name, out MemoryInode parent, out MemoryInode child);
        error = error != Errno.None ? error
            : !child.IsDirectory ? Errno.NotDirectory
            : child.Entries.Count > 0 ? Errno.NotEmpty
            : Errno.None;
        if (error != Errno.None)
        {
            return error;
        }

        parent.Entries.Remove(Encoding.Latin1.GetString(name));
        parent.Attributes.LinkCount--;
        Drop(child, 2);
        return default(Unit);
    }

    public Reply<Unit, Errno> Rename(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName,
        RenameFlags flags)
    {
        Errno error = FindNamed(nameof(Rename), directory, name, out MemoryInode from, out MemoryInode file);
        if (error != Errno.None)
        {
            return error;
        }

        if (FindNamed(nameof(Rename), newDirectory, newName, out MemoryInode to, out MemoryInode replaced) == Errno.None)
        {
            Reply<Unit, Errno> gone = replaced.IsDirectory
                ? RemoveDirectory(context, newDirectory, newName)
                : Unlink(context, newDirectory, newName);
            if (!gone.IsOk)
            {
                return gone;
            }
        }

        from.Entries.Remove(Encoding.Latin1.GetString(name));
        to.Entries.Add(Encoding.Latin1.GetString(newName), file.Attributes.Inode);
        if (file.IsDirectory)
        {
            file.Parent = newDirectory;
            from.Attributes.LinkCount--;
            to.Attributes.LinkCount++;
        }

        return default(Unit);
    }

    public Reply<int, Errno> ReadDirectory(CallContext context, ulong directory, ulong cookie, Span<byte> buffer)
    {
        Errno error = Find(nameof(ReadDirectory), directory, out MemoryInode parent);
        if (error != Errno.None || !parent.IsDirectory)
        {
            return error == Errno.None ? Errno.NotDirectory : error;
        }

        // A cookie counts entries in the order of the names; good enough while nothing changes.
        var entries = new List<(string Name, ulong Inode)> { (".", directory), ("..", parent.Parent) };
        entries.AddRange(parent.Entries.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)));
        int written = 0;
        for (int index = (int)cookie; index < entries.Count; index++)
        {
            FileType type = FileMode.ToFileType(inodes[entries[index].Inode].Attributes.Mode);
            byte[] name = Encoding.Latin1.GetBytes(entries[index].Name);
            int length = DirectoryEntry.Write(buffer[written..], entries[index].Inode, (ulong)index + 1, type, name);
            if (length == 0)
            {
                return written > 0 ? written : Errno.InvalidArgument;
            }

            written += length;
        }

        return written;
    }

    public Reply<Unit, Errno> Hold(CallContext context, ulong inode)
    {
        Errno error = Find(nameof(Hold), inode, out MemoryInode file);
        if (error != Errno.None)
        {
            return error;
        }

        file.Holds++;
        return default(Unit);
    }

    public Reply<Unit, Errno> Release(CallContext context, ulong inode)
    {
        Errno error = Find(nameof(Release), inode, out MemoryInode file);
        if (error != Errno.None)
        {
            return error;
        }

        file.Holds--;
        Drop(file, 0);
        return default(Unit);
    }

    public Reply<Unit, Errno> SyncFile(CallContext context, ulong inode, bool isDataOnly) =>
        Answer(Find(nameof(SyncFile), inode, out _));

    public Reply<Unit, Errno> Sync(CallContext context) => Answer(Interfere?.Invoke(nameof(Sync)) ?? Errno.None);

    public Reply<Unit, Errno> Unmount(CallContext context) => default(Unit);

    public Reply<Unit, Errno> Allocate(
        CallContext context, ulong inode, ulong offset, ulong length, AllocationModes modes) => Errno.NotSupported;

    public Reply<ulong, Errno> SeekData(CallContext context, ulong inode, ulong offset) => Errno.NotSupported;

    public Reply<ulong, Errno> SeekHole(CallContext context, ulong inode, ulong offset) => Errno.NotSupported;

    public Reply<ulong, Errno> CreateDevice(
        CallContext context, ulong directory, ReadOnlySpan<byte> name, uint mode, uint device, uint userId, uint groupId) =>
        Errno.NotSupported;

    public Reply<int, Errno> GetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, Span<byte> value) => Errno.NotSupported;

    public Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context, ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags) =>
        Errno.NotSupported;

    public Reply<int, Errno> ListExtendedAttributes(CallContext context, ulong inode, Span<byte> names) => Errno.NotSupported;

    public Reply<Unit, Errno> RemoveExtendedAttribute(CallContext context, ulong inode, ReadOnlySpan<byte> name) =>
        Errno.NotSupported;

    private static Reply<Unit, Errno> Answer(Errno error) => error == Errno.None ? default(Unit) : error;

    private MemoryInode Add(ulong number, uint mode, uint userId, uint groupId)
    {
        var inode = new MemoryInode();
        inode.Attributes = new FileAttributes
        {
            Inode = number,
            Mode = mode,
            LinkCount = 1,
            UserId = userId,
            GroupId = groupId,
            BlockBytes = 4096,
            AccessTime = Now(),
            ModificationTime = Now(),
            ChangeTime = Now(),
        };
        inodes.Add(number, inode);
        return inode;
    }

    private FileTime Now() => new() { Seconds = clock++ };

    private void Drop(MemoryInode inode, uint links)
    {
        inode.Attributes.LinkCount -= links;
        if (inode.Attributes.LinkCount == 0 && inode.Holds == 0)
        {
            inodes.Remove(inode.Attributes.Inode);
        }
    }

    private Errno Find(string method, ulong number, out MemoryInode inode)
    {
        Errno error = Interfere?.Invoke(method) ?? Errno.None;
        bool isFound = inodes.TryGetValue(number, out MemoryInode? found);
        inode = found ?? new MemoryInode();
        return error != Errno.None ? error : isFound ? Errno.None : Errno.NoEntry;
    }

    private Errno FindNamed(
        string method, ulong directory, ReadOnlySpan<byte> name, out MemoryInode parent, out MemoryInode child)
    {
        child = new MemoryInode();
        Errno error = Find(method, directory, out parent);
        return error != Errno.None ? error
            : !parent.Entries.TryGetValue(Encoding.Latin1.GetString(name), out ulong number) ? Errno.NoEntry
            : Find(method, number, out child);
    }

    private Errno FindFree(string method, ulong directory, ReadOnlySpan<byte> name, out MemoryInode parent, out string text)
    {
        text = Encoding.Latin1.GetString(name);
        Errno error = Find(method, directory, out parent);
        return error != Errno.None ? error
            : !parent.IsDirectory ? Errno.NotDirectory
            : parent.Entries.ContainsKey(text) ? Errno.Exists
            : Errno.None;
    }
}
