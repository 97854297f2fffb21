using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Carries one batch of requests to the device and waits for all of them: many in flight, none left behind. Pages are
/// named by bus address; lending them is the business of the buffer cache.
/// </summary>
internal sealed class BlockIo
{
    private readonly IBlockDevice device;
    private readonly BlockRequest[] requests = new BlockRequest[Ext4Limits.BatchRequests];
    private readonly BlockError[] errors = new BlockError[Ext4Limits.BatchRequests];
    private readonly BlockCompletion[] completions = new BlockCompletion[Ext4Limits.BatchRequests];
    private readonly ulong[] pages = new ulong[Ext4Limits.BatchPages];
    private readonly int requestPagesMax;
    private int pageCount;
    private ulong endOfLast;
    private ulong firstTag = 1;

    internal BlockIo(IBlockDevice device, BlockGeometry geometry)
    {
        this.device = device;
        Geometry = geometry;
        DeviceBytes = geometry.BlockCount * (ulong)geometry.BlockBytes;
        requestPagesMax = Math.Clamp(geometry.TransferBytesMax / Ext4Spec.PageBytes, 1, Ext4Limits.BatchPages);
    }

    internal BlockGeometry Geometry { get; }

    internal ulong DeviceBytes { get; }

    /// <summary>Requests in the batch.</summary>
    internal int RequestCount { get; private set; }

    /// <summary>The device has not answered as it must; lent pages may still be in its hands.</summary>
    internal bool IsDeviceGone { get; private set; }

    /// <summary>Adds a whole page to the batch, or what the disk has of the last one.</summary>
    /// <returns>Index of the request that carries the page, or -1 when the batch is full.</returns>
    internal int AddPage(BlockOperation operation, ulong page, ulong busAddress)
    {
        ulong start = page * Ext4Spec.PageBytes;
        return Add(operation, start, (int)Math.Min(DeviceBytes - start, Ext4Spec.PageBytes), busAddress);
    }

    /// <summary>
    /// Adds bytes of one page to the batch. Those that follow each other on the disk go into one request, if they follow
    /// each other in a page too, or from the end of one to the start of another.
    /// </summary>
    /// <returns>Index of the request that carries the bytes, or -1 when the batch is full.</returns>
    internal int Add(
        BlockOperation operation, ulong startBytes, int lengthBytes, ulong busAddress, BlockFlags flags = BlockFlags.None)
    {
        uint blockCount = (uint)(lengthBytes / Geometry.BlockBytes);
        ulong firstBlock = startBytes / (ulong)Geometry.BlockBytes;
        ref BlockRequest last = ref requests[Math.Max(RequestCount - 1, 0)];
        bool isNeighbour = RequestCount > 0 && last.Operation == operation && last.Flags == flags
            && last.FirstBlock + last.BlockCount == firstBlock;
        bool isNewPage = busAddress % Ext4Spec.PageBytes == 0;
        if (isNeighbour && !isNewPage && busAddress == endOfLast)
        {
            last.BlockCount += blockCount;
            endOfLast = busAddress + (uint)lengthBytes;
            return RequestCount - 1;
        }

        if (pageCount == pages.Length)
        {
            return -1;
        }

        bool isExtended = isNeighbour && isNewPage && endOfLast % Ext4Spec.PageBytes == 0 && last.PageCount < requestPagesMax;
        if (isExtended)
        {
            last.BlockCount += blockCount;
            last.PageCount++;
            pages[pageCount++] = busAddress;
        }
        else if (!TryAddRequest(operation, firstBlock, blockCount, busAddress, flags))
        {
            return -1;
        }

        endOfLast = busAddress + (uint)lengthBytes;
        return RequestCount - 1;
    }

    /// <summary>Carries out the batch. <see cref="ErrorOf"/> has the results until the next <see cref="Clear"/>.</summary>
    /// <returns>False when the device is gone.</returns>
    internal bool Run(CallContext context)
    {
        int submitted = 0;
        int completed = 0;
        int idleWaits = 0;
        while (completed < RequestCount && !IsDeviceGone)
        {
            int progress = Submit(context, submitted, isIdle: submitted == completed);
            submitted += progress;
            int delivered = Poll(context);
            completed += delivered + TakeRefused(ref submitted, progress, completed);
            if (delivered == 0 && progress == 0 && completed < submitted)
            {
                idleWaits++;
                WaitForDevice(context, idleWaits);
            }
        }

        firstTag += (ulong)RequestCount;
        return !IsDeviceGone;
    }

    /// <summary>How a request of the last batch ended.</summary>
    internal BlockError ErrorOf(int request) => errors[request];

    /// <summary>Starts a new batch.</summary>
    internal void Clear()
    {
        RequestCount = 0;
        pageCount = 0;
        refused = BlockError.None;
    }

    /// <summary>Makes completed writes durable.</summary>
    internal BlockError Flush(CallContext context)
    {
        Clear();
        requests[RequestCount] = new BlockRequest { Tag = firstTag, Operation = BlockOperation.Flush };
        errors[RequestCount++] = BlockError.DeviceFailed;
        BlockError error = Run(context) ? ErrorOf(0) : BlockError.DeviceFailed;
        Clear();
        return error;
    }

    private BlockError refused;

    private bool TryAddRequest(
        BlockOperation operation, ulong firstBlock, uint blockCount, ulong busAddress, BlockFlags flags)
    {
        if (RequestCount == requests.Length)
        {
            return false;
        }

        requests[RequestCount] = new BlockRequest
        {
            Tag = firstTag + (ulong)RequestCount,
            FirstBlock = firstBlock,
            BlockCount = blockCount,
            FirstPage = pageCount,
            PageCount = 1,
            Operation = operation,
            Flags = flags,
        };
        errors[RequestCount++] = BlockError.DeviceFailed;
        pages[pageCount++] = busAddress;
        return true;
    }

    private int Submit(CallContext context, int submitted, bool isIdle)
    {
        if (submitted == RequestCount)
        {
            return 0;
        }

        Reply<int, BlockError> reply = device.Submit(context, requests.AsSpan(submitted, RequestCount - submitted), pages);
        if (reply.IsOk && (uint)reply.Value <= (uint)(RequestCount - submitted))
        {
            return reply.Value;
        }

        IsDeviceGone |= reply.IsFault || reply.IsOk;
        refused = isIdle && !IsDeviceGone ? reply.Error : BlockError.None;
        return 0;
    }

    /// <summary>The device refuses a request for good: it counts as completed with that error.</summary>
    private int TakeRefused(ref int submitted, int progress, int completed)
    {
        if (refused == BlockError.None || progress > 0 || completed != submitted)
        {
            return 0;
        }

        errors[submitted++] = refused;
        refused = BlockError.None;
        return 1;
    }

    private int Poll(CallContext context)
    {
        Reply<int, BlockError> reply = device.Poll(context, completions);
        if (!reply.IsOk || (uint)reply.Value > (uint)completions.Length)
        {
            IsDeviceGone = true;
            return 0;
        }

        int delivered = 0;
        foreach (ref readonly BlockCompletion completion in completions.AsSpan(0, reply.Value))
        {
            ulong index = completion.Tag - firstTag;
            if (index < (ulong)RequestCount)
            {
                errors[index] = completion.Error;
                delivered++;
            }
        }

        return delivered;
    }

    private void WaitForDevice(CallContext context, int idleWaits)
    {
        Reply<bool, BlockError> reply = device.Wait(context, KernelEvent.Forever);
        if (!reply.IsOk || !reply.Value || idleWaits > Ext4Limits.IdleWaitsMax)
        {
            IsDeviceGone = true;
        }
    }
}
