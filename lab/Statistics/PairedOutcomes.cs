using MathNet.Numerics.Distributions;

namespace RedLeafSharp.Lab.Statistics;

/// <summary>
/// The pairs of an experiment in which the two sides differ: the same trial, once with recovery and once without. Pairs in which
/// both pass or both fail say nothing about the difference.
/// </summary>
/// <param name="OnlyFirst">Pairs in which only the first side passed.</param>
/// <param name="OnlySecond">Pairs in which only the second side passed.</param>
internal readonly record struct PairedOutcomes(long OnlyFirst, long OnlySecond)
{
    /// <summary>
    /// McNemar's test in its exact form: how probable a split at least this uneven is if both sides pass equally often.
    /// </summary>
    /// <returns>The two-sided p-value, 1 when no pair differs.</returns>
    internal double ExactPValue()
    {
        long pairs = OnlyFirst + OnlySecond;
        long smaller = Math.Min(OnlyFirst, OnlySecond);
        return pairs == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, checked((int)pairs), smaller));
    }
}
