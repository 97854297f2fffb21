using MathNet.Numerics.Distributions;

namespace RedLeafSharp.Lab.Statistics;

/// <summary>A quantile of a sample, with an interval that assumes nothing about the distribution.</summary>
/// <param name="Value">The smallest observation with at least this share of the sample at or below it.</param>
/// <param name="Bounds">
/// Two order statistics between which the true quantile lies with the confidence asked for; an end that the sample is too small
/// for is infinite.
/// </param>
internal readonly record struct Quantile(double Value, Interval Bounds)
{
    /// <summary>Computes a quantile.</summary>
    /// <param name="sorted">The observations in ascending order; at least one.</param>
    /// <param name="share">Between 0 and 1, both excluded: 0.5 is the median.</param>
    /// <param name="confidence">Between 0 and 1.</param>
    /// <remarks>
    /// The number of observations below the true quantile is binomial. The ends are the closest order statistics of which each
    /// is missed with at most half of what the confidence leaves (David and Nagaraja, Order Statistics, 7.1).
    /// </remarks>
    internal static Quantile Of(IReadOnlyList<double> sorted, double share, double confidence = 0.95)
    {
        int count = sorted.Count;
        ArgumentOutOfRangeException.ThrowIfZero(count);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);
        double tail = (1 - confidence) / 2;

        // Observation r (from 1) is above the quantile when fewer than r lie below it: at most r - 1.
        int low = CountUpTo(count, share, tail);
        int high = count - CountUpTo(count, 1 - share, tail) + 1;
        int rank = Math.Clamp((int)Math.Ceiling(share * count), 1, count);
        return new Quantile(
            sorted[rank - 1],
            new Interval(
                low < 1 ? double.NegativeInfinity : sorted[low - 1], high > count ? double.PositiveInfinity : sorted[high - 1]));
    }

    /// <summary>The largest r for which fewer than r successes have at most the probability of the tail; 0 when there is none.</summary>
    private static int CountUpTo(int count, double share, double tail)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Binomial.CDF(share, count, middle - 1) <= tail)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
