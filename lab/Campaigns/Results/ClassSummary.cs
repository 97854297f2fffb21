using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>What the trials with one kind of fault showed.</summary>
/// <param name="name">The kind, or what stands for all.</param>
internal sealed class ClassSummary(string name)
{
    /// <summary>Of the bootstrap's draws: any number, the same in every report.</summary>
    private const ulong BootstrapSeed = 1;

    /// <summary>With fewer, what is drawn is nearly always the same, and the interval would look narrow.</summary>
    private const int SitesMin = 8;

    private readonly Dictionary<string, OutcomeCounts> sites = [];
    private long onlyWith;
    private long onlyWithout;

    internal string Name => name;

    internal OutcomeCounts Counts { get; } = new();

    /// <summary>How the same trials ended without recovery.</summary>
    internal OutcomeCounts WithoutRecovery { get; } = new();

    internal int SiteCount => sites.Count;

    /// <summary>Trials that only one side got through unnoticed.</summary>
    internal PairedOutcomes Pairs => new(onlyWith, onlyWithout);

    /// <summary>The worst outcome of any trial that counts.</summary>
    internal Outcome Worst => Outcomes.All.LastOrDefault(outcome => outcome.IsInjected() && Counts[outcome] > 0);

    internal void Add(JudgedTrial trial)
    {
        Counts.Add(trial.Outcome);
        if (!sites.TryGetValue(trial.Site, out OutcomeCounts? site))
        {
            sites.Add(trial.Site, site = new OutcomeCounts());
        }

        site.Add(trial.Outcome);
        if (trial.WithoutRecovery is { } other && trial.Outcome.IsActivated())
        {
            WithoutRecovery.Add(other);
            onlyWith += trial.Outcome.IsUnnoticed() && !other.IsUnnoticed() ? 1 : 0;
            onlyWithout += !trial.Outcome.IsUnnoticed() && other.IsUnnoticed() ? 1 : 0;
        }
    }

    /// <summary>An interval of an outcome's share over sites, whose trials are alike; null if there are too few sites.</summary>
    internal Interval? BySite(Outcome outcome, Denominator of)
    {
        Proportion[] clusters =
        [
            .. sites.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.Share(outcome, of))
                .Where(share => share.Trials > 0),
        ];
        return clusters.Length < SitesMin ? null : ClusterBootstrap.RateInterval(clusters, BootstrapSeed, draws: 2_000);
    }
}

/// <summary>The times between the stations of a recovery, in virtual microseconds.</summary>
internal static class Latencies
{
    /// <summary>As goals name them.</summary>
    internal static IReadOnlyList<string> Names { get; } = ["detect", "standby", "firstReply"];

    /// <summary>One of them in a trial; null if one of its ends did not happen.</summary>
    internal static double? Of(string name, RecoveryTimes times)
    {
        (long from, long to) = name switch
        {
            "detect" => (times.ActivatedMicros, times.DetectedMicros),
            "standby" => (times.DetectedMicros, times.TakenOverMicros),
            _ => (times.ActivatedMicros, times.FirstReplyMicros),
        };
        return from >= 0 && to >= from ? to - from : null;
    }
}
