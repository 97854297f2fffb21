using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;
using Spec = RedLeafSharp.Domains.Ext4.InodeSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The inodes in memory, by number: bounded, hashed, evicted by the clock algorithm unless held. Between here and the
/// buffer cache the checksum of each inode is verified and made.
/// </summary>
internal sealed class InodeTable(Volume volume)
{
    private const int None = -1;

    private readonly Superblock superblock = volume.Superblock;
    private readonly Inode[] inodes = new Inode[Ext4Limits.CachedInodes(volume.Cache.PageCountMax)];
    private readonly int[] buckets = MakeBuckets(Ext4Limits.CachedInodes(volume.Cache.PageCountMax));
    private int count;
    private int hand;
    private long tick = Ext4Limits.GuardedInodeLoads;

    /// <summary>Inodes that are held by open files.</summary>
    internal int HeldCount { get; set; }

    /// <summary>An inode that is in use, from memory or from the disk.</summary>
    internal Errno Load(CallContext context, ulong number, out Inode inode)
    {
        Errno error = LoadAny(context, number, out inode);
        if (error != Errno.None)
        {
            return error;
        }

        bool isFree = inode.Mode == 0 || (inode.LinkCount == 0 && inode.HoldCount == 0);
        return isFree ? Errno.NoEntry : Errno.None;
    }

    /// <summary>A directory that is in use.</summary>
    internal Errno LoadDirectory(CallContext context, ulong number, out Inode inode)
    {
        Errno error = Load(context, number, out inode);
        return error != Errno.None ? error : inode.IsDirectory ? Errno.None : Errno.NotDirectory;
    }

    /// <summary>A slot for an inode that has just been allocated: all zero, whatever the table holds.</summary>
    internal Inode TakeNew(uint number)
    {
        Inode inode = Find(number) ?? Take(number);
        inode.Raw.Clear();
        inode.ForgetRun();
        inode.IsOrphan = false;
        inode.IsMapChanged = true;
        return inode;
    }

    /// <summary>Puts a changed inode into its table, with its checksum.</summary>
    internal Errno Store(CallContext context, Inode inode)
    {
        Errno error = Locate(context, inode.Number, out BlockBuffer buffer, out int offset);
        if (error != Errno.None)
        {
            return error;
        }

        if (superblock.HasMetadataChecksum)
        {
            PutChecksum(inode);
        }

        Span<byte> slot = volume.Transaction.Modify(context, buffer).Slice(offset, inode.Raw.Length);
        NoteTransaction(inode, slot);
        inode.Raw.CopyTo(slot);
        volume.Cache.SetVerified(buffer, offset);
        return Errno.None;
    }

    /// <summary>
    /// Times, owners and the like are not needed to read the bytes of a file (POSIX.1-2017, 3.384). Of a directory everything
    /// is: whoever syncs one wants its names.
    /// </summary>
    private void NoteTransaction(Inode inode, ReadOnlySpan<byte> stored)
    {
        inode.Transaction = volume.Journal?.Running ?? 0;
        bool isSizeChanged = U32(stored, Spec.SizeLow) != U32(inode.Raw, Spec.SizeLow)
            || U32(stored, Spec.SizeHigh) != U32(inode.Raw, Spec.SizeHigh);
        if (inode.IsMapChanged || isSizeChanged || !inode.IsRegular)
        {
            inode.DataTransaction = inode.Transaction;
            inode.IsMapChanged = false;
        }
    }

    /// <summary>Clears table slots that have never been used before they come to count as used.</summary>
    internal Errno ClearSlots(CallContext context, uint firstNumber, uint slotCount)
    {
        for (uint number = firstNumber; number < firstNumber + slotCount; number++)
        {
            Errno error = Locate(context, number, out BlockBuffer buffer, out int offset);
            if (error != Errno.None)
            {
                return error;
            }

            volume.Transaction.Modify(context, buffer).Slice(offset, superblock.InodeBytes).Clear();
        }

        return Errno.None;
    }

