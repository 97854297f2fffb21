using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.BigEndian;
using Spec = RedLeafSharp.Domains.Ext4.JournalSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Brings the disk to the state after the last transaction in the log, in three passes as Linux does: find the end, collect
/// the revoke records, copy the blocks home.
/// </summary>
/// <remarks>
/// The log ends at the first block that is not what it should be: a transaction whose commit block is missing or wrong was
/// cut off by the power. A transaction that has its commit block but whose blocks are wrong is damage, not a cut: nothing
/// from it on is replayed, and <see cref="Problem"/> says so. Everything is checked in the first pass, before anything is
/// written; a log is never longer than the journal, so no pass takes more steps than that.
/// </remarks>
internal sealed class JournalRecovery
{
    private readonly BufferCache cache;
    private readonly JournalArea area;
    private readonly JournalSuperblock superblock;
    private readonly JournalFormat format;
    private readonly ulong diskBlocks;
    private RevokeTable revoked = new(0);
    private uint endSequence;
    private int revokeCount;
    private TransactionChecksum transactionChecksum;

    internal JournalRecovery(BufferCache cache, JournalArea area, JournalSuperblock superblock, ulong diskBlocks)
    {
        this.cache = cache;
        this.area = area;
        this.superblock = superblock;
        this.diskBlocks = diskBlocks;
        format = new JournalFormat(superblock, cache.BlockBytes);
        endSequence = superblock.Sequence;
    }

    private enum Pass
    {
        Scan,
        Revoke,
        Replay,
    }

    /// <summary>What is wrong with the log, for the user; empty when nothing is.</summary>
    internal string Problem { get; private set; } = "";

    internal uint TransactionCount { get; private set; }

    internal int BlockCount { get; private set; }

    internal int RevokedCount { get; private set; }

    /// <summary>Replays the log and empties it.</summary>
    internal Errno Run(CallContext context)
    {
        Errno error = Errno.None;
        if (superblock.Start != 0)
        {
            error = Walk(context, Pass.Scan);
            if (error == Errno.None && revokeCount > Ext4Limits.ReplayedRevokesMax)
            {
                Problem = $"the journal has {revokeCount} revoke records: replay it with e2fsck -p";
                return Errno.NotSupported;
            }

            revoked = new RevokeTable(revokeCount);
            error = error == Errno.None ? Walk(context, Pass.Revoke) : error;
            error = error == Errno.None ? Walk(context, Pass.Replay) : error;
            error = error == Errno.None ? cache.Flush(context) : error;
        }

        return error == Errno.None ? Reset(context) : error;
    }

    /// <summary>
    /// Nothing is to be replayed any more. The number of a transaction that was cut off is not used again, as blocks of it
    /// may lie about in the log.
    /// </summary>
    private Errno Reset(CallContext context)
    {
        superblock.SetStart(0, superblock.Start == 0 ? superblock.Sequence : endSequence + 1);
        Errno error = cache.Get(context, area.Map(0), out BlockBuffer buffer);
        if (error != Errno.None)
        {
            return error;
        }

        superblock.Store(cache.Modify(context, buffer, isMetadata: true));
        return cache.Flush(context);
    }

