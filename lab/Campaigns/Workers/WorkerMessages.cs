using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>What a worker is asked: one of its members. A line of JSON on the worker's standard input.</summary>
internal sealed record WorkerRequest
{
    /// <summary>The first request: the experiment whose trials follow.</summary>
    public ExperimentText? Open { get; init; }

    /// <summary>Run this trial of it.</summary>
    public long? Trial { get; init; }

    /// <summary>Run this plan, whatever the experiment says.</summary>
    public TrialPlan? Plan { get; init; }

    /// <summary>With <see cref="Plan"/>: whether it is also run without recovery.</summary>
    public bool ComparesRecoveryOff { get; init; }
}

/// <summary>An experiment as its file has it.</summary>
/// <param name="File">What messages name.</param>
/// <param name="Text">What is in it.</param>
/// <param name="Seed">In place of the file's; null to take that.</param>
internal sealed record ExperimentText(string File, string Text, ulong? Seed)
{
    /// <exception cref="SpecException">It is no experiment.</exception>
    internal CampaignSpec Parse()
    {
        CampaignSpec spec = CampaignSpec.Parse(File, Text);
        return Seed is { } seed ? spec with { Seed = seed } : spec;
    }
}

/// <summary>What a worker says: one of its members. A line of JSON on its standard output.</summary>
internal sealed record WorkerReply
{
    /// <summary>The answer to <see cref="WorkerRequest.Open"/>.</summary>
    public CampaignPlan? Opened { get; init; }

    /// <summary>The answer to a request that cannot be carried out, with why.</summary>
    public string? Refused { get; init; }

    /// <summary>Said before a trial is run, and again when its faults are known: there may be no later.</summary>
    public TrialPlan? Planned { get; init; }

    /// <summary>The answer to a trial or plan.</summary>
    public JudgedTrial? Done { get; init; }

    /// <summary>Whether nothing more follows for the same request.</summary>
    internal bool IsAnswer => Planned is null;
}

/// <summary>What a campaign will do.</summary>
/// <param name="Name">Of the experiment.</param>
/// <param name="Seed">Of the campaign.</param>
/// <param name="Trials">How many, unless it stops early.</param>
/// <param name="FaultKinds">The kinds of faults that its trials draw from.</param>
/// <param name="SiteCount">At how many places.</param>
/// <param name="Workloads">The workloads that there are, with the bounds of their options.</param>
internal sealed record CampaignPlan(
    string Name, ulong Seed, long Trials, IReadOnlyList<string> FaultKinds, long SiteCount, IReadOnlyList<WorkloadInfo> Workloads);
