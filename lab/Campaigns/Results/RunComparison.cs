using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Two runs, class by class; where they have the same trials, pair by pair.</summary>
internal sealed class RunComparison
{
    private const double Level = 0.05;

    private readonly SortedDictionary<string, ComparedClass> classes = new(StringComparer.Ordinal);
    private readonly List<(JudgedTrial First, JudgedTrial Second)> changed = [];

    private RunComparison(bool isPaired) => IsPaired = isPaired;

    /// <summary>Whether both ran the same trials: the same experiment with the same seed.</summary>
    internal bool IsPaired { get; }

    internal IReadOnlyCollection<ComparedClass> Classes => classes.Values;

    /// <summary>The first trials that ended in other ways.</summary>
    internal IReadOnlyList<(JudgedTrial First, JudgedTrial Second)> Changed => changed;

    internal static RunComparison Of(RunFolder first, RunFolder second)
    {
        bool isPaired = first.Manifest.Identity.Experiment == second.Manifest.Identity.Experiment
            && first.Manifest.Identity.Seed == second.Manifest.Identity.Seed && first.Manifest.Shard == second.Manifest.Shard;
        var comparison = new RunComparison(isPaired);
        foreach ((JudgedTrial? one, JudgedTrial? other) in Zip(first.ReadTrials(), second.ReadTrials()))
        {
            comparison.Add(one, other);
        }

        return comparison;
    }

    /// <summary>The classes in which the second run is worse, by McNemar's test with Holm's correction; none if they are not paired.</summary>
    internal IReadOnlyList<string> Worse()
    {
        double[] adjusted = HolmCorrection.Adjust([.. Classes.Select(one => one.Pairs.ExactPValue())]);
        return [.. Classes.Zip(adjusted).Where(pair => pair.Second < Level && pair.First.Pairs.OnlyFirst > pair.First.Pairs.OnlySecond)
            .Select(pair => pair.First.Name)];
    }

    private static IEnumerable<(JudgedTrial? First, JudgedTrial? Second)> Zip(IEnumerable<JudgedTrial> first, IEnumerable<JudgedTrial> second)
    {
        using IEnumerator<JudgedTrial> one = first.GetEnumerator();
        using IEnumerator<JudgedTrial> other = second.GetEnumerator();
        bool hasOne = one.MoveNext();
        bool hasOther = other.MoveNext();
        while (hasOne || hasOther)
        {
            yield return (hasOne ? one.Current : null, hasOther ? other.Current : null);
            hasOne = hasOne && one.MoveNext();
            hasOther = hasOther && other.MoveNext();
        }
    }

    private void Add(JudgedTrial? one, JudgedTrial? other)
    {
        if (one is not null)
        {
            Class(one.Class).First.Add(one.Outcome);
        }

        if (other is not null)
        {
            Class(other.Class).Second.Add(other.Outcome);
        }

        if (IsPaired && one is not null && other is not null)
        {
            Class(one.Class).AddPair(one.Outcome, other.Outcome);
            if (one.Outcome != other.Outcome && changed.Count < CampaignSummary.FailuresListed)
            {
                changed.Add((one with { Result = null }, other with { Result = null }));
            }
        }
    }

    private ComparedClass Class(string name)
    {
        if (!classes.TryGetValue(name, out ComparedClass? compared))
        {
            classes.Add(name, compared = new ComparedClass(name));
        }

        return compared;
    }
}

/// <summary>One kind of fault in two runs.</summary>
internal sealed class ComparedClass(string name)
{
    private long onlyFirst;
    private long onlySecond;

    internal string Name => name;

    internal OutcomeCounts First { get; } = new();

    internal OutcomeCounts Second { get; } = new();

    /// <summary>Trials that the workload got through unnoticed in only one of them.</summary>
    internal PairedOutcomes Pairs => new(onlyFirst, onlySecond);

    internal void AddPair(Outcome first, Outcome second)
    {
        onlyFirst += first.IsUnnoticed() && !second.IsUnnoticed() ? 1 : 0;
        onlySecond += !first.IsUnnoticed() && second.IsUnnoticed() ? 1 : 0;
    }
}
