using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>What puts the last touch to metadata before it is written: checksums that are computed once per write.</summary>
internal interface IWriteBackSealer
{
    /// <summary>Brings all dirty metadata into its final form. Must not read blocks that are not in the cache.</summary>
    void Seal(CallContext context);
}

/// <content>Between the frames and the disk: batched reads, sorted batched writes.</content>
internal sealed partial class BufferCache
{
    private readonly int[] batchFrames = new int[Ext4Limits.BatchPages];
    private readonly int[] batchRequests = new int[Ext4Limits.BatchPages];
    private readonly byte[] batchBits = new byte[Ext4Limits.BatchPages];
    private readonly ulong[] dirtyKeys;
    private readonly int[] dirtyFrames;
    private bool hasWriteFailed;

    /// <summary>Seals metadata before it is written; null until a file system is mounted.</summary>
    internal IWriteBackSealer? Sealer { get; set; }

    /// <summary>A write of metadata has failed: what is on the disk can no longer be made consistent.</summary>
    internal bool HasMetadataWriteFailed { get; private set; }

    /// <summary>Pages read from the disk so far, for tests of read-ahead.</summary>
    internal long PagesRead { get; private set; }

    /// <summary>Requests sent to the disk so far, for tests of batching.</summary>
    internal long RequestsSent { get; private set; }

    /// <summary>Writes everything that waits and makes it durable.</summary>
    /// <returns>An error also when an earlier write in the background failed: it is told once.</returns>
    internal Errno Flush(CallContext context)
    {
        Errno error = WriteBack(context);
        Errno flushed = FlushDevice(context);
        return TakeWriteFailure() || flushed != Errno.None ? Errno.InputOutput : error;
    }

    /// <summary>The same for the bytes of files only.</summary>
    internal Errno FlushData(CallContext context)
    {
        Errno error = WriteBack(context, isDataOnly: true);
        Errno flushed = FlushDevice(context);
        return TakeWriteFailure() || flushed != Errno.None ? Errno.InputOutput : error;
    }

    /// <summary>Makes durable what has been written.</summary>
    internal Errno FlushDevice(CallContext context) =>
        io.Flush(context) == BlockError.None ? Errno.None : Errno.InputOutput;

    /// <summary>Whether a write has failed since this was last asked.</summary>
    internal bool TakeWriteFailure()
    {
        bool hasFailed = hasWriteFailed;
        hasWriteFailed = false;
        return hasFailed;
    }

    /// <summary>Writes what waits, in the order of the disk.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="isDataOnly">Leaves metadata for later; it is in the log already.</param>
    internal Errno WriteBack(CallContext context, bool isDataOnly = false)
    {
        if (io.IsDeviceGone || isFrozen)
        {
            return Errno.InputOutput;
        }

        Sealer?.Seal(context);
        int count = 0;
        for (int frame = 0; frame < frameCount && count < DirtyCount; frame++)
        {
            if (BitsToWrite(frame, isDataOnly) != 0)
            {
                dirtyKeys[count] = frames[frame].Page;
                dirtyFrames[count++] = frame;
            }
        }

        Array.Sort(dirtyKeys, dirtyFrames, 0, count);
        bool isOk = true;
        for (int done = 0; done < count && !io.IsDeviceGone;)
        {
            int batch = AddDirty(context, dirtyFrames.AsSpan(done, count - done), isDataOnly, out int frameBatch);
            isOk &= RunBatch(context, batch, isRead: false);
            done += frameBatch;
        }

        return isOk && !io.IsDeviceGone ? Errno.None : Errno.InputOutput;
    }

    private int BitsToWrite(int frame, bool isDataOnly) => frames[frame].Dirty & (isDataOnly ? ~frames[frame].Metadata : 0xFF);

    /// <summary>Puts a batch together. Each run of dirty blocks in a page is one entry of it.</summary>
    private int AddDirty(CallContext context, ReadOnlySpan<int> rest, bool isDataOnly, out int frameBatch)
    {
        io.Clear();
        int count = 0;
        frameBatch = 0;
        foreach (int frame in rest)
        {
            int bits = BitsToWrite(frame, isDataOnly);
            while (bits != 0)
            {
                int run = BitRun(bits, out int first, out int length);
                ulong start = (frames[frame].Page << Ext4Spec.PageShift) + ((ulong)first << blockShift);
                if (count == batchFrames.Length || !TryAddToBatch(context, count, frame, run, start, first, length))
                {
                    return count;
                }

                bits &= ~run;
                count++;
            }

            frameBatch++;
        }

        return count;
    }

