namespace RedLeafSharp.Lab.Statistics;

/// <summary>
/// Holm's step-down correction (Holm 1979): with it, the probability that any of several true hypotheses is rejected stays
/// below the level, however they depend on each other.
/// </summary>
internal static class HolmCorrection
{
    /// <param name="pValues">The p-value of each test.</param>
    /// <returns>The adjusted p-values, in the same order: a test below the level is significant.</returns>
    internal static double[] Adjust(IReadOnlyList<double> pValues)
    {
        int[] order = [.. Enumerable.Range(0, pValues.Count).OrderBy(index => pValues[index])];
        double[] adjusted = new double[pValues.Count];
        double largest = 0;
        for (int rank = 0; rank < order.Length; rank++)
        {
            largest = Math.Max(largest, Math.Min(1, pValues[order[rank]] * (order.Length - rank)));
            adjusted[order[rank]] = largest;
        }

        return adjusted;
    }
}
