using System.Diagnostics;
using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Tests.Cli;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>Runs with real worker processes.</summary>
public sealed class WorkerTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void Run_InOnePieceOrInShards_GivesTheSameBytes()
    {
        string whole = Run(FakeEngine.Experiment, "whole", Shard.Whole, jobs: 2);
        RunFolder[] parts = [.. Enumerable.Range(1, 3).Select(number =>
        {
            _ = Run(FakeEngine.Experiment, $"part{number}", new Shard(number, 3), jobs: 1);
            return RunFolder.Open(At($"part{number}"));
        })];

        RunFolder merged = ShardMerge.Merge(parts, At("merged"));

        Assert.Equal(whole, File.ReadAllText(merged.LogPath));
        Assert.Equal(60, merged.ReadTrials().Count());
        Assert.Equal(File.ReadAllText(RunFolder.Open(At("whole")).In("run.json")), File.ReadAllText(merged.In("run.json")));
    }

    [Fact]
    public void Merge_CampaignThatStopsEarly_IsCutWhereItStops()
    {
        string experiment = FakeEngine.Experiment + "\nstop: {activated: 20}";
        string whole = Run(experiment, "whole", Shard.Whole, jobs: 2);
        _ = Run(experiment, "part1", new Shard(1, 2), jobs: 1);
        _ = Run(experiment, "part2", new Shard(2, 2), jobs: 1);

        RunFolder merged = ShardMerge.Merge([RunFolder.Open(At("part2")), RunFolder.Open(At("part1"))], At("merged"));

        Assert.Equal(whole, File.ReadAllText(merged.LogPath));
        Assert.Equal(20, merged.ReadTrials().Count(record => record.Outcome.IsActivated()));
    }

    [Fact]
    public void Merge_ShardThatIsIncomplete_NamesTheTrialThatIsMissing()
    {
        _ = Run(FakeEngine.Experiment, "part1", new Shard(1, 2), jobs: 1);
        _ = RunFolder.Create(At("part2"), FakeWorker.Manifest(FakeEngine.Experiment, new Shard(2, 2)), FakeEngine.Experiment);

        RunException exception = Assert.Throws<RunException>(
            () => ShardMerge.Merge([RunFolder.Open(At("part1")), RunFolder.Open(At("part2"))], At("merged")));

        Assert.Contains("trial 1 is missing", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The runner itself is killed with SIGKILL, each time when it has written a few more trials.</summary>
    [Fact]
    public void Run_KilledAgainAndAgain_ResumesToTheSameBytes()
    {
        string whole = Run(FakeEngine.Experiment, "whole", Shard.Whole, jobs: 2);
        RunFolder folder = RunFolder.Create(
            At("killed"), FakeWorker.Manifest(FakeEngine.Experiment, Shard.Whole), FakeEngine.Experiment);
        foreach (int trials in new[] { 1, 20, 41 })
        {
            RunAndKill(folder.Path, trials);
        }

        _ = new Campaign(folder, folder.Experiment.Parse()).Run(FakeWorker.Command, 2, TimeSpan.FromSeconds(30), _ => { }, default);

        Assert.Equal(whole, File.ReadAllText(folder.LogPath));
    }

    [Fact]
    public void Run_TrialThatKillsItsProcess_IsACrashOfTheKernelAndTheNextTrialRuns()
    {
        JudgedTrial[] records = RunSingle("process", "die", trials: 2);

        Assert.All(records, record => Assert.Equal(Outcome.KernelCrash, record.Outcome));
        Assert.All(records, record => Assert.Equal("process.die", record.Class));
        Assert.Equal("the process ended with status 137", records[0].Detail);
        Assert.NotNull(records[1].Plan);
        Assert.Contains("trial 0: its worker died with status 137, again", File.ReadAllText(Path.Combine(At("run"), "incidents.log")));
    }

    [Fact]
    public void Run_TrialThatNeverEnds_IsAHang()
    {
        JudgedTrial record = Assert.Single(RunSingle("process", "hang", trials: 1, patienceSeconds: 5));

        Assert.Equal((Outcome.Hang, "process.hang"), (record.Outcome, record.Class));
    }

    [Fact]
    public void Run_WorkerThatBabbles_IsAnErrorOfTheHarness() =>
        Assert.Throws<HarnessException>(() => RunSingle("process", "babble", trials: 1));

    /// <summary>What a fresh process does counts; that another one died is told.</summary>
    [Fact]
    public void Run_DeathThatDoesNotRepeat_CountsAsWhatTheFreshProcessShowed()
    {
        string experiment = Single("process", "die-once", 3);
        RunFolder folder = RunFolder.Create(At("run"), FakeWorker.Manifest(experiment, Shard.Whole), experiment);

        CampaignEnd end = new Campaign(folder, folder.Experiment.Parse())
            .Run(FakeWorker.Command, 1, TimeSpan.FromSeconds(30), _ => { }, default);

        Assert.Equal(2, end.UnrepeatedDeaths);
        Assert.DoesNotContain(folder.ReadTrials(), record => record.Outcome == Outcome.KernelCrash);
    }

    [Fact]
    public void Create_FolderOfAnotherRun_IsRefused()
    {
        _ = Run(FakeEngine.Experiment, "run", Shard.Whole, jobs: 1);

        Assert.Throws<RunException>(() => Run(FakeEngine.Experiment, "run", Shard.Whole, jobs: 1));
    }

    [Fact]
    public void Run_LogOfAnotherSeed_IsRefused()
    {
        _ = Run(FakeEngine.Experiment, "run", Shard.Whole, jobs: 1);
        RunFolder folder = RunFolder.Open(At("run"));
        string[] lines = File.ReadAllLines(folder.LogPath);
        File.WriteAllLines(folder.LogPath, [lines[1], .. lines[1..]]);

        RunException exception = Assert.Throws<RunException>(() => folder.ReadTrials().Count());

        Assert.Contains("trials.jsonl:1: expected trial 0", exception.Message, StringComparison.Ordinal);
    }

    private static string Single(string pick, string type, int trials) => FakeEngine.Experiment
        .Replace("faults: [{pick: device}]", $"faults: [{{pick: {pick}, types: [{type}]}}]", StringComparison.Ordinal)
        .Replace("trials: 60", $"trials: {trials}", StringComparison.Ordinal);

    /// <summary>Starts a runner and kills it behind so many trials; workers end by themselves.</summary>
    private static void RunAndKill(string folder, int trials)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(FakeWorker).Assembly.Location, FakeWorker.RunVerb, folder, "2"])
        {
            RedirectStandardOutput = true,
        };
        using Process runner = Process.Start(start)!;
        for (int line = 0; line < trials; line++)
        {
            Assert.NotNull(runner.StandardOutput.ReadLine());
        }

        runner.Kill();
        runner.WaitForExit();
    }

    private string At(string name) => Path.Combine(temporary.Path, name);

    private JudgedTrial[] RunSingle(string pick, string type, int trials, int patienceSeconds = 30)
    {
        _ = Run(Single(pick, type, trials), "run", Shard.Whole, jobs: 1, patienceSeconds);
        return [.. RunFolder.Open(At("run")).ReadTrials()];
    }

    private string Run(string experiment, string name, Shard shard, int jobs, int patienceSeconds = 30)
    {
        RunFolder folder = RunFolder.Create(At(name), FakeWorker.Manifest(experiment, shard), experiment);
        CampaignEnd end = new Campaign(folder, folder.Experiment.Parse())
            .Run(FakeWorker.Command, jobs, TimeSpan.FromSeconds(patienceSeconds), _ => { }, default);
        Assert.True(end.IsComplete);
        return File.ReadAllText(folder.LogPath);
    }
}
