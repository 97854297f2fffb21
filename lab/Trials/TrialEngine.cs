using System.Diagnostics;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Lab.Faults;
using RedLeafSharp.Lab.Targets;
using RedLeafSharp.Lab.Workloads;
using RedLeafSharp.Lab.Workloads.KeyValue;
using RedLeafSharp.Lab.Workloads.Network;

namespace RedLeafSharp.Lab.Trials;

/// <summary>
/// Carries out trials one after the other. Code of domains is loaded and compiled by the first trial that needs it and used again.
/// </summary>
internal sealed class TrialEngine : ITrialEngine
{
    private readonly string domainsFolder;
    private readonly CodePool code = new();
    private readonly Dictionary<string, Workload> workloads;
    private readonly Dictionary<DriverTarget, IReadOnlyList<FaultInfo>> faults = [];

    /// <param name="domainsFolder">Folder with one folder for each domain.</param>
    /// <param name="workloads">The workloads there are; those of the lab if there are none.</param>
    internal TrialEngine(string domainsFolder, params Workload[] workloads)
    {
        this.domainsFolder = domainsFolder;
        this.workloads = (workloads.Length > 0 ? workloads : BuiltIn).ToDictionary(workload => workload.Info.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<WorkloadInfo> Workloads => [.. workloads.Values.Select(workload => workload.Info)];

    public IReadOnlyList<FaultInfo> Faults => [.. DriverTargets.All.SelectMany(FaultsOf)];

    private static Workload[] BuiltIn => [new BlockLedger(), new FileModel(), new TreeCopy(), new TcpEcho(), new TcpBulk(), new KeyValue()];

    /// <summary>Only the drivers of the workload's system are read: mutants of a driver take a second to be made.</summary>
    public IReadOnlyList<FaultInfo> FaultsOf(string workload) =>
        workloads.TryGetValue(workload, out Workload? known) ? [.. known.Targets.SelectMany(FaultsOf)] : [];

    public TrialResult Run(TrialPlan plan) => Run(plan, TrialOptions.Default).Result;

    /// <summary>Carries out one trial and keeps what it did.</summary>
    internal TrialRecord Run(TrialPlan plan, TrialOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        Workload workload = Check(plan);
        var run = new TrialRun(plan, workload, options, domainsFolder, code);
        TrialResult result = run.Execute();
        result = result with { RealMicros = (long)Stopwatch.GetElapsedTime(start).TotalMicroseconds };
        return new TrialRecord(result, run.Trace, run.LogLines, run.History);
    }

    public void Dispose() => code.Dispose();

    private Workload Check(TrialPlan plan)
    {
        if (!workloads.TryGetValue(plan.Workload, out Workload? workload))
        {
            throw new ArgumentException($"there is no workload '{plan.Workload}'", nameof(plan));
        }

        foreach ((string name, long value) in plan.Options)
        {
            OptionInfo option = workload.Info.Options.FirstOrDefault(one => one.Name == name)
                ?? throw new ArgumentException($"the workload '{plan.Workload}' has no option '{name}'", nameof(plan));
            if (value < option.Least || value > option.Most)
            {
                throw new ArgumentException($"'{name}' is {value}; it must be {option.Least} to {option.Most}", nameof(plan));
            }
        }

        foreach (FaultPlan fault in plan.Faults)
        {
            Check(fault, plan.Workload);
        }

        return workload;
    }

    private IReadOnlyList<FaultInfo> FaultsOf(DriverTarget target)
    {
        if (!faults.TryGetValue(target, out IReadOnlyList<FaultInfo>? known))
        {
            known = FaultCatalog.Make(target, domainsFolder, code);
            faults.Add(target, known);
        }

        return known;
    }

    private void Check(FaultPlan fault, string workload)
    {
        FaultInfo info = FaultsOf(workload).FirstOrDefault(one => one.Kind == fault.Kind && one.Target == fault.Target)
            ?? throw new ArgumentException($"there is no fault '{fault.Kind}' of '{fault.Target}' in the system of '{workload}'", nameof(fault));
        if (info.Sites.Count > 0 && info.Sites.All(site => site.Site != fault.Site))
        {
            throw new ArgumentException($"'{fault.Kind}' of '{fault.Target}' has no site {fault.Site}", nameof(fault));
        }

        if (fault.Occurrence < 1 || fault.Probability is not (>= 0 and <= 1))
        {
            throw new ArgumentException("an occurrence is 1 or more, and a probability 0 to 1", nameof(fault));
        }
    }
}
