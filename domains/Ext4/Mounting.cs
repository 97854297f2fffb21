using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using Spec = RedLeafSharp.Domains.Ext4.Ext4Spec.Journal;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// From a disk to a file system: checks what must be right before anything else can be trusted, and says in one line why a
/// disk cannot be mounted.
/// </summary>
internal sealed class Mounting(DomainServices services, BufferCache cache)
{
    /// <summary>Mounts, for writing if the state of the file system allows it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="isReadOnlyWanted">Whether nothing is to be written in any case.</param>
    /// <returns>The file system, or null: then the reason has been reported.</returns>
    internal Ext4FileSystem? Mount(CallContext context, bool isReadOnlyWanted)
    {
        Superblock? superblock = ReadSuperblock(context);
        if (superblock is null)
        {
            return null;
        }

        string obstacle = ObstacleToWriting(superblock);
        if (obstacle.Length > 0 && !isReadOnlyWanted)
        {
            services.Report(Severity.Warning, $"mounted read-only: {obstacle}");
        }

        bool isReadOnly = isReadOnlyWanted || obstacle.Length > 0;
        var volume = new Volume(services, superblock, cache, isReadOnly);
        if (!Open(context, volume))
        {
            return null;
        }

        if (!isReadOnly && !BeginWriting(context, volume))
        {
            services.Report(Severity.Error, "the superblock cannot be written");
            return null;
        }

        return new Ext4FileSystem(volume, wasClean: obstacle.Length == 0);
    }

    private Superblock? ReadSuperblock(CallContext context)
    {
        BlockBuffer buffer = default;
        bool isTooSmall = cache.DeviceBytes < Ext4Spec.PageBytes;
        if (isTooSmall || cache.Get(context, 0, out buffer) != Errno.None)
        {
            services.Report(Severity.Error, isTooSmall
                ? $"no ext4 file system: the disk has {cache.DeviceBytes} bytes"
                : "the superblock cannot be read");
            return null;
        }

        ReadOnlySpan<byte> bytes = cache.Read(context, buffer).Slice(SuperblockSpec.OffsetBytes, SuperblockSpec.Bytes);
        string problem = Superblock.Parse(bytes, cache.DeviceBytes, out Superblock? superblock);
        if (problem.Length == 0 && superblock!.HasIncompatible(Features.IncompatRecover))
        {
            problem = "the journal is not clean: replay it with e2fsck -p";
        }

        if (problem.Length > 0)
        {
            services.Report(Severity.Error, problem);
            return null;
        }

        cache.SetBlockShift(superblock!.BlockShift);
        return superblock;
    }

    /// <summary>Why the file system may be read but not written; empty when it may be written.</summary>
    private static string ObstacleToWriting(Superblock superblock)
    {
        uint unknown = superblock.ReadOnlyCompatible & ~Features.ReadOnlySupported;
        if (unknown != 0)
        {
            return $"features that are not supported for writing: {Features.DescribeReadOnly(unknown)}";
        }

        if ((superblock.State & SuperblockSpec.StateError) != 0)
        {
            return "damage has been noted in it: run e2fsck -f";
        }

        bool isClean = (superblock.State & SuperblockSpec.StateValid) != 0 && superblock.LastOrphan == 0;
        return isClean ? "" : "it was not unmounted cleanly: run e2fsck -p";
    }

    private bool Open(CallContext context, Volume volume)
    {
        Errno error = volume.Groups.Load(context);
        if (error == Errno.None)
        {
            volume.Extents.Zone = new SystemZone(volume.Superblock, volume.Groups);
            SumFreeCounts(volume);
            error = CheckJournal(context, volume);
        }

        Inode root = null!;
        if (error == Errno.None)
        {
            error = volume.Inodes.Load(context, Ext4Spec.RootInode, out root);
        }

        if (error == Errno.None && !root.IsDirectory)
        {
            error = volume.Damaged("inode 2 is not a directory: there is no root");
        }

        if (error is not Errno.None and not Errno.Corrupted)
        {
            services.Report(Severity.Error, error == Errno.NoEntry ? "there is no root directory" : "the disk cannot be read");
        }

        cache.Sealer = volume;
        return error == Errno.None;
    }

    /// <summary>The superblock's counts are only brought up to date at an unmount; the groups' are always right.</summary>
    internal static void SumFreeCounts(Volume volume)
    {
        ulong blocks = 0;
        ulong inodes = 0;
        for (uint group = 0; group < volume.Groups.Count; group++)
        {
            blocks += volume.Groups.FreeBlocks(group);
            inodes += volume.Groups.FreeInodes(group);
        }

        volume.Superblock.FreeBlocks = blocks;
        volume.Superblock.FreeInodes = (uint)Math.Min(inodes, uint.MaxValue);
    }

    /// <summary>A journal with a start is not empty: its blocks are newer than those on the disk (journal.rst).</summary>
    private Errno CheckJournal(CallContext context, Volume volume)
    {
        if (!volume.Superblock.HasJournal)
        {
            return Errno.None;
        }

        uint number = volume.Superblock.JournalInode;
        Errno error = volume.Inodes.LoadReserved(context, number, out Inode inode);
        BlockRun run = default;
        if (error == Errno.None)
        {
            error = volume.Extents.Find(context, inode, 0, out run);
        }

        if (error == Errno.NotSupported || number == 0)
        {
            // A journal of the time before extents, or outside the file system: the recovery flag alone has to be believed.
            return Errno.None;
        }

        BlockBuffer buffer = default;
        if (error == Errno.None)
        {
            error = run.IsWritten
                ? cache.Get(context, run.Physical, out buffer)
                : volume.Damaged($"the journal (inode {number}) has no first block");
        }

        if (error != Errno.None)
        {
            return error == Errno.NoEntry ? volume.Damaged($"the journal (inode {number}) is not in use") : error;
        }

        return CheckJournalSuperblock(volume, cache.Read(context, buffer), run.Physical);
    }

    private static Errno CheckJournalSuperblock(Volume volume, ReadOnlySpan<byte> bytes, ulong block)
    {
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint type = BinaryPrimitives.ReadUInt32BigEndian(bytes[Spec.BlockType..]);
        if (magic != Spec.Magic || type is not (Spec.SuperblockV1 or Spec.SuperblockV2))
        {
            return volume.Damaged($"journal superblock (block {block}): magic 0x{magic:x8}, expected 0x{Spec.Magic:x8}");
        }

        return BinaryPrimitives.ReadUInt32BigEndian(bytes[Spec.Start..]) == 0
            ? Errno.None
            : volume.Damaged("the journal is not clean: replay it with e2fsck -p");
    }

    /// <summary>Until the unmount the disk says that it is in use.</summary>
    private static bool BeginWriting(CallContext context, Volume volume)
    {
        volume.Superblock.NoteMount(InodeLife.Now(context).Seconds);
        return volume.StoreSuperblock(context) == Errno.None && volume.Cache.Flush(context) == Errno.None;
    }
}
