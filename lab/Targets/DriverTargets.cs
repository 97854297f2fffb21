namespace RedLeafSharp.Lab.Targets;

/// <summary>The drivers that trials shoot at.</summary>
internal static class DriverTargets
{
    internal static DriverTarget Nvme { get; } = new NvmeTarget();

    internal static DriverTarget E1000e { get; } = new E1000eTarget();

    internal static IReadOnlyList<DriverTarget> All { get; } = [Nvme, E1000e];
}
