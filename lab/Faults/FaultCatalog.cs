using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Lab.Targets;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Lab.Faults;

/// <summary>All faults that can be injected, with the places of each.</summary>
internal static class FaultCatalog
{
    /// <summary>The class of mutants.</summary>
    internal const string CodeClass = "code";

    /// <summary>Summaries of the kinds of mutants.</summary>
    private static readonly Dictionary<MutationOperator, string> Mistakes = new()
    {
        [MutationOperator.Mifs] = "an if and its statements are missing",
        [MutationOperator.Mieb] = "an if and its statements are missing, its else is there",
        [MutationOperator.Mia] = "an if is missing, its statements are there",
        [MutationOperator.Mlac] = "a part of an 'and' is missing",
        [MutationOperator.Mloc] = "a part of an 'or' is missing",
        [MutationOperator.Mfc] = "a call is missing",
        [MutationOperator.Efc] = "a call is made twice",
        [MutationOperator.Mviv] = "a variable is not initialized",
        [MutationOperator.Mvav] = "the assignment of a constant is missing",
        [MutationOperator.Mvae] = "the assignment of an expression is missing",
        [MutationOperator.Mlpa] = "two or three statements are missing",
        [MutationOperator.Walr] = "two statements are in the wrong order",
        [MutationOperator.Wvav] = "a wrong constant is assigned",
        [MutationOperator.Waep] = "wrong arithmetic in a parameter",
        [MutationOperator.Wpfv] = "a wrong variable is passed",
        [MutationOperator.Wlec] = "a condition is wrong",
        [MutationOperator.Text] = "a bit of a constant is wrong",
        [MutationOperator.Source] = "a wrong variable is read",
        [MutationOperator.Destination] = "a wrong variable is written",
        [MutationOperator.Pointer] = "a wrong field or element",
        [MutationOperator.Loop] = "a loop makes a round too many or too few",
        [MutationOperator.Interface] = "a parameter arrives as zero",
        [MutationOperator.Branch] = "a loop's condition is negated",
        [MutationOperator.Null] = "a call gives null",
    };

    /// <summary>All faults of one driver and its device.</summary>
    /// <param name="target">The driver.</param>
    /// <param name="domainsFolder">Where its image is.</param>
    /// <param name="code">Where images are read by.</param>
    internal static IReadOnlyList<FaultInfo> Make(DriverTarget target, string domainsFolder, CodePool code)
    {
        DomainImage image = code.Read(Path.Combine(domainsFolder, target.Domain));
        IReadOnlyList<FaultSite> sites = image.Code(hasFaultSites: true).Sites;
        ILookup<SitePlace, FaultSite> places = ContractMethods.Places(image.Assembly, sites);
        return
        [
            .. target.DeviceFaults,
            .. SiteFaultKind.All.Select(kind => new FaultInfo(
                kind.Kind, kind.Summary, target.Domain, string.Empty, [.. places[kind.Place].Select(site => PlaceOf(target, kind, site))],
                target.Name)),
            .. image.CodeWithMutants.Mutants.GroupBy(mutant => mutant.Operator).OrderBy(group => group.Key).Select(group =>
                OfMutants(target, group.Key, group, sites)),
        ];
    }

    private static SiteInfo PlaceOf(DriverTarget target, SiteFaultKind kind, FaultSite site) => new(
        site.Id, site.ToString(), kind.Summary, FaultSet.SiteCounterName(target.Domain, site.Id), site.Document, site.Line);

    /// <summary>A mutant is passed as often as the site of its statement.</summary>
    private static FaultInfo OfMutants(DriverTarget target, MutationOperator kind, IEnumerable<Mutant> mutants, IReadOnlyList<FaultSite> sites)
    {
        var byPlace = sites.GroupBy(site => (site.Method, site.ILOffset)).ToDictionary(group => group.Key, group => group.First().Id);
        return new FaultInfo(
            $"{CodeClass}.{kind.ToString().ToLowerInvariant()}",
            Mistakes[kind],
            target.Domain,
            string.Empty,
            [
                .. mutants.Select(mutant => new SiteInfo(
                    mutant.Id,
                    mutant.ToString(),
                    mutant.Effect,
                    byPlace.TryGetValue((mutant.Method, mutant.ILOffset), out int site)
                        ? FaultSet.SiteCounterName(target.Domain, site)
                        : string.Empty,
                    mutant.Document,
                    mutant.Line)),
            ],
            target.Name);
    }
}
