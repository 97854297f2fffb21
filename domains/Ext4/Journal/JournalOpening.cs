using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Finds the journal of a file system of which nothing but the superblock can be trusted yet, and replays it: what else is
/// on the disk is only right after that.
/// </summary>
internal sealed class JournalOpening(DomainServices services, BufferCache cache, Superblock superblock)
{
    private JournalArea? area;
    private JournalSuperblock? journal;

    /// <summary>The places of the journal's blocks; once it has been found.</summary>
    internal JournalArea Area => area!;

    /// <summary>The journal's superblock; once it has been found.</summary>
    internal JournalSuperblock Journal => journal!;

    /// <summary>Whether the disk is older than its journal.</summary>
    internal bool NeedsRecovery =>
        superblock.HasIncompatible(Features.IncompatRecover) || Journal.Start != 0 || Journal.ErrorNumber != 0;

    /// <returns>Why there is no journal to work with, for the user; empty when there is.</returns>
    internal string Find(CallContext context)
    {
        if (superblock.JournalInode == 0)
        {
            return "the journal is on another disk, which is not supported";
        }

        var volume = new Volume(services, superblock, cache, isReadOnly: true);
        if (volume.Groups.Read(context) != Errno.None)
        {
            return "the group descriptors cannot be read";
        }

        string problem = LoadInode(context, volume, out Inode? inode);
        if (problem.Length == 0)
        {
            problem = JournalArea.Open(context, volume, inode!, out area);
        }

        if (problem.Length == 0 && cache.Get(context, Area.Map(0), out BlockBuffer buffer) == Errno.None)
        {
            return JournalSuperblock.Parse(cache.Read(context, buffer), Area.Length, out journal);
        }

        return problem.Length > 0 ? problem : "the journal cannot be read";
    }

    /// <summary>Replays the journal and empties it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="isDamaged">Whether the file system is to be checked before it is written.</param>
    /// <returns>Why this cannot be done, for the user; empty when it has been done.</returns>
    internal string Recover(CallContext context, out bool isDamaged)
    {
        isDamaged = Journal.ErrorNumber != 0;
        if (Journal.HasFastCommit && Journal.Start != 0)
        {
            return "the journal is not clean and may have fast commits, which are not supported: replay it with e2fsck -p";
        }

        Journal.ErrorNumber = 0;
        var recovery = new JournalRecovery(cache, Area, Journal, superblock.BlockCount);
        Errno error = recovery.Run(context);
        cache.Invalidate();
        if (error != Errno.None)
        {
            return recovery.Problem.Length > 0 ? recovery.Problem : "the journal cannot be replayed: the disk fails";
        }

        if (recovery.Problem.Length > 0)
        {
            services.Report(Severity.Error, recovery.Problem);
            isDamaged = true;
        }

        services.Report(
            Severity.Information,
            $"journal replayed: {recovery.TransactionCount} transactions, {recovery.BlockCount} blocks, {recovery.RevokedCount} revoked");
        return "";
    }

    /// <summary>The journal's inode, or when that is lost the copy of its map in the superblock (super.rst, s_jnl_blocks).</summary>
    private string LoadInode(CallContext context, Volume volume, out Inode? inode)
    {
        inode = null;
        uint number = superblock.JournalInode;
        uint group = number <= superblock.InodeCount ? (number - 1) / superblock.InodesPerGroup : uint.MaxValue;
        bool isTableThere = group != uint.MaxValue
            && superblock.IsInRange(volume.Groups.InodeTable(group), superblock.InodeTableBlocks);
        if (isTableThere && volume.Inodes.LoadReserved(context, number, out Inode loaded) == Errno.None && loaded.IsRegular)
        {
            inode = loaded;
            return "";
        }

        if (!superblock.HasJournalBackup)
        {
            return $"the journal (inode {number}) is lost";
        }

        inode = volume.Inodes.TakeNew(number);
        superblock.RestoreJournal(inode);
        return "";
    }
}
