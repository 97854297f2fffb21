namespace RedLeafSharp.Lab.Trials;

/// <summary>
/// Carries out trials, one at a time, in the calling process. What must survive whatever a trial does runs it in a process of its own.
/// </summary>
internal interface ITrialEngine : IDisposable
{
    /// <summary>The workloads there are.</summary>
    IReadOnlyList<WorkloadInfo> Workloads { get; }

    /// <summary>The kinds of faults there are, each with what it can be injected into.</summary>
    IReadOnlyList<FaultInfo> Faults { get; }

    /// <summary>Those of them that can strike the system of one workload.</summary>
    IReadOnlyList<FaultInfo> FaultsOf(string workload) => Faults;

    /// <summary>
    /// Carries out one trial. The same plan gives the same result on the same build, but for
    /// <see cref="TrialResult.RealMicros"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The plan names a workload, option, kind, target or site that there is not.</exception>
    TrialResult Run(TrialPlan plan);
}

/// <summary>A workload and its oracle.</summary>
/// <param name="Name">As plans name it.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Options">What can be chosen.</param>
internal sealed record WorkloadInfo(string Name, string Summary, IReadOnlyList<OptionInfo> Options);

/// <summary>A number that a workload can be given.</summary>
internal sealed record OptionInfo(string Name, string Summary, long Default, long Least, long Most);

/// <summary>A kind of fault.</summary>
/// <param name="Kind">As plans name it, the class before the dot: <c>device.lost-completion</c>, <c>code.mifs</c>.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Target">The domain, or the device, that it is injected into.</param>
/// <param name="Counter">
/// What its occurrences are counted by, a key of <see cref="TrialResult.Opportunities"/>. Empty when each site has a counter
/// of its own.
/// </param>
/// <param name="Sites">Where; empty for a kind without sites.</param>
/// <param name="Driver">The driver that is shot at with it, as experiments name it: <c>nvme</c>, <c>e1000e</c>.</param>
internal sealed record FaultInfo(
    string Kind, string Summary, string Target, string Counter, IReadOnlyList<SiteInfo> Sites, string Driver = "");

/// <summary>A place at which a fault can be injected.</summary>
/// <param name="Site">As plans name it.</param>
/// <param name="Place">Method, file and line; or contract and method.</param>
/// <param name="Effect">What becomes different there.</param>
/// <param name="Counter">What its occurrences are counted by, a key of the golden trial's <see cref="TrialResult.Opportunities"/>.</param>
/// <param name="Document">The source file, if there are symbols.</param>
/// <param name="Line">The line in it, from 1.</param>
internal sealed record SiteInfo(int Site, string Place, string Effect, string Counter = "", string? Document = null, int Line = 0);
