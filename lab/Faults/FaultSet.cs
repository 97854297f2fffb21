using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Targets;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Lab.Faults;

/// <summary>All faults of one trial, each handed to where it strikes: a device, or the code of a driver.</summary>
internal sealed class FaultSet
{
    private readonly List<ArmedFault> faults;
    private readonly IReadOnlyList<DriverTarget> targets;
    private readonly IReadOnlyList<TrialDevice> devices;
    private readonly Dictionary<string, SiteFaults> byDomain = new(StringComparer.Ordinal);
    private RedLeafSystem? system;
    private bool isBooted;

    /// <param name="plan">The trial.</param>
    /// <param name="targets">The drivers of its system.</param>
    /// <param name="disk">What is on the disk; null in a system without.</param>
    /// <param name="hasCache">Whether the disk loses what has not been flushed.</param>
    /// <param name="simulation">Time, chance and trace.</param>
    /// <param name="log">Who notices what.</param>
    internal FaultSet(
        TrialPlan plan, IReadOnlyList<DriverTarget> targets, DiskSnapshot? disk, bool hasCache, TrialSimulation simulation, TraceLog log)
    {
        this.targets = targets;
        faults = [.. plan.Faults.Select((one, index) =>
            new ArmedFault(one, index, simulation, StateOf, () => log.IsWatching = true))];
        var parts = new DeviceParts(simulation, faults, () => log.Deaths.Count, disk, hasCache);
        devices = [.. targets.Select(target => target.Arm(parts))];
    }

    internal IReadOnlyList<FaultRecord> Records => [.. faults.Select(fault => fault.Record)];

    /// <summary>When the first of them struck; -1 when none did.</summary>
    internal long FirstActivatedMicros =>
        faults.Where(fault => fault.Activated > 0).Select(fault => fault.FirstActivatedMicros).DefaultIfEmpty(-1).Min();

    /// <summary>What is on the disk; null in a system without.</summary>
    internal DiskSnapshot? Disk => devices.Select(device => device.Content).FirstOrDefault(content => content is not null);

    /// <summary>Has a system that is about to be booted use the devices.</summary>
    internal SimulationOptions Attach(SimulationOptions options) =>
        devices.Aggregate(options with { Prepare = Prepare }, (attached, device) => device.Attach(attached));

    /// <summary>The system is booted: occurrences are counted from now on.</summary>
    internal void Begin()
    {
        isBooted = true;
        foreach (TrialDevice device in devices)
        {
            device.Begin();
        }

        foreach (SiteFaults script in byDomain.Values)
        {
            script.Begin();
        }
    }

    /// <summary>Nothing strikes any more.</summary>
    internal void Disarm() => faults.ForEach(fault => fault.IsDisarmed = true);

    /// <summary>The power goes.</summary>
    internal void CutPower(ulong seed)
    {
        foreach (TrialDevice device in devices)
        {
            device.CutPower(seed);
        }
    }

    /// <summary>How often there was occasion for each counter.</summary>
    internal IReadOnlyDictionary<string, long> Opportunities(bool hasSites)
    {
        var found = new Dictionary<string, long>(devices.SelectMany(device => device.Counts), StringComparer.Ordinal);
        foreach ((string domain, SiteFaults script) in hasSites ? byDomain : [])
        {
            for (int site = 0; site < script.Counts.Length; site++)
            {
                if (script.Counts[site] > 0)
                {
                    found.Add(SiteCounterName(domain, site), script.Counts[site]);
                }
            }
        }

        return found;
    }

    /// <summary>The counter of one site; only golden trials report those.</summary>
    internal static string SiteCounterName(string domain, int site) => $"{domain}.site.{site}";

    /// <summary>Arms the code of drivers, before the first of them starts.</summary>
    private void Prepare(RedLeafSystem prepared)
    {
        system = prepared;
        foreach (string domain in prepared.DomainsWithSites.Where(domain => targets.Any(target => target.Domain == domain)))
        {
            var script = new SiteFaults(prepared.SitesOf(domain), faults.Where(fault => fault.Plan.Target == domain));
            byDomain.Add(domain, script);
            prepared.TriggerOf(domain).Follow(script);
        }
    }

    private FaultState StateOf() => !isBooted ? FaultState.Booting
        : system!.IsRecovering ? FaultState.Recovering : FaultState.Serving;
}
