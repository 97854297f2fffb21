using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.AttributeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Extended attributes (attributes.rst): within the inode, behind its fields, as long as there is room, and then in a block.
/// </summary>
internal sealed class ExtendedAttributes(Volume volume)
{
    private const int None = -1;

    private readonly byte[] old = new byte[Ext4Spec.PageBytes];
    private readonly byte[] converted = new byte[2 * Ext4Spec.PageBytes];

    internal AttributeBlocks Blocks { get; } = new(volume);

    internal Errno Get(CallContext context, Inode inode, AttributeName name, Span<byte> target, out int length)
    {
        length = 0;
        Errno error = Find(context, inode, name, out int inInode, out int inBlock);
        if (error != Errno.None || (inInode < 0 && inBlock < 0))
        {
            return error != Errno.None ? error : Errno.NoData;
        }

        ReadOnlySpan<byte> value = inInode >= 0 ? AttributeRegion.Value(InodeRegion(inode), inInode) : default;
        if (inInode < 0)
        {
            error = Blocks.Get(context, inode, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            value = AttributeRegion.Value(volume.Cache.Read(context, buffer), inBlock);
        }

        if (name.IsAccessList)
        {
            int seen = AccessListFormat.ToSeen(value, converted);
            if (seen < 0)
            {
                return volume.Damaged($"inode {inode.Number}: an access control list of {value.Length} bytes is malformed");
            }

            value = converted.AsSpan(0, seen);
        }

        length = value.Length;
        if (!target.IsEmpty && target.Length < length)
        {
            return Errno.Range;
        }

        value.CopyTo(target.IsEmpty ? converted : target);
        return Errno.None;
    }

    internal Errno Set(
        CallContext context, Inode inode, AttributeName name, ReadOnlySpan<byte> value, ExtendedAttributeFlags flags)
    {
        if (value.Length > Spec.ValueBytesMax)
        {
            return Errno.ArgumentsTooLong;
        }

        if (name.IsAccessList)
        {
            int stored = AccessListFormat.ToStored(value, converted);
            if (stored < 0)
            {
                return Errno.InvalidArgument;
            }

            value = converted.AsSpan(0, stored);
        }

        Errno error = Find(context, inode, name, out int inInode, out int inBlock);
        bool exists = inInode >= 0 || inBlock >= 0;
        if (error != Errno.None || (exists && (flags & ExtendedAttributeFlags.Create) != 0))
        {
            return error != Errno.None ? error : Errno.Exists;
        }

        if (!exists && (flags & ExtendedAttributeFlags.Replace) != 0)
        {
            return Errno.NoData;
        }

        Span<byte> region = InodeRegion(inode);
        if (!region.IsEmpty && AttributeRegion.Fits(region, 0, inInode, name, value.Length))
        {
            error = inBlock >= 0 ? Blocks.Change(context, inode, inBlock, default, default) : Errno.None;
            return error == Errno.None ? Finish(context, inode, inInode, name, value) : error;
        }

        error = Blocks.Change(context, inode, inBlock, name, value);
        return error == Errno.None ? Finish(context, inode, inInode, default, default) : error;
    }

    internal Errno Remove(CallContext context, Inode inode, AttributeName name)
    {
        Errno error = Find(context, inode, name, out int inInode, out int inBlock);
        if (error != Errno.None || (inInode < 0 && inBlock < 0))
        {
            return error != Errno.None ? error : Errno.NoData;
        }

        error = inBlock >= 0 ? Blocks.Change(context, inode, inBlock, default, default) : Errno.None;
        return error == Errno.None ? Finish(context, inode, inInode, default, default) : error;
    }

    /// <summary>All names, each with a NUL behind it.</summary>
    internal Errno List(CallContext context, Inode inode, Span<byte> target, out int length)
    {
        length = 0;
        Errno error = CheckInode(inode);
        if (error != Errno.None)
        {
            return error;
        }

        bool fits = ListRegion(InodeRegion(inode), 0, target, ref length);
        if (inode.AttributeBlock != 0)
        {
            error = Blocks.Get(context, inode, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            fits &= ListRegion(volume.Cache.Read(context, buffer), Spec.BlockHeaderBytes, target, ref length);
        }

        return fits || target.IsEmpty ? Errno.None : Errno.Range;
    }

    private static bool ListRegion(ReadOnlySpan<byte> region, int first, Span<byte> target, ref int length)
    {
        bool fits = true;
        for (int offset = first; !region.IsEmpty && !AttributeRegion.IsEnd(region, offset);
             offset = AttributeRegion.Next(region, offset))
        {
            ReadOnlySpan<byte> prefix = AttributeName.Prefix(AttributeRegion.Index(region, offset));
            ReadOnlySpan<byte> rest = AttributeRegion.Name(region, offset);
            int bytes = prefix.Length + rest.Length + 1;
            if (prefix.IsEmpty)
            {
                continue;
            }

            fits &= bytes <= target.Length - length;
            if (fits)
            {
                prefix.CopyTo(target[length..]);
                rest.CopyTo(target[(length + prefix.Length)..]);
                target[length + bytes - 1] = 0;
            }

            length += bytes;
        }

        return fits;
    }

    /// <summary>Where an attribute is; both -1 when it is nowhere.</summary>
    private Errno Find(CallContext context, Inode inode, AttributeName name, out int inInode, out int inBlock)
    {
        inInode = None;
        inBlock = None;
        Errno error = CheckInode(inode);
        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> region = InodeRegion(inode);
        inInode = region.IsEmpty ? None : AttributeRegion.Find(region, 0, name);
        if (inInode >= 0 || inode.AttributeBlock == 0)
        {
            return Errno.None;
        }

        error = Blocks.Get(context, inode, out BlockBuffer buffer);
        inBlock = error == Errno.None
            ? AttributeRegion.Find(volume.Cache.Read(context, buffer), Spec.BlockHeaderBytes, name)
            : None;
        return error;
    }

    /// <summary>An area without the magic number holds nothing yet: it is made ready, in memory only.</summary>
    private Errno CheckInode(Inode inode)
    {
        Span<byte> region = InodeRegion(inode);
        if (region.IsEmpty)
        {
            return Errno.None;
        }

        int header = inode.Raw.Length - region.Length - Spec.InodeHeaderBytes;
        if (U32(inode.Raw, header) != Spec.Magic)
        {
            inode.Raw[header..].Clear();
            return Errno.None;
        }

        string problem = AttributeRegion.Check(region, 0);
        return problem.Length == 0 ? Errno.None : volume.Damaged($"attributes of inode {inode.Number}: {problem}");
    }

    /// <summary>Room for entries within the inode; empty when it has none.</summary>
    private static Span<byte> InodeRegion(Inode inode)
    {
        int start = Ext4Spec.GoodInodeBytes + inode.ExtraBytes + Spec.InodeHeaderBytes;
        return inode.ExtraBytes == 0 || start > inode.Raw.Length - Spec.EntryBytes ? default : inode.Raw[start..];
    }

    private Errno Finish(CallContext context, Inode inode, int skipped, AttributeName added, ReadOnlySpan<byte> value)
    {
        if (skipped >= 0 || added.Index != 0)
        {
            Span<byte> region = InodeRegion(inode);
            Span<byte> copy = old.AsSpan(0, region.Length);
            region.CopyTo(copy);
            AttributeRegion.Rebuild(copy, 0, skipped, region, added, value, isBlock: false);
            bool isEmpty = AttributeRegion.IsEnd(region, 0);
            Put32(inode.Raw, inode.Raw.Length - region.Length - Spec.InodeHeaderBytes, isEmpty ? 0 : Spec.Magic);
        }

        volume.Superblock.NoteAttributes();
        volume.Life.TouchChange(context, inode);
        return volume.Inodes.Store(context, inode);
    }
}