    private Errno Walk(CallContext context, Pass pass)
    {
        uint position = superblock.Start;
        uint sequence = superblock.Sequence;
        uint logLength = superblock.End - superblock.First;
        int revokesSeen = 0;
        string flaw = "";
        for (uint walked = 0; walked < logLength && (pass == Pass.Scan || sequence != endSequence);)
        {
            Errno error = Read(context, position, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            ReadOnlySpan<byte> block = cache.Read(context, buffer);
            bool isOfTransaction = U32(block, 0) == Spec.Magic && U32(block, Spec.BlockSequence) == sequence;
            uint type = isOfTransaction ? U32(block, Spec.BlockType) : 0;
            uint copies = 0;
            switch (type)
            {
                case Spec.DescriptorBlock when format.IsTailRight(block):
                    error = WalkTags(context, pass, position, sequence, logLength - walked, out copies, ref flaw);
                    break;
                case Spec.RevokeBlock when format.IsTailRight(block):
                    revokesSeen += WalkRevokes(pass, block, sequence, ref flaw);
                    break;
                case Spec.CommitBlock when format.IsCommitRight(block):
                    CheckCommit(pass, block, sequence, ref flaw);
                    sequence++;
                    break;
                default:
                    return Errno.None;
            }

            if (error != Errno.None || (type == Spec.CommitBlock && flaw.Length > 0))
            {
                Problem = flaw;
                return error;
            }

            if (pass == Pass.Scan && type == Spec.CommitBlock)
            {
                endSequence = sequence;
                TransactionCount++;
                revokeCount = revokesSeen;
            }

            walked += 1 + copies;
            position = Advance(position, 1 + copies);
        }

        return Errno.None;
    }

    private Errno WalkTags(
        CallContext context, Pass pass, uint position, uint sequence, uint left, out uint copies, ref string flaw)
    {
        copies = 0;
        int offset = Spec.HeaderBytes;
        while (copies + 1 < left)
        {
            // Reading copies may have moved the descriptor out of the cache.
            Errno error = Read(context, position, out BlockBuffer buffer);
            if (error != Errno.None)
            {
                return error;
            }

            ReadOnlySpan<byte> descriptor = cache.Read(context, buffer);
            if (copies == 0 && pass == Pass.Scan && superblock.HasTransactionChecksum)
            {
                transactionChecksum.Add(descriptor);
            }

            if (!format.TryReadTag(descriptor, ref offset, out JournalTag tag))
            {
                break;
            }

            copies++;
            uint copy = Advance(position, copies);
            error = pass switch
            {
                Pass.Scan => CheckTag(context, tag, copy, sequence, ref flaw),
                Pass.Replay => Replay(context, tag, copy, sequence),
                _ => Errno.None,
            };
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }

    /// <summary>A wrong copy is only a flaw of the log if its transaction turns out to be committed.</summary>
    private Errno CheckTag(CallContext context, JournalTag tag, uint position, uint sequence, ref string flaw)
    {
        if (tag.Block >= diskBlocks || area.Contains(tag.Block))
        {
            flaw = $"transaction {sequence} of the journal writes block {tag.Block}, which is not for it to write";
        }

        if ((!format.HasChecksum && !superblock.HasTransactionChecksum) || flaw.Length > 0)
        {
            return Errno.None;
        }

        Errno error = Read(context, position, out BlockBuffer buffer);
        if (error == Errno.None && !format.HasChecksum)
        {
            transactionChecksum.Add(cache.Read(context, buffer));
        }
        else if (error == Errno.None && format.DataChecksum(cache.Read(context, buffer), sequence) != tag.DataChecksum)
        {
            flaw = $"transaction {sequence} of the journal has a wrong checksum of block {tag.Block}";
        }

        return error;
    }

    private void CheckCommit(Pass pass, ReadOnlySpan<byte> block, uint sequence, ref string flaw)
    {
        bool isChecked = pass == Pass.Scan && superblock.HasTransactionChecksum;
        if (isChecked && !transactionChecksum.TryEnd(block) && flaw.Length == 0)
        {
            flaw = $"transaction {sequence} of the journal has a wrong checksum";
        }
    }

    private Errno Replay(CallContext context, JournalTag tag, uint position, uint sequence)
    {
        if (revoked.IsRevoked(tag.Block, sequence))
        {
            RevokedCount++;
            return Errno.None;
        }

        // The copy first: reading ahead would push the target towards eviction.
        Errno error = Read(context, position, out BlockBuffer source);
        BlockBuffer target = default;
        if (error == Errno.None)
        {
            error = cache.GetCleared(context, tag.Block, out target);
        }

        if (error != Errno.None)
        {
            return error;
        }

        Span<byte> home = cache.Modify(context, target, isMetadata: true);
        cache.Read(context, source).CopyTo(home);
        if ((tag.Flags & Spec.Tag.Escaped) != 0)
        {
            Put32(home, 0, Spec.Magic);
        }

        BlockCount++;
        return Errno.None;
    }

    private int WalkRevokes(Pass pass, ReadOnlySpan<byte> block, uint sequence, ref string flaw)
    {
        uint used = U32(block, Spec.RevokeBytesUsed);
        if (used < Spec.RevokeHeaderBytes || used > (uint)format.Limit)
        {
            flaw = $"transaction {sequence} of the journal has a revoke block of {used} bytes";
            return 0;
        }

        int size = format.RevokeRecordBytes;
        int count = ((int)used - Spec.RevokeHeaderBytes) / size;
        for (int index = 0; index < count && pass == Pass.Revoke; index++)
        {
            int at = Spec.RevokeHeaderBytes + (index * size);
            ulong revokedBlock = size == 8 ? ((ulong)U32(block, at) << 32) | U32(block, at + 4) : U32(block, at);
            revoked.Add(revokedBlock, sequence);
        }

        return count;
    }

    private uint Advance(uint position, uint count)
    {
        position += count;
        return position >= superblock.End ? position - (superblock.End - superblock.First) : position;
    }

    private Errno Read(CallContext context, uint position, out BlockBuffer buffer)
    {
        ulong physical = area.Map(position, out uint following);
        if (!cache.Contains(physical))
        {
            uint ahead = (uint)(Ext4Limits.ReadAheadPages << (Ext4Spec.PageShift - cache.BlockShift));
            _ = cache.ReadAhead(context, physical, Math.Min(ahead, following));
        }

        return cache.Get(context, physical, out buffer);
    }
}
