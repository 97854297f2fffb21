namespace RedLeafSharp.Lab.Planting;

/// <summary>All bugs that can be planted.</summary>
internal static class PlantedBugs
{
    internal static IReadOnlyList<PlantedBug> All { get; } = [.. ShadowBugs.All, .. DriverBugs.All, .. KernelBugs.All];

    internal static PlantedBug? Find(string name) => All.FirstOrDefault(bug => bug.Name == name);
}
