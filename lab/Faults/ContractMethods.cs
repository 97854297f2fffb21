using Mono.Cecil;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Lab.Faults;

/// <summary>Which sites of a domain stand in the methods that others call: where its boundary is.</summary>
internal static class ContractMethods
{
    /// <summary>The sites of each place, in the order of the image.</summary>
    /// <param name="image">The domain's image, as it was built.</param>
    /// <param name="sites">Its sites.</param>
    internal static ILookup<SitePlace, FaultSite> Places(byte[] image, IReadOnlyList<FaultSite> sites)
    {
        HashSet<string> methods = Find(image);
        return sites.Where(site => methods.Contains(site.Method)).GroupBy(site => site.Method)
            .SelectMany(Split)
            .Concat(sites.Select(site => (Place: SitePlace.Anywhere, Site: site)))
            .ToLookup(one => one.Place, one => one.Site);
    }

    private static IEnumerable<(SitePlace Place, FaultSite Site)> Split(IGrouping<string, FaultSite> method)
    {
        FaultSite first = method.MinBy(site => site.ILOffset)!;
        FaultSite last = method.MaxBy(site => site.ILOffset)!;
        return method.SelectMany(site => new[]
        {
            (Place: SitePlace.Entry, Site: site, Is: site == first),
            (Place: SitePlace.Exit, Site: site, Is: site == last),
            (Place: SitePlace.Inside, Site: site, Is: site != first && site != last),
        }).Where(one => one.Is).Select(one => (one.Place, one.Site));
    }

    /// <summary>Names as <see cref="FaultSite.Method"/> has them.</summary>
    private static HashSet<string> Find(byte[] image)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(image));
        return
        [
            .. from type in module.GetTypes()
            from implemented in type.Interfaces
            let contract = ContractCatalog.Find(implemented.InterfaceType.Name)
            where contract is not null && contract.FullName == implemented.InterfaceType.FullName
            from method in contract.GetMethods()
            select $"{type.FullName}.{method.Name}",
        ];
    }
}
