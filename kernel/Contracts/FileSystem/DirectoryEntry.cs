using System.Buffers.Binary;

namespace RedLeafSharp.Contracts;

/// <summary>
/// One record of a directory listing, in the layout of Linux's getdents64: inode (8 bytes), cookie of the next entry (8),
/// record length (2), type (1), name, NUL, padding to 8 bytes; all little-endian.
/// </summary>
public readonly ref struct DirectoryEntry
{
    private const int NextCookieOffset = 8;
    private const int RecordLengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;

    private readonly ReadOnlySpan<byte> record;

    private DirectoryEntry(ReadOnlySpan<byte> record) => this.record = record;

    /// <summary>Inode number.</summary>
    public ulong Inode => BinaryPrimitives.ReadUInt64LittleEndian(record);

    /// <summary>Where to go on reading after this entry.</summary>
    public ulong NextCookie => BinaryPrimitives.ReadUInt64LittleEndian(record[NextCookieOffset..]);

    /// <summary>Length of the record in bytes.</summary>
    public int RecordBytes => record.Length;

    /// <summary>Type of the file.</summary>
    public FileType Type => (FileType)record[TypeOffset];

    /// <summary>The name, without the terminating NUL.</summary>
    public ReadOnlySpan<byte> Name => record[NameOffset..(NameOffset + record[NameOffset..].IndexOf((byte)0))];

    /// <summary>Bytes that an entry with a name of this length takes.</summary>
    public static int BytesFor(int nameBytes) => (NameOffset + nameBytes + 1 + 7) & ~7;

    /// <summary>Appends an entry to a buffer.</summary>
    /// <returns>Bytes written, or 0 when the entry does not fit.</returns>
    public static int Write(Span<byte> buffer, ulong inode, ulong nextCookie, FileType type, ReadOnlySpan<byte> name)
    {
        int length = BytesFor(name.Length);
        if (length > buffer.Length)
        {
            return 0;
        }

        Span<byte> record = buffer[..length];
        record.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(record, inode);
        BinaryPrimitives.WriteUInt64LittleEndian(record[NextCookieOffset..], nextCookie);
        BinaryPrimitives.WriteUInt16LittleEndian(record[RecordLengthOffset..], (ushort)length);
        record[TypeOffset] = (byte)type;
        name.CopyTo(record[NameOffset..]);
        return length;
    }

    /// <summary>Takes the first entry off a listing.</summary>
    /// <param name="listing">Whole entries; the rest after the first one on return.</param>
    /// <param name="entry">The first entry.</param>
    /// <returns>False at the end of the listing.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> listing, out DirectoryEntry entry)
    {
        if (listing.Length <= NameOffset)
        {
            entry = default;
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(listing[RecordLengthOffset..]);
        entry = new DirectoryEntry(listing[..length]);
        listing = listing[length..];
        return true;
    }
}

/// <summary>The type of a file in a listing, with the numbers of Linux's d_type.</summary>
public enum FileType : byte
{
    /// <summary>Not known without looking at the inode.</summary>
    Unknown = 0,

    /// <summary>FIFO.</summary>
    Fifo = 1,

    /// <summary>Character device.</summary>
    CharacterDevice = 2,

    /// <summary>Directory.</summary>
    Directory = 4,

    /// <summary>Block device.</summary>
    BlockDevice = 6,

    /// <summary>Regular file.</summary>
    Regular = 8,

    /// <summary>Symbolic link.</summary>
    SymbolicLink = 10,

    /// <summary>Socket.</summary>
    Socket = 12,
}
