using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Lists a directory in the order of the hashes of its names, which do not move when other names come and go, though
/// blocks are split. A listing that goes on meanwhile has each name that stays exactly once.
/// </summary>
/// <remarks>
/// A cookie is the hash's 31 bits plus one, 24 bits of another hash for names that have this one in common, and 8 bits that
/// count those that have both in common. Linux has the first two in its cookies, and keeps the third in the open file.
/// </remarks>
internal sealed class DirectoryListing(Volume volume, Directories directories, DirectoryBlocks blocks, DirectoryIndex index)
{
    private const ulong ParentCookie = 1;
    private const ulong NamesCookie = 1ul << HashShift;
    private const int HashShift = 32;
    private const uint CountMask = 0xFF;
    private const ulong NoMore = ulong.MaxValue;

    private readonly ulong[] keys = new ulong[Ext4Limits.ListedNamesMax];
    private readonly ulong[] places = new ulong[Ext4Limits.ListedNamesMax];
    private int count;
    private ulong keyEnd;

    internal Errno List(CallContext context, Inode directory, ulong cookie, Span<byte> target, out int written)
    {
        written = 0;
        if (cookie > long.MaxValue)
        {
            return Errno.None;
        }

        Errno error = ListOwn(context, directory, ref cookie, target, out written);
        if (error == Errno.None)
        {
            error = index.LoadVersion(context, directory);
        }

        while (error == Errno.None && cookie != NoMore)
        {
            error = Gather(context, directory, cookie, out ulong next);
            if (error != Errno.None || !TryEmit(context, cookie, target, ref written, out error))
            {
                break;
            }

            cookie = Math.Max(next, cookie + 1);
        }

        return written > 0 ? Errno.None : error;
    }

    /// <summary>"." and "..", which are first and have no hash.</summary>
    private Errno ListOwn(CallContext context, Inode directory, ref ulong cookie, Span<byte> target, out int written)
    {
        written = 0;
        if (cookie < ParentCookie)
        {
            written = DirectoryEntry.Write(target, directory.Number, ParentCookie, FileType.Directory, "."u8);
            if (written == 0)
            {
                return Errno.InvalidArgument;
            }
        }

        if (cookie <= ParentCookie)
        {
            Errno error = directories.GetParent(context, directory, out uint parent);
            int length = error == Errno.None
                ? DirectoryEntry.Write(target[written..], parent, NamesCookie, FileType.Directory, ".."u8)
                : 0;
            written += length;
            if (length == 0)
            {
                cookie = NoMore;
                return error == Errno.None && written == 0 ? Errno.InvalidArgument : error;
            }
        }

        cookie = Math.Max(cookie, NamesCookie);
        return Errno.None;
    }

    /// <summary>Collects the names of one leaf, and of those behind it that have names of the same hash.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="cookie">Names before this one are left out.</param>
    /// <param name="next">Where the listing goes on when these have been listed.</param>
    private Errno Gather(CallContext context, Inode directory, ulong cookie, out ulong next)
    {
        next = NoMore;
        count = 0;
        keyEnd = NoMore;
        if (!directory.HasFlag(Ext4Spec.InodeFlags.Index))
        {
            Errno scanned = Scan(context, directory, 0, cookie);
            next = keyEnd;
            return scanned == Errno.None ? Sort(context) : scanned;
        }

        Errno error = index.Seek(context, directory, (uint)((cookie >> HashShift) - 1) << 1, out uint leaf);
        while (error == Errno.None && leaf != 0)
        {
            error = Scan(context, directory, leaf, cookie);
            if (error == Errno.None)
            {
                error = index.Next(context, directory, out leaf, out uint hash);
                bool isContinued = (hash & 1) != 0;
                next = leaf == 0 ? NoMore : Math.Max(KeyFor(hash), cookie);
                leaf = isContinued ? leaf : 0;
            }
        }

        next = Math.Min(next, keyEnd);
        return error == Errno.None ? Sort(context) : error;
    }

    private static ulong KeyFor(uint hash) => ((ulong)(hash >> 1) + 1) << HashShift;