    /// <summary>The first held inode without a name at or after a place in memory, for the end of the mount.</summary>
    internal Inode? NextHeldOrphan(ref int position)
    {
        for (; position < count; position++)
        {
            if (inodes[position].HoldCount > 0 && inodes[position].LinkCount == 0)
            {
                return inodes[position++];
            }
        }

        return null;
    }

    private static int[] MakeBuckets(int count)
    {
        int[] made = new int[count];
        Array.Fill(made, None);
        return made;
    }

    private Errno LoadAny(CallContext context, ulong number, out Inode inode)
    {
        inode = null!;
        if (number == 0 || number > superblock.InodeCount || (number < superblock.FirstInode && number != Ext4Spec.RootInode))
        {
            return Errno.NoEntry;
        }

        return LoadReserved(context, (uint)number, out inode);
    }

    /// <summary>Any inode by number, the reserved ones included.</summary>
    internal Errno LoadReserved(CallContext context, uint number, out Inode inode)
    {
        inode = null!;
        if (number == 0 || number > superblock.InodeCount)
        {
            return Errno.NoEntry;
        }

        Inode? found = Find(number);
        if (found is not null)
        {
            inode = found;
            return Errno.None;
        }

        uint group = (number - 1) / superblock.InodesPerGroup;
        uint index = (number - 1) % superblock.InodesPerGroup;
        if (index >= superblock.InodesPerGroup - volume.Groups.UnusedInodes(group))
        {
            return Errno.NoEntry;
        }

        Errno error = Locate(context, number, out BlockBuffer buffer, out int offset);
        if (error != Errno.None)
        {
            return error;
        }

        Inode taken = Take(number);
        volume.Cache.Read(context, buffer).Slice(offset, superblock.InodeBytes).CopyTo(taken.Raw);
        taken.ForgetRun();
        error = volume.Cache.IsVerified(buffer, offset) ? Errno.None : Check(taken, buffer.Block);
        if (error != Errno.None)
        {
            Drop(taken);
            return error;
        }

        volume.Cache.SetVerified(buffer, offset);
        inode = taken;
        return Errno.None;
    }

    private Errno Locate(CallContext context, uint number, out BlockBuffer buffer, out int offset)
    {
        uint group = (number - 1) / superblock.InodesPerGroup;
        ulong position = (ulong)((number - 1) % superblock.InodesPerGroup) * (uint)superblock.InodeBytes;
        offset = (int)(position & (ulong)(superblock.BlockBytes - 1));
        return volume.Cache.Get(context, volume.Groups.InodeTable(group) + (position >> superblock.BlockShift), out buffer);
    }

    /// <summary>What must hold before any field is used. An inode that is all zero was never used, and is good.</summary>
    private Errno Check(Inode inode, ulong block)
    {
        if (superblock.HasMetadataChecksum)
        {
            bool isWhole = HasChecksumHigh(inode);
            uint mask = isWhole ? ~0u : 0xFFFF;
            uint found = U16(inode.Raw, Spec.ChecksumLow) | (isWhole ? (uint)U16(inode.Raw, Spec.ChecksumHigh) << 16 : 0);
            uint expected = ComputeChecksum(inode) & mask;
            if (found != expected && inode.Raw.ContainsAnyExcept((byte)0))
            {
                return volume.DamagedChecksum($"inode {inode.Number}", block, found, expected);
            }
        }

        bool isInUse = inode.Mode != 0 && inode.LinkCount != 0;
        int extra = inode.ExtraBytes;
        if (isInUse && (extra > superblock.InodeBytes - Ext4Spec.GoodInodeBytes || (extra & 3) != 0))
        {
            return volume.Damaged($"inode {inode.Number} (block {block}): {extra} extra bytes");
        }

        if (isInUse && inode.HasFlag(Ext4Spec.InodeFlags.InlineData))
        {
            return volume.Damaged($"inode {inode.Number} (block {block}): inline data without the inline_data feature");
        }

        return Errno.None;
    }

