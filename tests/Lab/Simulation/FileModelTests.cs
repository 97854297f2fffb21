using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Lab.Workloads;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Tests.Lab.Faults;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Simulation;

/// <summary>Ext4 over the shadowed disk, compared with files in memory.</summary>
public sealed class FileModelTests : IDisposable
{
    private readonly TrialEngine engine = new(TestSystem.DomainsFolder);

    public void Dispose() => engine.Dispose();

    [Fact]
    public void Run_WithoutAFault_EqualsTheModelAndItselfInASecondRun()
    {
        for (ulong trial = 0; trial < 3; trial++)
        {
            TrialResult result = engine.Run(Plan(trial));
            Assert.Equal((RoundEnd.Completed, 112L, 0L), (result.Round.End, result.Round.Done, result.Round.Failed));
            Assert.Empty(result.Round.Violations);
            Assert.Equal(result.TraceHash, engine.Run(Plan(trial)).TraceHash);
        }
    }

    [Fact]
    public void Crash_OfTheDriver_IsNotSeenInTheFiles()
    {
        TrialResult golden = engine.Run(Plan(1));
        FaultPlan crash = new() { Kind = "behaviour.throw", Target = "Nvme", Site = SiteFaultTests.BusySite, Occurrence = 5 };
        TrialResult result = engine.Run(Plan(1) with { Faults = [crash] });
        Assert.Equal((1L, 1), (result.Faults[0].Activated, result.Deaths.Count));
        Assert.Equal((RoundEnd.Completed, golden.Round.Digest), (result.Round.End, result.Round.Digest));
        Assert.Empty(result.Round.Violations);
    }

    /// <summary>The power goes in the middle of it: Linux has nothing to say against what is left, once its journal has been replayed.</summary>
    [FactNeeding(Need.E2fsprogs)]
    public void PowerCut_InTheMiddle_LeavesAFileSystem()
    {
        for (ulong trial = 0; trial < 3; trial++)
        {
            TrialPlan plan = Plan(trial) with
            {
                Options = new Dictionary<string, long> { ["fsck"] = 1 },
                Faults = [new FaultPlan { Kind = "device.power-cut", Target = "disk0", Occurrence = 3 + (4 * (long)trial) }],
            };
            TrialResult result = engine.Run(plan);
            Assert.Equal(1, result.Faults[0].Activated);
            Assert.Empty(result.Round.Violations);
        }
    }

    /// <summary>The oracle can fail: a disk of zeros has no file system.</summary>
    [FactNeeding(Need.E2fsprogs)]
    public void FileSystemCheck_OfADiskOfZeros_Complains() => Assert.NotEmpty(FileSystemCheck.Judge(DiskSnapshot.Empty(1 << 20)));

    [Fact]
    public void Tree_CopiedWhileTheDriverCrashes_HasTheSameHashes()
    {
        TrialPlan plan = Plan(1) with { Workload = "tree-copy" };
        TrialResult golden = engine.Run(plan);
        FaultPlan crash = new() { Kind = "behaviour.throw", Target = "Nvme", Site = SiteFaultTests.BusySite, Occurrence = 3, EveryMicros = 3_000 };
        TrialResult result = engine.Run(plan with { Faults = [crash] });
        Assert.NotEmpty(result.Deaths);
        Assert.Equal((RoundEnd.Completed, golden.Round.Digest), (result.Round.End, result.Round.Digest));
        Assert.Empty(result.Round.Violations);
    }

    private static TrialPlan Plan(ulong trial) => new() { Seed = 11, Trial = trial, Workload = "file-model" };
}
