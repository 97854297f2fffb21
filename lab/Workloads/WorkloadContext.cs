using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Linearizability;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>One trial, as its workload sees it.</summary>
/// <param name="plan">The plan.</param>
/// <param name="info">The workload's options.</param>
/// <param name="simulation">The time and the trace.</param>
internal sealed class WorkloadContext(TrialPlan plan, WorkloadInfo info, TrialSimulation simulation)
{
    /// <summary>The random numbers of workloads come after those of the kernel's choices.</summary>
    private const ulong FirstStream = 1000;

    /// <summary>The option that bounds the time without an answer, in milliseconds.</summary>
    internal const string GapOptionName = "gapMillis";

    private readonly long gapMicrosMax = 1000 * plan.Options.GetValueOrDefault(GapOptionName);
    private readonly List<Violation> violations = [];
    private long lastAnswerMicros;

    internal TrialSimulation Simulation => simulation;

    /// <summary>The system; set once it is booted.</summary>
    internal RedLeafSystem? System { get; set; }

    /// <summary>0, and 1 in the second round.</summary>
    internal int Round { get; private set; }

    internal long Done { get; private set; }

    internal long Failed { get; private set; }

    internal long LongestGapMicros { get; private set; }

    /// <summary>What was tried again above the drivers, in all rounds.</summary>
    internal long Retried { get; private set; }

    /// <summary>What a workload keeps from one round to the next, and for the inspection of the disk.</summary>
    internal object? State { get; set; }

    /// <summary>What clients of a store have seen so far; null of a workload without one.</summary>
    internal History? History { get; set; }

    /// <summary>Whether the disk has lost what was in its cache when it is inspected.</summary>
    internal bool IsPowerCut { get; init; }

    internal IReadOnlyList<Violation> Violations => violations;

    internal ulong Seed => plan.Seed;

    internal long Option(string name)
    {
        OptionInfo option = info.Options.First(one => one.Name == name);
        return plan.Options.TryGetValue(name, out long value) ? value : option.Default;
    }

    internal TrialRandom Random(ulong stream) => new(plan.Seed, plan.Trial, FirstStream + ((ulong)Round * FirstStream) + stream);

    internal void Begin(int round)
    {
        Round = round;
        (Done, Failed, LongestGapMicros) = (0, 0, 0);
        lastAnswerMicros = simulation.NowMicros;
        violations.Clear();
    }

    /// <summary>An operation has been answered.</summary>
    /// <param name="number">Which one.</param>
    /// <param name="isOk">Whether without an error.</param>
    /// <param name="hash">Of the answer.</param>
    internal void Answer(long number, bool isOk, ulong hash)
    {
        long gap = simulation.NowMicros - lastAnswerMicros;
        isOk &= gapMicrosMax == 0 || gap <= gapMicrosMax;
        Done += isOk ? 1 : 0;
        Failed += isOk ? 0 : 1;
        LongestGapMicros = Math.Max(LongestGapMicros, gap);
        lastAnswerMicros = simulation.NowMicros;
        Answered?.Invoke(isOk);
        simulation.Note(TraceEvent.Answered, (ulong)number, hash);
    }

    /// <summary>Something above the drivers has tried again.</summary>
    internal void CountRetries(long count) => Retried += count;

    /// <summary>Told of each answer.</summary>
    internal Action<bool>? Answered { get; set; }

    /// <summary>Nothing is owed from now on until the next operation begins.</summary>
    internal void Rest() => lastAnswerMicros = simulation.NowMicros;

    internal void Report(ViolationKind kind, string oracle, string detail)
    {
        if (violations.Count < WorkloadLimits.ViolationsMax)
        {
            violations.Add(new Violation(kind, oracle, detail));
        }
    }
}
