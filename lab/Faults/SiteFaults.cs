using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Lab.Faults;

/// <summary>The code of one domain in one trial: counts each site, and lets the armed faults strike.</summary>
internal sealed class SiteFaults : FaultScript
{
    private readonly (ArmedFault Fault, SiteFaultKind Kind)[] faults;
    private readonly Dictionary<int, ArmedFault> mutants = [];
    private readonly IReadOnlyList<FaultSite> sites;
    private readonly bool[] hasFault;
    private readonly long[] counts;

    /// <param name="sites">The sites of the domain's image.</param>
    /// <param name="faults">The faults of the trial that are the domain's.</param>
    internal SiteFaults(IReadOnlyList<FaultSite> sites, IEnumerable<ArmedFault> faults)
    {
        this.sites = sites;
        counts = new long[sites.Count];
        hasFault = new bool[sites.Count];
        var placed = new List<(ArmedFault, SiteFaultKind)>();
        foreach (ArmedFault fault in faults)
        {
            if (SiteFaultKind.Find(fault.Plan.Kind) is not { } kind)
            {
                mutants.Add(fault.Plan.Site, fault);
                continue;
            }

            if ((uint)fault.Plan.Site >= (uint)sites.Count)
            {
                throw new ArgumentException($"{fault.Plan.Target} has no site {fault.Plan.Site}", nameof(faults));
            }

            hasFault[fault.Plan.Site] = true;
            placed.Add((fault, kind));
        }

        this.faults = [.. placed];
    }

    /// <summary>How often each site has been passed.</summary>
    internal ReadOnlySpan<long> Counts => counts;

    /// <summary>Counts from now on.</summary>
    internal void Begin() => Array.Clear(counts);

    internal override void OnHit(FaultTrigger trigger, int site)
    {
        counts[site]++;
        if (!hasFault[site])
        {
            return;
        }

        foreach ((ArmedFault fault, SiteFaultKind kind) in faults)
        {
            if (fault.Plan.Site == site && fault.Strikes(() => sites[site].ToString()))
            {
                trigger.NoteFiring(site, counts[site]);
                SiteActions.Do(kind.Action, site, fault, kind);
            }
        }
    }

    internal override bool IsMutated(int mutant) => mutants.TryGetValue(mutant, out ArmedFault? fault) && fault.Strikes();
}
