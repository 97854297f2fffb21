using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Lab.Faults;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Workloads;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Worlds;

namespace RedLeafSharp.Lab.Targets;

/// <summary>The disk of a trial: a snapshot that is copied where it is written, behind a cache if its power may go.</summary>
internal sealed class TrialDisk : TrialDevice
{
    /// <summary>4 MiB, as many as a trial writes.</summary>
    private const int CachedSectorsMax = 8192;

    private readonly TrialSimulation simulation;
    private readonly SnapshotMedium medium;
    private readonly VolatileCache? cache;
    private readonly DiskFaults faults;

    internal TrialDisk(DeviceParts parts)
    {
        simulation = parts.Simulation;
        medium = new SnapshotMedium(parts.Disk ?? throw new ArgumentException("a system with this driver has a disk", nameof(parts)));
        cache = parts.HasCache ? new VolatileCache(medium, BlockStamp.SectorBytes, CachedSectorsMax) : null;
        faults = new DiskFaults(simulation, parts.Faults.Where(fault => fault.Plan.Target == NvmeTarget.Disk), parts.CountDeaths);
    }

    internal override DiskSnapshot Content => medium.Take();

    internal override IEnumerable<KeyValuePair<string, long>> Counts => Enum.GetValues<DiskCounter>()
        .Select(counter => KeyValuePair.Create(DiskFaults.CounterName(counter), faults.CountOf(counter)));

    internal override SimulationOptions Attach(SimulationOptions options) => options with { PrepareDisk = Prepare };

    internal override void Begin() => faults.Begin();

    internal override void CutPower(ulong seed) => cache?.PowerCut(seed);

    private NvmeDescription Prepare(NvmeDescription description) => description with
    {
        OpenMedium = () => cache ?? (IMedium)medium,
        Clock = () => simulation.NowMicros,
        Deferral = new SimulatedLatency(simulation),
        Faults = faults,
    };
}
