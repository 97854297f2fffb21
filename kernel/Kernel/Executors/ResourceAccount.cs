using RedLeafSharp.Kernel.Boot;

namespace RedLeafSharp.Kernel.Executors;

/// <summary>What one generation has used of its limits.</summary>
internal sealed class ResourceAccount
{
    private readonly DomainLimits limits;
    private readonly TokenBucket? processor;
    private readonly TokenBucket? allocation;

    /// <param name="limits">Of its manifest.</param>
    /// <param name="nowMicros">The time.</param>
    internal ResourceAccount(DomainLimits limits, long nowMicros)
    {
        this.limits = limits;
        processor = limits.ProcessorPercent < DomainLimits.None
            ? new TokenBucket(limits.ProcessorPercent * 10_000.0, limits.ProcessorBurstMicros, nowMicros)
            : null;
        allocation = limits.AllocatedBytesPerSecond < DomainLimits.None
            ? new TokenBucket(limits.AllocatedBytesPerSecond, limits.AllocatedBurstBytes, nowMicros)
            : null;
    }

    /// <summary>Whether it is to be told of what is allocated.</summary>
    internal bool LimitsAllocation => allocation is not null;

    /// <summary>Charges managed memory.</summary>
    /// <param name="bytes">What has been allocated.</param>
    /// <param name="arrayBytes">The array that is about to be made: it has to fit into what is left. 0 for none.</param>
    /// <param name="nowMicros">The time.</param>
    /// <returns>Which limit has been exceeded; null when none has.</returns>
    internal string? ChargeAllocation(long bytes, long arrayBytes, long nowMicros)
    {
        if (allocation is null)
        {
            return null;
        }

        if (!allocation.Spend(bytes, nowMicros))
        {
            return $"it has allocated more than {limits.AllocatedBytesPerSecond >> 20} MiB a second and "
                + $"{limits.AllocatedBurstBytes >> 20} MiB saved up";
        }

        return arrayBytes <= allocation.Left
            ? null
            : $"it wants an array of {arrayBytes} bytes and may allocate {(long)allocation.Left} now, its limit is "
                + $"{limits.AllocatedBytesPerSecond >> 20} MiB a second and {limits.AllocatedBurstBytes >> 20} MiB saved up";
    }

    /// <summary>Charges processor time.</summary>
    /// <returns>Which limit has been exceeded; null when none has.</returns>
    internal string? Charge(in CallMeter.Charge charge, long nowMicros)
    {
        if (charge.CallMicros > limits.CallMicros)
        {
            return $"a call has run for {charge.CallMicros / 1000} ms without a wait, its limit is {limits.CallMicros / 1000} ms";
        }

        return processor is null || processor.Spend(charge.SpentMicros, nowMicros)
            ? null
            : $"it has used more than {limits.ProcessorPercent} % of a core and {limits.ProcessorBurstMicros / 1000} ms saved up";
    }
}
