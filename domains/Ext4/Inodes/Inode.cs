using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.InodeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// An inode in memory: its bytes, checked when they were read. It goes back to its table with <see cref="InodeTable.Store"/>
/// at the end of each operation that changes it, so the table in the cache is never older than an operation.
/// </summary>
internal sealed class Inode(int inodeBytes)
{
    private readonly byte[] raw = new byte[inodeBytes];

    internal uint Number { get; set; }

    /// <summary>Open files that keep the inode alive.</summary>
    internal int HoldCount { get; set; }

    internal long LastUse { get; set; }

    internal bool IsReferenced { get; set; }

    /// <summary>On the list of orphans; then <see cref="DeletionTime"/> is the number of the next one.</summary>
    internal bool IsOrphan { get; set; }

    /// <summary>The one before it on the list of orphans; 0 for the first.</summary>
    internal uint PreviousOrphan { get; set; }

    /// <summary>
    /// The transaction of its last change: fsync waits for that. Of an inode that has just been read it is not known, and the
    /// running one stands for it.
    /// </summary>
    internal uint Transaction { get; set; }

    /// <summary>The transaction of the last change without which its bytes cannot be read: fdatasync waits for that.</summary>
    internal uint DataTransaction { get; set; }

    /// <summary>Whether its map of blocks has changed since it was last stored, or it is new.</summary>
    internal bool IsMapChanged { get; set; }

    /// <summary>Next one in the same hash bucket.</summary>
    internal int Next { get; set; }

    /// <summary>The run of blocks found last; makes sequential reading skip the tree.</summary>
    internal BlockRun LastRun { get; set; }

    /// <summary>Where the last read ended: the next one that starts there is sequential.</summary>
    internal ulong LastReadEnd { get; set; }

    internal Span<byte> Raw => raw;

    /// <summary>The 60 bytes of i_block: extent root, symbolic link or device number.</summary>
    internal Span<byte> Block => raw.AsSpan(Spec.Block, Spec.BlockBytes);

    internal uint Mode
    {
        get => U16(raw, Spec.Mode);
        set => Put16(raw, Spec.Mode, value);
    }

    internal uint Type => Mode & FileMode.TypeMask;

    internal bool IsDirectory => Type == FileMode.Directory;

    internal bool IsRegular => Type == FileMode.Regular;

    internal bool IsSymbolicLink => Type == FileMode.SymbolicLink;

    internal uint UserId
    {
        get => U16(raw, Spec.UserId) | ((uint)U16(raw, Spec.UserIdHigh) << 16);
        set => PutSplit(Spec.UserId, Spec.UserIdHigh, value);
    }

    internal uint GroupId
    {
        get => U16(raw, Spec.GroupId) | ((uint)U16(raw, Spec.GroupIdHigh) << 16);
        set => PutSplit(Spec.GroupId, Spec.GroupIdHigh, value);
    }

    internal ulong SizeBytes
    {
        get => U32(raw, Spec.SizeLow) | ((ulong)U32(raw, Spec.SizeHigh) << 32);
        set
        {
            Put32(raw, Spec.SizeLow, (uint)value);
            Put32(raw, Spec.SizeHigh, (uint)(value >> 32));
        }
    }

    internal uint LinkCount
    {
        get => U16(raw, Spec.LinkCount);
        set => Put16(raw, Spec.LinkCount, value);
    }

    internal uint Flags
    {
        get => U32(raw, Spec.Flags);
        set => Put32(raw, Spec.Flags, value);
    }

    internal bool HasExtents => HasFlag(Ext4Spec.InodeFlags.Extents);

    /// <summary>Whether <see cref="Block"/> leads to blocks, and is not itself a symbolic link or a device's number.</summary>
    internal bool HasBlocks => HasExtents || IsRegular || IsDirectory || (IsSymbolicLink && SizeBytes >= Spec.BlockBytes);

    internal uint Generation
    {
        get => U32(raw, Spec.Generation);
        set => Put32(raw, Spec.Generation, value);
    }

    internal uint DeletionTime
    {
        get => U32(raw, Spec.DeletionTime);
        set => Put32(raw, Spec.DeletionTime, value);
    }

