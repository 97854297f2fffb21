using System.Globalization;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Cli.Demo;

namespace RedLeafSharp.Cli.Reports;

/// <summary>The figures of a demonstration as pairs of name and text: the same in the terminal and on the page.</summary>
internal static class DemoFigures
{
    internal static IEnumerable<(string Name, string Text)> Results(DemoReport report)
    {
        Distribution recovery = report.RecoveryMicros;
        int warm = report.Recoveries.Count(one => one.WasWarm);
        double ratio = report.Undisturbed.BytesPerSecond > 0
            ? report.Disturbed.BytesPerSecond / report.Undisturbed.BytesPerSecond
            : 0;
        yield return ("throughput undisturbed", Throughput(report.Undisturbed));
        yield return ("throughput with crashes", Format($"{Throughput(report.Disturbed)} ({ratio:P0} of undisturbed)"));
        yield return ("driver restarts", Format($"{report.Recoveries.Count}, {warm} from a warm standby"));
        yield return ("recovery time", Format(
            $"p50 {recovery.Percentile(50):0.0} µs, p99 {recovery.Percentile(99):0.0} µs, max {recovery.Max:0.0} µs"));
        yield return ("requests replayed", Format(
            $"{report.ReplayedRequests}; at most {report.ReplayMicrosMax:0} µs from a crash to the end of the replay"));
        yield return ("duration", Format($"{report.Duration.TotalSeconds:0.0} s"));
    }

    internal static IEnumerable<(string Name, string Text)> Environment(DemoReport report)
    {
        string size = ByteSize.Format(report.Source.Bytes);
        yield return ("tree", Format($"{report.SourceFolder}, {report.Source.FileCount} files, {size}"));
        yield return ("seed", Format($"{report.Environment.Seed}"));
        yield return ("runtime", $"{report.Environment.Runtime}, {report.Environment.OperatingSystem}");
        yield return ("processor", $"{report.Environment.Processor}, {report.Environment.ProcessorCount} logical");
        yield return ("date", report.Environment.DateText);
        yield return ("repeat with", report.Environment.CommandLine);
    }

    private static string Throughput(PhaseResult phase) => Format(
        $"{ByteSize.Format(phase.BytesPerSecond)}/s, {phase.JobCount} copies checked in {phase.Duration.TotalSeconds:0.0} s");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
