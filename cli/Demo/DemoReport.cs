using RedLeafSharp.Cli.Host;
using RedLeafSharp.Cli.Reports;

namespace RedLeafSharp.Cli.Demo;

/// <summary>All that a demonstration found.</summary>
internal sealed record DemoReport
{
    internal required RunEnvironment Environment { get; init; }

    internal required string SourceFolder { get; init; }

    internal required TreeSize Source { get; init; }

    internal required PhaseResult Undisturbed { get; init; }

    internal required PhaseResult Disturbed { get; init; }

    internal required IReadOnlyList<Recovery> Recoveries { get; init; }

    /// <summary>Requests that the shadow submitted again to a new generation.</summary>
    internal required long ReplayedRequests { get; init; }

    /// <summary>Longest time from a noticed death until the last replayed request was with the next generation.</summary>
    internal required double ReplayMicrosMax { get; init; }

    internal required Verification Verification { get; init; }

    internal required Reclamation Reclamation { get; init; }

    /// <summary>Empty, or why the file system could not be unmounted.</summary>
    internal required string ShutdownFailure { get; init; }

    internal required TimeSpan Duration { get; init; }

    internal Distribution RecoveryMicros => new(Recoveries.Select(recovery => recovery.Micros));

    internal bool HasPassed => Thresholds.All(threshold => threshold.IsMet);

    /// <summary>What must hold, most important first.</summary>
    internal IReadOnlyList<Threshold> Thresholds =>
    [
        Threshold.Zero("bytes lost or wrong", Verification.BytesBad),
        Threshold.All("files with the host's SHA-256", Verification.FilesRight, Verification.FilesExpected),
        Threshold.Zero("jobs that failed", Undisturbed.FailedJobCount + Disturbed.FailedJobCount),
        new("driver restarts", $"{Recoveries.Count}", "at least 1", Recoveries.Count > 0),
        Threshold.All("dead generations reclaimed", Reclamation.CollectedCount, Reclamation.DeadCount),
        Threshold.Zero("exchange heap bytes they still hold", Reclamation.BytesLeft),
        new("unmounted cleanly", ShutdownFailure.Length == 0 ? "yes" : ShutdownFailure, "yes", ShutdownFailure.Length == 0),
    ];
}

/// <summary>One run of the job, repeated for the length of a phase.</summary>
/// <param name="Start">Uptime at its start.</param>
/// <param name="Duration">Its length.</param>
/// <param name="JobCount">How often the job ran.</param>
/// <param name="FailedJobCount">How often it ended with another status than 0.</param>
/// <param name="BytesPerJob">Bytes of the tree that one job copies and reads back.</param>
/// <param name="Samples">Disk throughput over time.</param>
internal sealed record PhaseResult(
    TimeSpan Start,
    TimeSpan Duration,
    int JobCount,
    int FailedJobCount,
    long BytesPerJob,
    IReadOnlyList<ThroughputSample> Samples)
{
    /// <summary>Bytes of files copied and checked, per second.</summary>
    internal double BytesPerSecond => Duration > TimeSpan.Zero ? JobCount * BytesPerJob / Duration.TotalSeconds : 0;
}

/// <summary>Bytes that the disk moved per second in the interval that ends at <paramref name="At"/> (uptime).</summary>
internal readonly record struct ThroughputSample(TimeSpan At, double BytesPerSecond);

/// <summary>One restart of the driver.</summary>
internal sealed record Recovery(TimeSpan At, uint Generation, string Cause, string CrashSite, double Micros, bool WasWarm);

/// <summary>The copy against the host's files.</summary>
internal sealed record Verification(int FilesExpected, int FilesRight, long BytesBad, string FirstDifference);

/// <summary>What has become of the dead generations of the driver.</summary>
internal sealed record Reclamation(int DeadCount, int CollectedCount, long BytesLeft, string FirstHeld);

/// <summary>Something that must hold, and whether it does.</summary>
internal sealed record Threshold(string Name, string Measured, string Required, bool IsMet)
{
    internal static Threshold Zero(string name, long measured) => new(name, $"{measured}", "0", measured == 0);

    internal static Threshold All(string name, int measured, int all) =>
        new(name, $"{measured} of {all}", "all", measured == all && all > 0);
}
