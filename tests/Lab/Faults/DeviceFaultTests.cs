using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Faults;

/// <summary>Each fault of the disk strikes, and shows what such a fault must show.</summary>
public sealed class DeviceFaultTests : IDisposable
{
    private readonly TrialEngine engine = new(TestSystem.DomainsFolder);

    public void Dispose() => engine.Dispose();

    [Theory]
    [InlineData("lost-command", "driver")]
    [InlineData("lost-completion", "driver")]
    [InlineData("duplicate-completion", "driver")]
    [InlineData("late-completion", "driver")]
    [InlineData("wrong-command-id", "driver")]
    [InlineData("wrong-phase", "driver")]
    [InlineData("fatal", "driver")]
    [InlineData("stray-dma", "iommu")]
    [InlineData("reordered-completion", "")]
    [InlineData("latency-spike", "")]
    [InlineData("stale-head", "")]
    [InlineData("lost-interrupt", "")]
    [InlineData("lost-doorbell", "")]
    [InlineData("spurious-interrupt", "")]
    [InlineData("interrupt-storm", "")]
    public void Fault_ThatLosesNothing_IsNotSeenByTheClient(string kind, string detector)
    {
        TrialResult result = Run(kind, occurrence: 41);
        Assert.Equal(1, result.Faults[0].Activated);
        Assert.Equal((RoundEnd.Completed, 200L, 0L), (result.Round.End, result.Round.Done, result.Round.Failed));
        Assert.Empty(result.Round.Violations);
        Assert.Equal(detector, result.Detector);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("read-status")]
    [InlineData("write-status")]
    [InlineData("read-only")]
    public void Fault_ThatTheDiskReports_IsReportedToTheClient(string kind)
    {
        TrialResult result = Run(kind, occurrence: 21, argument: kind == "read-only" ? 0 : 0x4281);
        Assert.Equal((RoundEnd.Completed, 199L, 1L), (result.Round.End, result.Round.Done, result.Round.Failed));
        Assert.Empty(result.Round.Violations);
    }

    /// <summary>A disk that lies: nothing in the system has checksums, and the ledger finds it. The oracle can fail.</summary>
    [Theory]
    [InlineData("lost-write")]
    [InlineData("torn-write")]
    [InlineData("misdirected-write")]
    [InlineData("phantom-write")]
    [InlineData("misdirected-read")]
    [InlineData("bit-rot")]
    public void Fault_OfADiskThatLies_IsFoundByTheLedger(string kind)
    {
        int found = Enumerable.Range(1, 8).Count(occurrence => Run(kind, occurrence).Round.Violations.Any(violation =>
            violation is { Kind: ViolationKind.DataLoss or ViolationKind.SilentCorruption, Oracle: "block-ledger" }));
        Assert.InRange(found, 2, 8);
    }

    [Theory]
    [InlineData("all-ones")]
    [InlineData("removal")]
    [InlineData("admin-status")]
    [InlineData("admin-lost")]
    [InlineData("ready-stuck")]
    public void Fault_AtTheFirstStart_KeepsTheSystemFromBootingAndSaysSo(string kind)
    {
        TrialResult result = engine.Run(Plan(kind, occurrence: 1, argument: kind == "admin-status" ? 0x4002 : 0) with
        {
            Faults = [Plan(kind, 1, kind == "admin-status" ? 0x4002 : 0).Faults[0] with { While = FaultState.Booting }],
        });
        Assert.Equal((RoundEnd.NotBooted, 1L), (result.Round.End, result.Faults[0].Activated));
    }

    [Fact]
    public void Fault_InTheMiddleOfARecovery_IsSurvived()
    {
        foreach (string kind in new[] { "admin-status", "admin-lost", "ready-stuck", "all-ones" })
        {
            FaultPlan second = Plan(kind, occurrence: 1, argument: kind == "admin-status" ? 0x4002 : 0).Faults[0] with { While = FaultState.Recovering };
            TrialResult result = engine.Run(Plan("nothing", 1) with { Faults = [Crash(), second] });
            Assert.Equal((1L, 1L), (result.Faults[0].Activated, result.Faults[1].Activated));
            Assert.Equal((RoundEnd.Completed, 200L), (result.Round.End, result.Round.Done));
            Assert.Empty(result.Round.Violations);
            Assert.True(result.Deaths.Count >= 2, kind);
        }
    }

    [Fact]
    public void Dma_AfterTheDeathOfTheDriver_IsRefused()
    {
        FaultPlan dma = Plan("dma-after-death", occurrence: 2).Faults[0];
        TrialResult result = engine.Run(Plan("nothing", 1) with { Faults = [dma, Crash()] });
        Assert.Equal(RoundEnd.Completed, result.Round.End);
        Assert.InRange(result.Census.DmaFaults, 1, long.MaxValue);
        Assert.Empty(result.Round.Violations);
    }

    private static FaultPlan Crash() => new() { Kind = "behaviour.throw", Target = "Nvme", Site = SiteFaultTests.BusySite, Occurrence = 40 };

    private TrialResult Run(string kind, long occurrence, long argument = 0) => engine.Run(Plan(kind, occurrence, argument));

    private static TrialPlan Plan(string kind, long occurrence, long argument = 0) => new()
    {
        Seed = 3,
        Trial = (ulong)occurrence,
        Workload = "block-ledger",
        Faults = [new FaultPlan { Kind = $"device.{kind}", Target = "disk0", Occurrence = occurrence, Argument = argument }],
    };
}
