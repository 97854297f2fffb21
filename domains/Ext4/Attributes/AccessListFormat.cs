using static RedLeafSharp.Domains.Ext4.LittleEndian;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Access control lists are stored shorter than programs see them (Linux: ext4_acl_entry and posix_acl_xattr_entry): only
/// entries of named users and groups have an id. What they mean is the personality's business.
/// </summary>
internal static class AccessListFormat
{
    private const uint StoredVersion = 1;
    private const uint SeenVersion = 2;
    private const int HeaderBytes = 4;
    private const int ShortBytes = 4;
    private const int LongBytes = 8;
    private const ushort NamedUser = 0x02;
    private const ushort NamedGroup = 0x08;
    private const uint KnownTags = 0x3F;
    private const ushort PermissionMask = 7;

    /// <summary>From the disk's form to that of programs.</summary>
    /// <returns>The length; -1 when the list is malformed or too long.</returns>
    internal static int ToSeen(ReadOnlySpan<byte> stored, Span<byte> seen)
    {
        if (stored.Length < HeaderBytes || U32(stored, 0) != StoredVersion)
        {
            return -1;
        }

        Put32(seen, 0, SeenVersion);
        int length = HeaderBytes;
        for (int offset = HeaderBytes; offset < stored.Length; length += LongBytes)
        {
            bool isLong = stored.Length - offset >= ShortBytes && HasId(U16(stored, offset));
            int size = isLong ? LongBytes : ShortBytes;
            if (stored.Length - offset < size || seen.Length - length < LongBytes)
            {
                return -1;
            }

            stored.Slice(offset, ShortBytes).CopyTo(seen[length..]);
            Put32(seen, length + ShortBytes, isLong ? U32(stored, offset + ShortBytes) : uint.MaxValue);
            offset += size;
        }

        return length;
    }

    /// <summary>From the form of programs to that of the disk.</summary>
    /// <returns>The length; -1 when the list is malformed or too long.</returns>
    internal static int ToStored(ReadOnlySpan<byte> seen, Span<byte> stored)
    {
        bool isWhole = seen.Length > HeaderBytes && (seen.Length - HeaderBytes) % LongBytes == 0;
        if (!isWhole || U32(seen, 0) != SeenVersion)
        {
            return -1;
        }

        Put32(stored, 0, StoredVersion);
        int length = HeaderBytes;
        for (int offset = HeaderBytes; offset < seen.Length; offset += LongBytes)
        {
            ushort tag = U16(seen, offset);
            bool isKnown = System.Numerics.BitOperations.PopCount(tag) == 1 && (tag & ~KnownTags) == 0;
            if (!isKnown || (U16(seen, offset + 2) & ~PermissionMask) != 0 || stored.Length - length < LongBytes)
            {
                return -1;
            }

            int size = HasId(tag) ? LongBytes : ShortBytes;
            seen.Slice(offset, size).CopyTo(stored[length..]);
            length += size;
        }

        return length;
    }

    private static bool HasId(ushort tag) => tag is NamedUser or NamedGroup;
}
