using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Simulation;

/// <summary>
/// The simulation of one trial: each choice is a function of seed, trial, what is chosen, and how often that has been chosen before.
/// </summary>
internal sealed class TrialSimulation : Kernel.Executors.Simulation
{
    private readonly TrialRandom[] streams;

    /// <param name="seed">Of the campaign.</param>
    /// <param name="trial">Of the trial.</param>
    /// <param name="trace">What happened.</param>
    internal TrialSimulation(ulong seed, ulong trial, Trace trace)
    {
        Trace = trace;
        streams = [.. Enum.GetValues<Choice>().Select(choice => new TrialRandom(seed, trial, (ulong)choice))];
    }

    internal Trace Trace { get; }

    /// <summary>What is to be different in each run, to see that it is found; null for nothing. For tests.</summary>
    internal Func<Choice, int, int>? Disturbance { get; init; }

    internal override int Choose(Choice choice, int count)
    {
        int chosen = (int)streams[(int)choice].NextBelow((ulong)count);
        chosen = Disturbance?.Invoke(choice, chosen) % count ?? chosen;
        Note(TraceEvent.Chosen, (ulong)choice, (ulong)chosen);
        return chosen;
    }

    internal override void Note(TraceEvent what, ulong first, ulong second) =>
        Trace.Add(new TraceRecord(NowMicros, what, first, second));
}
