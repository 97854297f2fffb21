using System.Globalization;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Statistics;

namespace RedLeafSharp.Cli.Campaigns;

/// <summary>How a campaign gets on, in one line.</summary>
internal static class LiveLine
{
    private const int BarCells = 10;

    /// <param name="tally">What is in the log.</param>
    /// <param name="trials">How many trials there are in all.</param>
    /// <param name="perSecond">How many were run in a second lately; 0 if nobody knows.</param>
    internal static string Format(CampaignTally tally, long trials, double perSecond)
    {
        OutcomeCounts counts = tally.Counts;
        string[] parts =
        [
            Text($"{counts.Trials:N0}/{trials:N0} {Bar(counts.Trials, trials)}{Pace(trials - counts.Trials, perSecond)}"),
            counts.Injected == 0 ? "act –" : Text($"act {100.0 * counts.Activated / counts.Injected:0.0} %"),
            "transp " + Share(counts.Share(Outcome.Transparent, Denominator.Manifested)),
            Zero("SDC", counts.Share(Outcome.Sdc, Denominator.Injected)),
            Zero("loss", counts.Share(Outcome.DataLoss, Denominator.Injected)),
            Zero("crash", counts.Share(Outcome.KernelCrash, Denominator.Injected)),
            counts[Outcome.HarnessError] == 0 ? string.Empty : Text($"harness {counts[Outcome.HarnessError]}"),
            tally.Worst is { } worst ? Text($"worst #{worst.Trial} {worst.Outcome.Name()}") : string.Empty,
        ];
        return string.Join(" · ", parts.Where(part => part.Length > 0));
    }

    private static string Bar(long done, long all)
    {
        int cells = all == 0 ? BarCells : (int)(done * BarCells / all);
        return $"▕{new string('█', cells)}{new string(' ', BarCells - cells)}▏";
    }

    private static string Pace(long left, double perSecond) => perSecond <= 0
        ? string.Empty
        : Text($" {perSecond:N0}/s eta {Duration(TimeSpan.FromSeconds(Math.Min(left / perSecond, TimeSpan.FromDays(999).TotalSeconds)))}");

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => Text($"{time.TotalSeconds:0}s"),
        { TotalHours: < 1 } => Text($"{time.TotalMinutes:0}m"),
        { TotalDays: < 1 } => Text($"{time.TotalHours:0.0}h"),
        _ => Text($"{time.TotalDays:0.0}d"),
    };

    private static string Share(Proportion share) =>
        share.Trials == 0 ? "–" : Text($"{100 * share.Value:0.00} % {Rates.Text(share.Wilson())}");

    private static string Zero(string name, Proportion share) => share switch
    {
        { Trials: 0 } => $"{name} 0",
        { Events: 0 } => Text($"{name} 0 (≤{share.UpperBound():0.0e+0})"),
        _ => $"{name} {share.Events}",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