    private static bool HasChecksumHigh(Inode inode) => inode.Raw.Length > Ext4Spec.GoodInodeBytes && inode.ExtraBytes >= 4;

    private uint ComputeChecksum(Inode inode)
    {
        ReadOnlySpan<byte> raw = inode.Raw;
        uint crc = Checksum.Crc32C(inode.ChecksumSeed(superblock), raw[..Spec.ChecksumLow]);
        crc = Checksum.Crc32CZeroes(crc, 2);
        crc = Checksum.Crc32C(crc, raw[(Spec.ChecksumLow + 2)..Ext4Spec.GoodInodeBytes]);
        if (raw.Length == Ext4Spec.GoodInodeBytes)
        {
            return crc;
        }

        if (!HasChecksumHigh(inode))
        {
            return Checksum.Crc32C(crc, raw[Ext4Spec.GoodInodeBytes..]);
        }

        crc = Checksum.Crc32C(crc, raw[Ext4Spec.GoodInodeBytes..Spec.ChecksumHigh]);
        crc = Checksum.Crc32CZeroes(crc, 2);
        return Checksum.Crc32C(crc, raw[(Spec.ChecksumHigh + 2)..]);
    }

    private void PutChecksum(Inode inode)
    {
        uint checksum = ComputeChecksum(inode);
        Put16(inode.Raw, Spec.ChecksumLow, checksum & 0xFFFF);
        if (HasChecksumHigh(inode))
        {
            Put16(inode.Raw, Spec.ChecksumHigh, checksum >> 16);
        }
    }

    private int BucketOf(uint number) => (int)number & (buckets.Length - 1);

    private Inode? Find(uint number)
    {
        for (int index = buckets[BucketOf(number)]; index != None; index = inodes[index].Next)
        {
            if (inodes[index].Number == number)
            {
                inodes[index].LastUse = ++tick;
                inodes[index].IsReferenced = true;
                return inodes[index];
            }
        }

        return null;
    }

    private Inode Take(uint number)
    {
        int index = count < inodes.Length ? Grow() : Evict();
        Inode inode = inodes[index];
        inode.Number = number;
        inode.LastUse = ++tick;
        inode.IsReferenced = true;
        inode.LastReadEnd = 0;
        inode.IsOrphan = false;
        inode.PreviousOrphan = 0;
        inode.IsMapChanged = false;
        inode.Transaction = volume.Journal?.Running ?? 0;
        inode.DataTransaction = inode.Transaction;
        inode.Next = buckets[BucketOf(number)];
        buckets[BucketOf(number)] = index;
        return inode;
    }

    private int Grow()
    {
        inodes[count] = new Inode(superblock.InodeBytes);
        return count++;
    }

    /// <summary>There is always one to evict: far fewer are held or guarded than there are.</summary>
    private int Evict()
    {
        while (true)
        {
            hand = hand + 1 < count ? hand + 1 : 0;
            Inode inode = inodes[hand];
            bool isGuarded = inode.HoldCount > 0 || tick - inode.LastUse < Ext4Limits.GuardedInodeLoads;
            if (!isGuarded && !inode.IsReferenced)
            {
                Drop(inode);
                return hand;
            }

            inode.IsReferenced &= isGuarded;
        }
    }

    private void Drop(Inode inode)
    {
        if (inode.Number == 0)
        {
            return;
        }

        int previous = None;
        int index = buckets[BucketOf(inode.Number)];
        while (inodes[index] != inode)
        {
            previous = index;
            index = inodes[index].Next;
        }

        if (previous == None)
        {
            buckets[BucketOf(inode.Number)] = inode.Next;
        }
        else
        {
            inodes[previous].Next = inode.Next;
        }

        inode.Number = 0;
        inode.IsReferenced = false;
    }
}
