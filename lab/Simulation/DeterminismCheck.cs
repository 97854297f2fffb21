using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Simulation;

/// <summary>Where the same trials are carried out once more.</summary>
internal interface IOtherRun
{
    /// <summary>What to call it in a message.</summary>
    string Name { get; }

    /// <summary>The trace hashes of some trials, in their order.</summary>
    IReadOnlyList<ulong> Hashes(IReadOnlyList<TrialPlan> plans);

    /// <summary>The events of one trial, carried out again.</summary>
    IReadOnlyList<TraceRecord> Events(TrialPlan plan);
}

/// <summary>A trial that was not the same in two runs.</summary>
/// <param name="Plan">The trial.</param>
/// <param name="Where">In which other run.</param>
/// <param name="Event">The first event that differs.</param>
internal sealed record Divergence(TrialPlan Plan, string Where, string Event);

/// <summary>
/// Carries trials out several times, here and elsewhere, and names the first event that is not the same.
/// </summary>
internal sealed class DeterminismCheck(TrialEngine engine)
{
    /// <summary>A difference that is not there in the next run is looked for so often.</summary>
    private const int TriesMax = 8;

    /// <summary>How the trials are carried out here; a test of the instrument disturbs them.</summary>
    internal TrialOptions Options { get; init; } = new() { KeepsTrace = true };

    /// <returns>Null when all runs were the same.</returns>
    internal Divergence? Run(IReadOnlyList<TrialPlan> plans, int times, IReadOnlyList<IOtherRun> others)
    {
        var hashes = new List<ulong>(plans.Count);
        foreach (TrialPlan plan in plans)
        {
            TrialRecord first = engine.Run(plan, Options);
            hashes.Add(first.Result.TraceHash);
            for (int time = 1; time < times; time++)
            {
                TrialRecord again = engine.Run(plan, Options);
                if (again.Result.TraceHash != first.Result.TraceHash)
                {
                    string difference = TraceFile.Difference(first.Trace.Records, again.Trace.Records) ?? "beyond the events that are kept";
                    return new Divergence(plan, "the same process", difference);
                }
            }
        }

        return others.Select(other => Compare(plans, hashes, other)).FirstOrDefault(difference => difference is not null);
    }

    private Divergence? Compare(IReadOnlyList<TrialPlan> plans, List<ulong> hashes, IOtherRun other)
    {
        IReadOnlyList<ulong> found = other.Hashes(plans);
        for (int index = 0; index < plans.Count; index++)
        {
            if (index >= found.Count || found[index] != hashes[index])
            {
                return new Divergence(plans[index], other.Name, FindEvent(plans[index], other));
            }
        }

        return null;
    }

    private string FindEvent(TrialPlan plan, IOtherRun other)
    {
        for (int tries = 0; tries < TriesMax; tries++)
        {
            IReadOnlyList<TraceRecord> here = engine.Run(plan, Options).Trace.Records;
            if (TraceFile.Difference(here, other.Events(plan)) is { } difference)
            {
                return difference;
            }
        }

        return $"no event: the next {TriesMax} runs were the same";
    }
}
