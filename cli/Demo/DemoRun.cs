using System.Globalization;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Cli.Reports;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Supervision;

namespace RedLeafSharp.Cli.Demo;

/// <summary>
/// The demonstration: import a tree, copy and check it inside the system, first undisturbed and then while the driver is
/// crashed, compare the copy with the host's files, shut down.
/// </summary>
internal sealed class DemoRun
{
    private const string Driver = "Nvme";
    private const string SumsPath = "/src.sha256";
    private const string CopyFolder = "/copy";

    /// <summary>What a job is, in the words of the shell; the sums were computed by the host.</summary>
    private const string Job =
        $"rm -rf {CopyFolder} && cp -r /src {CopyFolder} && sync && cd {CopyFolder} && sha256sum -c --status {SumsPath}";

    /// <summary>The disk holds the tree twice, and as much again stays free.</summary>
    private const int DiskSizeFactor = 4;
    private const long DiskBytesMin = 64L << 20;
    private const long DiskBytesStep = 1L << 20;

    /// <summary>A meaningful number of restarts; the disturbed run goes on until there are as many, within bounds.</summary>
    private const int RestartsWanted = 50;
    private const int PhaseExtensionMax = 4;

    private static readonly TimeSpan ReclaimBound = TimeSpan.FromSeconds(10);

    private readonly DemoOptions options;
    private readonly IDemoProgress progress;
    private readonly TimeProvider time;
    private TimeSpan uptimeAtMark;
    private long mark;

    internal DemoRun(DemoOptions options, IDemoProgress progress, TimeProvider time)
    {
        this.options = options;
        this.progress = progress;
        this.time = time;
    }

    internal DemoReport Execute()
    {
        long start = time.GetTimestamp();
        RunEnvironment environment = RunEnvironment.Capture(time, options.CommandLine, options.Seed);
        progress.Begin("host's SHA-256 sums");
        TreeDigest digest = TreeDigest.Compute(options.SourceFolder);
        progress.End("");
        if (digest.IsEmpty)
        {
            throw new CommandFailure($"--source: there is no file in {options.SourceFolder}", ExitCode.Usage);
        }

        using HostLog log = HostLog.Open(null, isVerbose: false);
        progress.Begin("boot");
        using RedLeafSystem system = Boot(log);
        HostProcess.Run(system, "clock", files => MarkUptime(files.UptimeMicros));
        progress.End($"{system.Crashes(Driver).SiteCount} points in the driver's code where it can crash");

        TreeSize source = Import(system, digest);
        PhaseResult undisturbed = RunPhase(system, "undisturbed", source.Bytes, hasCrashes: false);
        PhaseResult disturbed = RunPhase(system, "crashing the driver", source.Bytes, hasCrashes: true);
        Verification verification = Verify(system, digest);
        ShadowStatistics shadow = system.GetShadowStatistics();
        string shutdownFailure = Shutdown(system);
        return new DemoReport
        {
            Environment = environment,
            SourceFolder = options.SourceFolder,
            Source = source,
            Undisturbed = undisturbed,
            Disturbed = disturbed,
            Recoveries = RecoveriesOf(system),
            ReplayedRequests = shadow.Replayed + shadow.Retried,
            ReplayMicrosMax = shadow.RecoveryMicrosMax,
            Verification = verification,
            Reclamation = Reclaimed(system),
            ShutdownFailure = shutdownFailure,
            Duration = time.GetElapsedTime(start),
        };
    }

