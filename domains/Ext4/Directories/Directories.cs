using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>Names in directories, whether they are lists of blocks or have a hash index.</summary>
internal sealed class Directories
{
    private const int ParentEntryOffset = 12;

    private readonly Volume volume;
    private readonly DirectoryBlocks blocks;
    private readonly DirectoryIndex index;
    private readonly DirectoryListing listing;
    private readonly NameCache cache;

    internal Directories(Volume volume)
    {
        this.volume = volume;
        cache = new NameCache(Ext4Limits.CachedNames(volume.Cache.PageCountMax));
        blocks = new DirectoryBlocks(volume, cache);
        index = new DirectoryIndex(volume, blocks);
        listing = new DirectoryListing(volume, this, blocks, index);
    }

    /// <summary>Finds the inode of a name.</summary>
    internal Errno LookUp(CallContext context, Inode directory, ReadOnlySpan<byte> name, out uint inode)
    {
        Errno error = Errno.None;
        if (!cache.TryFind(directory.Number, name, out DirectoryPlace place, out _))
        {
            error = Search(context, directory, name, out place);
        }

        inode = place.Inode;
        return error == Errno.None && inode == 0 ? Errno.NoEntry : error;
    }

    /// <summary>Finds a name and the place of its entry.</summary>
    internal Errno Find(CallContext context, Inode directory, ReadOnlySpan<byte> name, out DirectoryPlace place)
    {
        if (cache.TryFind(directory.Number, name, out place, out bool isPlaceKnown))
        {
            if (place.Inode == 0)
            {
                return Errno.NoEntry;
            }

            if (isPlaceKnown && IsStillAt(context, place, name))
            {
                return Errno.None;
            }
        }

        return Search(context, directory, name, out place);
    }

    /// <summary>Adds a name that the directory does not have.</summary>
    internal Errno Add(CallContext context, Inode directory, ReadOnlySpan<byte> name, Inode inode)
    {
        Errno error = AddEntry(context, directory, name, inode, out DirectoryPlace place);
        if (error == Errno.None)
        {
            cache.Put(directory.Number, name, place);
        }

        return error;
    }

