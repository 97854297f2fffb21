using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

public sealed class JudgementTests
{
    private static readonly TrialResult Golden = Result();

    [Fact]
    public void Judge_FaultThatNeverStruck_IsNotReached() =>
        Assert.Equal(Outcome.NotReached, Judge(Golden with { Faults = [new FaultRecord(0, 0, -1, "")] }));

    [Fact]
    public void Judge_NobodyNoticed_IsMasked() => Assert.Equal(Outcome.Masked, Judge(Struck));

    [Fact]
    public void Judge_RecoveredAndTheClientsSawTheSame_IsTransparent() =>
        Assert.Equal(Outcome.Transparent, Judge(Struck with { Detector = "exception", Deaths = [new DeathRecord("Nvme", 1, "exception", 7)] }));

    [Fact]
    public void Judge_OperationsThatFailed_AreDegraded() => Assert.Equal(
        Outcome.Degraded, Judge(Struck with { Detector = "driver", Round = Struck.Round with { Failed = 1, Digest = 9 } }));

    /// <summary>Where no operation failed there is no excuse for another state.</summary>
    [Fact]
    public void Judge_OtherStateWithoutAnError_IsSilentCorruption() =>
        Assert.Equal(Outcome.Sdc, Judge(Struck with { Round = Struck.Round with { Digest = 9 } }));

    /// <summary>A write that failed leaves another state behind, which the next round reads.</summary>
    [Fact]
    public void Judge_OtherStateInTheRoundAfterAnError_IsDegraded() => Assert.Equal(
        Outcome.Degraded, Judge(Struck with { Round = Struck.Round with { Failed = 1 }, SecondRound = Struck.Round with { Digest = 9 } }));

    [Theory]
    [InlineData(ViolationKind.WrongError, Outcome.WrongError)]
    [InlineData(ViolationKind.DataLoss, Outcome.DataLoss)]
    [InlineData(ViolationKind.SilentCorruption, Outcome.Sdc)]
    [InlineData(ViolationKind.Propagated, Outcome.Propagated)]
    internal void Judge_BrokenPromise_DecidesTheOutcome(ViolationKind kind, Outcome expected) => Assert.Equal(
        expected, Judge(Struck with { Round = Struck.Round with { Failed = 1, Violations = [new Violation(kind, "ledger", "x")] } }));

    [Fact]
    public void Judge_SeveralBrokenPromises_TheWorstCounts() => Assert.Equal(
        Outcome.Sdc,
        Judge(Struck with
        {
            Round = Struck.Round with
            {
                Violations = [new Violation(ViolationKind.SilentCorruption, "a", "x"), new Violation(ViolationKind.WrongError, "b", "y")],
            },
        }));

    /// <summary>Damage that shows only in the round without faults.</summary>
    [Fact]
    public void Judge_SecondRoundThatHangs_IsAHang() =>
        Assert.Equal(Outcome.Hang, Judge(Struck with { SecondRound = Struck.Round with { End = RoundEnd.Hung } }));

    [Fact]
    public void Judge_DownAndNobodyNoticed_IsAnUndetectedFailure() =>
        Assert.Equal(Outcome.UndetectedFail, Judge(Struck with { Round = Struck.Round with { End = RoundEnd.LegalError } }));

    [Fact]
    public void Judge_DownAndToldSo_IsDegraded() => Assert.Equal(
        Outcome.Degraded, Judge(Struck with { Detector = "driver", Round = Struck.Round with { End = RoundEnd.LegalError } }));

    [Theory]
    [InlineData(1, 0, 0, 0, 0)]
    [InlineData(0, 1, 0, 0, 0)]
    [InlineData(0, 0, 1, 0, 0)]
    [InlineData(0, 0, 0, 1, 0)]
    [InlineData(0, 0, 0, 0, 1)]
    public void Judge_WhatIsLeftBehind_IsPropagated(long bytes, long bystanders, long pages, int contexts, int generations) => Assert.Equal(
        Outcome.Propagated,
        Judge(Struck with
        {
            Census = Golden.Census with
            {
                UnattributedBytes = bytes,
                BystanderBytes = bystanders,
                MappedPages = pages,
                Contexts = contexts,
                Unreclaimed = generations,
            },
        }));

    [Fact]
    public void Judge_TrialThatFailsWithoutFaultsToo_IsAnErrorOfTheHarness() => Assert.Equal(
        Outcome.HarnessError, Judgement.Of(Golden with { Round = Golden.Round with { End = RoundEnd.Hung } }, Struck).Outcome);

    [Fact]
    public void Outcomes_AsText_AreReadBack() => Assert.All(Outcomes.All, outcome => Assert.Equal(outcome, Outcomes.Parse(outcome.Name())));

    [Fact]
    public void Json_JudgedTrial_IsReadBackAsWritten()
    {
        var trial = new JudgedTrial
        {
            Trial = 3,
            Class = "device.cfs",
            Outcome = Outcome.DataLoss,
            Detector = "driver",
            Detail = "ä \"x\" </script>",
            Plan = new TrialPlan { Seed = ulong.MaxValue, Trial = 3, Workload = "w", Faults = [new FaultPlan { Kind = "k", Target = "t" }] },
            Result = Struck with { TraceHash = ulong.MaxValue },
        };

        string text = CampaignJson.Write(trial);

        Assert.Equal(text, CampaignJson.Write(CampaignJson.Read<JudgedTrial>(text)));
        Assert.Contains("\"traceHash\":\"ffffffffffffffff\"", text);
        Assert.Contains("\"outcome\":\"DATA_LOSS\"", text);
        Assert.DoesNotContain('\n', text);
    }

    private static TrialResult Struck => Golden with { Faults = [new FaultRecord(5, 1, 100, "here")] };

    private static Outcome Judge(TrialResult faulty) => Judgement.Of(Golden, faulty).Outcome;

    private static TrialResult Result()
    {
        using var engine = new FakeEngine();
        return engine.Run(new TrialPlan { Seed = 1, Trial = 1, Workload = "fake", HasSecondRound = true });
    }
}
