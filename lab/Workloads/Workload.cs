using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Targets;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>What is done with a system, and the oracle that judges it.</summary>
internal abstract class Workload
{
    /// <summary>The option of workloads whose disk can be judged after a power cut.</summary>
    internal static OptionInfo PowerCutOption { get; } =
        new("powerCut", "1: the disk caches writes, and its power is cut at the end, before it is inspected", 0, 0, 1);

    internal abstract WorkloadInfo Info { get; }

    /// <summary>The domains, as a system file names them.</summary>
    /// <param name="hasRecovery">Whether a dead driver is replaced.</param>
    internal abstract SystemDescription Describe(bool hasRecovery);

    /// <summary>The drivers that may die: each has a shadow before it.</summary>
    internal virtual IReadOnlyList<DriverTarget> Targets { get; } = [DriverTargets.Nvme];

    /// <summary>What is on the disk when the system boots; null in a system without.</summary>
    internal virtual DiskSnapshot? Disk => null;

    /// <summary>Does it once.</summary>
    internal abstract RoundResult Run(WorkloadContext trial);

    /// <summary>Looks at the disk after the system is gone, without the system.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="disk">What is on it.</param>
    /// <returns>What must not be.</returns>
    internal virtual IReadOnlyList<Violation> Inspect(WorkloadContext trial, DiskSnapshot disk) => [];

    /// <summary>Runs a client in the system, and says how the round went.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="name">Of the client's thread.</param>
    /// <param name="body">The client; it ends with how the round has ended and a digest of what it has seen.</param>
    protected static RoundResult RunClient(WorkloadContext trial, string name, Func<CallContext, (RoundEnd End, ulong Digest)> body)
    {
        long start = trial.Simulation.NowMicros;
        (RoundEnd end, ulong digest) = (RoundEnd.Hung, 0);
        trial.System!.RunInKernel(name, context => (end, digest) = body(context));
        return new RoundResult
        {
            End = end,
            Done = trial.Done,
            Failed = trial.Failed,
            Digest = digest,
            Violations = [.. trial.Violations],
            Micros = trial.Simulation.NowMicros - start,
            LongestGapMicros = trial.LongestGapMicros,
        };
    }

    /// <summary>The restart policy of a driver, in a system file.</summary>
    protected static string RestartPolicy(bool hasRecovery) => hasRecovery
        ? "{restartsMax: 32, windowSeconds: 60, standby: 2}"
        : "{restartsMax: 0, standby: 0}";
}
