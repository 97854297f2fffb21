using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Faults;

/// <summary>All faults of one trial, each handed to where it strikes.</summary>
internal sealed class FaultSet
{
    private readonly List<ArmedFault> faults;
    private readonly Dictionary<string, SiteFaults> byDomain = new(StringComparer.Ordinal);
    private RedLeafSystem? system;
    private bool isBooted;

    internal FaultSet(TrialPlan plan, TrialSimulation simulation, TraceLog log)
    {
        faults = [.. plan.Faults.Select((one, index) =>
            new ArmedFault(one, index, simulation, StateOf, () => log.IsWatching = true))];
        Device = new DeviceFaults(
            simulation, faults.Where(fault => FaultNames.ClassOf(fault.Plan.Kind) == DeviceFaultKind.Class), () => log.Deaths.Count);
    }

    /// <summary>Those of the disk.</summary>
    internal DeviceFaults Device { get; }

    internal IReadOnlyList<FaultRecord> Records => [.. faults.Select(fault => fault.Record)];

    /// <summary>When the first of them struck; -1 when none did.</summary>
    internal long FirstActivatedMicros =>
        faults.Where(fault => fault.Activated > 0).Select(fault => fault.FirstActivatedMicros).DefaultIfEmpty(-1).Min();

    /// <summary>Arms the code of domains, before the first of them starts.</summary>
    internal void Prepare(RedLeafSystem prepared)
    {
        system = prepared;
        foreach (string domain in prepared.DomainsWithSites)
        {
            var script = new SiteFaults(
                prepared.SitesOf(domain),
                faults.Where(fault => fault.Plan.Target == domain && FaultNames.ClassOf(fault.Plan.Kind) != DeviceFaultKind.Class));
            byDomain.Add(domain, script);
            prepared.TriggerOf(domain).Follow(script);
        }
    }

    /// <summary>The system is booted: occurrences are counted from now on.</summary>
    internal void Begin()
    {
        isBooted = true;
        Device.Begin();
        foreach (SiteFaults script in byDomain.Values)
        {
            script.Begin();
        }
    }

    /// <summary>Nothing strikes any more.</summary>
    internal void Disarm() => faults.ForEach(fault => fault.IsDisarmed = true);

    /// <summary>How often there was occasion for each counter.</summary>
    internal IReadOnlyDictionary<string, long> Opportunities(bool hasSites)
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (DeviceCounter counter in Enum.GetValues<DeviceCounter>())
        {
            found.Add(CounterName(counter), Device.CountOf(counter));
        }

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

    private FaultState StateOf() => !isBooted ? FaultState.Booting
        : system!.IsRecovering ? FaultState.Recovering : FaultState.Serving;

    internal static string CounterName(DeviceCounter counter) => $"{DeviceFaultKind.Class}.{counter}";

    /// <summary>The counter of one site; only golden trials report those.</summary>
    internal static string SiteCounterName(string domain, int site) => $"{domain}.site.{site}";
}
