using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Simulation;

/// <summary>What a trial promises: the same plan, the same trial.</summary>
public sealed class TrialTests : IDisposable
{
    private readonly TrialEngine engine = new(TestSystem.DomainsFolder);

    public void Dispose() => engine.Dispose();

    [Fact]
    public void Run_Twice_IsTheSameToTheLastEvent()
    {
        for (ulong trial = 0; trial < 10; trial++)
        {
            TrialRecord first = engine.Run(Plan(trial), new TrialOptions { KeepsTrace = true });
            TrialRecord second = engine.Run(Plan(trial), new TrialOptions { KeepsTrace = true });
            Assert.Null(TraceFile.Difference(first.Trace.Records, second.Trace.Records));
            Assert.Equal(first.Result with { RealMicros = 0 }, second.Result with
            {
                RealMicros = 0,
                Round = first.Result.Round,
                Faults = first.Result.Faults,
                Deaths = first.Result.Deaths,
                Opportunities = first.Result.Opportunities,
            });
            Assert.Equal(first.Result.Round.Digest, second.Result.Round.Digest);
        }
    }

    [Fact]
    public void Run_OfManyTrials_GivesADifferentTraceToEach()
    {
        ulong[] hashes = [.. Enumerable.Range(0, 20).Select(trial => engine.Run(Plan((ulong)trial)).TraceHash)];
        Assert.Equal(20, hashes.Distinct().Count());
    }

    [Fact]
    public void Run_WithoutAFault_ViolatesNothing()
    {
        for (ulong trial = 0; trial < 20; trial++)
        {
            TrialResult result = engine.Run(Plan(trial));
            Assert.Equal((RoundEnd.Completed, 200L, 0L), (result.Round.End, result.Round.Done, result.Round.Failed));
            Assert.Empty(result.Round.Violations);
            Assert.Empty(result.Deaths);
            Assert.Equal((string.Empty, 0L), (result.Detector, result.Census.UnattributedBytes));
        }
    }

    [Fact]
    public void Check_OfAChoiceThatDiffersOnce_NamesTheFirstEventThatIsDifferent()
    {
        int calls = 0;
        var check = new DeterminismCheck(engine)
        {
            Options = new TrialOptions
            {
                KeepsTrace = true,
                Disturbance = (choice, chosen) => choice == Choice.DeviceDelay && ++calls == 1500 ? chosen + 1 : chosen,
            },
        };
        Divergence? found = check.Run([.. Enumerable.Range(0, 5).Select(trial => Plan((ulong)trial))], times: 2, others: []);
        Assert.NotNull(found);
        Assert.Equal("the same process", found.Where);
        Assert.Contains("DeviceDelay is decided", found.Event);
    }

    [Fact]
    public void Check_OfUndisturbedTrials_FindsNothing() =>
        Assert.Null(new DeterminismCheck(engine).Run([.. Enumerable.Range(0, 5).Select(trial => Plan((ulong)trial))], times: 3, others: []));

    [Fact]
    public void Run_BeyondItsDeadline_EndsAsHung()
    {
        TrialResult result = engine.Run(Plan(1) with { DeadlineMicros = 500 });
        Assert.Equal(RoundEnd.Hung, result.Round.End);
        Assert.InRange(result.Round.Done, 1, 199);
    }

    [Theory]
    [InlineData("nothing", "operations", 5)]
    [InlineData("block-ledger", "nothing", 5)]
    [InlineData("block-ledger", "depth", 0)]
    public void Run_OfAPlanThatCannotBe_SaysSo(string workload, string option, long value) =>
        Assert.Throws<ArgumentException>(() => engine.Run(
            Plan(0) with { Workload = workload, Options = new Dictionary<string, long> { [option] = value } }));

    private static TrialPlan Plan(ulong trial) => new() { Seed = 0x5EED, Trial = trial, Workload = "block-ledger" };
}
