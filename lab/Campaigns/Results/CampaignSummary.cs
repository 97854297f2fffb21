using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>What a campaign showed, ready to be told: computed from its log and nothing else.</summary>
internal sealed class CampaignSummary
{
    /// <summary>Trials that a report lists; the log has all.</summary>
    internal const int FailuresListed = 200;

    internal const string Nobody = "(nobody)";

    private readonly SortedDictionary<string, ClassSummary> classes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Detector, string Class), long> detections = [];
    private readonly Dictionary<(string From, string To), long> propagation = [];
    private readonly Dictionary<string, List<double>> latencies = Latencies.Names.ToDictionary(name => name, _ => new List<double>());
    private readonly List<JudgedTrial> failures = [];

    private CampaignSummary(CampaignSpec spec, RunIdentity identity)
    {
        Spec = spec;
        Identity = identity;
    }

    internal CampaignSpec Spec { get; }

    internal RunIdentity Identity { get; }

    internal ClassSummary All { get; } = new("all");

    internal IReadOnlyCollection<ClassSummary> Classes => classes.Values;

    /// <summary>How many manifested trials of a class who noticed first.</summary>
    internal IReadOnlyDictionary<(string Detector, string Class), long> Detections => detections;

    /// <summary>Which domain died after a fault in which domain or device, in how many trials.</summary>
    internal IReadOnlyDictionary<(string From, string To), long> Propagation => propagation;

    /// <summary>The first trials that the workload noticed, and those of no use.</summary>
    internal IReadOnlyList<JudgedTrial> Failures => failures;


    /// <summary>The trial with a timeline whose system recovered most often, if there is one.</summary>
    internal JudgedTrial? Timeline { get; private set; }

    internal static CampaignSummary Of(RunFolder folder) => Of(folder.Experiment.Parse(), folder.Manifest.Identity, folder.ReadTrials());

    internal static CampaignSummary Of(CampaignSpec spec, RunIdentity identity, IEnumerable<JudgedTrial> trials)
    {
        var summary = new CampaignSummary(spec, identity);
        foreach (JudgedTrial trial in trials)
        {
            summary.Add(trial);
        }

        return summary;
    }

    /// <summary>A latency's values in ascending order.</summary>
    internal IReadOnlyList<double> Sorted(string latency) => [.. latencies[latency].Order()];

    /// <summary>P-values of "recovery makes no difference", one for each class, corrected for there being several.</summary>
    internal IReadOnlyDictionary<string, double> RecoveryPValues()
    {
        ClassSummary[] compared = [.. Classes.Where(one => one.WithoutRecovery.Trials > 0)];
        double[] adjusted = HolmCorrection.Adjust([.. compared.Select(one => one.Pairs.ExactPValue())]);
        return compared.Zip(adjusted).ToDictionary(pair => pair.First.Name, pair => pair.Second);
    }

    private static void Count<TKey>(Dictionary<TKey, long> counts, TKey key)
        where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;

    private void Add(JudgedTrial trial)
    {
        All.Add(trial);
        string name = trial.Class.Length > 0 ? trial.Class : "(no fault)";
        if (!classes.TryGetValue(name, out ClassSummary? summary))
        {
            classes.Add(name, summary = new ClassSummary(name));
        }

        summary.Add(trial);
        if (trial.Outcome.IsManifested())
        {
            Count(detections, (trial.Detector.Length > 0 ? trial.Detector : Nobody, name));
        }

        if (!trial.Outcome.IsUnnoticed() && failures.Count < FailuresListed)
        {
            failures.Add(trial with { Result = null });
        }

        if (trial.Result is { } result)
        {
            AddResult(trial, result);
        }
    }

    private void AddResult(JudgedTrial trial, Trials.TrialResult result)
    {
        foreach (string name in Latencies.Names)
        {
            if (Latencies.Of(name, result.Times) is { } micros)
            {
                latencies[name].Add(micros);
            }
        }

        if (result.Timeline is { } timeline && timeline.Recoveries.Count > (Timeline?.Result?.Timeline?.Recoveries.Count ?? -1))
        {
            Timeline = trial;
        }

        string[] targets = [.. (trial.Plan?.Faults ?? []).Where((_, index) => result.Faults.ElementAtOrDefault(index)?.Activated > 0)
            .Select(fault => fault.Target).Distinct()];
        foreach (string target in targets)
        {
            string[] dead = [.. result.Deaths.Select(death => death.Domain).Distinct()];
            foreach (string domain in dead.Length > 0 ? dead : [Nobody])
            {
                Count(propagation, (target, domain));
            }
        }
    }
}
