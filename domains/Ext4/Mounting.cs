using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// From a disk to a file system: checks what must be right before anything else can be trusted, and says in one line why a
/// disk cannot be mounted.
/// </summary>
internal sealed class Mounting(DomainServices services, BufferCache cache)
{
    private JournalOpening? journal;
    private string journalProblem = "";

    /// <summary>Mounts, for writing if the state of the file system allows it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="isReadOnlyWanted">Whether nothing is to be written in any case.</param>
    /// <returns>The file system, or null: then the reason has been reported.</returns>
    internal Ext4FileSystem? Mount(CallContext context, bool isReadOnlyWanted)
    {
        Superblock? superblock = ReadSuperblock(context);
        if (superblock is null || !TryOpenJournal(context, ref superblock, isReadOnlyWanted))
        {
            return null;
        }

        string obstacle = journalProblem.Length > 0 ? journalProblem : ObstacleToWriting(superblock);
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
            return null;
        }

        return new Ext4FileSystem(volume, wasClean: obstacle.Length == 0);
    }

    /// <summary>Finds the journal and replays it, after which the superblock may be another.</summary>
    /// <returns>False when the file system cannot even be read; the reason has been reported.</returns>
    private bool TryOpenJournal(CallContext context, ref Superblock superblock, bool isReadOnlyWanted)
    {
        bool needsRecovery = superblock.HasIncompatible(Features.IncompatRecover);
        if (!superblock.HasJournal && !needsRecovery)
        {
            return true;
        }

        var opening = new JournalOpening(services, cache, superblock);
        journalProblem = superblock.HasJournal ? opening.Find(context) : "the journal is not clean, but there is none";
        if (journalProblem.Length > 0)
        {
            if (needsRecovery)
            {
                services.Report(Severity.Error, journalProblem);
            }

            return !needsRecovery;
        }

        journal = opening;
        return !opening.NeedsRecovery || TryRecover(context, ref superblock, isReadOnlyWanted);
    }

    private bool TryRecover(CallContext context, ref Superblock superblock, bool isReadOnlyWanted)
    {
        bool isDamaged = false;
        string problem = isReadOnlyWanted
            ? "the journal is not clean: mount it for writing, or replay it with e2fsck -p"
            : journal!.Recover(context, out isDamaged);
        if (problem.Length > 0)
        {
            services.Report(Severity.Error, problem);
            return false;
        }

        // The journal may have had a newer superblock.
        Superblock? newer = ReadSuperblock(context);
        if (newer is null)
        {
            return false;
        }

        superblock = newer;
        superblock.SetRecovery(false);
        if (isDamaged)
        {
            superblock.NoteDamage();
        }

        var volume = new Volume(services, superblock, cache, isReadOnly: false);
        bool isStored = volume.StoreSuperblock(context) == Errno.None && cache.Flush(context) == Errno.None;
        if (!isStored)
        {
            services.Report(Severity.Error, "the superblock cannot be written");
        }

        return isStored;
    }

    private Superblock? ReadSuperblock(CallContext context)
    {
        // It says how large a block is; until then one is a page.
        cache.SetBlockShift(Ext4Spec.PageShift);
        BlockBuffer buffer = default;
        bool isTooSmall = cache.DeviceBytes < Ext4Spec.PageBytes;
        if (isTooSmall || cache.Get(context, 0, out buffer) != Errno.None)
        {
            services.Report(Severity.Error, isTooSmall
                ? $"{Superblock.NoFileSystem}: the disk has {cache.DeviceBytes} bytes, expected at least {Ext4Spec.PageBytes}"
                : "the superblock cannot be read");
            return null;
        }

        ReadOnlySpan<byte> bytes = cache.Read(context, buffer).Slice(SuperblockSpec.OffsetBytes, SuperblockSpec.Bytes);
        string problem = Superblock.Parse(bytes, cache.DeviceBytes, out Superblock? superblock);
        if (problem.Length == 0 && superblock!.BlockBytes < cache.SectorBytes)
        {
            problem = $"blocks of {superblock.BlockBytes} bytes do not work on a disk with blocks of {cache.SectorBytes} bytes";
        }

        if (problem.Length > 0)
        {
            bool isForeign = problem.StartsWith(Superblock.NoFileSystem, StringComparison.Ordinal);
            services.Report(Severity.Error, isForeign ? problem + ForeignFormat.Describe(context, cache) : problem);
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

        if (superblock.HasOrphansInFile && superblock.OrphanFileInode == 0)
        {
            return "it has orphans, but no file that names them: run e2fsck -p";
        }

        bool hasOrphans = (superblock.LastOrphan != 0 || superblock.HasOrphansInFile) && !superblock.HasJournal;
        bool isClean = (superblock.State & SuperblockSpec.StateValid) != 0 && !hasOrphans;
        return isClean ? "" : "it was not unmounted cleanly: run e2fsck -p";
    }

    private bool Open(CallContext context, Volume volume)
    {
        Errno error = volume.Groups.Load(context);
        if (error == Errno.None)
        {
            volume.Extents.Zone = new SystemZone(volume.Superblock, volume.Groups);
            SumFreeCounts(volume);
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

    /// <summary>
    /// Until the unmount the disk says that it is in use: that its journal is to be replayed, or if it has none that it is
    /// not valid. What a power cut has left half-deleted is deleted now.
    /// </summary>
    private bool BeginWriting(CallContext context, Volume volume)
    {
        volume.Superblock.NoteMount(InodeLife.Now(context).Seconds);
        string problem = "the superblock cannot be written";
        bool isStored = volume.StoreSuperblock(context) == Errno.None && volume.Cache.Flush(context) == Errno.None;
        if (isStored && journal is not null)
        {
            volume.Journal = Journal.Start(context, volume, journal, out problem);
        }

        if (!isStored || (journal is not null && volume.Journal is null))
        {
            services.Report(Severity.Error, problem);
            return false;
        }

        return volume.Journal is null || ProcessOrphans(context, volume);
    }

    private bool ProcessOrphans(CallContext context, Volume volume)
    {
        Errno error = volume.Orphans.Process(context, out uint deleted, out uint cut);
        if (error == Errno.None)
        {
            error = new OrphanFile(volume).Process(context, ref deleted, ref cut);
        }

        if (deleted + cut > 0)
        {
            services.Report(Severity.Information, $"orphans: {deleted} files deleted, {cut} cut");
        }

        return error is Errno.None or Errno.Corrupted;
    }
}
