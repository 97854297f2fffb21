namespace RedLeafSharp.Lab.Campaigns;

/// <summary>What is known of a campaign while it runs: little enough that a million trials fit.</summary>
internal sealed class CampaignTally
{
    /// <summary>Trials that are told in full at the end.</summary>
    internal const int FailuresKept = 20;

    private readonly List<JudgedTrial> failures = [];

    internal OutcomeCounts Counts { get; } = new();

    /// <summary>The first trials that the workload noticed.</summary>
    internal IReadOnlyList<JudgedTrial> Failures => failures;

    /// <summary>How many such trials there are.</summary>
    internal long FailureCount { get; private set; }

    /// <summary>The first trial with the worst outcome so far, if any was noticed.</summary>
    internal JudgedTrial? Worst { get; private set; }

    internal void Add(JudgedTrial record)
    {
        Counts.Add(record.Outcome);
        if (record.Outcome.IsUnnoticed())
        {
            return;
        }

        FailureCount++;
        Worst = Worst is null || record.Outcome > Worst.Outcome ? record : Worst;
        if (failures.Count < FailuresKept)
        {
            // What is kept does not need what the trial showed, and a result takes kilobytes.
            failures.Add(record with { Result = null, Plan = null });
        }
    }
}
