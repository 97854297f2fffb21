using RedLeafSharp.Kernel.Boot;

namespace RedLeafSharp.Kernel.Executors;

/// <summary>What one generation has used of its limits.</summary>
internal sealed class ResourceAccount
{
    private readonly DomainLimits limits;
    private readonly TokenBucket? processor;

    /// <param name="limits">Of its manifest.</param>
    /// <param name="nowMicros">The time.</param>
    internal ResourceAccount(DomainLimits limits, long nowMicros)
    {
        this.limits = limits;
        processor = limits.ProcessorPercent < DomainLimits.None
            ? new TokenBucket(limits.ProcessorPercent * 10_000.0, limits.ProcessorBurstMicros, nowMicros)
            : null;
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