    /// <summary>Adds neighbouring blocks of a page to the batch, to be written where <paramref name="start"/> says.</summary>
    private bool TryAddToBatch(CallContext context, int index, int frame, int bits, ulong start, int first, int length)
    {
        ulong bus = cells[frame].Content.GetBusAddress(context) + ((ulong)first << blockShift);
        int request = io.Add(BlockOperation.Write, start, length << blockShift, bus);
        if (request < 0)
        {
            return false;
        }

        AddToBatch(context, index, frame, request, bits, LoanAccess.DeviceReads);
        return true;
    }

    /// <summary>The lowest run of set bits, as a mask, its first bit and its length.</summary>
    private static int BitRun(int bits, out int first, out int length)
    {
        first = System.Numerics.BitOperations.TrailingZeroCount(bits);
        length = System.Numerics.BitOperations.TrailingZeroCount(~(bits >> first));
        return ((1 << length) - 1) << first;
    }

    /// <summary>Reads those of some neighbouring pages that are not there. Reading ahead stops where the cache is full.</summary>
    private Errno Load(CallContext context, ulong firstPage, int pageCount)
    {
        if (io.IsDeviceGone)
        {
            return Errno.InputOutput;
        }

        // Frames first: taking one may write back, which is a batch of its own.
        int count = 0;
        for (int index = 0; index < pageCount; index++)
        {
            ulong page = firstPage + (ulong)index;
            if (Find(page) != None)
            {
                continue;
            }

            Errno error = Take(context, page, out int frame);
            if (error != Errno.None && count == 0 && index == 0)
            {
                return error;
            }

            if (error != Errno.None)
            {
                break;
            }

            frames[frame].IsBusy = true;
            loadFrames[count++] = frame;
        }

        return count == 0 ? Errno.None : LoadFrames(context, count);
    }

    private Errno LoadFrames(CallContext context, int count)
    {
        io.Clear();
        int batch = 0;
        for (; batch < count; batch++)
        {
            int frame = loadFrames[batch];
            ulong bus = cells[frame].Content.GetBusAddress(context);
            int request = io.AddPage(BlockOperation.Read, frames[frame].Page, bus);
            if (request < 0)
            {
                break;
            }

            frames[frame].IsBusy = false;
            AddToBatch(context, batch, frame, request, 0, LoanAccess.DeviceWrites);
        }

        for (int rest = batch; rest < count; rest++)
        {
            frames[loadFrames[rest]].IsBusy = false;
            Remove(loadFrames[rest]);
        }

        int firstFrame = loadFrames[0];
        RunBatch(context, batch, isRead: true);
        return frames[firstFrame].IsPresent ? Errno.None : Errno.InputOutput;
    }

    private readonly int[] loadFrames = new int[Ext4Limits.ReadAheadPages];

    /// <summary>
    /// A page is lent once, however many entries of the batch it has. One that another domain's devices read may be read by the disk, too:
    /// the loan is this domain's, and outlives the batch.
    /// </summary>
    private void AddToBatch(CallContext context, int index, int frame, int request, int bits, LoanAccess access)
    {
        if (!frames[frame].IsBusy)
        {
            if (!IsLent(frame))
            {
                cells[frame].Content.Lend(context, access);
            }

            frames[frame].IsBusy = true;
        }

        batchFrames[index] = frame;
        batchRequests[index] = request;
        batchBits[index] = (byte)bits;
    }

    private bool RunBatch(CallContext context, int count, bool isRead)
    {
        RequestsSent += io.RequestCount;
        io.Run(context);
        bool isOk = EndLoans(context, count);
        for (int index = 0; index < count; index++)
        {
            bool hasFailed = HasEntryFailed(index);
            if (isRead)
            {
                PagesRead++;
                if (hasFailed)
                {
                    Remove(batchFrames[index]);
                }
            }
            else
            {
                EndWrite(ref frames[batchFrames[index]], batchBits[index], hasFailed);
            }
        }

        return isOk;
    }

    /// <returns>Whether all of the batch has been carried out.</returns>
    private bool EndLoans(CallContext context, int count)
    {
        bool isOk = true;
        for (int index = 0; index < count; index++)
        {
            int frame = batchFrames[index];
            isOk &= !HasEntryFailed(index);
            frames[frame].IsLost |= io.IsDeviceGone;
            if (frames[frame].IsBusy && !io.IsDeviceGone && !IsLent(frame))
            {
                cells[frame].Content.EndLoan(context);
            }

            frames[frame].IsBusy = false;
        }

        return isOk;
    }

    private bool HasEntryFailed(int index) => io.IsDeviceGone || io.ErrorOf(batchRequests[index]) != BlockError.None;

    /// <summary>
    /// A block that cannot be written is given up, as Linux does: keeping it would fill the cache with such blocks. The
    /// next flush tells.
    /// </summary>
    private void EndWrite(ref Frame frame, byte bits, bool hasFailed)
    {
        hasWriteFailed |= hasFailed;
        HasMetadataWriteFailed |= hasFailed && (frame.Metadata & bits) != 0;
        ClearDirty(ref frame, bits);
    }
}
