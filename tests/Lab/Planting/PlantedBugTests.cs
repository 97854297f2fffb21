using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Planting;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Planting;

/// <summary>
/// Bugs planted into copies of the build: each fits the code it was made for, and a sample is found by the experiment that the build
/// without them passes. <c>redleaf lab hunt</c> looks for all.
/// </summary>
public sealed class PlantedBugTests
{
    private const int TrialsMax = 40;
    private const int CleanTrials = 12;

    private static readonly CampaignSpec Spec = CampaignSpec.Parse(
        "planted-bugs.yaml", File.ReadAllText(Path.Combine(Repository.Root, "experiments", "planted-bugs.yaml")));

    private static string Build => AppContext.BaseDirectory;

    public static TheoryData<string> Names => [.. PlantedBugs.All.Select(bug => bug.Name)];

    [Fact]
    public void Bugs_AllOfThem_AreThirtyOrMoreWithNamesOfTheirOwn()
    {
        Assert.InRange(PlantedBugs.All.Count, 30, 1000);
        Assert.Equal(PlantedBugs.All.Count, PlantedBugs.All.Select(bug => bug.Name).Distinct().Count());
    }

    /// <summary>An edit whose place has gone would be a bug that nobody can find.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Bug_PlantedIntoThisBuild_ChangesTheAssembly(string name)
    {
        PlantedBug bug = PlantedBugs.Find(name)!;
        string path = Path.Combine(Build, bug.Assembly);
        byte[] assembly = File.ReadAllBytes(path);

        (byte[] planted, byte[] symbols) = bug.PlantInto(assembly, File.ReadAllBytes(Path.ChangeExtension(path, ".pdb")), Build);

        Assert.NotEqual(assembly, planted);
        Assert.NotEmpty(symbols);
    }

    [Fact]
    public void Edit_WhosePlaceIsGone_IsRefused()
    {
        var bug = new PlantedBug("gone", PlantedBugs.All[0].Assembly, "x", CodeEdit.Skip("Ledger.Rewind", "NoSuchCall"));
        string path = Path.Combine(Build, bug.Assembly);

        Assert.Throws<PlantingException>(
            () => bug.PlantInto(File.ReadAllBytes(path), File.ReadAllBytes(Path.ChangeExtension(path, ".pdb")), Build));
    }

    [Theory]
    [InlineData("missed-revoke", Outcome.HarnessError)]
    [InlineData("lost-flush", Outcome.HarnessError)]
    [InlineData("reset-says-done", Outcome.Sdc)]
    [InlineData("replay-forgotten", Outcome.Degraded)]
    internal void Bug_OfADomain_IsFoundByTheExperiment(string name, Outcome expected)
    {
        using var folder = new TemporaryFolder();
        PlantedBug bug = PlantedBugs.Find(name)!;
        string domains = CopyDomains(folder.Path);
        string path = Path.Combine(folder.Path, bug.Assembly);
        (byte[] planted, byte[] symbols) = bug.PlantInto(
            File.ReadAllBytes(path), File.ReadAllBytes(Path.ChangeExtension(path, ".pdb")), Build);
        File.WriteAllBytes(path, planted);
        File.WriteAllBytes(Path.ChangeExtension(path, ".pdb"), symbols);
        using var engine = new TrialEngine(domains);

        HuntResult result = BugHunt.Run(bug, Spec with { Trials = TrialsMax }, Runner(engine));

        Assert.True(result.Found is not null, $"not found in {result.Trials} trials");
        Assert.True(result.Found.Outcome == expected, $"{result.Found.Outcome}: {result.Found.Detail}");
        Assert.NotEmpty(result.FoundBy);
    }

    [Fact]
    public void Build_WithoutABug_HasNoFinding()
    {
        using var engine = new TrialEngine(Path.Combine(Build, "domains"));
        Func<long, JudgedTrial> run = Runner(engine);

        Assert.All(Enumerable.Range(0, CleanTrials), trial =>
        {
            JudgedTrial judged = run(trial);
            Assert.False(BugHunt.IsFinding(Spec, judged), $"{judged.Class}: {judged.Outcome} {judged.Detail}");
        });
    }

    /// <summary>A bug may be mended by what is above it, and show in how long that takes.</summary>
    [Fact]
    public void Bug_ThatOnlyAllTrialsTogetherShow_IsFoundByTheGoalTheyMiss()
    {
        Goal slow = Assert.Single(Spec.Goals, goal => goal.Kind == GoalKind.Latency);
        CampaignSpec spec = Spec with { Trials = 3, Goals = [slow with { AtMost = 0 }] };
        using var engine = new TrialEngine(Path.Combine(Build, "domains"));

        HuntResult result = BugHunt.Run(PlantedBugs.All[0], spec, Runner(engine));

        Assert.True(result.IsFound);
        Assert.StartsWith("firstReply, quantile 0.98: ", result.FoundBy, StringComparison.Ordinal);
    }

    private static Func<long, JudgedTrial> Runner(TrialEngine engine)
    {
        var planner = new TrialPlanner(Spec, engine);
        var series = new TrialSeries(engine);
        return trial => series.Run(planner, trial, Spec.ComparesRecoveryOff, _ => { });
    }

    private static string CopyDomains(string folder)
    {
        string domains = Path.Combine(folder, "domains");
        foreach (string name in new[] { "Nvme", "BlockShadow" })
        {
            string to = Directory.CreateDirectory(Path.Combine(domains, name)).FullName;
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Build, "domains", name)))
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
        }

        return domains;
    }
}
