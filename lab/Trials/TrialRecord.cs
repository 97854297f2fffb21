using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Linearizability;
using RedLeafSharp.Lab.Simulation;

namespace RedLeafSharp.Lab.Trials;

/// <summary>A trial with what it did on the way.</summary>
/// <param name="Result">What it showed.</param>
/// <param name="Trace">Its events, if they were kept.</param>
/// <param name="Log">The first lines of the system's log.</param>
/// <param name="History">What clients of a store saw; null with another workload.</param>
internal sealed record TrialRecord(TrialResult Result, Trace Trace, IReadOnlyList<string> Log, History? History);

/// <summary>How a trial is carried out, beside its plan: nothing here may change its result.</summary>
internal sealed record TrialOptions
{
    internal static TrialOptions Default { get; } = new();

    /// <summary>Whether the events are kept, and not only their hash.</summary>
    internal bool KeepsTrace { get; init; }

    /// <summary>For tests of the instrument: makes choices differ from run to run.</summary>
    internal Func<Choice, int, int>? Disturbance { get; init; }
}
