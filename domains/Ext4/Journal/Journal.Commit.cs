using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.BigEndian;
using Spec = RedLeafSharp.Domains.Ext4.JournalSpec;

namespace RedLeafSharp.Domains.Ext4;

/// <content>Writing one transaction to the log.</content>
internal sealed partial class Journal
{
    private readonly byte[] escaped = new byte[Ext4Spec.PageBytes / Spec.Tag.BytesNarrow];

    /// <summary>
    /// Commits the running transaction: file data first (ordered mode), then the log, then with everything before it
    /// durable the commit block, which is durable when this returns.
    /// </summary>
    internal Errno Commit(CallContext context)
    {
        if (IsAborted)
        {
            return Errno.InputOutput;
        }

        cache.CompactJoined();

        // Lost file data does not stop the commit; the next sync tells.
        _ = cache.WriteBack(context, isDataOnly: true);
        Errno error = HasChanges ? WriteTransaction(context) : cache.FlushDevice(context);
        if (error != Errno.None)
        {
            return Abort(context, "the journal could not be written");
        }

        return LogLength - usedBlocks < RoomForTransaction ? Checkpoint(context) : Errno.None;
    }

    private Errno WriteTransaction(CallContext context)
    {
        Errno error = WriteRevokes(context);
        for (int index = 0; index < cache.JoinedCount && error == Errno.None; index += format.TagsPerDescriptor)
        {
            error = WriteDescriptor(context, index, Math.Min(format.TagsPerDescriptor, cache.JoinedCount - index));
        }

        if (error == Errno.None)
        {
            error = cache.FlushDevice(context);
        }

        if (error == Errno.None)
        {
            error = WriteCommit(context);
        }

        if (error == Errno.None)
        {
            cache.ReleaseJoined();
            volume.Superblock.NoteCommitted();
            revokeCount = 0;
            sequence++;
            CommitCount++;
        }

        return error;
    }

    private Errno WriteRevokes(CallContext context)
    {
        Errno error = Errno.None;
        for (int index = 0; index < revokeCount && error == Errno.None; index += format.RevokesPerBlock)
        {
            int count = Math.Min(format.RevokesPerBlock, revokeCount - index);
            Span<byte> block = cache.ControlBlock(context);
            JournalFormat.PutHeader(block, Spec.RevokeBlock, sequence);
            Put32(block, Spec.RevokeBytesUsed, (uint)(Spec.RevokeHeaderBytes + (count * format.RevokeRecordBytes)));
            for (int record = 0; record < count; record++)
            {
                format.PutRevoke(block, record, revokes[index + record]);
            }

            format.SealTail(block);
            error = cache.WriteControl(context, TakeLogBlock(), BlockFlags.None);
        }

        return error;
    }

    /// <summary>Writes a descriptor block and the blocks that it names, which follow it in the log.</summary>
    private Errno WriteDescriptor(CallContext context, int first, int count)
    {
        Span<byte> descriptor = cache.ControlBlock(context);
        JournalFormat.PutHeader(descriptor, Spec.DescriptorBlock, sequence);
        int offset = Spec.HeaderBytes;
        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> copy = cache.Escape(context, first + index, out bool isEscaped);
            escaped[index] = (byte)(isEscaped ? 1 : 0);
            uint flags = (isEscaped ? Spec.Tag.Escaped : 0) | (index == count - 1 ? Spec.Tag.Last : 0);
            var tag = new JournalTag(cache.JoinedBlock(first + index), flags, format.DataChecksum(copy, sequence));
            offset = format.PutTag(descriptor, offset, tag);
        }

        format.SealTail(descriptor);
        Errno error = cache.WriteControl(context, TakeLogBlock(), BlockFlags.None);
        cache.BeginLogWrites();
        for (int index = 0; index < count; index++)
        {
            cache.AddLogWrite(context, first + index, TakeLogBlock());
        }

        Errno written = cache.EndLogWrites(context);
        for (int index = 0; index < count; index++)
        {
            if (escaped[index] != 0)
            {
                cache.Unescape(context, first + index);
            }
        }

        return error != Errno.None ? error : written;
    }

    private Errno WriteCommit(CallContext context)
    {
        Span<byte> block = cache.ControlBlock(context);
        JournalFormat.PutHeader(block, Spec.CommitBlock, sequence);
        long micros = context.WallClockMicros;
        Put64(block, Spec.CommitSeconds, (ulong)(micros / 1_000_000));
        Put32(block, Spec.CommitNanoseconds, (uint)(micros % 1_000_000) * 1000);
        format.SealCommit(block);
        return cache.WriteControl(context, TakeLogBlock(), BlockFlags.ForceUnitAccess);
    }

    /// <summary>The next block of the log, which wraps around.</summary>
    private ulong TakeLogBlock()
    {
        uint block = head;
        head = head + 1 < superblock.End ? head + 1 : superblock.First;
        usedBlocks++;
        return area.Map(block);
    }
}
