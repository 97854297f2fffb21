namespace RedLeafSharp.Cli.Reports;

/// <summary>Percentiles of a set of measurements, by the nearest-rank method: each is a value that was measured.</summary>
internal sealed class Distribution
{
    private readonly double[] sorted;

    internal Distribution(IEnumerable<double> values) => sorted = [.. values.Order()];

    internal int Count => sorted.Length;

    internal IReadOnlyList<double> Sorted => sorted;

    internal double Max => Percentile(100);

    /// <summary>The smallest value that at least <paramref name="percent"/> of all do not exceed; 0 without values.</summary>
    internal double Percentile(double percent)
    {
        int rank = (int)Math.Ceiling(percent / 100 * sorted.Length);
        return sorted.Length == 0 ? 0 : sorted[Math.Clamp(rank, 1, sorted.Length) - 1];
    }
}
