using RedLeafSharp.Contracts;
using static RedLeafSharp.Domains.Ext4.BigEndian;

namespace RedLeafSharp.Domains.Ext4;

/// <content>
/// The running transaction of the journal: which blocks have joined it, and writing them to the log straight from their
/// pages. Descriptor, revoke and commit blocks are made up in one page that is kept for them.
/// </content>
internal sealed partial class BufferCache
{
    private Cell<PageBuffer> controlPage;
    private ulong[] joinedBlocks = [];
    private int[] joinedFrames = [];
    private int logBatch;
    private bool hasLogFailed;
    private bool isControlLost;
    private bool isFrozen;

    /// <summary>Blocks that have joined the running transaction; those freed since then are still counted.</summary>
    internal int JoinedCount { get; private set; }

    /// <summary>Nothing waits to be written any more; what would have been stays in memory.</summary>
    internal void Freeze() => isFrozen = true;

    /// <summary>Makes ready for transactions of so many blocks.</summary>
    internal Errno PrepareLog(CallContext context, int blocksMax)
    {
        if (controlPage.IsEmpty)
        {
            if (!PageBuffer.TryAllocate(context, 1, out PageBuffer page))
            {
                return Errno.OutOfMemory;
            }

            controlPage.Put(ref page);
        }

        joinedBlocks = new ulong[blocksMax];
        joinedFrames = new int[blocksMax];
        return Errno.None;
    }

    /// <summary>The bytes of a block, for writing as part of the running transaction.</summary>
    internal Span<byte> Join(CallContext context, BlockBuffer buffer)
    {
        CheckBuffer(buffer);
        ref Frame frame = ref frames[buffer.Frame];
        byte bits = BlockBits(buffer);
        if ((frame.Joined & bits) == 0)
        {
            joinedBlocks[JoinedCount] = buffer.Block;
            joinedFrames[JoinedCount++] = buffer.Frame;
            frame.Joined |= bits;

            // An older version that is in the log may still have waited to be written; the newer one must not be.
            ClearDirty(ref frame, bits);
        }

        return cells[buffer.Frame].Content.BorrowMutable(context).Slice(buffer.Offset, BlockBytes);
    }

    /// <summary>Drops what has been freed from the list of the running transaction.</summary>
    internal void CompactJoined()
    {
        int kept = 0;
        for (int index = 0; index < JoinedCount; index++)
        {
            ulong block = joinedBlocks[index];
            int frame = joinedFrames[index];
            bool isThere = frames[frame].IsPresent && frames[frame].Page == PageOf(block);
            if (isThere && (frames[frame].Joined & BlockBits(JoinedBuffer(index))) != 0)
            {
                joinedBlocks[kept] = block;
                joinedFrames[kept++] = frame;
            }
        }

        JoinedCount = kept;
    }

    internal ulong JoinedBlock(int index) => joinedBlocks[index];

    /// <summary>
    /// The bytes of a block as the log has them: one that starts with the journal's magic number gets zeroes there
    /// (journal.rst, "escaped"), until <see cref="Unescape"/>.
    /// </summary>
    internal ReadOnlySpan<byte> Escape(CallContext context, int index, out bool isEscaped)
    {
        Span<byte> bytes = JoinedBytes(context, index);
        isEscaped = U32(bytes, 0) == JournalSpec.Magic;
        if (isEscaped)
        {
            Put32(bytes, 0, 0);
        }

        return bytes;
    }

    internal void Unescape(CallContext context, int index)
    {
        if (!frames[joinedFrames[index]].IsLost)
        {
            Put32(JoinedBytes(context, index), 0, JournalSpec.Magic);
        }
    }

    /// <summary>The block in which a record of the journal is made up.</summary>
    internal Span<byte> ControlBlock(CallContext context) => controlPage.Content.BorrowMutable(context)[..BlockBytes];

    /// <summary>Writes the control block.</summary>
    internal Errno WriteControl(CallContext context, ulong place, BlockFlags flags)
    {
        if (io.IsDeviceGone)
        {
            return Errno.InputOutput;
        }

        io.Clear();
        ulong bus = controlPage.Content.Lend(context, LoanAccess.DeviceReads);
        int request = io.Add(BlockOperation.Write, place << blockShift, BlockBytes, bus, flags);
        RequestsSent++;
        io.Run(context);
        isControlLost |= io.IsDeviceGone;
        if (!isControlLost)
        {
            controlPage.Content.EndLoan(context);
        }

        return !isControlLost && io.ErrorOf(request) == BlockError.None ? Errno.None : Errno.InputOutput;
    }

    /// <summary>Starts to write joined blocks to the log.</summary>
    internal void BeginLogWrites()
    {
        io.Clear();
        logBatch = 0;
        hasLogFailed = io.IsDeviceGone;
    }

    /// <summary>Adds a joined block to what is being written.</summary>
    internal void AddLogWrite(CallContext context, int index, ulong place)
    {
        int first = JoinedBuffer(index).Offset >> blockShift;
        int frame = joinedFrames[index];
        if (hasLogFailed
            || (logBatch < batchFrames.Length && TryAddToBatch(context, logBatch, frame, 0, place << blockShift, first, 1)))
        {
            logBatch++;
            return;
        }

        RunLogBatch(context);
        if (!hasLogFailed && TryAddToBatch(context, 0, frame, 0, place << blockShift, first, 1))
        {
            logBatch = 1;
        }
    }

    /// <summary>Waits for what has been added.</summary>
    internal Errno EndLogWrites(CallContext context)
    {
        RunLogBatch(context);
        return hasLogFailed ? Errno.InputOutput : Errno.None;
    }

    /// <summary>The transaction is in the log: its blocks may be written to their places from now on.</summary>
    internal void ReleaseJoined()
    {
        for (int index = 0; index < JoinedCount; index++)
        {
            ref Frame frame = ref frames[joinedFrames[index]];
            byte bits = BlockBits(JoinedBuffer(index));
            frame.Joined &= (byte)~bits;
            SetDirty(ref frame, bits, isMetadata: true);
        }

        JoinedCount = 0;
    }

    private void RunLogBatch(CallContext context)
    {
        if (!hasLogFailed && logBatch > 0)
        {
            RequestsSent += io.RequestCount;
            io.Run(context);
            hasLogFailed = !EndLoans(context, logBatch);
        }

        logBatch = 0;
        io.Clear();
    }

    private BlockBuffer JoinedBuffer(int index)
    {
        ulong block = joinedBlocks[index];
        return new BlockBuffer(block, joinedFrames[index], OffsetOf(block));
    }

    private Span<byte> JoinedBytes(CallContext context, int index)
    {
        BlockBuffer buffer = JoinedBuffer(index);
        return cells[buffer.Frame].Content.BorrowMutable(context).Slice(buffer.Offset, BlockBytes);
    }

    private void DisposeControlPage(CallContext context)
    {
        if (!controlPage.IsEmpty && !isControlLost)
        {
            PageBuffer page = controlPage.Take();
            PageBuffer.Free(context, ref page);
        }
    }
}
