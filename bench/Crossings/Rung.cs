using System.Diagnostics;

namespace RedLeafSharp.Bench.Crossings;

/// <summary>One way to call, and what it took.</summary>
/// <param name="name">The line in the table.</param>
/// <param name="targetCycles">What a call should cost at most; null for the lines to compare with.</param>
/// <param name="loop">The loop in the caller's domain; it returns the number of calls that were answered.</param>
internal sealed class Rung(string name, int? targetCycles, Rung.Loop loop)
{
    private const int CallsPerTry = 20_000;

    private readonly List<double> roundNanos = [];

    internal delegate long Loop(CallContext context, int calls);

    internal string Name => name;

    internal int? TargetCycles => targetCycles;

    internal double BestNanos => roundNanos.Min();

    internal double MedianNanos => roundNanos.Order().ElementAt(roundNanos.Count / 2);

    internal double AllocatedBytesPerCall { get; private set; }

    /// <summary>Measures one round: the best of a few tries, since a try that was interrupted says nothing.</summary>
    internal void MeasureRound(ThreadContext thread, int tries)
    {
        double best = double.MaxValue;
        for (int attempt = 0; attempt < tries; attempt++)
        {
            long start = Stopwatch.GetTimestamp();
            Call(thread, CallsPerTry);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / CallsPerTry);
        }

        roundNanos.Add(best);
    }

    internal void MeasureAllocations(ThreadContext thread)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Call(thread, CallsPerTry);
        AllocatedBytesPerCall = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)CallsPerTry;
    }

    internal void Call(ThreadContext thread, int calls)
    {
        if (loop(new CallContext(thread), calls) != calls)
        {
            throw new InvalidOperationException($"{name}: not every call was answered");
        }
    }
}
