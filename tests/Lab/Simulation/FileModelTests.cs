using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Lab.Faults;
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

    private static TrialPlan Plan(ulong trial) => new() { Seed = 11, Trial = trial, Workload = "file-model" };
}
