using System.Diagnostics;
using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>
/// Stands in for the engine where the runner is tested: invents results from the plan alone, and dies, hangs or babbles where a
/// plan says so.
/// </summary>
internal sealed class FakeEngine : ITrialEngine
{
    internal const string Experiment = """
        apiVersion: redleaf/v1
        kind: Campaign
        metadata: {name: fake, seed: 7}
        trials: 60
        workloads: [{use: fake, with: {operations: 50}}]
        faults: [{pick: device}]
        """;

    private const int Stations = 5;

    public IReadOnlyList<WorkloadInfo> Workloads { get; } =
        [new("fake", "does nothing", [new("operations", "how many", 100, 1, 1_000)])];

    public IReadOnlyList<FaultInfo> Faults { get; } =
    [
        new("device.lost-completion", "lost", "disk0", "commands", []),
        new("device.cfs", "failed", "disk0", "commands", []),
        new("code.mifs", "no if", "Nvme", "", [new SiteInfo(1, "A", "x"), new SiteInfo(2, "B", "y")]),
        new("process.die", "kills its process", "Nvme", "commands", []),
        new("process.hang", "runs for ever", "Nvme", "commands", []),
        new("process.babble", "writes what is no reply", "Nvme", "commands", []),
        new("process.die-once", "kills its process, but not twice", "Nvme", "commands", []),
    ];

    public void Dispose()
    {
    }

    public TrialResult Run(TrialPlan plan)
    {
        if (plan.HasRecovery)
        {
            foreach (FaultPlan fault in plan.Faults)
            {
                Strike(fault.Kind, plan);
            }
        }

        var random = new TrialRandom(plan.Seed, plan.Trial, (ulong)plan.Faults.Sum(fault => fault.Occurrence));
        long operations = plan.Options.GetValueOrDefault("operations", 100);
        bool isStruck = plan.Faults.Any(fault => fault.Occurrence <= operations) && random.NextBelow(4) > 0;
        long failed = isStruck && !plan.HasRecovery ? 1 + (long)random.NextBelow(3) : 0;
        bool isLost = isStruck && random.NextBelow(20) == 0;
        bool isNoticed = isStruck && random.NextBelow(5) > 0;
        long struck = isStruck ? 100 + (long)random.NextBelow(1_000) : -1;
        return new TrialResult
        {
            TraceHash = random.Next(),
            TraceEvents = operations,
            Round = Round(operations, failed, isLost),
            SecondRound = plan.HasSecondRound ? Round(operations, 0, false) : null,
            Faults = [.. plan.Faults.Select(_ => new FaultRecord(operations, isStruck ? 1 : 0, struck, "nowhere"))],
            Deaths = isNoticed ? [new DeathRecord("Nvme", 1, "exception", struck + 5)] : [],
            Detector = isNoticed ? new[] { "exception", "shadow", "driver" }[random.NextBelow(3)] : string.Empty,
            Times = isNoticed
                ? new RecoveryTimes(struck, struck + 5, struck + 10, struck + Stations + (long)random.NextBelow(90), 1, 2, 1)
                : new RecoveryTimes(struck, -1, -1, -1, 0, 0, 0),
            Census = TrialCensus.None with { Threads = 1 },
            Opportunities = new Dictionary<string, long> { ["commands"] = operations },
            Timeline = plan.TimelineBucketMicros == 0 ? null : new TrialTimeline(
                plan.TimelineBucketMicros,
                [.. Enumerable.Range(0, 200).Select(bucket => bucket % 50 == 20 ? 0L : 90 + (long)random.NextBelow(20))],
                [.. Enumerable.Range(0, 4).Select(number => new RecoverySpan((number * 50_000) + 20_000, (number * 50_000) + 21_000))]),
            VirtualMicros = 2_000,
            RealMicros = Stopwatch.GetTimestamp(),
        };
    }

    private static RoundResult Round(long operations, long failed, bool isLost) => new()
    {
        End = RoundEnd.Completed,
        Done = operations - failed,
        Failed = failed,
        Digest = failed == 0 ? 1UL : 2UL,
        Violations = isLost ? [new Violation(ViolationKind.DataLoss, "ledger", "block 7 is older than acknowledged")] : [],
        Micros = 1_000,
        LongestGapMicros = 10,
    };

    private static void Strike(string kind, TrialPlan plan)
    {
        switch (kind)
        {
            case "process.die":
                Process.GetCurrentProcess().Kill();
                break;
            case "process.die-once":
                DieOnce(plan);
                break;
            case "process.babble":
                Console.Out.WriteLine("no reply");
                break;
        }

        while (kind == "process.hang")
        {
            Thread.Yield();
        }
    }

    /// <summary>A worker that has run a trial before dies: as if that had left damage.</summary>
    private static void DieOnce(TrialPlan plan)
    {
        if (plan.Trial > 0 && HasRun)
        {
            Process.GetCurrentProcess().Kill();
        }

        HasRun = true;
    }

    private static bool HasRun { get; set; }
}
