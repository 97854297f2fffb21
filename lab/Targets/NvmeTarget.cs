using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Faults;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Targets;

/// <summary>The NVMe driver, over the simulated disk.</summary>
internal sealed class NvmeTarget() : DriverTarget("nvme", "Nvme", "BlockShadow")
{
    /// <summary>The device of trials' systems.</summary>
    internal const string Disk = "disk0";

    internal override IEnumerable<FaultInfo> DeviceFaults => DiskFaultKind.All.Select(kind => new FaultInfo(
        $"{DiskFaultKind.Class}.{kind.Name}", kind.Summary, Disk, DiskFaults.CounterName(kind.Counter), [], Name));

    internal override TrialDevice Arm(DeviceParts parts) => new TrialDisk(parts);

    internal override RecoveryCounts CountRecoveries(RedLeafSystem system)
    {
        ShadowStatistics statistics = system.GetShadowStatistics();
        return new RecoveryCounts(statistics.Recoveries, statistics.Replayed, statistics.Retried);
    }
}
