using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>The experiments that are delivered.</summary>
public sealed class ExperimentTests
{
    private const long OperationsMax = 50;

    /// <summary>Each obeys the schema, is named as its file is, and asks for what this build's engine has.</summary>
    [Fact]
    public void Experiments_EachFile_CanBePlanned()
    {
        using var engine = new TrialEngine(Path.Combine(AppContext.BaseDirectory, "domains"));
        string[] files = Directory.GetFiles(Path.Combine(Repository.Root, "experiments"), "*.yaml");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            CampaignSpec spec = CampaignSpec.Parse(Path.GetFileName(file), File.ReadAllText(file));

            Assert.Equal(Path.GetFileNameWithoutExtension(file), spec.Name);
            Assert.NotEmpty(new TrialPlanner(spec, engine).FaultKinds);
            Assert.NotEmpty(spec.Goals);
            Assert.NotEmpty(spec.Description);
        }
    }

    /// <summary>One trial of each: the workload completes without faults, and nothing ends the process.</summary>
    [Fact]
    public void Experiments_OneTrialOfEach_RunsToAnOutcome()
    {
        using var engine = new TrialEngine(Path.Combine(AppContext.BaseDirectory, "domains"));
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, "experiments"), "*.yaml"))
        {
            CampaignSpec spec = CampaignSpec.Parse(Path.GetFileName(file), File.ReadAllText(file));
            IReadOnlyList<WorkloadChoice> small = [.. spec.Workloads.Select(one => one with { Options = Small(one.Options) })];
            var planner = new TrialPlanner(spec with { Workloads = small }, engine);

            JudgedTrial trial = new TrialSeries(engine).Run(planner, 0, comparesRecoveryOff: false, _ => { });

            Assert.True(trial.Outcome != Outcome.HarnessError, $"{file}: {trial.Detail}");
            Assert.NotEmpty(trial.Plan!.Faults);
        }
    }

    private static Dictionary<string, long> Small(IReadOnlyDictionary<string, long> options) =>
        options.ToDictionary(one => one.Key, one => one.Key == "operations" ? Math.Min(one.Value, OperationsMax) : one.Value);
}
