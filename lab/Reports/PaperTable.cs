using System.Globalization;
using System.Text;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Lab.Reports;

/// <summary>
/// A campaign as papers on the subject have reported theirs. The rows do not compare: platform, faults and what counts as a failure
/// differ, and every table says so.
/// </summary>
internal static class PaperTable
{
    private const string Flag = "different platform and fault model: the rows are not comparable";

    private static readonly Dictionary<string, Func<CampaignSummary, ReportTable>> Papers = new()
    {
        ["nooks"] = Nooks,
        ["shadow"] = Shadow,
        ["minix"] = Minix,
        ["ananke"] = Ananke,
        ["theseus"] = Theseus,
    };

    internal static IReadOnlyCollection<string> Names => Papers.Keys;

    internal static string Render(string paper, CampaignSummary summary)
    {
        var text = new StringBuilder();
        MarkdownReport.Append(text, Papers[paper](summary));
        return text.ToString();
    }

    /// <summary>Swift, Bershad and Levy, Improving the Reliability of Commodity Operating Systems, SOSP 2003, section 6.2: system crashes.</summary>
    private static ReportTable Nooks(CampaignSummary summary) => Table(
        "System crashes, as Nooks reported them (SOSP 2003)",
        ["system", "crashes without isolation or recovery", "crashes with it", "eliminated"],
        ["Nooks", "317", "4", Rates.Text(new Proportion(313, 317))],
        [
            "RedLeafSharp",
            Number(summary.All.WithoutRecovery.Sum(outcome => !outcome.IsUnnoticed())) + " noticed failures",
            Number(summary.All.Counts.Sum(outcome => outcome.IsInjected() && !outcome.IsUnnoticed())) + " noticed failures, "
                + Number(summary.All.Counts[Outcome.KernelCrash]) + " crashes",
            Rates.Text(new Proportion(summary.All.Pairs.OnlyFirst, summary.All.WithoutRecovery.Sum(outcome => !outcome.IsUnnoticed()))),
        ]);

    /// <summary>Swift, Annamalai, Bershad and Levy, Recovering Device Drivers, OSDI 2004, section 5: failures noticed, and recovered from.</summary>
    private static ReportTable Shadow(CampaignSummary summary) => Table(
        "Failures noticed automatically and recovered from, as shadow drivers reported them (OSDI 2004, section 5)",
        ["system", "failures", "noticed automatically", "recovered, of those noticed"],
        [
            "RedLeafSharp",
            Number(summary.All.Counts.Manifested),
            Rates.Text(Noticed(summary)),
            Rates.Text(new Proportion(Math.Min(summary.All.Counts[Outcome.Transparent], Noticed(summary).Events), Noticed(summary).Events)),
        ]);

    /// <summary>Herder and others, Fault Isolation for Device Drivers, DSN 2009, abstract.</summary>
    private static ReportTable Minix(CampaignSummary summary) => Table(
        "Faults injected and crashes of the operating system, as MINIX 3 reported them (DSN 2009)",
        ["system", "faults injected", "crashes", "rate at most (95 %)"],
        ["MINIX 3", "3400000", "0", Rates.Bound(new Proportion(0, 3_400_000))],
        [
            "RedLeafSharp", Number(summary.All.Counts.Injected), Number(summary.All.Counts[Outcome.KernelCrash]),
            Rates.Bound(summary.All.Counts.Share(Outcome.KernelCrash, Denominator.Injected)),
        ]);

    /// <summary>FAST 2025: crashes of a storage process, and what was lost.</summary>
    private static ReportTable Ananke(CampaignSummary summary) => Table(
        "Crashes survived without loss, as Ananke reported them (FAST 2025)",
        ["system", "crashes", "with loss or wrong data", "recovery p50"],
        ["Ananke", "over 30000", "0", "102 to 171 ms"],
        [
            "RedLeafSharp",
            Number(summary.Sorted("standby").Count),
            Number(summary.All.Counts[Outcome.DataLoss] + summary.All.Counts[Outcome.Sdc]),
            summary.Sorted("firstReply") is { Count: > 0 } sorted
                ? string.Create(CultureInfo.InvariantCulture, $"{Quantile.Of(sorted, 0.5).Value / 1000:0.###} ms of virtual time")
                : "–",
        ]);

    /// <summary>Boos and others, Theseus, OSDI 2020: faults that manifested themselves, and those recovered from.</summary>
    private static ReportTable Theseus(CampaignSummary summary) => Table(
        "Manifested faults and recoveries, as Theseus reported them (OSDI 2020)",
        ["system", "faults injected", "manifested", "recovered, of manifested"],
        ["Theseus", "800000", "665", Rates.Text(new Proportion(461, 665))],
        [
            "RedLeafSharp", Number(summary.All.Counts.Injected), Number(summary.All.Counts.Manifested),
            Rates.Text(summary.All.Counts.Share(Outcome.Transparent, Denominator.Manifested)),
        ]);

    private static Proportion Noticed(CampaignSummary summary)
    {
        long all = summary.Detections.Values.Sum();
        long unnoticed = summary.Detections.Where(pair => pair.Key.Detector == CampaignSummary.Nobody).Sum(pair => pair.Value);
        return new Proportion(all - unnoticed, all);
    }

    private static ReportTable Table(string title, string[] columns, params string[][] rows) => new(title, Flag, columns, rows);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
