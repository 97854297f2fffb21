using System.Globalization;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Reports;

/// <summary>The tables of a campaign's report.</summary>
internal static class CampaignTables
{
    private static readonly Outcome[] NeverWanted =
    [
        Outcome.KernelCrash, Outcome.Propagated, Outcome.Sdc, Outcome.DataLoss, Outcome.Hang, Outcome.WrongError, Outcome.UndetectedFail,
    ];

    internal static ReportTable Goals(IReadOnlyList<GoalVerdict> verdicts) => new(
        "What must hold",
        string.Empty,
        ["", "goal", "measured", "required"],
        [.. verdicts.Select(verdict => new[] { verdict.IsMet ? "✓" : "✗", verdict.Name, verdict.Measured, verdict.Required })]);

    internal static ReportTable OutcomesByClass(CampaignSummary summary)
    {
        Outcome[] seen = [.. Outcomes.All.Where(outcome => summary.All.Counts[outcome] > 0)];
        return new ReportTable(
            "Outcomes by kind of fault",
            "Each trial has one outcome, the worst that applies.",
            ["kind", "sites", "trials", .. seen.Select(outcome => outcome.Name())],
            [.. Lines(summary).Select(line => (string[])
            [
                line.Name, Number(line.SiteCount), Number(line.Counts.Trials), .. seen.Select(outcome => Number(line.Counts[outcome])),
            ])]);
    }

    internal static ReportTable Transparency(CampaignSummary summary) => new(
        "How often the workload saw nothing",
        "TRANSPARENT trials of three denominators with Wilson's 95 % interval; by site: the 95 % interval of a bootstrap that draws "
            + "sites, since trials of one site are alike (a dash where there are too few sites to draw from).",
        ["kind", "of manifested", "by site", "of activated", "of injected"],
        [.. Lines(summary).Select(line => new[]
        {
            line.Name,
            Rates.Text(line.Counts.Share(Outcome.Transparent, Denominator.Manifested)),
            line.BySite(Outcome.Transparent, Denominator.Manifested) is { } interval ? Rates.Text(interval) : "–",
            Rates.Text(line.Counts.Share(Outcome.Transparent, Denominator.Activated)),
            Rates.Text(line.Counts.Share(Outcome.Transparent, Denominator.Injected)),
        })]);

    internal static ReportTable Bounds(CampaignSummary summary) => new(
        "What must not happen",
        "Events, and in brackets the largest rate that the trials leave possible at 95 % (about 3/n without an event).",
        ["outcome", "of injected", "of activated", "of manifested"],
        [.. NeverWanted.Select(outcome => new[]
        {
            outcome.Name(),
            Rates.Bound(summary.All.Counts.Share(outcome, Denominator.Injected)),
            Rates.Bound(summary.All.Counts.Share(outcome, Denominator.Activated)),
            Rates.Bound(summary.All.Counts.Share(outcome, Denominator.Manifested)),
        })]);

    internal static ReportTable Recovery(CampaignSummary summary)
    {
        IReadOnlyDictionary<string, double> pValues = summary.RecoveryPValues();
        return new ReportTable(
            "With and without recovery",
            "The same trials without recovery: unnoticed by the workload (masked or transparent) of those in which a fault struck; "
                + "trials that only one side got through; McNemar's exact p-value, Holm's correction over kinds.",
            ["kind", "with", "without", "only with", "only without", "p"],
            [.. Lines(summary).Where(line => line.WithoutRecovery.Trials > 0).Select(line => new[]
            {
                line.Name,
                Rates.Text(line.Counts.Share(Outcomes.IsUnnoticed, Denominator.Activated)),
                Rates.Text(new Proportion(line.WithoutRecovery.Sum(Outcomes.IsUnnoticed), line.WithoutRecovery.Trials)),
                Number(line.Pairs.OnlyFirst),
                Number(line.Pairs.OnlySecond),
                pValues.TryGetValue(line.Name, out double p) ? p.ToString("0.0e+0", CultureInfo.InvariantCulture) : string.Empty,
            })]);
    }

    internal static ReportTable Times(CampaignSummary summary) => new(
        "Times of recovery",
        "Virtual time in microseconds, with 95 % intervals between order statistics. detect: from the fault until something noticed; "
            + "standby: until the next generation took over; firstReply: from the fault until the first request was answered again.",
        ["time", "recoveries", "p50", "p90", "p99", "max"],
        [.. Latencies.Names.Select(name => (Name: name, Sorted: summary.Sorted(name))).Where(one => one.Sorted.Count > 0).Select(one => new[]
        {
            one.Name, Number(one.Sorted.Count), Micros(one.Sorted, 0.5), Micros(one.Sorted, 0.9), Micros(one.Sorted, 0.99),
            one.Sorted[^1].ToString("0.#", CultureInfo.InvariantCulture),
        })]);

    /// <param name="summary">The campaign.</param>
    /// <param name="run">Its folder, as the command takes it.</param>
    internal static ReportTable Failures(CampaignSummary summary, string run) => new(
        "Trials that were noticed",
        $"The first {CampaignSummary.FailuresListed} at most; all are in trials.jsonl. Each can be run again.",
        ["trial", "kind", "outcome", "noticed by", "what", "again"],
        [.. summary.Failures.Select(trial => new[]
        {
            Number(trial.Trial), trial.Class, trial.Outcome.Name(), trial.Detector, trial.Detail, ReplayCommand(run, trial.Trial),
        })]);

    internal static string ReplayCommand(string run, long trial) => $"redleaf lab replay {run}#{trial}";

    private static IEnumerable<ClassSummary> Lines(CampaignSummary summary) =>
        summary.Classes.Count == 1 ? summary.Classes : summary.Classes.Append(summary.All);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Micros(IReadOnlyList<double> sorted, double share)
    {
        var quantile = Quantile.Of(sorted, share);
        string High(double value) => double.IsInfinity(value) ? "–" : value.ToString("0.#", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture, $"{quantile.Value:0.#} [{High(quantile.Bounds.Low)}, {High(quantile.Bounds.High)}]");
    }
}
