using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// Makes the choices that an experiment leaves open, for each trial by itself: what trial 1,000 does is the same whether the
/// 999 before it have been run or not.
/// </summary>
internal sealed class TrialPlanner
{
    // The streams of random numbers for these choices; the engine's own are small numbers.
    private const ulong WorkloadStream = ulong.MaxValue;
    private const ulong FaultStream = ulong.MaxValue - 1;

    /// <summary>The crash that comes before a fault during recovery.</summary>
    private const string CrashKind = "behaviour.throw";

    /// <summary>
    /// A recovery has some ten occasions for most kinds, and a trial without faults shows none; the first ones are had by each.
    /// </summary>
    private const ulong RecoveryOccasions = 6;

    private readonly CampaignSpec spec;
    private readonly FaultInfo? crash;
    private readonly IReadOnlyList<IReadOnlyList<FaultInfo>> kinds;

    /// <exception cref="SpecException">The experiment names what the engine does not have.</exception>
    internal TrialPlanner(CampaignSpec spec, ITrialEngine engine)
    {
        this.spec = spec;
        foreach (WorkloadChoice choice in spec.Workloads)
        {
            CheckWorkload(choice, engine.Workloads);
        }

        crash = engine.Faults.FirstOrDefault(info => info.Kind == CrashKind);
        if (crash is null && spec.Faults.FirstOrDefault(choice => choice.IsDuringRecovery) is { } unmet)
        {
            throw Error(unmet.Source.Fields["during"], $"there are no faults '{CrashKind}', so nothing is recovered");
        }

        kinds = [.. spec.Faults.Select(choice => FindKinds(choice, engine.Faults))];
        FaultKinds = [.. kinds.SelectMany(some => some).Select(info => info.Kind).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The names of all kinds of faults that trials may have.</summary>
    internal IReadOnlyList<string> FaultKinds { get; }

    /// <summary>How many places those have; a kind without sites counts as one.</summary>
    internal long SiteCount => kinds.SelectMany(some => some).Sum(info => Math.Max(1, info.Sites.Count));

    /// <summary>A trial without its faults.</summary>
    internal TrialPlan PlanGolden(long trial)
    {
        var random = new TrialRandom(spec.Seed, (ulong)trial, WorkloadStream);
        WorkloadChoice workload = spec.Workloads[Draw(ref random, spec.Workloads.Select(choice => choice.Weight))];
        return new TrialPlan
        {
            Seed = spec.Seed,
            Trial = (ulong)trial,
            Workload = workload.Use,
            Options = workload.Options,
            HasSecondRound = spec.HasSecondRound,
            TimelineBucketMicros = spec.TimelineBucketMicros,
        };
    }

    /// <summary>The trial with its faults, whose occurrences are drawn from those that there were without faults.</summary>
    internal TrialPlan PlanFaults(TrialPlan golden, TrialResult shown)
    {
        var random = new TrialRandom(spec.Seed, golden.Trial, FaultStream);
        var faults = new List<FaultPlan>();
        for (int i = 0; i < spec.Trigger.PerTrial && kinds.Count > 0; i++)
        {
            int choice = Draw(ref random, spec.Faults.Select(one => one.Weight));
            FaultInfo info = kinds[choice][(int)random.NextBelow((ulong)kinds[choice].Count)];
            if (spec.Faults[choice].IsDuringRecovery)
            {
                faults.Add(PlanFault(crash!, shown, ref random) with { Mode = FaultMode.Once, EveryMicros = 0, While = FaultState.Serving });
                faults.Add(PlanFault(info, shown, ref random) with
                {
                    While = FaultState.Recovering,
                    Occurrence = 1 + (long)random.NextBelow(RecoveryOccasions),
                });
            }
            else
            {
                faults.Add(PlanFault(info, shown, ref random));
            }
        }

        return golden with { Faults = faults };
    }

    private static int Draw(ref TrialRandom random, IEnumerable<long> weights)
    {
        long[] all = [.. weights];
        long ticket = (long)random.NextBelow((ulong)all.Sum());
        int index = 0;
        for (; ticket >= all[index]; index++)
        {
            ticket -= all[index];
        }

        return index;
    }

    private FaultPlan PlanFault(FaultInfo info, TrialResult shown, ref TrialRandom random)
    {
        // A place that the trial does not pass without faults is hardly passed with them: drawn only if there is no other.
        SiteInfo[] passed = [.. info.Sites.Where(one => shown.Opportunities.ContainsKey(CounterOf(info, one)))];
        IReadOnlyList<SiteInfo> drawn = passed.Length > 0 ? passed : info.Sites;
        SiteInfo? site = drawn.Count == 0 ? null : drawn[(int)random.NextBelow((ulong)drawn.Count)];
        string counter = site is null ? info.Counter : CounterOf(info, site);
        long occasions = shown.Opportunities.GetValueOrDefault(counter);

        // Counted over both rounds, which are alike, and faults strike in the first.
        int rounds = spec.HasSecondRound ? 2 : 1;
        return new FaultPlan
        {
            Kind = info.Kind,
            Target = info.Target,
            Site = site?.Site ?? 0,
            Occurrence = 1 + (long)random.NextBelow((ulong)Math.Max(1, occasions / rounds)),
            Mode = spec.Trigger.Mode,
            EveryMicros = spec.Trigger.EveryMicros,
            Probability = spec.Trigger.Mode == FaultMode.Intermittent ? spec.Trigger.Probability : 1,
            While = spec.Trigger.While,
        };
    }

    private static string CounterOf(FaultInfo info, SiteInfo site) => site.Counter.Length > 0 ? site.Counter : info.Counter;

    private void CheckWorkload(WorkloadChoice choice, IReadOnlyList<WorkloadInfo> known)
    {
        WorkloadInfo info = known.FirstOrDefault(one => one.Name == choice.Use) ?? throw Error(
            choice.Source.Fields["use"], $"there is no workload '{choice.Use}'; there are {string.Join(", ", known.Select(one => one.Name))}");
        foreach ((string name, long value) in choice.Options)
        {
            SpecNode place = choice.Source.Fields["with"].Fields[name];
            OptionInfo option = info.Options.FirstOrDefault(one => one.Name == name) ?? throw Error(
                place, $"'{choice.Use}' has no option '{name}'; it has {string.Join(", ", info.Options.Select(one => one.Name))}");
            if (value < option.Least || value > option.Most)
            {
                throw Error(place, $"'{name}' must be from {option.Least} to {option.Most}, not {value}");
            }
        }
    }

    private IReadOnlyList<FaultInfo> FindKinds(FaultChoice choice, IReadOnlyList<FaultInfo> known)
    {
        FaultInfo[] ofClass = [.. known.Where(info => info.Kind.StartsWith(choice.Pick + ".", StringComparison.Ordinal))];
        if (ofClass.Length == 0)
        {
            IEnumerable<string> classes = known.Select(info => info.Kind.Split('.')[0]).Distinct();
            throw Error(choice.Source.Fields["pick"], $"there are no faults '{choice.Pick}'; there are {string.Join(", ", classes)}");
        }

        FaultInfo[] ofTarget = [.. ofClass.Where(info => choice.Target is null || info.Target == choice.Target)];
        if (ofTarget.Length == 0)
        {
            string targets = string.Join(", ", ofClass.Select(info => info.Target).Distinct());
            throw Error(choice.Source.Fields["target"], $"'{choice.Pick}' faults have no target '{choice.Target}'; they have {targets}");
        }

        string[] types = [.. ofTarget.Select(info => info.Kind[(choice.Pick.Length + 1)..])];
        for (int index = 0; index < choice.Types.Count; index++)
        {
            if (!types.Contains(choice.Types[index]))
            {
                throw Error(
                    choice.Source.Fields["types"].Items[index],
                    $"there is no '{choice.Types[index]}' among '{choice.Pick}' faults; there are {string.Join(", ", types.Distinct())}");
            }
        }

        return [.. ofTarget.Where((_, index) => choice.Types.Count == 0 || choice.Types.Contains(types[index]))];
    }

    private SpecException Error(SpecNode place, string message) => SpecException.At(spec.File, place.Line, place.Column, message);
}