    private Errno Scan(CallContext context, Inode directory, uint leaf, ulong cookie)
    {
        Errno error = blocks.GetLeaf(context, directory, leaf, out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        ulong from = cookie & ~(ulong)CountMask;
        ReadOnlySpan<byte> block = volume.Cache.Read(context, buffer);
        for (int offset = 0; offset < blocks.Limit; offset += DirectoryBlock.RecordLength(block, offset))
        {
            ReadOnlySpan<byte> name = DirectoryBlock.Name(block, offset);
            if (DirectoryBlock.Inode(block, offset) == 0 || Directories.IsOwn(name))
            {
                continue;
            }

            ulong key = KeyFor(index.HashOf(name)) | (Checksum.Crc32C(~0u, name) & ~CountMask);
            if (key >= from && key < keyEnd)
            {
                Add(key, (buffer.Block << Ext4Spec.PageShift) | (uint)offset);
            }
        }

        return Errno.None;
    }

    /// <summary>With more names of one hash than there is room for, those with the larger keys come in the next round.</summary>
    private void Add(ulong key, ulong place)
    {
        if (count == keys.Length)
        {
            Array.Sort(keys, places);
            keyEnd = keys[count / 2];
            count /= 2;
            while (count > 1 && keys[count - 1] == keyEnd)
            {
                count--;
            }

            if (key >= keyEnd)
            {
                return;
            }
        }

        keys[count] = key;
        places[count++] = place;
    }

    /// <summary>By key; those few that have one in common by name, and counted.</summary>
    private Errno Sort(CallContext context)
    {
        Array.Sort(keys, places, 0, count);
        for (int position = 1; position < count; position++)
        {
            for (int at = position; at > 0 && (keys[at] | CountMask) == (keys[at - 1] | CountMask); at--)
            {
                Errno error = IsBefore(context, places[at], places[at - 1], out bool isBefore);
                if (error != Errno.None || !isBefore)
                {
                    if (error != Errno.None)
                    {
                        return error;
                    }

                    break;
                }

                (places[at], places[at - 1]) = (places[at - 1], places[at]);
            }

            bool isSame = (keys[position] | CountMask) == (keys[position - 1] | CountMask);
            keys[position] = isSame && (keys[position - 1] & CountMask) < CountMask ? keys[position - 1] + 1 : keys[position];
        }

        return Errno.None;
    }

    private Errno IsBefore(CallContext context, ulong place, ulong other, out bool isBefore)
    {
        isBefore = false;
        Errno error = GetEntry(context, place, out ReadOnlySpan<byte> block, out int offset);
        ReadOnlySpan<byte> otherBlock = default;
        int otherOffset = 0;
        if (error == Errno.None)
        {
            error = GetEntry(context, other, out otherBlock, out otherOffset);
        }

        isBefore = error == Errno.None
            && DirectoryBlock.Name(block, offset).SequenceCompareTo(DirectoryBlock.Name(otherBlock, otherOffset)) < 0;
        return error;
    }

    private Errno GetEntry(CallContext context, ulong place, out ReadOnlySpan<byte> block, out int offset)
    {
        offset = (int)(place & (Ext4Spec.PageBytes - 1));
        Errno error = volume.Cache.Get(context, place >> Ext4Spec.PageShift, out BlockBuffer buffer);
        block = error == Errno.None ? volume.Cache.Read(context, buffer) : default;
        return error;
    }

    /// <summary>Writes what has been collected.</summary>
    /// <returns>False when there is no more room, or an error.</returns>
    private bool TryEmit(CallContext context, ulong cookie, Span<byte> target, ref int written, out Errno error)
    {
        error = Errno.None;
        for (int entry = 0; entry < count; entry++)
        {
            if (keys[entry] < cookie)
            {
                continue;
            }

            error = GetEntry(context, places[entry], out ReadOnlySpan<byte> block, out int offset);
            if (error != Errno.None)
            {
                return false;
            }

            byte typeByte = volume.Superblock.HasFileTypes ? DirectoryBlock.Type(block, offset) : (byte)0;
            int length = DirectoryEntry.Write(
                target[written..], DirectoryBlock.Inode(block, offset), keys[entry] + 1, DirectoryBlock.ToFileType(typeByte),
                DirectoryBlock.Name(block, offset));
            written += length;
            if (length == 0)
            {
                error = Errno.InvalidArgument;
                return false;
            }
        }

        return true;
    }
}
