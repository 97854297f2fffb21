using System.Diagnostics;

namespace RedLeafSharp.Bench.Harness;

/// <summary>What reading the clock costs, to be taken off short times.</summary>
internal static class ClockCost
{
    /// <summary>Ticks a read; the least of many, for an interruption must not count.</summary>
    internal static long MeasureTicks()
    {
        long least = long.MaxValue;
        for (int i = 0; i < 1000; i++)
        {
            long before = Stopwatch.GetTimestamp();
            least = Math.Min(least, Stopwatch.GetTimestamp() - before);
        }

        return least;
    }
}
