using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.LittleEndian;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The file in which Linux lists orphans since 5.15, and mkfs.ext4 makes by default (orphan.rst): blocks of inode numbers,
/// 0 for none, with a magic number and a checksum at the end. It is emptied on mount; orphans made here go to the list.
/// </summary>
internal sealed class OrphanFile(Volume volume)
{
    private const uint Magic = 0x0B10CA04;
    private const int TailBytes = 8;

    private int TailOffset => volume.BlockBytes - TailBytes;

    internal Errno Process(CallContext context, ref uint deleted, ref uint cut)
    {
        if (!volume.Superblock.HasOrphansInFile)
        {
            return Errno.None;
        }

        uint number = volume.Superblock.OrphanFileInode;
        Errno error = volume.Inodes.LoadReserved(context, number, out Inode file);
        if (error != Errno.None || !file.IsRegular || file.SizeBytes > Ext4Limits.OrphanFileBytesMax)
        {
            return error is Errno.None or Errno.NoEntry ? volume.Damaged($"inode {number} is not a file of orphans") : error;
        }

        file.HoldCount++;
        uint blockCount = (uint)(file.SizeBytes >> volume.Cache.BlockShift);
        for (uint block = 0; block < blockCount && error == Errno.None; block++)
        {
            error = ProcessBlock(context, file, block, ref deleted, ref cut);
        }

        file.HoldCount--;
        if (error == Errno.None)
        {
            volume.Superblock.NoteNoOrphansInFile();
            error = volume.StoreSuperblock(context);
        }

        return error;
    }

    private Errno ProcessBlock(CallContext context, Inode file, uint block, ref uint deleted, ref uint cut)
    {
        Errno error = Errno.None;
        for (int offset = 0; offset < TailOffset && error == Errno.None; offset += sizeof(uint))
        {
            error = Get(context, file, block, out BlockBuffer buffer);
            uint number = error == Errno.None ? U32(volume.Cache.Read(context, buffer), offset) : 0;
            if (number == 0)
            {
                continue;
            }

            if (volume.Journal!.IsFull)
            {
                error = volume.Commit(context);
            }

            volume.Transaction.Begin();
            Inode inode = null!;
            error = error == Errno.None ? Load(context, number, out inode) : error;

            // Over to the list in one transaction, since the rest may take several.
            error = error == Errno.None ? volume.Orphans.Add(context, inode) : error;
            error = error == Errno.None ? Clear(context, file, block, offset) : error;
            error = error == Errno.None ? volume.Orphans.Finish(context, inode, ref deleted, ref cut) : error;
            volume.Transaction.End();
        }

        return error;
    }

    private Errno Load(CallContext context, uint number, out Inode inode)
    {
        Errno error = volume.Inodes.LoadReserved(context, number, out inode);
        bool isInUse = false;
        if (error == Errno.None)
        {
            error = volume.InodeAllocator.CheckInUse(context, number, out isInUse);
        }

        return error == Errno.NoEntry || (error == Errno.None && (!isInUse || inode.Mode == 0))
            ? volume.Damaged($"inode {number} is in the file of orphans, but not in use")
            : error;
    }

    private Errno Clear(CallContext context, Inode file, uint block, int offset)
    {
        Errno error = Get(context, file, block, out BlockBuffer buffer);
        if (error == Errno.None)
        {
            Span<byte> bytes = volume.Transaction.Modify(context, buffer);
            Put32(bytes, offset, 0);
            if (volume.Superblock.HasMetadataChecksum)
            {
                Put32(bytes, TailOffset + 4, ComputeChecksum(file, buffer.Block, bytes));
            }

            volume.Cache.SetVerified(buffer, BlockKind.Orphans);
        }

        return error;
    }

    private Errno Get(CallContext context, Inode file, uint block, out BlockBuffer buffer)
    {
        buffer = default;
        Errno error = volume.Extents.Find(context, file, block, out BlockRun run);
        if (error != Errno.None || !run.IsWritten)
        {
            return error == Errno.None ? volume.Damaged($"the file of orphans has a hole at block {block}") : error;
        }

        error = volume.Cache.Get(context, run.Physical, out buffer);
        if (error != Errno.None || volume.Cache.IsVerified(buffer, BlockKind.Orphans))
        {
            return error;
        }

        ReadOnlySpan<byte> bytes = volume.Cache.Read(context, buffer);
        uint expected = ComputeChecksum(file, buffer.Block, bytes);
        if (U32(bytes, TailOffset) != Magic)
        {
            return volume.Damaged($"the file of orphans, block {block}: magic 0x{U32(bytes, TailOffset):x8}");
        }

        if (volume.Superblock.HasMetadataChecksum && U32(bytes, TailOffset + 4) != expected)
        {
            return volume.DamagedChecksum("the file of orphans", buffer.Block, U32(bytes, TailOffset + 4), expected);
        }

        volume.Cache.SetVerified(buffer, BlockKind.Orphans);
        return Errno.None;
    }

    private uint ComputeChecksum(Inode file, ulong block, ReadOnlySpan<byte> bytes)
    {
        uint crc = Checksum.Crc32C(file.ChecksumSeed(volume.Superblock), (uint)block);
        return Checksum.Crc32C(Checksum.Crc32C(crc, (uint)(block >> 32)), bytes[..TailOffset]);
    }
}
