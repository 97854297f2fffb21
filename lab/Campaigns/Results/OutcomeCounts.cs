using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>How many trials ended in which outcome.</summary>
internal sealed class OutcomeCounts
{
    private readonly long[] counts = new long[Outcomes.All.Count];

    internal long this[Outcome outcome] => counts[(int)outcome];

    /// <summary>All trials, those of no use included.</summary>
    internal long Trials => counts.Sum();

    internal long Injected => Sum(Outcomes.IsInjected);

    internal long Activated => Sum(Outcomes.IsActivated);

    internal long Manifested => Sum(Outcomes.IsManifested);

    internal void Add(Outcome outcome, long trials = 1) => counts[(int)outcome] += trials;

    internal void Add(OutcomeCounts others)
    {
        foreach (Outcome outcome in Outcomes.All)
        {
            Add(outcome, others[outcome]);
        }
    }

    internal long Sum(Func<Outcome, bool> belongs) => Outcomes.All.Where(belongs).Sum(outcome => counts[(int)outcome]);

    /// <summary>The trials with some outcomes among those of a denominator.</summary>
    internal Proportion Share(Func<Outcome, bool> belongs, Denominator of)
    {
        Func<Outcome, bool> counted = of switch
        {
            Denominator.Injected => Outcomes.IsInjected,
            Denominator.Activated => Outcomes.IsActivated,
            _ => Outcomes.IsManifested,
        };
        return new Proportion(Sum(outcome => counted(outcome) && belongs(outcome)), Sum(counted));
    }

    internal Proportion Share(Outcome outcome, Denominator of) => Share(one => one == outcome, of);
}
