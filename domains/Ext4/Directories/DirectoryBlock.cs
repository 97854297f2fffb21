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
    internal static int Find(ReadOnlySpan<byte> block, int limit, ReadOnlySpan<byte> name)
    {
        for (int offset = 0; offset < limit; offset += RecordLength(block, offset))
        {
            if (NameLength(block, offset) == name.Length && Inode(block, offset) != 0 && Name(block, offset).SequenceEqual(name))
            {
                return offset;
            }
        }

        return -1;
    }

    /// <summary>Offset of an entry that can be split to take a name of this length; -1 when there is none.</summary>
    internal static int FindRoom(ReadOnlySpan<byte> block, int limit, int nameLength)
    {
        int needed = BytesFor(nameLength);
        for (int offset = 0; offset < limit; offset += RecordLength(block, offset))
        {
            if (RecordLength(block, offset) - UsedBytes(block, offset) >= needed)
            {
                return offset;
            }
        }

        return -1;
    }

    /// <summary>Adds an entry in the room behind another one, as found by <see cref="FindRoom"/>.</summary>
    internal static void Insert(Span<byte> block, int offset, uint inode, byte type, ReadOnlySpan<byte> name)
    {
        int length = RecordLength(block, offset);
        int used = UsedBytes(block, offset);
        if (used > 0)
        {
            SetRecordLength(block, offset, used);
        }

        Put(block, offset + used, length - used, inode, type, name);
    }

    /// <summary>Removes an entry: the one before it takes its room; the first one becomes empty.</summary>
    internal static void Remove(Span<byte> block, int offset)
    {
        int previous = -1;
        for (int at = 0; at < offset; at += RecordLength(block, at))
        {
            previous = at;
        }

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
