using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Lab.Faults;

/// <summary>All faults that can be injected, with the places of each.</summary>
internal static class FaultCatalog
{
    /// <summary>The domain that trials shoot at: what a shadow stands before.</summary>
    internal const string Driver = "Nvme";

    /// <summary>The device of trials' systems.</summary>
    internal const string Disk = "disk0";

    internal static IReadOnlyList<FaultInfo> Make(string domainsFolder, CodePool code)
    {
        DomainImage image = code.Read(Path.Combine(domainsFolder, Driver));
        IReadOnlyList<FaultSite> sites = image.Code(hasFaultSites: true).Sites;
        ILookup<SitePlace, FaultSite> places = ContractMethods.Places(image.Assembly, sites);
        return
        [
            .. DeviceFaultKind.All.Select(kind => new FaultInfo(
                $"{DeviceFaultKind.Class}.{kind.Name}", kind.Summary, Disk, FaultSet.CounterName(kind.Counter), [])),
            .. SiteFaultKind.All.Select(kind => new FaultInfo(
                kind.Kind,
                kind.Summary,
                Driver,
                string.Empty,
                [.. places[kind.Place].Select(site => new SiteInfo(site.Id, site.ToString(), kind.Summary))])),
        ];
    }
}
