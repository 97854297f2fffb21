using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Lab.Faults;
using RedLeafSharp.Lab.Linearizability;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Targets;
using RedLeafSharp.Lab.Workloads;
using Serilog;
using Serilog.Core;

namespace RedLeafSharp.Lab.Trials;

/// <summary>One trial: boots a system, runs the workload, takes the faults away, runs it again if wanted, and counts what is left.</summary>
internal sealed class TrialRun
{
    /// <summary>Before the census: a standby takes 60 ms at most, and the house is kept every 10 ms.</summary>
    private const long RestMicros = 100_000;

    /// <summary>Of a timeline; a hung trial has hours of nothing.</summary>
    private const int BucketsMax = 10_000;

    private readonly TrialPlan plan;
    private readonly Workload workload;
    private readonly string domainsFolder;
    private readonly CodePool code;
    private readonly TrialSimulation simulation;
    private readonly TraceLog log;
    private readonly FaultSet faults;
    private readonly WorkloadContext context;
    private RecoveryCounts recoveries;
    private readonly List<long> answersInBucket = [];
    private long begunMicros;
    private long firstReplyMicros = -1;

    internal TrialRun(TrialPlan plan, Workload workload, TrialOptions options, string domainsFolder, CodePool code)
    {
        this.plan = plan;
        this.workload = workload;
        this.domainsFolder = domainsFolder;
        this.code = code;
        simulation = new TrialSimulation(plan.Seed, plan.Trial, new Trace(options.KeepsTrace))
        {
            DeadlineMicros = plan.DeadlineMicros,
            Disturbance = options.Disturbance,
        };
        log = new TraceLog(simulation, workload.Targets);
        bool isPowerCut = plan.Options.GetValueOrDefault(Workload.PowerCutOption.Name) > 0
            || plan.Faults.Any(fault => fault.Kind == DiskFaultKind.PowerCut);
        faults = new FaultSet(plan, workload.Targets, workload.Disk, isPowerCut, simulation, log);
        context = new WorkloadContext(plan, workload.Info, simulation) { Answered = NoteAnswer, IsPowerCut = isPowerCut };
    }

    internal Trace Trace => simulation.Trace;

    internal IReadOnlyList<string> LogLines => log.Lines;

    /// <summary>What clients of a store saw; null with another workload.</summary>
    internal History? History => context.History;

    internal TrialResult Execute()
    {
        using Logger logger = new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(log).CreateLogger();
        RoundResult round;
        RoundResult? second = null;
        TrialCensus census = TrialCensus.None;
        int contextsBefore = code.InUseCount;
        try
        {
            using RedLeafSystem system = RedLeafSystem.Boot(workload.Describe(plan.HasRecovery), OptionsFor(logger));
            context.System = system;
            faults.Begin();
            begunMicros = simulation.NowMicros;
            round = RunRound(0);
            faults.Disarm();
            if (plan.HasSecondRound && round.End == RoundEnd.Completed)
            {
                second = RunRound(1);
            }

            if (!simulation.IsOverdue)
            {
                census = TakeCensus(system);
            }

            // Before the system goes: a disk that is let go of in order is flushed. Seed 0 would lose all of the cache, always.
            faults.CutPower(Mixing.Chain(plan.Seed, plan.Trial) | 1);
        }
        catch (BootException exception)
        {
            logger.Error("not booted: {Reason}", exception.Message);
            round = Ended(RoundEnd.NotBooted);
        }

        if (round.End is RoundEnd.Completed or RoundEnd.LegalError or RoundEnd.Unjudged)
        {
            round = round with { Violations = [.. round.Violations, .. FindDeadBystanders(), .. Inspect()] };
        }

        if (census != TrialCensus.None)
        {
            census = census with { Contexts = code.InUseCount - contextsBefore };
        }

        return ResultOf(round, second, census);
    }

    private RoundResult RunRound(int number)
    {
        context.Begin(number);
        return simulation.IsOverdue ? Ended(RoundEnd.Hung) : workload.Run(context);
    }