    internal ulong AttributeBlock
    {
        get => U32(raw, Spec.AttributeBlockLow) | ((ulong)U16(raw, Spec.AttributeBlockHigh) << 32);
        set
        {
            Put32(raw, Spec.AttributeBlockLow, (uint)value);
            Put16(raw, Spec.AttributeBlockHigh, (uint)(value >> 32));
        }
    }

    /// <summary>Space in use in 512-byte sectors, or in blocks when the inode has the huge-file flag.</summary>
    internal ulong SectorCount
    {
        get => U32(raw, Spec.BlocksLow) | ((ulong)U16(raw, Spec.BlocksHigh) << 32);
        set
        {
            Put32(raw, Spec.BlocksLow, (uint)value);
            Put16(raw, Spec.BlocksHigh, (uint)(value >> 32));
        }
    }

    /// <summary>
    /// Device number, where others have their map of blocks (inodes.rst): the first word if 16 bits are enough, else the
    /// second. In both forms the low 16 bits are the same.
    /// </summary>
    internal uint DeviceNumber
    {
        get => U32(Block, 0) is > 0 and var number ? number : U32(Block, 4);
        set
        {
            Put32(Block, 0, value <= ushort.MaxValue ? value : 0);
            Put32(Block, 4, value <= ushort.MaxValue ? 0 : value);
        }
    }

    /// <summary>Bytes of the fields beyond the first 128 that this inode has.</summary>
    internal int ExtraBytes => raw.Length > Ext4Spec.GoodInodeBytes ? U16(raw, Spec.ExtraBytes) : 0;

    internal bool HasFlag(uint flag) => (Flags & flag) != 0;

    internal bool Fits(int offset, int length) => offset + length <= Ext4Spec.GoodInodeBytes + ExtraBytes;

    /// <summary>A time field: 32 bits of seconds, and if the inode is large enough 2 more and the nanoseconds.</summary>
    internal FileTime GetTime(int offset, int extraOffset)
    {
        long seconds = (int)U32(raw, offset);
        uint extra = Fits(extraOffset, 4) ? U32(raw, extraOffset) : 0;
        return new FileTime
        {
            Seconds = seconds + ((long)(extra & 3) << 32),
            Nanoseconds = Math.Min(extra >> 2, 999_999_999),
        };
    }

    /// <summary>Sets a time; what the inode cannot express is cut to the nearest it can.</summary>
    internal void SetTime(int offset, int extraOffset, FileTime time)
    {
        bool hasExtra = Fits(extraOffset, 4);
        long latest = hasExtra ? (3L << 32) + int.MaxValue : int.MaxValue;
        long seconds = Math.Clamp(time.Seconds, int.MinValue, latest);
        Put32(raw, offset, (uint)seconds);
        if (hasExtra)
        {
            uint epoch = (uint)((seconds - (int)seconds) >> 32) & 3;
            Put32(raw, extraOffset, epoch | (Math.Min(time.Nanoseconds, 999_999_999) << 2));
        }
    }

    /// <summary>Start value of the checksums of this inode and of the blocks that it owns.</summary>
    internal uint ChecksumSeed(Superblock superblock) =>
        Checksum.Crc32C(Checksum.Crc32C(superblock.ChecksumSeed, Number), Generation);

    internal void ForgetRun() => LastRun = default;

    private void PutSplit(int low, int high, uint value)
    {
        Put16(raw, low, value & 0xFFFF);
        Put16(raw, high, value >> 16);
    }
}

/// <summary>A run of a file's blocks: where they are on the disk, or that they are nowhere.</summary>
/// <param name="First">First block of the file.</param>
/// <param name="Count">Number of blocks; 0 for no run.</param>
/// <param name="Physical">First block on the disk; 0 for a hole.</param>
/// <param name="IsUnwritten">The blocks are reserved but read as zeroes.</param>
internal readonly record struct BlockRun(uint First, uint Count, ulong Physical, bool IsUnwritten)
{
    internal bool IsHole => Physical == 0;

    /// <summary>Whether the blocks hold data.</summary>
    internal bool IsWritten => Physical != 0 && !IsUnwritten;

    internal bool Contains(uint block) => block - First < Count;
}
