using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// The journal of a mounted file system: changed metadata is written here, and made durable with a commit block, before any
/// of it is written to its place. So after a power cut all of a transaction is on the disk or nothing.
/// </summary>
/// <remarks>
/// <para>A commit is synchronous: nothing else runs in this domain meanwhile, so blocks need no frozen copies and go to the
/// log straight from their pages. The log is emptied as a whole (<see cref="Checkpoint"/>), right after a commit, when there
/// is no room for another transaction of full size; so a block of the log may be newer in its place, never older.</para>
/// <para>Neighbours: <see cref="Transaction"/> and <see cref="Volume.Commit"/> above, the buffer cache below.</para>
/// </remarks>
internal sealed partial class Journal
{
    private readonly Volume volume;
    private readonly BufferCache cache;
    private readonly JournalArea area;
    private readonly JournalSuperblock superblock;
    private readonly JournalFormat format;
    private readonly ulong[] revokes = new ulong[Ext4Limits.RevokesMax];
    private readonly int blocksMax;
    private int revokeCount;
    private uint head;
    private uint usedBlocks;
    private uint sequence;

    private Journal(Volume volume, JournalArea area, JournalSuperblock superblock, int blocksMax)
    {
        this.volume = volume;
        this.area = area;
        this.superblock = superblock;
        this.blocksMax = blocksMax;
        cache = volume.Cache;
        format = new JournalFormat(superblock, cache.BlockBytes);
        head = superblock.First;
        sequence = superblock.Sequence;
    }

    /// <summary>Nothing is written any more: neither log nor what is in it.</summary>
    internal bool IsAborted { get; private set; }

    /// <summary>Transactions committed since the mount, for tests.</summary>
    internal long CommitCount { get; private set; }

    /// <summary>Times that the log has been emptied since the mount, for tests.</summary>
    internal long CheckpointCount { get; private set; }

    /// <summary>Whether the running transaction has anything in it.</summary>
    internal bool HasChanges => cache.JoinedCount > 0 || revokeCount > 0;

    private uint LogLength => superblock.End - superblock.First;

    /// <summary>The log's need for a transaction of full size: its blocks, descriptors, revoke blocks and commit block.</summary>
    private uint RoomForTransaction =>
        (uint)(blocksMax + DescriptorsFor(blocksMax) + RevokeBlocksFor(Ext4Limits.RevokesMax) + 1);

    /// <summary>Takes an empty journal into use.</summary>
    /// <returns>The journal, or null with the reason.</returns>
    internal static Journal? Start(CallContext context, Volume volume, JournalOpening opening, out string problem)
    {
        problem = "";
        uint length = opening.Journal.End - opening.Journal.First;
        int blocksMax = (int)Math.Min(Math.Min(length / 4, (uint)volume.Cache.PageCountMax / 2), Ext4Limits.TransactionBlocksMax);
        if (opening.Area.Overlaps(volume.Extents.Zone!))
        {
            problem = "the journal lies where metadata is";
        }
        else if (volume.Cache.PrepareLog(context, blocksMax) != Errno.None)
        {
            problem = "there is no memory for the journal";
        }

        if (problem.Length > 0)
        {
            return null;
        }

        opening.Journal.Adapt(volume.Superblock.Is64Bit, volume.Superblock.HasMetadataChecksum);
        var journal = new Journal(volume, opening.Area, opening.Journal, blocksMax);
        volume.Superblock.NoteCommitted();
        if (journal.StoreSuperblock(context, journal.head) != Errno.None)
        {
            problem = "the journal cannot be written";
            return null;
        }

        return journal;
    }

    /// <summary>A block joins the running transaction.</summary>
    internal Span<byte> Join(CallContext context, BlockBuffer buffer)
    {
        if (!HasChanges)
        {
            NoteBegin(context);
        }

        return cache.Join(context, buffer);
    }

