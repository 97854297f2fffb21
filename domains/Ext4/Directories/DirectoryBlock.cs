using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Directory;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The entries of one directory block (directory.rst): inode (4 bytes), record length (2), name length (1), type (1), name.
/// The records fill the block without gaps up to the limit, behind which the checksum's tail lies.
/// </summary>
internal static class DirectoryBlock
{
    /// <summary>What <see cref="FindBefore"/> answers when there is no such entry.</summary>
    internal const int NotThere = -2;

    private const int RecordLengthOffset = 4;
    private const int NameLengthOffset = 6;
    private const int TypeOffset = 7;

    internal static uint Inode(ReadOnlySpan<byte> block, int offset) => U32(block, offset);

    internal static int RecordLength(ReadOnlySpan<byte> block, int offset) => U16(block, offset + RecordLengthOffset);

    internal static int NameLength(ReadOnlySpan<byte> block, int offset) => block[offset + NameLengthOffset];

    internal static byte Type(ReadOnlySpan<byte> block, int offset) => block[offset + TypeOffset];

    internal static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> block, int offset) =>
        block.Slice(offset + Spec.EntryHeaderBytes, NameLength(block, offset));

    internal static int BytesFor(int nameLength) => (Spec.EntryHeaderBytes + nameLength + 3) & ~3;

    internal static void SetInode(Span<byte> block, int offset, uint inode, byte type)
    {
        Put32(block, offset, inode);
        block[offset + TypeOffset] = type;
    }

    internal static void SetRecordLength(Span<byte> block, int offset, int length) =>
        Put16(block, offset + RecordLengthOffset, (uint)length);

    /// <summary>Writes a whole entry.</summary>
    internal static void Put(Span<byte> block, int offset, int recordLength, uint inode, byte type, ReadOnlySpan<byte> name)
    {
        SetInode(block, offset, inode, type);
        SetRecordLength(block, offset, recordLength);
        block[offset + NameLengthOffset] = (byte)name.Length;
        name.CopyTo(block[(offset + Spec.EntryHeaderBytes)..]);
        block[(offset + Spec.EntryHeaderBytes + name.Length)..(offset + BytesFor(name.Length))].Clear();
    }

    /// <summary>An empty block.</summary>
    internal static void Initialize(Span<byte> block, int limit)
    {
        block.Clear();
        SetRecordLength(block, 0, limit);
    }

    /// <summary>Checks every record, so that later walks need not.</summary>
    /// <returns>What is wrong; empty when nothing is.</returns>
    internal static string Check(ReadOnlySpan<byte> block, int limit, uint inodeCount)
    {
        for (int offset = 0; offset < limit;)
        {
            if (limit - offset < Spec.EntryHeaderBytes)
            {
                return $"no room for an entry at offset {offset}";
            }

            int length = RecordLength(block, offset);
            int nameLength = NameLength(block, offset);
            uint inode = Inode(block, offset);
            if (length < BytesFor(1) || (length & 3) != 0 || length > limit - offset || BytesFor(nameLength) > length)
            {
                return $"entry at offset {offset}: record of {length} bytes, name of {nameLength}";
            }

            if (inode != 0 && (inode > inodeCount || nameLength == 0))
            {
                return $"entry at offset {offset}: inode {inode}, name of {nameLength} bytes";
            }

            offset += length;
        }

        return "";
    }

    /// <summary>Offset of the entry with a name; -1 when there is none.</summary>
    /// <remarks>
    /// The four fields of an entry are one load, since each step waits for the one before; the last bytes of a name tell more
    /// names apart than the first.
    /// </remarks>
    internal static int Find(ReadOnlySpan<byte> block, int limit, ReadOnlySpan<byte> name)
    {
        int endOffset = Spec.EntryHeaderBytes + name.Length - sizeof(uint);
        uint end = name.Length >= sizeof(uint) ? U32(name, name.Length - sizeof(uint)) : 0;
        for (int offset = 0; offset < limit;)
        {
            ulong fields = U64(block, offset);
            if ((byte)(fields >> (8 * NameLengthOffset)) == name.Length && (uint)fields != 0
                && (name.Length < sizeof(uint) || U32(block, offset + endOffset) == end)
                && Name(block, offset).SequenceEqual(name))
            {
                return offset;
            }

            offset += (ushort)(fields >> (8 * RecordLengthOffset));
        }

        return -1;
    }

    /// <summary>Whether an entry of a block, which is verified, has this name and inode.</summary>
    internal static bool Names(ReadOnlySpan<byte> block, int limit, DirectoryPlace place, ReadOnlySpan<byte> name) =>
        place.Offset + BytesFor(name.Length) <= limit
        && Inode(block, place.Offset) == place.Inode
        && Name(block, place.Offset).SequenceEqual(name);

    /// <summary>Offset of the entry before the one at an offset; -1 for the first one, else when no entry starts there.</summary>
    internal static int FindBefore(ReadOnlySpan<byte> block, int offset)
    {
        int previous = -1;
        int at = 0;
        while (at < offset)
        {
            previous = at;
            at += RecordLength(block, at);
        }

        return at == offset ? previous : NotThere;
    }

    /// <summary>Offset of an entry that can be split to take a name of this length; -1 when there is none.</summary>
    internal static int FindRoom(ReadOnlySpan<byte> block, int limit, int nameLength)
    {
        int needed = BytesFor(nameLength);
        for (int offset = 0; offset < limit;)
        {
            ulong fields = U64(block, offset);
            int length = (ushort)(fields >> (8 * RecordLengthOffset));
            int used = (uint)fields == 0 ? 0 : BytesFor((byte)(fields >> (8 * NameLengthOffset)));
            if (length - used >= needed)
            {
                return offset;
            }

            offset += length;
        }

        return -1;
    }

    /// <summary>Adds an entry in the room behind another one, as found by <see cref="FindRoom"/>.</summary>
    /// <returns>Its offset.</returns>
    internal static int Insert(Span<byte> block, int offset, uint inode, byte type, ReadOnlySpan<byte> name)
    {
        int length = RecordLength(block, offset);
        int used = UsedBytes(block, offset);
        if (used > 0)
        {
            SetRecordLength(block, offset, used);
        }

        Put(block, offset + used, length - used, inode, type, name);
        return offset + used;
    }

    /// <summary>Removes an entry: the one before it takes its room; the first one becomes empty.</summary>
    internal static void Remove(Span<byte> block, int offset, int previous)
    {
        if (previous >= 0)
        {
            SetRecordLength(block, previous, RecordLength(block, previous) + RecordLength(block, offset));
        }
        else
        {
            SetInode(block, offset, 0, 0);
        }
    }

    /// <summary>The type byte of an entry for an inode's mode (directory.rst, the file type table).</summary>
    internal static byte TypeFor(uint mode) => (mode & FileMode.TypeMask) switch
    {
        FileMode.Regular => 1,
        FileMode.Directory => 2,
        FileMode.CharacterDevice => 3,
        FileMode.BlockDevice => 4,
        FileMode.Fifo => 5,
        FileMode.Socket => 6,
        FileMode.SymbolicLink => 7,
        _ => 0,
    };

    /// <summary>The type of a listing for an entry's type byte.</summary>
    internal static FileType ToFileType(byte type) => type switch
    {
        1 => FileType.Regular,
        2 => FileType.Directory,
        3 => FileType.CharacterDevice,
        4 => FileType.BlockDevice,
        5 => FileType.Fifo,
        6 => FileType.Socket,
        7 => FileType.SymbolicLink,
        _ => FileType.Unknown,
    };

    private static int UsedBytes(ReadOnlySpan<byte> block, int offset) =>
        Inode(block, offset) == 0 ? 0 : BytesFor(NameLength(block, offset));
}
