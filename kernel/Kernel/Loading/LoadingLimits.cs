namespace RedLeafSharp.Kernel.Loading;

/// <summary>The bounds of loading, each with its reason.</summary>
internal static class LoadingLimits
{
    /// <summary>
    /// How long one static constructor, the constructor of the entry class, or a rehearsal may take before the generation is
    /// killed. Those of this system take micro- to milliseconds; the limit is for ones that never end, and must not strike on a
    /// host that schedules a thread now and then only.
    /// </summary>
    internal static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(5);
}
