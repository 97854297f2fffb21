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

    /// <summary>
    /// A recovery has some ten occasions for most kinds, and a trial without faults shows none; the first ones are had by each.
    /// </summary>
    private const ulong RecoveryOccasions = 6;

    private readonly CampaignSpec spec;
    private readonly FaultMenu menu;

    /// <exception cref="SpecException">The experiment names what the engine does not have.</exception>
    internal TrialPlanner(CampaignSpec spec, ITrialEngine engine)
    {
        this.spec = spec;
        foreach (WorkloadChoice choice in spec.Workloads)
        {
            CheckWorkload(choice, engine.Workloads);
        }

        menu = new FaultMenu(spec, engine);
        FaultKinds = [.. menu.All.Select(info => info.Kind).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The names of all kinds of faults that trials may have.</summary>
    internal IReadOnlyList<string> FaultKinds { get; }

    /// <summary>How many places those have; a kind without sites counts as one.</summary>
    internal long SiteCount => menu.All.Sum(info => Math.Max(1, info.Sites.Count));

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
        IReadOnlyList<IReadOnlyList<FaultInfo>> kinds = menu.Of(golden.Workload);
        for (int i = 0; i < spec.Trigger.PerTrial && kinds.Count > 0; i++)
        {
            // A choice of faults that this system does not have is never drawn.
            int choice = Draw(ref random, spec.Faults.Select((one, index) => kinds[index].Count > 0 ? one.Weight : 0));
            FaultInfo info = kinds[choice][(int)random.NextBelow((ulong)kinds[choice].Count)];
            if (spec.Faults[choice].IsDuringRecovery)
            {
                faults.Add(PlanFault(menu.CrashBefore(info), shown, ref random) with { Mode = FaultMode.Once, EveryMicros = 0, While = FaultState.Serving });
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

    private SpecException Error(SpecNode place, string message) => SpecException.At(spec.File, place.Line, place.Column, message);
}
