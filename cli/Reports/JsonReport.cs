using System.Text.Json;
using RedLeafSharp.Cli.Demo;

namespace RedLeafSharp.Cli.Reports;

/// <summary>A demonstration's results for programs. Numbers carry their unit in their name.</summary>
internal static class JsonReport
{
    /// <summary>Grows by one when a field changes its meaning or goes.</summary>
    private const int FormatVersion = 1;

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static string Render(DemoReport report) => JsonSerializer.Serialize(
        new
        {
            FormatVersion,
            report.HasPassed,
            report.Thresholds,
            Environment = new
            {
                Date = report.Environment.Date.ToString("O"),
                report.Environment.CommandLine,
                report.Environment.Seed,
                report.Environment.Runtime,
                report.Environment.OperatingSystem,
                report.Environment.Processor,
                report.Environment.ProcessorCount,
            },
            Source = new { Folder = report.SourceFolder, report.Source.FileCount, report.Source.Bytes },
            Undisturbed = Describe(report.Undisturbed),
            Disturbed = Describe(report.Disturbed),
            RecoveryMicros = new
            {
                P50 = report.RecoveryMicros.Percentile(50),
                P99 = report.RecoveryMicros.Percentile(99),
                report.RecoveryMicros.Max,
            },
            Recoveries = report.Recoveries.Select(recovery => new
            {
                UptimeMicros = (long)recovery.At.TotalMicroseconds,
                recovery.Generation,
                recovery.Cause,
                recovery.CrashSite,
                RecoveryMicros = recovery.Micros,
                recovery.WasWarm,
            }),
            report.ReplayedRequests,
            report.ReplayMicrosMax,
            report.Verification,
            report.Reclamation,
            report.ShutdownFailure,
            DurationSeconds = report.Duration.TotalSeconds,
        },
        Format) + "\n";

    private static object Describe(PhaseResult phase) => new
    {
        StartUptimeMicros = (long)phase.Start.TotalMicroseconds,
        DurationSeconds = phase.Duration.TotalSeconds,
        phase.JobCount,
        phase.FailedJobCount,
        phase.BytesPerJob,
        phase.BytesPerSecond,
        DiskSamples = phase.Samples.Select(sample => new
        {
            UptimeMicros = (long)sample.At.TotalMicroseconds,
            sample.BytesPerSecond,
        }),
    };
}
