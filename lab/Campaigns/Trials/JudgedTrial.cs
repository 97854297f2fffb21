using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// A trial in the log of its campaign: what was done, what came of it, and all that is needed to do it again. Public members are
/// the fields of the line. Nothing in it depends on the machine, on time or on the other trials.
/// </summary>
internal sealed record JudgedTrial
{
    public required long Trial { get; init; }

    /// <summary>The kinds of the faults, joined by '+'; empty without faults.</summary>
    public required string Class { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>Who noticed first; empty when nobody did.</summary>
    public required string Detector { get; init; }

    /// <summary>What decided the outcome.</summary>
    public required string Detail { get; init; }

    /// <summary>How the same trial ended when nothing was restarted; null when it was not run.</summary>
    public Outcome? WithoutRecovery { get; init; }

    /// <summary>The plan with every choice made; null if the worker ended before it had made them.</summary>
    public TrialPlan? Plan { get; init; }

    /// <summary>What the trial showed; null if the worker did not live to say.</summary>
    public TrialResult? Result { get; init; }

    /// <summary>The same trial without faults; null if its system did not boot.</summary>
    public RunBrief? Golden { get; init; }

    /// <summary>The same trial without recovery.</summary>
    public RunBrief? Unrecovered { get; init; }

    /// <summary>Which build it was, of <see cref="BuildIdentity"/>.</summary>
    public string Build { get; init; } = string.Empty;

    /// <summary>A hash of the experiment's text.</summary>
    public string Experiment { get; init; } = string.Empty;

    /// <summary>The class of the faults of a plan.</summary>
    internal static string ClassOf(TrialPlan plan) => string.Join('+', plan.Faults.Select(fault => fault.Kind).Distinct().Order(StringComparer.Ordinal));

    /// <summary>The place of the first fault: trials that share it are not independent.</summary>
    internal string Site => Plan is { Faults: [var fault, ..] } ? $"{fault.Kind}/{fault.Target}/{fault.Site}" : string.Empty;
}

/// <summary>What is kept of a run that a trial is compared with.</summary>
internal sealed record RunBrief(ulong TraceHash, ulong Digest, long Done, long VirtualMicros)
{
    internal static RunBrief Of(TrialResult result) => new(result.TraceHash, result.Round.Digest, result.Round.Done, result.VirtualMicros);
}
