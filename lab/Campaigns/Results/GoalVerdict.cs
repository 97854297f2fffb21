using System.Globalization;
using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Whether a goal was met.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Measured">What the campaign showed.</param>
/// <param name="Required">What it had to show.</param>
/// <param name="IsMet">Whether it did. A share of nothing is no evidence, so it is not.</param>
internal sealed record GoalVerdict(string Name, string Measured, string Required, bool IsMet)
{
    internal static IReadOnlyList<GoalVerdict> Judge(CampaignSummary summary) => [.. summary.Spec.Goals.Select(goal => Of(goal, summary))];

    private static GoalVerdict Of(Goal goal, CampaignSummary summary) => goal.Kind switch
    {
        GoalKind.Count => OfCount(goal, CountsOf(goal, summary)),
        GoalKind.Share => OfShare(goal, CountsOf(goal, summary)),
        _ => OfLatency(goal, summary.Sorted(goal.Latency)),
    };

    private static OutcomeCounts CountsOf(Goal goal, CampaignSummary summary)
    {
        var counts = new OutcomeCounts();
        foreach (ClassSummary one in summary.Classes.Where(one => goal.IsAbout(one.Name)))
        {
            counts.Add(one.Counts);
        }

        return counts;
    }

    private static GoalVerdict OfCount(Goal goal, OutcomeCounts counts)
    {
        long count = counts.Sum(goal.Outcomes.Contains);
        return new GoalVerdict(Names(goal) + Scope(goal), Text($"{count} of {counts.Injected}"), Requirement(goal, ""), IsWithin(goal, count));
    }

    private static GoalVerdict OfShare(Goal goal, OutcomeCounts counts)
    {
        Proportion share = counts.Share(goal.Outcomes.Contains, goal.Of);
        string name = Text($"{Names(goal)} of {goal.Of.ToString().ToLowerInvariant()}{Scope(goal)}");
        return share.Trials == 0
            ? new GoalVerdict(name, "no trial", Requirement(goal, ""), false)
            : new GoalVerdict(name, Rates.Text(share), Requirement(goal, ""), IsWithin(goal, share.Value));
    }

    private static GoalVerdict OfLatency(Goal goal, IReadOnlyList<double> sorted)
    {
        string name = Text($"{goal.Latency}, quantile {goal.Quantile}");
        if (sorted.Count == 0)
        {
            return new GoalVerdict(name, "no recovery", Requirement(goal, " µs"), false);
        }

        double value = Quantile.Of(sorted, goal.Quantile).Value;
        return new GoalVerdict(name, Text($"{value:0.#} µs"), Requirement(goal, " µs"), IsWithin(goal, value));
    }

    private static bool IsWithin(Goal goal, double value) => !(value < goal.AtLeast) && !(value > goal.AtMost);

    private static string Names(Goal goal) => string.Join(" + ", goal.Outcomes.Select(outcome => outcome.Name()));

    /// <summary>A list of kinds is long; how many there are tells one goal from another.</summary>
    private static string Scope(Goal goal) => goal.Among.Count switch
    {
        0 => string.Empty,
        <= 3 => $" among {string.Join(", ", goal.Among)}",
        _ => Text($" among {goal.Among[0]} and {goal.Among.Count - 1} more"),
    };

    private static string Requirement(Goal goal, string unit)
    {
        string?[] ends =
        [
            goal.AtLeast is { } least ? Text($"at least {least}{unit}") : null,
            goal.AtMost is { } most ? Text($"at most {most}{unit}") : null,
        ];
        return string.Join(", ", ends.OfType<string>());
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