    private RoundResult Ended(RoundEnd end) => new()
    {
        End = end,
        Done = context.Done,
        Failed = context.Failed,
        Digest = 0,
        Violations = [.. context.Violations],
        Micros = simulation.NowMicros,
        LongestGapMicros = context.LongestGapMicros,
    };

    private BootOptions OptionsFor(ILogger logger) => new()
    {
        DomainsFolder = domainsFolder,
        Log = logger,
        CrashSites = true,
        Simulation = faults.Attach(new SimulationOptions
        {
            Simulation = simulation,
            Code = code,
            MutatedDomain = plan.Faults.FirstOrDefault(fault => FaultNames.ClassOf(fault.Kind) == FaultCatalog.CodeClass)?.Target,
        }),
    };

    private IReadOnlyList<Violation> Inspect() => faults.Disk is { } disk ? workload.Inspect(context, disk) : [];

    /// <summary>Drivers and what a fault is in may die; the death of any other domain is damage beyond the fault.</summary>
    private IEnumerable<Violation> FindDeadBystanders() => log.Deaths.Where(death => IsBystander(death.Domain)).DistinctBy(death => death.Domain)
        .Select(death => new Violation(ViolationKind.Propagated, "bystanders", $"{death.Domain} died: {death.Cause}"));

    private bool IsBystander(string domain) => workload.Targets.All(target => target.Domain != domain) && plan.Faults.All(fault => fault.Target != domain);

    private TrialCensus TakeCensus(RedLeafSystem system)
    {
        system.RunInKernel("rest", kernel => _ = KernelEvent.Create(kernel).Wait(kernel, RestMicros));

        // The next round of the house keeping would reclaim what has died just now.
        int unreclaimed = system.UnreclaimedCount;
        SystemCensus census = system.Census();
        DmaWindow[] windows = [.. system.Hardware.Windows];
        recoveries = workload.Targets.Aggregate(default(RecoveryCounts), (sum, target) => sum.Plus(target.CountRecoveries(system)));
        return new TrialCensus(
            census.TotalBytes,
            census.BytesByDomain.Where(pair => IsBystander(pair.Key.Split('.')[0])).Sum(pair => pair.Value),
            census.UnattributedBytes,
            windows.Sum(window => window.CountGranted()),
            system.ThreadCount,
            0,
            unreclaimed,
            windows.Sum(window => window.FaultCount));
    }

    private void NoteAnswer(bool isOk)
    {
        if (isOk && log.DetectedMicros >= 0 && firstReplyMicros < 0)
        {
            firstReplyMicros = simulation.NowMicros;
        }

        long bucket = plan.TimelineBucketMicros > 0 ? (simulation.NowMicros - begunMicros) / plan.TimelineBucketMicros : BucketsMax;
        if (isOk && bucket < BucketsMax)
        {
            while (answersInBucket.Count <= bucket)
            {
                answersInBucket.Add(0);
            }

            answersInBucket[(int)bucket]++;
        }
    }

    private TrialResult ResultOf(RoundResult round, RoundResult? second, TrialCensus census) => new()
    {
        TraceHash = simulation.Trace.Hash,
        TraceEvents = simulation.Trace.Count,
        Round = round,
        SecondRound = second,
        Faults = faults.Records,
        Deaths = [.. log.Deaths],
        Detector = log.Detector,
        Times = new RecoveryTimes(
            faults.FirstActivatedMicros,
            log.DetectedMicros,
            log.TakenOverMicros,
            firstReplyMicros,
            recoveries.Recoveries,
            recoveries.Replayed,
            recoveries.Retried + context.Retried),
        Census = census,
        Opportunities = faults.Opportunities(hasSites: plan.Faults.Count == 0),
        Timeline = plan.TimelineBucketMicros > 0
            ? new TrialTimeline(plan.TimelineBucketMicros, [.. answersInBucket], [.. log.Recoveries(begunMicros)])
            : null,
        VirtualMicros = simulation.NowMicros,
        RealMicros = 0,
    };
}
