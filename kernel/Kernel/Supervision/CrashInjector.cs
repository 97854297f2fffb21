namespace RedLeafSharp.Kernel;

/// <summary>
/// Makes a domain throw at a point of its own code. Needs a system booted with <see cref="BootOptions.CrashSites"/>; may be
/// armed from any thread of the host.
/// </summary>
public sealed class CrashInjector
{
    private readonly FaultTrigger trigger;
    private readonly IReadOnlyList<string> sites;

    internal CrashInjector(FaultTrigger trigger, IReadOnlyList<string> sites)
    {
        this.trigger = trigger;
        this.sites = sites;
    }

    /// <summary>Number of points at which the domain's code can be made to throw.</summary>
    public int SiteCount => sites.Count;

    /// <summary>What stands at a site: method, file and line.</summary>
    public string Describe(int site) => (uint)site < (uint)sites.Count ? sites[site] : $"site {site}";

    /// <summary>The domain throws when it has passed <paramref name="hits"/> further points, whichever they are.</summary>
    /// <param name="hits">0 for the next point.</param>
    public void ArmAfter(int hits) => trigger.ArmAfter(hits + 1L);

    /// <summary>The domain throws at one point, when it gets there for the <paramref name="occurrence"/>-th time from now.</summary>
    /// <param name="site">0 to <see cref="SiteCount"/> - 1.</param>
    /// <param name="occurrence">1 for the next time.</param>
    public void ArmAt(int site, int occurrence = 1) => trigger.ArmAt(site, occurrence);

    /// <summary>Takes the arming back.</summary>
    /// <returns>False when it has struck already, or there was none.</returns>
    public bool Disarm() => trigger.Disarm();
}
