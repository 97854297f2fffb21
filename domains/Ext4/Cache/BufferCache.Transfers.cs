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
        if (io.Flush(context) != BlockError.None || hasWriteFailed)
        {
            error = Errno.InputOutput;
        }

        hasWriteFailed = false;
        return error;
    }

    /// <summary>Writes everything that waits, in the order of the disk.</summary>
    internal Errno WriteBack(CallContext context)
    {
        if (io.IsDeviceGone)
        {
            return Errno.InputOutput;
        }

        Sealer?.Seal(context);
        int count = 0;
        for (int frame = 0; frame < frameCount && count < DirtyCount; frame++)
        {
            if (frames[frame].IsDirty)
            {
                dirtyKeys[count] = frames[frame].Page;
                dirtyFrames[count++] = frame;
            }
        }

        Array.Sort(dirtyKeys, dirtyFrames, 0, count);
        bool isOk = true;
        for (int done = 0; done < count && !io.IsDeviceGone;)
        {
            int batch = AddDirty(context, dirtyFrames.AsSpan(done, count - done));
            isOk &= RunBatch(context, batch, isRead: false);
            done += batch;
        }

        return isOk && !io.IsDeviceGone ? Errno.None : Errno.InputOutput;
    }

    private int AddDirty(CallContext context, ReadOnlySpan<int> rest)
    {
        io.Clear();
        int count = 0;
        foreach (int frame in rest)
        {
            ulong bus = cells[frame].Content.GetBusAddress(context);
            int request = io.Add(BlockOperation.Write, frames[frame].Page, bus);
            if (request < 0)
            {
                break;
            }

            cells[frame].Content.Lend(context, LoanAccess.DeviceReads);
            AddToBatch(count++, frame, request);
        }

        return count;
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
            int request = io.Add(BlockOperation.Read, frames[frame].Page, bus);
            if (request < 0)
            {
                break;
            }

            cells[frame].Content.Lend(context, LoanAccess.DeviceWrites);
            AddToBatch(batch, frame, request);
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

    private void AddToBatch(int index, int frame, int request)
    {
        frames[frame].IsBusy = true;
        batchFrames[index] = frame;
        batchRequests[index] = request;
    }

    private bool RunBatch(CallContext context, int count, bool isRead)
    {
        RequestsSent += io.RequestCount;
        io.Run(context);
        bool isOk = true;
        for (int index = 0; index < count; index++)
        {
            int frame = batchFrames[index];
            bool hasFailed = io.ErrorOf(batchRequests[index]) != BlockError.None || io.IsDeviceGone;
            isOk &= !hasFailed;
            frames[frame].IsBusy = false;
            if (io.IsDeviceGone)
            {
                frames[frame].IsLost = true;
            }
            else
            {
                cells[frame].Content.EndLoan(context);
            }

            EndTransfer(frame, isRead, hasFailed);
        }

        return isOk;
    }

    /// <summary>
    /// A page that cannot be written is given up, as Linux does: keeping it would fill the cache with such pages. The
    /// next flush tells.
    /// </summary>
    private void EndTransfer(int frame, bool isRead, bool hasFailed)
    {
        if (isRead)
        {
            PagesRead++;
            if (hasFailed)
            {
                Remove(frame);
            }

            return;
        }

        hasWriteFailed |= hasFailed;
        HasMetadataWriteFailed |= hasFailed && frames[frame].IsMetadata;
        DirtyCount--;
        frames[frame].IsDirty = false;
        frames[frame].IsMetadata = false;
    }
}
