namespace RedLeafSharp.Contracts;

/// <summary>
/// A disk: provided by drivers, shadows and filters alike, so that they stack.
/// </summary>
/// <remarks>
/// <para>The caller owns every page: it lends them (<see cref="PageBuffer.Lend(CallContext, LoanAccess)"/>), names them by bus address,
/// and ends the loan when the completion has been delivered. No implementation can read or write payload.</para>
/// <para>Requests in flight at the same time may be carried out in any order. A completed write is durable only after a
/// flush that was submitted after its completion, or when it was submitted with <see cref="BlockFlags.ForceUnitAccess"/>.</para>
/// </remarks>
[DomainContract]
public interface IBlockDevice
{
    /// <summary>Size and limits; constant while the device lives.</summary>
    Reply<BlockGeometry, BlockError> GetGeometry(CallContext context);

    /// <summary>Hands requests to the device, in order, until one does not fit.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="requests">Requests; a tag must not be in flight already.</param>
    /// <param name="pages">
    /// Bus addresses. A request uses <see cref="BlockRequest.PageCount"/> of them from
    /// <see cref="BlockRequest.FirstPage"/>; the first may start within a page (at a multiple of 4), the others are
    /// page-aligned, each but the last is used up to its end.
    /// </param>
    /// <returns>
    /// How many requests were taken. The first one not taken is malformed if the number is 0 and nothing is in flight
    /// (<see cref="BlockError.InvalidRequest"/> is returned then); else the queue is full: poll, then submit the rest.
    /// </returns>
    Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages);

    /// <summary>Collects completions without waiting.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="completions">Room for the completions; each is delivered once.</param>
    /// <returns>How many were written.</returns>
    Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions);

    /// <summary>
    /// Waits until a poll would deliver something. Returns at once when nothing is in flight.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="timeoutMicros">Longest wait in microseconds; <see cref="KernelEvent.Forever"/> for no bound.</param>
    /// <returns>Whether a poll may deliver something now; false after the time-out or with nothing in flight.</returns>
    Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros);
}

/// <summary>Size and limits of a block device.</summary>
public struct BlockGeometry
{
    /// <summary>Number of logical blocks.</summary>
    public ulong BlockCount;

    /// <summary>Bytes in a logical block: 512 or 4,096.</summary>
    public int BlockBytes;

    /// <summary>Most bytes of payload in one request; a multiple of 4,096.</summary>
    public int TransferBytesMax;

    /// <summary>Most requests in flight.</summary>
    public int RequestsMax;

    /// <summary>Whether completed writes may be lost with the power before a flush.</summary>
    public bool HasVolatileCache;

    /// <summary>
    /// Whether a request is well-formed. One that is not is never taken; all else that can be wrong with a request is told
    /// by its completion.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="pages">The page list of the call.</param>
    public readonly bool Admits(in BlockRequest request, ReadOnlySpan<ulong> pages) => request.Operation switch
    {
        BlockOperation.Read or BlockOperation.Write => AdmitsTransfer(request, pages),
        BlockOperation.Flush => request.BlockCount == 0 && request.PageCount == 0,
        BlockOperation.WriteZeroes or BlockOperation.Discard =>
            request.BlockCount - 1 < BlockRequest.BlockCountMax && request.PageCount == 0,
        _ => false,
    };

    /// <summary>Whether all blocks of a request are on the device.</summary>
    /// <param name="request">A well-formed request.</param>
    public readonly bool Contains(in BlockRequest request) =>
        request.FirstBlock <= BlockCount && request.BlockCount <= BlockCount - request.FirstBlock;

    private readonly bool AdmitsTransfer(in BlockRequest request, ReadOnlySpan<ulong> pages)
    {
        ulong lengthBytes = (ulong)request.BlockCount * (uint)BlockBytes;
        if (lengthBytes == 0 || lengthBytes > (ulong)TransferBytesMax
            || (uint)request.FirstPage >= (uint)pages.Length || (uint)request.PageCount > (uint)(pages.Length - request.FirstPage)
            || request.PageCount < 1)
        {
            return false;
        }

        ReadOnlySpan<ulong> own = pages.Slice(request.FirstPage, request.PageCount);
        ulong offsetBytes = own[0] % PageBuffer.PageBytes;
        ulong bits = 0;
        foreach (ulong page in own[1..])
        {
            bits |= page;
        }

        // Devices want the first address on a 4-byte boundary (NVMe 1.4 section 4.3) and the others on pages.
        return offsetBytes % 4 == 0 && bits % PageBuffer.PageBytes == 0
            && (offsetBytes + lengthBytes + PageBuffer.PageBytes - 1) / PageBuffer.PageBytes == (uint)request.PageCount;
    }
}

/// <summary>What a request asks for.</summary>
public enum BlockOperation : byte
{
    /// <summary>Reads blocks into the pages.</summary>
    Read = 0,

    /// <summary>Writes blocks from the pages.</summary>
    Write = 1,

    /// <summary>Makes all writes durable that completed before it was submitted. Has no blocks and no pages.</summary>
    Flush = 2,

    /// <summary>Sets blocks to zero. Has no pages.</summary>
    WriteZeroes = 3,

    /// <summary>Tells that the blocks' contents are no longer needed; reading them gives zeroes or the old data. Has no pages.</summary>
    Discard = 4,
}

/// <summary>Properties of a request.</summary>
[Flags]
public enum BlockFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The write is durable when it completes.</summary>
    ForceUnitAccess = 1,
}

/// <summary>One request to a block device.</summary>
public struct BlockRequest
{
    /// <summary>Most blocks in one request: what a command's 16-bit count can say (NVMe 1.4 section 6.15).</summary>
    public const uint BlockCountMax = 1 << 16;

    /// <summary>The caller's name for the request; unique among those in flight.</summary>
    public ulong Tag;

    /// <summary>First logical block.</summary>
    public ulong FirstBlock;

    /// <summary>Number of logical blocks; 0 for <see cref="BlockOperation.Flush"/>.</summary>
    public uint BlockCount;

    /// <summary>Index of the request's first entry in the page list of the call.</summary>
    public int FirstPage;

    /// <summary>Number of entries in the page list.</summary>
    public int PageCount;

    /// <summary>What to do.</summary>
    public BlockOperation Operation;

    /// <summary>Properties.</summary>
    public BlockFlags Flags;
}

/// <summary>The end of a request.</summary>
public struct BlockCompletion
{
    /// <summary>The request's tag.</summary>
    public ulong Tag;

    /// <summary><see cref="BlockError.None"/> when the request was carried out.</summary>
    public BlockError Error;
}

/// <summary>Errors of block devices.</summary>
public enum BlockError
{
    /// <summary>Success; not an error.</summary>
    None = 0,

    /// <summary>The request contradicts itself or the device's limits: wrong pages, length or operation.</summary>
    InvalidRequest = 1,

    /// <summary>The blocks lie beyond the end of the device.</summary>
    OutOfRange = 2,

    /// <summary>The medium cannot deliver or take the data.</summary>
    MediaError = 3,

    /// <summary>The device could not reach the pages: they are not lent to it.</summary>
    TransferError = 4,

    /// <summary>The medium is write-protected.</summary>
    ReadOnly = 5,

    /// <summary>The request was given up before it was carried out.</summary>
    Aborted = 6,

    /// <summary>The device failed, or is gone.</summary>
    DeviceFailed = 7,

    /// <summary>The device does not have this operation.</summary>
    NotSupported = 8,
}
