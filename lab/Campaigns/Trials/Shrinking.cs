using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// Makes a plan smaller as long as it ends in the same outcome and is noticed by the same detector: fewer faults by delta debugging
/// (Zeller and Hildebrandt 2002), then smaller options, then plainer faults, until nothing can be taken away.
/// </summary>
internal sealed class Shrinking
{
    private readonly Func<TrialPlan, JudgedTrial> run;
    private readonly Func<bool> hasTime;
    private readonly IReadOnlyList<OptionInfo> options;
    private readonly Outcome outcome;
    private readonly string detector;

    private Shrinking(JudgedTrial trial, IReadOnlyList<OptionInfo> options, Func<TrialPlan, JudgedTrial> run, Func<bool> hasTime)
    {
        this.run = run;
        this.hasTime = hasTime;
        this.options = options;
        outcome = trial.Outcome;
        detector = trial.Detector;
        Smallest = trial;
    }

    private JudgedTrial Smallest { get; set; }

    private TrialPlan Plan => Smallest.Plan!;

    /// <summary>Shrinks a trial.</summary>
    /// <param name="trial">It has a plan.</param>
    /// <param name="options">Of its workload.</param>
    /// <param name="run">Runs and judges a plan.</param>
    /// <param name="hasTime">Whether to go on.</param>
    /// <returns>The smallest trial that was found; the same one if there is none.</returns>
    internal static JudgedTrial Shrink(
        JudgedTrial trial, IReadOnlyList<OptionInfo> options, Func<TrialPlan, JudgedTrial> run, Func<bool> hasTime)
    {
        var shrinking = new Shrinking(trial, options, run, hasTime);
        TrialPlan before;
        do
        {
            before = shrinking.Plan;
            shrinking.DropFaults();
            shrinking.LowerOptions();
            shrinking.SimplifyFaults();
            _ = shrinking.Plan.HasSecondRound && shrinking.Accepts(shrinking.Plan with { HasSecondRound = false });
        }
        while (!ReferenceEquals(before, shrinking.Plan) && hasTime());
        return shrinking.Smallest;
    }

    /// <summary>Delta debugging: takes out ever smaller parts of the list of faults.</summary>
    private void DropFaults()
    {
        for (int part = Plan.Faults.Count / 2; part >= 1; part /= 2)
        {
            for (int start = 0; start < Plan.Faults.Count;)
            {
                FaultPlan[] rest = [.. Plan.Faults.Where((_, index) => index < start || index >= start + part)];
                start += Accepts(Plan with { Faults = rest }) ? 0 : part;
            }
        }
    }

    private void LowerOptions()
    {
        foreach (OptionInfo option in options)
        {
            long value = Plan.Options.GetValueOrDefault(option.Name, option.Default);
            _ = Lower(value, option.Least, smaller => Plan with { Options = With(option.Name, smaller) });
        }
    }

    private void SimplifyFaults()
    {
        for (int index = 0; index < Plan.Faults.Count; index++)
        {
            int place = index;
            FaultPlan fault = Plan.Faults[place];
            _ = fault.Mode != FaultMode.Once && Accepts(WithFault(place, fault with { Mode = FaultMode.Once, Probability = 1 }));
            _ = Plan.Faults[place].While != FaultState.Any && Accepts(WithFault(place, Plan.Faults[place] with { While = FaultState.Any }));
            _ = Lower(fault.Occurrence, 1, smaller => WithFault(place, Plan.Faults[place] with { Occurrence = smaller }));
        }
    }

    /// <summary>The smallest value is tried first; then the search closes in on where the outcome changes.</summary>
    private bool Lower(long value, long least, Func<long, TrialPlan> plan)
    {
        if (value <= least || Accepts(plan(least)))
        {
            return value > least;
        }

        bool isLower = false;
        long refused = least;
        while (value - refused > 1 && hasTime())
        {
            long middle = refused + ((value - refused) / 2);
            if (Accepts(plan(middle)))
            {
                value = middle;
                isLower = true;
            }
            else
            {
                refused = middle;
            }
        }

        return isLower;
    }

    private bool Accepts(TrialPlan plan)
    {
        if (!hasTime())
        {
            return false;
        }

        JudgedTrial trial = run(plan);
        if (trial.Outcome != outcome || trial.Detector != detector)
        {
            return false;
        }

        Smallest = trial with { Plan = plan };
        return true;
    }

    private TrialPlan WithFault(int index, FaultPlan fault) =>
        Plan with { Faults = [.. Plan.Faults.Select((one, place) => place == index ? fault : one)] };

    private Dictionary<string, long> With(string option, long value) => new(Plan.Options) { [option] = value };
}
