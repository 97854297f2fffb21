namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// A budget that fills with time and is never fuller than its burst. Spending more than is there is noticed, not refused: what
/// is measured has happened.
/// </summary>
internal sealed class TokenBucket
{
    private readonly double perMicro;
    private readonly double burst;
    private double left;
    private long filledMicros;

    /// <param name="perSecond">What flows in.</param>
    /// <param name="burst">The most that can be saved up; a new bucket is full.</param>
    /// <param name="nowMicros">The time.</param>
    internal TokenBucket(double perSecond, double burst, long nowMicros)
    {
        perMicro = perSecond / 1_000_000;
        this.burst = left = burst;
        filledMicros = nowMicros;
    }

    /// <summary>What can be spent now, as of the last <see cref="Spend"/>; negative when too much has been.</summary>
    internal double Left => left;

    /// <returns>False when more has been spent than there was.</returns>
    internal bool Spend(double amount, long nowMicros)
    {
        left = Math.Min(burst, left + ((nowMicros - filledMicros) * perMicro)) - amount;
        filledMicros = nowMicros;
        return left >= 0;
    }
}
