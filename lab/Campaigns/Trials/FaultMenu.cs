using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// The kinds of faults that an experiment asks for: of each of its choices those that can strike the system of a workload. What is asked
/// for and is not there is an error of the file.
/// </summary>
internal sealed class FaultMenu
{
    /// <summary>The crash that comes before a fault during recovery.</summary>
    private const string CrashKind = "behaviour.throw";

    private readonly CampaignSpec spec;
    private readonly Dictionary<string, FaultInfo[]> known;
    private readonly Dictionary<string, IReadOnlyList<IReadOnlyList<FaultInfo>>> byWorkload;

    /// <exception cref="SpecException">The experiment names what the engine does not have.</exception>
    internal FaultMenu(CampaignSpec spec, ITrialEngine engine)
    {
        this.spec = spec;
        known = spec.Workloads.Select(choice => choice.Use).Distinct()
            .ToDictionary(use => use, use => engine.FaultsOf(use).ToArray(), StringComparer.Ordinal);
        FaultInfo[] all = OfTarget([.. known.Values.SelectMany(some => some).DistinctBy(info => (info.Kind, info.Target))]);
        FaultInfo[][] asked = [.. spec.Faults.Select(choice => Find(choice, all))];
        All = [.. asked.SelectMany(some => some)];
        byWorkload = known.ToDictionary(
            pair => pair.Key,
            IReadOnlyList<IReadOnlyList<FaultInfo>> (pair) => [.. asked.Select(some => some.Where(info => Array.Exists(pair.Value, one => one.Kind == info.Kind && one.Target == info.Target)).ToArray())],
            StringComparer.Ordinal);
        foreach (WorkloadChoice choice in spec.Workloads.Where(one => asked.Length > 0 && Of(one.Use).All(some => some.Count == 0)))
        {
            throw Error(choice.Source.Fields["use"], $"none of the faults can strike the system of '{choice.Use}'");
        }
    }

    /// <summary>All kinds that trials may have.</summary>
    internal IReadOnlyList<FaultInfo> All { get; }

    /// <summary>The kinds of each choice, in their order, that can strike the system of a workload.</summary>
    internal IReadOnlyList<IReadOnlyList<FaultInfo>> Of(string workload) => byWorkload[workload];

    /// <summary>The crash of a fault's driver.</summary>
    internal FaultInfo CrashBefore(FaultInfo fault) => FindCrash(fault)!;

    private FaultInfo? FindCrash(FaultInfo fault) =>
        known.Values.SelectMany(some => some).FirstOrDefault(info => info.Kind == CrashKind && info.Driver == fault.Driver);

    private FaultInfo[] OfTarget(FaultInfo[] faults)
    {
        FaultInfo[] found = [.. faults.Where(info => spec.Target is null || info.Driver == spec.Target.Text)];
        return found.Length > 0 || spec.Target is null ? found : throw Error(
            spec.Target, $"there is no driver '{spec.Target.Text}' in the systems of the workloads; there are {Listed(faults.Select(info => info.Driver))}");
    }

    private FaultInfo[] Find(FaultChoice choice, FaultInfo[] all)
    {
        FaultInfo[] ofClass = [.. all.Where(info => info.Kind.StartsWith(choice.Pick + ".", StringComparison.Ordinal))];
        if (ofClass.Length == 0)
        {
            string classes = Listed(all.Select(info => info.Kind.Split('.')[0]));
            throw Error(choice.Source.Fields["pick"], $"there are no faults '{choice.Pick}'; there are {classes}");
        }

        FaultInfo[] ofTarget = [.. ofClass.Where(info => choice.Target is null || choice.Target == info.Target || choice.Target == info.Driver)];
        if (ofTarget.Length == 0)
        {
            string targets = Listed(ofClass.Select(info => info.Target).Concat(ofClass.Select(info => info.Driver)));
            throw Error(choice.Source.Fields["target"], $"'{choice.Pick}' faults have no target '{choice.Target}'; they have {targets}");
        }

        string[] types = [.. ofTarget.Select(info => info.Kind[(choice.Pick.Length + 1)..])];
        for (int index = 0; index < choice.Types.Count; index++)
        {
            if (!types.Contains(choice.Types[index]))
            {
                throw Error(
                    choice.Source.Fields["types"].Items[index],
                    $"there is no '{choice.Types[index]}' among '{choice.Pick}' faults; there are {Listed(types)}");
            }
        }

        FaultInfo[] found = [.. ofTarget.Where((_, index) => choice.Types.Count == 0 || choice.Types.Contains(types[index]))];
        return !choice.IsDuringRecovery || Array.TrueForAll(found, info => FindCrash(info) is not null) ? found : throw Error(
            choice.Source.Fields["during"], $"there are no faults '{CrashKind}', so nothing is recovered");
    }

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Where(name => name.Length > 0).Distinct());

    private SpecException Error(SpecNode place, string message) => SpecException.At(spec.File, place.Line, place.Column, message);
}
