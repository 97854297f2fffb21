using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.AttributeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The bytes that hold extended attributes, in an inode or a block: entries from the front, ended by four zeroes, and
/// values from the back. A change makes the region anew from a copy, so that no gap is ever left.
/// </summary>
internal static class AttributeRegion
{
    private const int EndBytes = 4;
    private const int None = -1;

    /// <summary>Checks everything that later code relies on.</summary>
    /// <param name="region">The bytes; offsets of values count from their start.</param>
    /// <param name="first">Where the entries start.</param>
    /// <returns>What is wrong; empty when nothing is.</returns>
    internal static string Check(ReadOnlySpan<byte> region, int first)
    {
        int offset = first;
        for (; offset <= region.Length - EndBytes && U32(region, offset) != 0; offset = Next(region, offset))
        {
            if (offset > region.Length - Spec.EntryBytes || Next(region, offset) > region.Length - EndBytes)
            {
                return $"the entry at offset {offset} does not fit";
            }
        }

        if (offset > region.Length - EndBytes)
        {
            return "the entries have no end";
        }

        int entriesEnd = offset + EndBytes;
        for (offset = first; !IsEnd(region, offset); offset = Next(region, offset))
        {
            uint length = U32(region, offset + Spec.ValueBytes);
            int start = U16(region, offset + Spec.ValueOffset);
            bool isInside = length == 0 || (start >= entriesEnd && length <= region.Length && start <= region.Length - Pad(length));
            if (!isInside || U32(region, offset + Spec.ValueInode) != 0)
            {
                return $"the entry at offset {offset} has {length} bytes at {start}";
            }
        }

        return "";
    }

    internal static bool IsEnd(ReadOnlySpan<byte> region, int offset) => U32(region, offset) == 0;

    internal static int Next(ReadOnlySpan<byte> region, int offset) =>
        offset + Spec.EntryBytes + Pad(region[offset + Spec.NameLength]);

    internal static byte Index(ReadOnlySpan<byte> region, int offset) => region[offset + Spec.NameIndex];

    internal static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> region, int offset) =>
        region.Slice(offset + Spec.EntryBytes, region[offset + Spec.NameLength]);

    internal static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> region, int offset)
    {
        int length = (int)U32(region, offset + Spec.ValueBytes);
        return length == 0 ? default : region.Slice(U16(region, offset + Spec.ValueOffset), length);
    }

    /// <summary>Offset of the entry with a name; -1 when there is none.</summary>
    internal static int Find(ReadOnlySpan<byte> region, int first, AttributeName name)
    {
        for (int offset = first; !IsEnd(region, offset); offset = Next(region, offset))
        {
            if (name.CompareTo(Index(region, offset), Name(region, offset)) == 0)
            {
                return offset;
            }
        }

        return None;
    }

    /// <summary>Whether there is room for an attribute when the entry at <paramref name="skipped"/> goes.</summary>
    internal static bool Fits(ReadOnlySpan<byte> region, int first, int skipped, AttributeName name, int valueBytes)
    {
        long used = first + EndBytes + Spec.EntryBytes + Pad((uint)name.Rest.Length) + (long)Pad((uint)valueBytes);
        for (int offset = first; !IsEnd(region, offset); offset = Next(region, offset))
        {
            used += offset == skipped ? 0 : Next(region, offset) - offset + Pad(U32(region, offset + Spec.ValueBytes));
        }

        return used <= region.Length;
    }

    /// <summary>Makes a region out of another one without one entry, or with one more, or both.</summary>
    /// <param name="old">A copy of what the region was; checked.</param>
    /// <param name="first">Where the entries start.</param>
    /// <param name="skipped">The entry to leave out; -1 for none.</param>
    /// <param name="region">Receives the result from <paramref name="first"/> on.</param>
    /// <param name="added">The attribute to add, for which there is room; nothing if its name has index 0.</param>
    /// <param name="value">Its value.</param>
    /// <param name="isBlock">Whether entries are in order and have hashes, as in a block.</param>
    internal static void Rebuild(
        ReadOnlySpan<byte> old, int first, int skipped, Span<byte> region, AttributeName added, ReadOnlySpan<byte> value,
        bool isBlock)
    {
        region[first..].Clear();
        int at = first;
        int valueEnd = region.Length;
        bool isAdded = added.Index == 0;
        for (int offset = first; !IsEnd(old, offset); offset = Next(old, offset))
        {
            if (offset == skipped)
            {
                continue;
            }

            if (!isAdded && isBlock && added.CompareTo(Index(old, offset), Name(old, offset)) < 0)
            {
                Append(region, ref at, ref valueEnd, added.Index, added.Rest, value, isBlock);
                isAdded = true;
            }

            Append(region, ref at, ref valueEnd, Index(old, offset), Name(old, offset), Value(old, offset), isBlock);
        }

        if (!isAdded)
        {
            Append(region, ref at, ref valueEnd, added.Index, added.Rest, value, isBlock);
        }
    }

    /// <summary>The hash of a whole block; 0, which means that it is not to be shared, if an entry has none.</summary>
    internal static uint BlockHash(ReadOnlySpan<byte> region, int first)
    {
        uint hash = 0;
        for (int offset = first; !IsEnd(region, offset); offset = Next(region, offset))
        {
            uint entry = U32(region, offset + Spec.Hash);
            if (entry == 0)
            {
                return 0;
            }

            hash = (hash << Spec.ValueHashShift) ^ (hash >> (32 - Spec.ValueHashShift)) ^ entry;
        }

        return hash;
    }

    private static void Append(
        Span<byte> region, ref int at, ref int valueEnd, byte index, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value,
        bool isHashed)
    {
        valueEnd -= Pad((uint)value.Length);
        Span<byte> entry = region[at..];
        entry[Spec.NameLength] = (byte)name.Length;
        entry[Spec.NameIndex] = index;
        Put16(entry, Spec.ValueOffset, value.IsEmpty ? 0 : (uint)valueEnd);
        Put32(entry, Spec.ValueBytes, (uint)value.Length);
        name.CopyTo(entry[Spec.EntryBytes..]);
        value.CopyTo(region[valueEnd..]);
        if (isHashed)
        {
            Put32(entry, Spec.Hash, EntryHash(name, region.Slice(valueEnd, Pad((uint)value.Length))));
        }

        at += Spec.EntryBytes + Pad((uint)name.Length);
    }

    /// <summary>Over the characters of the name and the words of the padded value (ext4_xattr_hash_entry of Linux).</summary>
    private static uint EntryHash(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        uint hash = 0;
        foreach (byte character in name)
        {
            hash = (hash << Spec.NameHashShift) ^ (hash >> (32 - Spec.NameHashShift)) ^ character;
        }

        for (int offset = 0; offset < value.Length; offset += 4)
        {
            hash = (hash << Spec.ValueHashShift) ^ (hash >> (32 - Spec.ValueHashShift)) ^ U32(value, offset);
        }

        return hash;
    }

    private static int Pad(uint length) => (int)((length + 3) & ~3u);
}
