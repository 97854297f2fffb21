using RedLeafSharp.Lab.Faults;
using RedLeafSharp.Lab.Trials;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Network;

/// <summary>Each fault of the controller and of the wire strikes, and shows what such a fault must show.</summary>
[Collection(NetworkTrialsGroup.Name)]
public sealed class NetworkFaultTests(NetworkTrials trials)
{
    private readonly TrialEngine engine = trials.Engine;

    [Theory]
    [InlineData("receive-stuck", "driver")]
    [InlineData("transmit-stuck", "driver")]
    [InlineData("lost-write-back", "driver")]
    [InlineData("lost-send-report", "driver")]
    [InlineData("wrong-length", "driver")]
    [InlineData("outside-loan", "iommu")]
    [InlineData("duplicate-write-back", "")]
    [InlineData("short-length", "")]
    [InlineData("error-bit", "")]
    [InlineData("false-checksum-error", "")]
    [InlineData("lost-data", "")]
    [InlineData("lost-interrupt", "")]
    [InlineData("spurious-interrupt", "")]
    [InlineData("interrupt-storm", "")]
    [InlineData("lost-tail-write", "")]
    [InlineData("all-ones", "")]
    [InlineData("link-flap", "")]
    public void Fault_OfAControllerThatCanBeReset_IsNotSeenByConnections(string kind, string detector)
    {
        TrialResult result = Run($"device.{kind}", "net0", occurrence: 25);
        AssertUnharmed(result);
        Assert.Equal(detector, result.Detector);
    }

    [Theory]
    [InlineData("loss")]
    [InlineData("delay")]
    [InlineData("reordering")]
    [InlineData("duplication")]
    [InlineData("corruption")]
    [InlineData("rate")]
    [InlineData("partition")]
    public void Fault_OfTheWire_IsMadeGoodByTcp(string kind) => AssertUnharmed(Run($"link.{kind}", "wire", occurrence: 60));

    /// <summary>A controller that says a damaged frame is right: nothing in the system has other checksums. The oracle can fail.</summary>
    [Theory]
    [InlineData("tcp-echo")]
    [InlineData("tcp-bulk")]
    public void Fault_OfAControllerThatLies_IsFoundInTheStream(string workload)
    {
        Violation[] found = [.. Enumerable.Range(10, 10).SelectMany(occurrence =>
            Run("device.hidden-corruption", "net0", occurrence, workload).Round.Violations)];
        Assert.NotEmpty(found);
        Assert.All(found, violation => Assert.Equal((ViolationKind.SilentCorruption, "stream"), (violation.Kind, violation.Oracle)));
        Assert.Contains(found, violation => violation.Detail.EndsWith(", and those behind it are right", StringComparison.Ordinal));
    }

    [Fact]
    public void Reset_OfAConnection_IsALegalErrorOfItsOperationsOnly()
    {
        TrialResult result = Run("link.reset", "wire", occurrence: 60);
        Assert.Equal(RoundEnd.Completed, result.Round.End);
        Assert.InRange(result.Round.Failed, 1, 20);
        Assert.Empty(result.Round.Violations);
    }

    /// <summary>A page at the end of the heap, which nobody has lent; the packets' pages are a controller's to write.</summary>
    [Fact]
    public void Dma_ToWhereNobodyHasToldIt_IsRefused()
    {
        TrialResult result = Run("device.stray-dma", "net0", occurrence: 25, argument: 4095);
        AssertUnharmed(result);
        Assert.Equal(("iommu", 1L), (result.Detector, result.Census.DmaFaults));
    }

    /// <summary>Without a device connections end by time-out; nobody polls it for ever.</summary>
    [Fact]
    public void Removal_OfTheController_EndsConnectionsInTime()
    {
        TrialResult result = Run("device.removal", "net0", occurrence: 100);
        Assert.Equal((RoundEnd.Completed, "driver"), (result.Round.End, result.Detector));
        Assert.InRange(result.Round.Failed, 1, 80);
        Assert.Empty(result.Round.Violations);
    }

    [Theory]
    [InlineData("reset-stuck")]
    [InlineData("wrong-address")]
    [InlineData("all-ones")]
    public void Fault_InTheMiddleOfARecovery_IsSurvived(string kind)
    {
        var second = new FaultPlan { Kind = $"device.{kind}", Target = "net0", Argument = 1, While = FaultState.Recovering };
        TrialResult result = engine.Run(NetworkTrialTests.Plan("tcp-echo", 1) with { Faults = [NetworkTrialTests.Crash(), second] });
        Assert.Equal((1L, 1L), (result.Faults[0].Activated, result.Faults[1].Activated));
        Assert.Equal((RoundEnd.Completed, 0L), (result.Round.End, result.Round.Failed));
    }

    [Fact]
    public void Dma_AfterTheDeathOfTheDriver_IsRefused()
    {
        var dma = new FaultPlan { Kind = "device.dma-after-death", Target = "net0", Occurrence = 5 };
        TrialResult result = engine.Run(NetworkTrialTests.Plan("tcp-echo", 1) with { Faults = [dma, NetworkTrialTests.Crash()] });
        Assert.InRange(result.Census.DmaFaults, 1, long.MaxValue);
        Assert.Equal((RoundEnd.Completed, 0L), (result.Round.End, result.Round.Failed));
    }

    [Fact]
    public void Crash_WithoutRecovery_EndsAllConnectionsWithErrors()
    {
        TrialResult result = engine.Run(
            NetworkTrialTests.Plan("tcp-echo", 1) with { Faults = [NetworkTrialTests.Crash()], HasRecovery = false });
        Assert.Equal((RoundEnd.Completed, 0L), (result.Round.End, result.Times.Recoveries));
        Assert.InRange(result.Round.Failed, 1, 80);
        Assert.Empty(result.Round.Violations);
    }

    [Fact]
    public void Faults_OfEachWorkload_AreThoseOfItsSystem()
    {
        Assert.All(engine.FaultsOf("tcp-bulk"), fault => Assert.Equal("e1000e", fault.Driver));
        Assert.All(engine.FaultsOf("block-ledger"), fault => Assert.Equal("nvme", fault.Driver));
        Assert.InRange(engine.FaultsOf("kv").Count(fault => FaultNames.ClassOf(fault.Kind) == "code"), 15, 24);
        Assert.Throws<ArgumentException>(() => engine.Run(
            NetworkTrialTests.Plan("kv", 0) with { Faults = [new FaultPlan { Kind = "device.fatal", Target = "disk0" }] }));
    }

    private TrialResult Run(string kind, string target, long occurrence, string workload = "tcp-echo", long argument = 0) => engine.Run(
        NetworkTrialTests.Plan(workload, (ulong)occurrence) with
        {
            Faults = [new FaultPlan { Kind = kind, Target = target, Occurrence = occurrence, Argument = argument }],
        });

    private static void AssertUnharmed(TrialResult result)
    {
        Assert.Equal(1, result.Faults[0].Activated);
        Assert.Equal((RoundEnd.Completed, 80L, 0L), (result.Round.End, result.Round.Done, result.Round.Failed));
        Assert.Empty(result.Round.Violations);
    }
}