    private Errno AddEntry(
        CallContext context, Inode directory, ReadOnlySpan<byte> name, Inode inode, out DirectoryPlace place)
    {
        byte type = TypeFor(inode);
        place = default;
        if (directory.HasFlag(Ext4Spec.InodeFlags.Index))
        {
            return index.Insert(context, directory, name, inode.Number, type, out place);
        }

        uint count = blocks.Count(directory);
        for (uint number = 0; number < count; number++)
        {
            Errno error = blocks.GetLeaf(context, directory, number, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            int room = DirectoryBlock.FindRoom(volume.Cache.Read(context, buffer), blocks.Limit, name.Length);
            if (room >= 0)
            {
                place = blocks.InsertInLeaf(context, directory, buffer, room, name, inode.Number, type);
                return Errno.None;
            }
        }

        if (count == 1 && volume.Superblock.HasDirectoryIndex)
        {
            Errno error = index.Convert(context, directory);
            return error == Errno.None ? index.Insert(context, directory, name, inode.Number, type, out place) : error;
        }

        return AddInNewBlock(context, directory, name, inode.Number, type, out place);
    }

    /// <summary>Removes a name from the place where it has been found since the last change.</summary>
    internal Errno Remove(CallContext context, Inode directory, ReadOnlySpan<byte> name, DirectoryPlace place)
    {
        Errno error = volume.Cache.Get(context, place.Block, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        // In a damaged file system two directories may have a block in common, and the other one may have changed it.
        int previous = DirectoryBlock.FindBefore(volume.Cache.Read(context, buffer), place.Offset);
        if (previous == DirectoryBlock.NotThere)
        {
            return volume.Damaged($"directory {directory.Number} (block {place.Block}): no entry at offset {place.Offset}");
        }

        Span<byte> block = volume.Transaction.Modify(context, buffer);
        DirectoryBlock.Remove(block, place.Offset, previous);
        blocks.SealLeaf(context, directory, buffer, block);
        cache.Put(directory.Number, name, default);
        return Errno.None;
    }

    /// <summary>Lets a name at the place where it has been found name another inode.</summary>
    internal Errno Replace(CallContext context, Inode directory, ReadOnlySpan<byte> name, DirectoryPlace place, Inode inode)
    {
        Errno error = volume.Cache.Get(context, place.Block, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            Span<byte> block = volume.Transaction.Modify(context, buffer);
            DirectoryBlock.SetInode(block, place.Offset, inode.Number, TypeFor(inode));
            blocks.SealLeaf(context, directory, buffer, block);
            cache.Put(directory.Number, name, place with { Inode = inode.Number });
        }

        return error;
    }

    /// <summary>The first block of a new directory, with "." and "..".</summary>
    internal Errno Initialize(CallContext context, Inode directory, uint parent)
    {
        Errno error = blocks.Append(context, directory, out _, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            byte type = TypeFor(directory);
            Span<byte> block = volume.Transaction.Modify(context, buffer);
            DirectoryBlock.Put(block, 0, ParentEntryOffset, directory.Number, type, "."u8);
            DirectoryBlock.Put(block, ParentEntryOffset, blocks.Limit - ParentEntryOffset, parent, type, ".."u8);
            blocks.SealLeaf(context, directory, buffer, block);
        }

        return error;
    }

    internal Errno AddEmptyBlock(CallContext context, Inode directory) => blocks.Append(context, directory, out _, out _);

    /// <summary>The directory that ".." names.</summary>
    internal Errno GetParent(CallContext context, Inode directory, out uint parent)
    {
        parent = 0;
        Errno error = GetParentEntry(context, directory, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            parent = DirectoryBlock.Inode(volume.Cache.Read(context, buffer), ParentEntryOffset);
        }

        return error;
    }

    internal Errno SetParent(CallContext context, Inode directory, Inode parent)
    {
        Errno error = GetParentEntry(context, directory, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> block = volume.Transaction.Modify(context, buffer);
        DirectoryBlock.SetInode(block, ParentEntryOffset, parent.Number, TypeFor(parent));
        if (directory.HasFlag(Ext4Spec.InodeFlags.Index))
        {
            blocks.SealIndex(directory, 0, buffer, block);
        }
        else
        {
            blocks.SealLeaf(context, directory, buffer, block);
        }

        return Errno.None;
    }

    /// <summary>Gives the blocks of entries that have changed their checksums, before they are written.</summary>
    internal void Seal(CallContext context) => blocks.Seal(context);

    /// <summary>Whether a directory has no names but "." and "..".</summary>
    internal Errno IsEmpty(CallContext context, Inode directory, out bool isEmpty)
    {
        isEmpty = false;
        for (uint number = 0; number < blocks.Count(directory); number++)
        {
            Errno error = blocks.Get(context, directory, number, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            ReadOnlySpan<byte> block = volume.Cache.Read(context, buffer);
            if (blocks.IsIndex(directory, number, block))
            {
                continue;
            }

            for (int offset = 0; offset < blocks.Limit; offset += DirectoryBlock.RecordLength(block, offset))
            {
                if (DirectoryBlock.Inode(block, offset) != 0 && !IsOwn(DirectoryBlock.Name(block, offset)))
                {
                    return Errno.None;
                }
            }
        }

        isEmpty = true;
        return Errno.None;
    }

    /// <summary>Lists entries from a place on: by hash where there is an index or will be one, else by position.</summary>
    internal Errno List(CallContext context, Inode directory, ulong cookie, Span<byte> target, out int written)
    {
        bool willHaveIndex = volume.Superblock.HasDirectoryIndex && blocks.Count(directory) == 1;
        return directory.HasFlag(Ext4Spec.InodeFlags.Index) || willHaveIndex
            ? listing.List(context, directory, cookie, target, out written)
            : ListByPosition(context, directory, cookie, target, out written);
    }

    internal static bool IsOwn(ReadOnlySpan<byte> name) =>
        name.Length <= 2 && name.Length > 0 && name[0] == '.' && name[^1] == '.';

    /// <summary>
    /// A cookie is a byte offset in the directory, and entries never move; one that falls into the middle of an entry, since
    /// its start was merged away, goes on with the next.
    /// </summary>
    private Errno ListByPosition(CallContext context, Inode directory, ulong cookie, Span<byte> target, out int written)
    {
        written = 0;
        uint first = (uint)Math.Min(cookie >> volume.Cache.BlockShift, uint.MaxValue);
        int start = (int)cookie & (volume.BlockBytes - 1);
        for (uint number = first; number < blocks.Count(directory); number++, start = 0)
        {
            Errno error = blocks.GetLeaf(context, directory, number, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return written > 0 ? Errno.None : error;
            }

            if (!ListBlock(volume.Cache.Read(context, buffer), number, start, target, ref written))
            {
                return written > 0 ? Errno.None : Errno.InvalidArgument;
            }
        }

        return Errno.None;
    }

    private bool ListBlock(
        ReadOnlySpan<byte> block, uint number, int start, Span<byte> target, ref int written)
    {
        for (int offset = 0; offset < blocks.Limit; offset += DirectoryBlock.RecordLength(block, offset))
        {
            uint inode = DirectoryBlock.Inode(block, offset);
            if (offset < start || inode == 0)
            {
                continue;
            }

            int nextOffset = offset + DirectoryBlock.RecordLength(block, offset);
            ulong next = ((ulong)number << volume.Cache.BlockShift) + (ulong)nextOffset;
            byte typeByte = volume.Superblock.HasFileTypes ? DirectoryBlock.Type(block, offset) : (byte)0;
            FileType type = DirectoryBlock.ToFileType(typeByte);
            int length = DirectoryEntry.Write(target[written..], inode, next, type, DirectoryBlock.Name(block, offset));
            if (length == 0)
            {
                return false;
            }

            written += length;
        }

        return true;
    }

    /// <summary>Searches the blocks, and remembers what has come out.</summary>
    private Errno Search(CallContext context, Inode directory, ReadOnlySpan<byte> name, out DirectoryPlace place)
    {
        place = default;
        Errno error = FindEntry(context, directory, name, out BlockBuffer buffer, out int offset);
        if (error == Errno.None)
        {
            uint inode = DirectoryBlock.Inode(volume.Cache.Read(context, buffer), offset);
            place = new DirectoryPlace(buffer.Block, offset, inode);
        }

        if (error is Errno.None or Errno.NoEntry && !IsOwn(name))
        {
            cache.Put(directory.Number, name, place);
        }

        return error;
    }

    /// <summary>Whether the entry is where it was: its block has not left memory, where it was verified, and not been given away.</summary>
    private bool IsStillAt(CallContext context, DirectoryPlace place, ReadOnlySpan<byte> name) =>
        volume.Cache.TryPeek(place.Block, out BlockBuffer buffer)
        && volume.Cache.IsVerified(buffer, BlockKind.DirectoryLeaf)
        && DirectoryBlock.Names(volume.Cache.Read(context, buffer), blocks.Limit, place, name);

    private byte TypeFor(Inode inode) => volume.Superblock.HasFileTypes ? DirectoryBlock.TypeFor(inode.Mode) : (byte)0;

    private Errno FindEntry(CallContext context, Inode directory, ReadOnlySpan<byte> name, out BlockBuffer buffer, out int offset)
    {
        if (directory.HasFlag(Ext4Spec.InodeFlags.Index))
        {
            return IsOwn(name)
                ? FindOwn(context, directory, name, out buffer, out offset)
                : index.Find(context, directory, name, out buffer, out offset);
        }

        offset = -1;
        buffer = default;
        for (uint number = 0; number < blocks.Count(directory); number++)
        {
            Errno error = blocks.GetLeaf(context, directory, number, out buffer);
            if (error != Errno.None)
            {
                return error;
            }

            offset = DirectoryBlock.Find(volume.Cache.Read(context, buffer), blocks.Limit, name);
            if (offset >= 0)
            {
                return Errno.None;
            }
        }

        return Errno.NoEntry;
    }

    private Errno FindOwn(CallContext context, Inode directory, ReadOnlySpan<byte> name, out BlockBuffer buffer, out int offset)
    {
        offset = name.Length == 1 ? 0 : ParentEntryOffset;
        return GetParentEntry(context, directory, out buffer);
    }

    /// <summary>Block 0, with "." at its start and ".." behind that; in an index root too.</summary>
    private Errno GetParentEntry(CallContext context, Inode directory, out BlockBuffer buffer)
    {
        Errno error = blocks.Get(context, directory, 0, out buffer);
        if (error != Errno.None)
        {
            return error;
        }

        ReadOnlySpan<byte> block = volume.Cache.Read(context, buffer);
        bool isThere = DirectoryBlock.RecordLength(block, 0) == ParentEntryOffset
            && DirectoryBlock.NameLength(block, 0) == 1
            && DirectoryBlock.Name(block, ParentEntryOffset).SequenceEqual(".."u8)
            && DirectoryBlock.Inode(block, ParentEntryOffset) is > 0 and var parent
            && parent <= volume.Superblock.InodeCount;
        return isThere ? Errno.None : volume.Damaged($"directory {directory.Number} does not start with \".\" and \"..\"");
    }

    private Errno AddInNewBlock(
        CallContext context, Inode directory, ReadOnlySpan<byte> name, uint inode, byte type, out DirectoryPlace place)
    {
        place = default;
        Errno error = blocks.Append(context, directory, out _, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            Span<byte> block = volume.Transaction.Modify(context, buffer);
            DirectoryBlock.Initialize(block, blocks.Limit);
            DirectoryBlock.Put(block, 0, blocks.Limit, inode, type, name);
            blocks.SealLeaf(context, directory, buffer, block);
            place = new DirectoryPlace(buffer.Block, 0, inode);
        }

        return error;
    }
}

/// <summary>Where an entry is.</summary>
/// <param name="Block">Block of the disk.</param>
/// <param name="Offset">Offset of the entry in it.</param>
/// <param name="Inode">The inode that it names.</param>
internal readonly record struct DirectoryPlace(ulong Block, int Offset, uint Inode);
