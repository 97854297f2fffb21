using RedLeafSharp.Cli.Lab;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Lab.Faults;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Network;

/// <summary>Trials of two stacks at the ends of a wire: the same plan gives the same trial, and without faults nothing is wrong.</summary>
[Collection(NetworkTrialsGroup.Name)]
public sealed class NetworkTrialTests(NetworkTrials trials)
{
    private static readonly string[] Names = ["tcp-echo", "tcp-bulk", "kv"];

    private static readonly int BusySite = SiteFaultTests.FindBusySite(Plan("tcp-echo", 1), "E1000e");

    private readonly TrialEngine engine = trials.Engine;

    public static TheoryData<string> Workloads => [.. Names];

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Run_Twice_IsTheSameToTheLastEvent(string workload)
    {
        foreach (FaultPlan[] faults in new FaultPlan[][] { [], [Crash()], [new() { Kind = "link.loss", Target = "wire", Occurrence = 30 }] })
        {
            TrialPlan plan = Plan(workload, trial: 3) with { Faults = faults, HasSecondRound = true };
            TrialRecord first = engine.Run(plan, new TrialOptions { KeepsTrace = true });
            TrialRecord second = engine.Run(plan, new TrialOptions { KeepsTrace = true });
            Assert.Null(TraceFile.Difference(first.Trace.Records, second.Trace.Records));
            Assert.Equal(first.Result.TraceHash, second.Result.TraceHash);
            Assert.NotEqual(0, first.Result.Round.Done);
        }
    }

    /// <summary>Golden trials, and such with a fault of the driver, the wire and the controller, in a process with one core.</summary>
    [Fact]
    public void Run_InAnotherProcess_HasTheSameTrace()
    {
        FaultPlan[] faults =
        [
            Crash(),
            new() { Kind = "link.corruption", Target = "wire", Occurrence = 20 },
            new() { Kind = "device.corrupt-write-back", Target = "net0", Occurrence = 20 },
        ];
        TrialPlan[] plans =
        [
            .. Names.Select(workload => Plan(workload, trial: 5)),
            .. Names.SelectMany(workload => faults.Select(fault => Plan(workload, trial: 6) with { Faults = [fault] })),
        ];
        var other = new OtherProcess(
            "another process", ["dotnet", typeof(OtherProcess).Assembly.Location],
            new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = "1" });

        Assert.Null(new DeterminismCheck(engine).Run(plans, times: 1, [other]));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Run_WithoutAFault_ViolatesNothing(string workload)
    {
        for (ulong trial = 0; trial < 4; trial++)
        {
            TrialResult result = engine.Run(Plan(workload, trial) with { HasSecondRound = true });
            Assert.Equal((RoundEnd.Completed, 0L), (result.Round.End, result.Round.Failed));
            Assert.Equal((RoundEnd.Completed, result.Round.Done), (result.SecondRound!.End, result.SecondRound.Done));
            Assert.Empty(result.Round.Violations.Concat(result.SecondRound.Violations));
            Assert.Empty(result.Deaths);
            Assert.Equal((string.Empty, 0L, 0L), (result.Detector, result.Census.UnattributedBytes, result.Times.Retried));
        }
    }

    /// <summary>A gap that is bounded below what a recovery takes is missed, and that is a failure.</summary>
    [Fact]
    public void Run_WithAGapThatIsBounded_CountsLateAnswersAsFailed()
    {
        TrialPlan plan = Plan("tcp-echo", 1) with { Faults = [new() { Kind = "device.transmit-stuck", Target = "net0", Occurrence = 20 }] };
        TrialResult free = engine.Run(plan);
        TrialResult bounded = engine.Run(plan with { Options = new Dictionary<string, long> { ["gapMillis"] = 500 } });
        Assert.Equal(0, free.Round.Failed);
        Assert.InRange(free.Round.LongestGapMicros, 5_000_000, 60_000_000);
        Assert.InRange(bounded.Round.Failed, 1, free.Round.Done);
    }

    internal static FaultPlan Crash() => new() { Kind = "behaviour.throw", Target = "E1000e", Site = BusySite, Occurrence = 40 };

    internal static TrialPlan Plan(string workload, ulong trial) => new() { Seed = 0x5EED, Trial = trial, Workload = workload };
}
