using RedLeafSharp.Machine.Media;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>A sample of what the command <c>powercut</c> does in full.</summary>
public sealed class PowerCutSequenceTests
{
    private static readonly ExplorerOptions Sample = new() { StatesPerCut = 3, StatesPerCutReplay = 6, StatesPerJudgement = 40 };

    [FactNeeding(Need.E2fsprogs)]
    public void SequencesOfOneOperation_CutAnywhere_LeaveATreeThatMayBe() =>
        Explore(Sequences.OfOne(), seed: 1, workloadsMin: 104);

    [FactNeeding(Need.E2fsprogs)]
    public void SequencesOfTwoOperations_CutAnywhere_LeaveATreeThatMayBe() =>
        Explore(Sequences.OfTwo().Where((_, index) => index % 193 == 0), seed: 2, workloadsMin: 25);

    [FactNeeding(Need.E2fsprogs)]
    public void RandomSequences_CutAnywhere_LeaveATreeThatMayBe() =>
        Explore(Enumerable.Range(1, 12).Select(Sequences.Random), seed: 3, workloadsMin: 12);

    [FactNeeding(Need.E2fsprogs)]
    public void Workloads_OfAce_AreUnderstoodAndExplored()
    {
        Workload workload = AceLanguage.Parse("generic", [
            "# define", "A", "A/foo", "A/bar", "",
            "# setup", "mkdir A 0777", "sync", "",
            "# run", "open Afoo O_RDWR|O_CREAT 0777", "write Afoo 0 8192", "falloc Afoo FALLOC_FL_KEEP_SIZE 8192 4096",
            "link Afoo Abar", "sync", "remove Abar", "fsync Afoo", "checkpoint 1", "close Afoo",
        ]);
        Assert.Equal(
            "open A/foo O_RDWR|O_CREAT 0777; write A/foo 0 8192; falloc A/foo 1 8192 4096; link A/foo A/bar; sync; unlink A/bar; fsync A/foo",
            string.Join("; ", workload.Operations));
        (byte[] disk, ModelTree tree) = Sequences.Prepare(workload.Setup);
        using var explorer = new PowerCutExplorer(Sample, seed: 4);

        Assert.Equal("", explorer.Explore(disk, tree, workload));
    }

    /// <summary>A hole where nothing was changes no byte, so fdatasync has nothing to commit: what was made before need not be there.</summary>
    [FactNeeding(Need.E2fsprogs)]
    public void Fdatasync_AfterAHoleInNothing_MayCommitNothing()
    {
        const string Operations = "creat bar; fsync bar; creat B/bar; falloc bar FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE 0 4096; "
            + "fdatasync bar; creat B/foo";
        using var explorer = new PowerCutExplorer(Sample, seed: 7);

        Assert.Equal("", explorer.Explore(Sequences.Start.Disk, Sequences.Start.Tree, AceLanguage.Parse("file", Operations.Split(';'))));
    }

    [Theory]
    [InlineData("# run\nfrobnicate foo")]
    [InlineData("# run\nwrite foo")]
    public void Workload_NotUnderstood_IsRefusedWithItsLine(string text) =>
        Assert.Contains("file:2", Assert.Throws<FormatException>(() => AceLanguage.Parse("file", text.Split('\n'))).Message);

    [FactNeeding(Need.E2fsprogs)]
    public void Cuts_WhileADeadDriverIsReplaced_LeaveATreeThatMayBe()
    {
        using var explorer = new PowerCutExplorer(Sample with { StatesPerCut = 4 }, seed: 5);
        int moments = 0;
        for (int seed = 101; seed < 106; seed++)
        {
            Workload workload = Sequences.Random(seed);
            WorkloadTrace trace = StackRun.Record(Sequences.Start.Disk, Sequences.Start.Tree, workload, seed, out int[] around);
            moments += around.Length;
            string problem = explorer.Explore(trace, around);
            Assert.True(problem.Length == 0, $"{workload}\n{problem}");
        }

        Assert.True(moments > 30, $"{moments} moments");
    }

    /// <summary>A disk that says it has flushed and has not must be found out, or the explorer would find nothing.</summary>
    [FactNeeding(Need.E2fsprogs)]
    public void Disk_ThatDoesNotFlush_IsFoundOut()
    {
        FileOperation[] operations =
        [
            new(FileAction.Create, "bar"), new(FileAction.Write, "bar", "", 0, 9000), new(FileAction.SyncFile, "bar"),
            new(FileAction.Rename, "foo", "A/bar"), new(FileAction.Sync),
        ];
        WorkloadTrace trace = WorkloadRun.Record(Sequences.Start.Disk, Sequences.Start.Tree, operations);
        MediumEvent nothing = new(MediumAccess.Persist, 0, 0, null);
        MediumEvent[] lying = [.. trace.Events.Select(one => one.Access is MediumAccess.Flush or MediumAccess.Persist ? nothing : one)];
        using var explorer = new PowerCutExplorer(Sample with { StatesPerCut = 16, StatesPerJudgement = 0 }, seed: 6);

        Assert.NotEqual("", explorer.Explore(trace with { Events = lying }, trace.Ends));
    }

    private static void Explore(IEnumerable<Workload> workloads, int seed, int workloadsMin)
    {
        using var explorer = new PowerCutExplorer(Sample, seed);
        foreach (Workload workload in workloads)
        {
            Assert.Equal("", explorer.Explore(Sequences.Start.Disk, Sequences.Start.Tree, workload));
        }

        Assert.True(explorer.Figures.Workloads >= workloadsMin, explorer.Figures.ToString());
        Assert.True(explorer.Figures is { ReplayCuts: > 0, Judged: > 0 }, explorer.Figures.ToString());
    }
}