    /// <summary>
    /// A block of metadata has been freed: should older transactions be replayed, their copies of it must not be, as it may
    /// be a file's by then.
    /// </summary>
    internal void Revoke(ulong block)
    {
        if (revokeCount == revokes.Length)
        {
            throw new InvalidOperationException("more blocks of metadata are freed than were announced");
        }

        revokes[revokeCount++] = block;
    }

    /// <summary>Whether the running transaction has no room for another operation, or another step of a long one.</summary>
    internal bool IsFull =>
        cache.JoinedCount + Ext4Limits.OperationBlocksMax + Ext4Limits.CommitBlocksMax > blocksMax
        || revokeCount + Ext4Limits.OperationFreesMax > Ext4Limits.RevokesMax
        || volume.BlockAllocator.PendingFrees.Count + Ext4Limits.OperationFreesMax > Ext4Limits.PendingFreesMax;

    /// <summary>Writes all committed blocks to their places, and empties the log.</summary>
    internal Errno Checkpoint(CallContext context)
    {
        _ = cache.WriteBack(context);
        if (cache.FlushDevice(context) != Errno.None || cache.HasMetadataWriteFailed)
        {
            return Abort(context, "metadata could not be written to the disk");
        }

        usedBlocks = 0;
        CheckpointCount++;
        return StoreSuperblock(context, head) == Errno.None ? Errno.None : Abort(context, "the journal could not be written");
    }

    /// <summary>The end of the mount: an empty log, which needs no replay.</summary>
    internal Errno Close(CallContext context)
    {
        Errno error = Checkpoint(context);
        return error == Errno.None ? StoreSuperblock(context, 0) : error;
    }

    /// <summary>Gives up: the log stays as it is, to be replayed by the next mount, and says that something was wrong.</summary>
    /// <returns>Always <see cref="Errno.InputOutput"/>.</returns>
    internal Errno Abort(CallContext context, string why)
    {
        if (!IsAborted)
        {
            volume.BecomeReadOnly($"{why}: nothing is written any more");
            NoteError(context);
        }

        return Errno.InputOutput;
    }

    /// <summary>Tells the next mount, and e2fsck, that the file system is to be checked.</summary>
    internal void NoteError(CallContext context)
    {
        if (!IsAborted)
        {
            IsAborted = true;
            cache.Freeze();
            superblock.ErrorNumber = -(int)Errno.InputOutput;
            _ = WriteSuperblock(context);
            NoteErrorInSuperblock(context);
        }
    }

    /// <summary>
    /// The same for those who only look at the superblock. It goes there as it was last committed: the one in memory may
    /// name orphans that the disk does not have.
    /// </summary>
    private void NoteErrorInSuperblock(CallContext context)
    {
        ulong block = (ulong)SuperblockSpec.OffsetBytes >> cache.BlockShift;
        if (cache.Get(context, block, out BlockBuffer buffer) == Errno.None)
        {
            Span<byte> bytes = cache.ControlBlock(context);
            cache.Read(context, buffer).CopyTo(bytes);
            volume.Superblock.StoreCommittedWithError(bytes[(SuperblockSpec.OffsetBytes & (cache.BlockBytes - 1))..]);
            _ = cache.WriteControl(context, block, BlockFlags.ForceUnitAccess);
        }
    }

    private int DescriptorsFor(int blocks) => (blocks + format.TagsPerDescriptor - 1) / format.TagsPerDescriptor;

    private int RevokeBlocksFor(int count) => (count + format.RevokesPerBlock - 1) / format.RevokesPerBlock;

    private Errno StoreSuperblock(CallContext context, uint start)
    {
        superblock.SetStart(start, sequence);
        return WriteSuperblock(context);
    }

    private Errno WriteSuperblock(CallContext context)
    {
        Span<byte> block = cache.ControlBlock(context);
        block.Clear();
        superblock.Store(block);
        return cache.WriteControl(context, area.Map(0), BlockFlags.ForceUnitAccess);
    }
}
