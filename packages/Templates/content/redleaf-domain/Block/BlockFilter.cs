using RedLeafSharp;
using RedLeafSharp.Contracts;

namespace RedLeafDomain1;

/// <summary>
/// Passes requests on and counts them. It sees requests and bus addresses; the payload itself is lent to the device, and no
/// filter can read or write it.
/// </summary>
internal sealed class BlockFilter : IBlockDevice
{
    private readonly IBlockDevice below;
    private readonly long crashEvery;
    private long requestCount;

    internal BlockFilter(IBlockDevice below, long crashEvery)
    {
        this.below = below;
        this.crashEvery = crashEvery;
    }

    /// <inheritdoc/>
    public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) => below.GetGeometry(context);

    /// <inheritdoc/>
    public Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages)
    {
        Reply<int, BlockError> taken = below.Submit(context, requests, pages);
        requestCount += taken.Value;
        if (crashEvery > 0 && requestCount >= crashEvery)
        {
            throw new InvalidOperationException("a crash on purpose: see 'crashEvery' in the system file");
        }

        return taken;
    }

    /// <inheritdoc/>
    public Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions) => below.Poll(context, completions);

    /// <inheritdoc/>
    public Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros) => below.Wait(context, timeoutMicros);
}
