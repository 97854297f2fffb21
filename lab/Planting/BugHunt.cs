using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Lab.Planting;

/// <summary>What a campaign said of a bug.</summary>
/// <param name="Bug">The bug.</param>
/// <param name="Found">The trial that misses a goal of the experiment; null if none did by itself.</param>
/// <param name="Missed">The goal that all of them together miss; empty if there is none, or not all were run.</param>
/// <param name="Trials">How many were run, that one included.</param>
internal sealed record HuntResult(PlantedBug Bug, JudgedTrial? Found, string Missed, long Trials)
{
    internal bool IsFound => Found is not null || Missed.Length > 0;

    /// <summary>
    /// Who said so: the oracle, or what the trial's outcome was judged by. <see cref="JudgedTrial.Detector"/> says who noticed the fault.
    /// </summary>
    internal string FoundBy => Found is null ? Missed
        : Found.Outcome switch
        {
            Outcome.KernelCrash => "death of the process",
            Outcome.Hang => "deadline",
            Outcome.Degraded => "error where none is allowed",
            _ when Found.Detail.StartsWith("the clients saw", StringComparison.Ordinal) => "comparison with the trial without faults",
            _ => OracleOf(Found.Detail),
        };

    private static string OracleOf(string detail)
    {
        string rest = detail.StartsWith("without faults: ", StringComparison.Ordinal) ? detail["without faults: ".Length..] : detail;
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && !rest[..colon].Contains(' ', StringComparison.Ordinal) ? rest[..colon] : rest;
    }
}

/// <summary>
/// Looks for planted bugs with an experiment that a build without them passes: a bug is found by the first trial that counts against a goal,
/// or that goes wrong without a fault, or else by what all trials together show, such as a recovery that takes longer.
/// </summary>
internal static class BugHunt
{
    /// <summary>Whether a trial alone makes its campaign miss a goal, or end as one whose harness failed.</summary>
    internal static bool IsFinding(CampaignSpec spec, JudgedTrial trial) => trial.Outcome == Outcome.HarnessError
        || spec.Goals.Any(goal => goal is { Kind: GoalKind.Count, AtMost: 0 } && goal.Outcomes.Contains(trial.Outcome) && goal.IsAbout(trial.Class));

    /// <summary>The first goal that trials miss together; empty if they miss none.</summary>
    internal static string MissedBy(CampaignSpec spec, IEnumerable<JudgedTrial> trials)
    {
        var identity = new RunIdentity(spec.Name, string.Empty, spec.Seed, string.Empty, spec.Trials);
        GoalVerdict? missed = GoalVerdict.Judge(CampaignSummary.Of(spec, identity, trials)).FirstOrDefault(one => !one.IsMet);
        return missed is null ? string.Empty : $"{missed.Name}: {missed.Measured}, {missed.Required}";
    }

    /// <summary>Runs trials of an experiment on a build with a bug, one after the other, until one is a finding.</summary>
    /// <param name="bug">What is planted there.</param>
    /// <param name="spec">The experiment.</param>
    /// <param name="run">Runs a trial there.</param>
    /// <exception cref="HarnessException">The build does not boot: there is no bug of the recovery in it, but a broken planting.</exception>
    internal static HuntResult Run(PlantedBug bug, CampaignSpec spec, Func<long, JudgedTrial> run)
    {
        var trials = new List<JudgedTrial>();
        while (trials.Count < spec.Trials)
        {
            JudgedTrial judged = run(trials.Count);
            trials.Add(judged);
            if (judged is { Outcome: Outcome.HarnessError, Golden: null })
            {
                throw new HarnessException($"{bug.Name}: a build with it does not boot");
            }

            if (IsFinding(spec, judged))
            {
                return new HuntResult(bug, judged, string.Empty, trials.Count);
            }
        }

        return new HuntResult(bug, null, MissedBy(spec, trials), trials.Count);
    }
}
