using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.BlockShadow;

/// <summary>
/// The contract as those above see it: every request is in the ledger before the driver hears of it, and leaves the ledger
/// with the one completion that is delivered.
/// </summary>
internal sealed class ShadowBlockDevice : IBlockDevice, IShadowStatistics
{
    private readonly BlockGeometry geometry;
    private readonly Ledger ledger;
    private readonly ShadowedDriver driver;
    private readonly KernelEvent pause;
    private long accepted;
    private long delivered;

    internal ShadowBlockDevice(CallContext context, in BlockGeometry geometry, Ledger ledger, ShadowedDriver driver)
    {
        this.geometry = geometry;
        this.ledger = ledger;
        this.driver = driver;
        pause = KernelEvent.Create(context);
    }

    /// <inheritdoc/>
    public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) => geometry;

    /// <inheritdoc/>
    public Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages)
    {
        if (driver.HasGivenUp)
        {
            return BlockError.DeviceFailed;
        }

        int taken = 0;
        while (taken < requests.Length && !ledger.IsFull && geometry.Admits(in requests[taken], pages))
        {
            ledger.Accept(in requests[taken++], pages);
        }

        if (taken == 0 && requests.Length > 0 && ledger.IsEmpty)
        {
            return BlockError.InvalidRequest;
        }

        accepted += taken;
        driver.Submit(context);
        return taken;
    }

    /// <inheritdoc/>
    public Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions)
    {
        if (ledger.HasReady)
        {
            driver.Submit(context);
        }

        int count = TakeSettled(completions, 0);
        count += driver.Poll(context, completions[count..]);
        count = TakeSettled(completions, count);
        delivered += count;
        return count;
    }

    /// <inheritdoc/>
    public Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros)
    {
        long now = context.UptimeMicros;
        long deadline = timeoutMicros > long.MaxValue - now ? long.MaxValue : now + timeoutMicros;
        while (!ledger.IsEmpty)
        {
            if (ledger.HasReady)
            {
                driver.Submit(context);
            }

            now = context.UptimeMicros;
            if (ledger.HasSettled)
            {
                return true;
            }

            if (driver.Wait(context, Math.Max(0, deadline - now), pause))
            {
                return true;
            }

            if (now >= deadline)
            {
                return ledger.HasSettled;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public Reply<ShadowStatistics, BlockError> GetStatistics(CallContext context) => new ShadowStatistics
    {
        Recoveries = driver.Recoveries,
        Replayed = driver.Replayed,
        Retried = driver.Retried,
        Ignored = driver.Ignored,
        Held = ledger.HeldTotal,
        Accepted = accepted,
        Delivered = delivered,
        RecoveryMicrosMax = driver.RecoveryMicrosMax,
        HasGivenUp = driver.HasGivenUp,
    };

    private int TakeSettled(Span<BlockCompletion> completions, int count)
    {
        while (count < completions.Length && ledger.HasSettled)
        {
            completions[count++] = ledger.TakeSettled();
        }

        return count;
    }
}