    private RedLeafSystem Boot(HostLog log)
    {
        long treeBytes = new DirectoryInfo(options.SourceFolder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(file => file.LinkTarget is null ? file.Length : 0);
        long diskBytes = Math.Max(DiskBytesMin, treeBytes * DiskSizeFactor) / DiskBytesStep * DiskBytesStep;

        // The user says how often the driver crashes, so the budget of restarts must not end the experiment.
        SystemDescription description = SystemDescription.Default.WithRestartPolicy(
            Driver, new RestartPolicy { RestartsMax = 1_000_000, StandbyCount = 6 });
        return RedLeafSystem.Boot(description, new BootOptions
        {
            DomainsFolder = Domains.Folder,
            MemoryDiskBytes = diskBytes,
            CrashSites = true,
            Seed = options.Seed,
            Log = log.Logger,
            Console = new CapturedConsole(),
        });
    }

    private TreeSize Import(RedLeafSystem system, TreeDigest digest)
    {
        progress.Begin("import");
        TreeSize size = default;
        HostProcess.Run(system, "import", files =>
        {
            size = new TreeImport(files).Copy(options.SourceFolder, "/src");
            int descriptor = files.Open(SumsPath, OpenFlags.WriteOnly | OpenFlags.Create, Convert.ToUInt32("644", 8));
            files.Write(SumsPath, descriptor, digest.List);
            files.Close(descriptor);
            files.Sync();
        });
        progress.End($"{size.FileCount} files, {ByteSize.Format(size.Bytes)} from {options.SourceFolder}");
        return size;
    }

    private PhaseResult RunPhase(RedLeafSystem system, string name, long bytesPerJob, bool hasCrashes)
    {
        progress.Begin(name);
        TimeSpan start = Uptime();
        int jobCount = 0;
        int failedCount = 0;
        using var meter = new ThroughputMeter(() => system.DiskBytes, Uptime, samples => Observe(system, samples));
        using (CrashThread? crashes = hasCrashes
            ? new CrashThread(system.Crashes(Driver), options.KillEvery, options.Seed)
            : null)
        {
            do
            {
                failedCount += HostProcess.RunProgram(system, "sh", "-c", Job) == ExitCode.Pass ? 0 : 1;
                jobCount++;
            }
            while (MustGoOn(Uptime() - start, hasCrashes ? system.Restarts.Count : RestartsWanted));
        }

        var result = new PhaseResult(start, Uptime() - start, jobCount, failedCount, bytesPerJob, meter.Samples);
        progress.End(string.Create(
            CultureInfo.InvariantCulture,
            $"{jobCount} copies checked in {result.Duration.TotalSeconds:0.0} s: {ByteSize.Format(result.BytesPerSecond)}/s"));
        return result;
    }

    private bool MustGoOn(TimeSpan elapsed, int restartCount) =>
        elapsed < options.Phase || (restartCount < RestartsWanted && elapsed < options.Phase * PhaseExtensionMax);

    private void Observe(RedLeafSystem system, IReadOnlyList<ThroughputSample> samples)
    {
        const int Columns = 40;
        ThroughputSample[] recent = [.. samples.TakeLast(Columns)];
        string bars = Sparkline.Bars(recent, Columns, recent.Max(sample => sample.BytesPerSecond));
        progress.Update($"{bars} {ByteSize.Format(recent[^1].BytesPerSecond)}/s, {system.Restarts.Count} restarts");
    }

    private Verification Verify(RedLeafSystem system, TreeDigest digest)
    {
        progress.Begin("compare with the host's files");
        Verification? verification = null;
        HostProcess.Run(system, "verify", files => verification = digest.Compare(files, CopyFolder));
        progress.End($"{verification!.FilesRight} of {verification.FilesExpected} files right");
        return verification;
    }

    private string Shutdown(RedLeafSystem system)
    {
        progress.Begin("shut down");
        string failure = "";
        try
        {
            system.Shutdown();
        }
        catch (BootException exception)
        {
            failure = exception.Message;
        }

        system.WaitForReclaims(ReclaimBound);
        progress.End(failure);
        return failure;
    }

    private static Recovery[] RecoveriesOf(RedLeafSystem system) =>
    [
        .. system.Restarts.Where(restart => restart.Domain == Driver).Select(restart => new Recovery(
            restart.At, restart.Generation, restart.Cause, restart.CrashSite, restart.RecoveryMicros, restart.WasWarm)),
    ];

    /// <summary>One generation died with each restart. The last one was stopped orderly, and standbys never lived.</summary>
    private static Reclamation Reclaimed(RedLeafSystem system)
    {
        HashSet<uint> dead =
            [.. system.Restarts.Where(restart => restart.Domain == Driver).Select(restart => restart.Generation - 1)];
        ReclaimRecord[] records =
            [.. system.Reclaims.Where(record => record.Domain == Driver && dead.Contains(record.Generation))];
        return new Reclamation(
            dead.Count,
            records.Count(record => record.IsCollected),
            records.Sum(record => record.ExchangeBytesLeft),
            records.FirstOrDefault(record => !record.IsCollected).Detail ?? "");
    }

    private void MarkUptime(long uptimeMicros)
    {
        mark = time.GetTimestamp();
        uptimeAtMark = TimeSpan.FromMicroseconds(uptimeMicros);
    }

    private TimeSpan Uptime() => uptimeAtMark + time.GetElapsedTime(mark);
}
