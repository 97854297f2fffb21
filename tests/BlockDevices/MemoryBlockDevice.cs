using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Tests.BlockDevices;

/// <summary>What a <see cref="MemoryBlockDevice"/> is like.</summary>
internal sealed record MemoryBlockOptions
{
    internal int BlockBytes { get; init; } = 512;

    internal long CapacityBytes { get; init; } = 16 << 20;

    internal int RequestsMax { get; init; } = 64;

    internal int TransferBytesMax { get; init; } = 128 << 10;

    /// <summary>Carries out what is in flight in an order drawn from this seed; null for the order of submission.</summary>
    internal int? ReorderSeed { get; init; }

    /// <summary>Says how a request ends, just before it is carried out; it has no effect unless the answer is None.</summary>
    internal Func<BlockRequest, BlockError>? Decide { get; init; }

    /// <summary>Keeps a list of every request carried out, with the data of writes.</summary>
    internal bool IsRecording { get; init; }

    /// <summary>
    /// The pages that the device reaches when somebody else grants them, as a shadow does for its driver. Null: the device
    /// grants by itself what is lent, as a shadow's upper side does.
    /// </summary>
    internal DmaWindow? Window { get; init; }
}

/// <summary>A request that a <see cref="MemoryBlockDevice"/> has carried out.</summary>
/// <param name="Request">The request; its page numbers mean nothing any more.</param>
/// <param name="Data">What was written; null for anything but a write.</param>
internal sealed record CarriedOut(BlockRequest Request, byte[]? Data);

/// <summary>
/// The reference implementation of the block device contract: a byte array. Requests are carried out when they are polled
/// for, so that a test decides when.
/// </summary>
internal sealed class MemoryBlockDevice : IBlockDevice
{
    private readonly List<(BlockRequest Request, ulong[] Pages, bool IsReached)> inFlight = [];
    private readonly MemoryBlockOptions options;
    private readonly DmaWindow window;
    private readonly DeviceLoans? ownLoans;
    private readonly Random? order;

    internal MemoryBlockDevice(ExchangeHeap heap, MemoryBlockOptions? options = null, byte[]? content = null)
    {
        this.options = options ?? new MemoryBlockOptions();
        Content = content ?? new byte[this.options.CapacityBytes];
        window = this.options.Window ?? new DmaWindow(heap);
        ownLoans = this.options.Window is null ? new DeviceLoans(window) : null;
        order = this.options.ReorderSeed is int seed ? new Random(seed) : null;
    }

    /// <summary>What is on the medium.</summary>
    internal byte[] Content { get; }

    /// <summary>The end of its life, where the heap outlives it.</summary>
    internal void Release() => window.Release();

    /// <summary>Every request carried out, oldest first, when recording.</summary>
    internal List<CarriedOut> Record { get; } = [];

    /// <summary>Changes how requests end from now on; see <see cref="MemoryBlockOptions.Decide"/>.</summary>
    internal Func<BlockRequest, BlockError>? Decide { get; set; }

    internal int InFlightCount => inFlight.Count;

    internal BlockGeometry Geometry => new()
    {
        BlockCount = (ulong)(Content.Length / options.BlockBytes),
        BlockBytes = options.BlockBytes,
        TransferBytesMax = options.TransferBytesMax,
        RequestsMax = options.RequestsMax,
        HasVolatileCache = true,
    };

    public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) => Geometry;

    public Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages)
    {
        int taken = 0;
        foreach (BlockRequest request in requests)
        {
            bool isAdmitted = Geometry.Admits(request, pages);
            if (!isAdmitted && taken == 0 && inFlight.Count == 0)
            {
                return BlockError.InvalidRequest;
            }

            if (!isAdmitted || inFlight.Count == options.RequestsMax)
            {
                break;
            }

            ulong[] own = pages.Slice(request.FirstPage, request.PageCount).ToArray();
            inFlight.Add((request, own, TryGrant(request, own)));
            taken++;
        }

        return taken;
    }

    public Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions)
    {
        int count = Math.Min(completions.Length, inFlight.Count);
        for (int index = 0; index < count; index++)
        {
            int next = order?.Next(inFlight.Count) ?? 0;
            (BlockRequest request, ulong[] pages, bool isReached) = inFlight[next];
            inFlight.RemoveAt(next);
            BlockError error = isReached ? CarryOut(request, pages) : BlockError.TransferError;
            if (isReached && ownLoans is not null)
            {
                Array.ForEach(pages, ownLoans.Revoke);
            }

            completions[index] = new BlockCompletion { Tag = request.Tag, Error = error };
        }

        return count;
    }

    public Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros) => inFlight.Count > 0;

    /// <summary>What a device does when its driver dies: forgets all work.</summary>
    internal void Reset() => inFlight.Clear();

    private bool TryGrant(in BlockRequest request, ulong[] pages)
    {
        for (int index = 0; ownLoans is not null && index < pages.Length; index++)
        {
            if (!ownLoans.Grant(pages[index], AccessFor(request)))
            {
                Array.ForEach(pages[..index], ownLoans.Revoke);
                return false;
            }
        }

        return true;
    }

    private BlockError CarryOut(in BlockRequest request, ulong[] pages)
    {
        BlockError error = (Decide ?? options.Decide)?.Invoke(request) ?? BlockError.None;
        if (error == BlockError.None && !Geometry.Contains(request))
        {
            error = BlockError.OutOfRange;
        }

        if (error != BlockError.None)
        {
            return error;
        }

        long offset = (long)request.FirstBlock * options.BlockBytes;
        Span<byte> blocks = request.Operation == BlockOperation.Flush
            ? default
            : Content.AsSpan(checked((int)offset), (int)request.BlockCount * options.BlockBytes);
        byte[]? before = request.Operation == BlockOperation.Write ? blocks.ToArray() : null;
        error = request.Operation switch
        {
            BlockOperation.Read or BlockOperation.Write => Transfer(request, pages, blocks),
            BlockOperation.WriteZeroes => Clear(blocks),
            _ => BlockError.None,
        };
        if (error != BlockError.None)
        {
            before?.CopyTo(blocks);
        }
        else if (options.IsRecording)
        {
            Record.Add(new CarriedOut(request, before is null ? null : blocks.ToArray()));
        }

        return error;
    }

    private static LoanAccess AccessFor(in BlockRequest request) =>
        request.Operation == BlockOperation.Read ? LoanAccess.DeviceWrites : LoanAccess.DeviceReads;

    private static BlockError Clear(Span<byte> blocks)
    {
        blocks.Clear();
        return BlockError.None;
    }

    private BlockError Transfer(in BlockRequest request, ulong[] pages, Span<byte> blocks)
    {
        bool isRead = request.Operation == BlockOperation.Read;
        foreach (ulong page in pages)
        {
            int length = Math.Min(blocks.Length, PageBuffer.PageBytes - (int)(page % PageBuffer.PageBytes));
            if (!window.TryTranslate(page, length, AccessFor(request), out Span<byte> memory))
            {
                return BlockError.TransferError;
            }

            (isRead ? blocks[..length] : memory).CopyTo(isRead ? memory : blocks);
            blocks = blocks[length..];
        }

        return BlockError.None;
    }
}
