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
                [
                    .. places[kind.Place].Select(site => new SiteInfo(
                        site.Id, site.ToString(), kind.Summary, FaultSet.SiteCounterName(Driver, site.Id), site.Document, site.Line)),
                ])),
            .. image.CodeWithMutants.Mutants.GroupBy(mutant => mutant.Operator).OrderBy(group => group.Key).Select(group =>
                OfMutants(group.Key, group, sites)),
        ];
    }

    /// <summary>A mutant is passed as often as the site of its statement.</summary>
    private static FaultInfo OfMutants(MutationOperator kind, IEnumerable<Mutant> mutants, IReadOnlyList<FaultSite> sites)
    {
        var byPlace = sites.GroupBy(site => (site.Method, site.ILOffset)).ToDictionary(group => group.Key, group => group.First().Id);
        return new FaultInfo(
            $"{CodeClass}.{kind.ToString().ToLowerInvariant()}",
            Mistakes[kind],
            Driver,
            string.Empty,
            [
                .. mutants.Select(mutant => new SiteInfo(
                    mutant.Id,
                    mutant.ToString(),
                    mutant.Effect,
                    byPlace.TryGetValue((mutant.Method, mutant.ILOffset), out int site) ? FaultSet.SiteCounterName(Driver, site) : string.Empty,
                    mutant.Document,
                    mutant.Line)),
            ]);
    }
}
