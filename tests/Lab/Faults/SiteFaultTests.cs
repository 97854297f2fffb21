using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Faults;

/// <summary>Faults that strike in the driver's code: at its boundary and anywhere.</summary>
public sealed class SiteFaultTests : IDisposable
{
    private readonly TrialEngine engine = new(TestSystem.DomainsFolder);

    /// <summary>A site that the golden trial passes often.</summary>
    internal static int BusySite { get; } = FindBusySite(Plan("behaviour.throw", 0, 1), "Nvme");

    public void Dispose() => engine.Dispose();

    [Theory]
    [InlineData("behaviour.throw", "exception")]
    [InlineData("behaviour.null", "exception")]
    [InlineData("behaviour.allocate", "exception")]
    [InlineData("behaviour.spin", "deadline")]
    [InlineData("behaviour.hang", "deadlock")]
    [InlineData("behaviour.recurse", "stack")]
    public void Misbehaviour_IsNoticedAndTheDriverReplaced(string kind, string detector)
    {
        TrialResult result = engine.Run(Plan(kind, BusySite, 40));
        Assert.Equal((RoundEnd.Completed, 200L, 0L), (result.Round.End, result.Round.Done, result.Round.Failed));
        Assert.Empty(result.Round.Violations);
        Assert.Equal((detector, 1L, 1), (result.Detector, result.Times.Recoveries, result.Deaths.Count));
        Assert.Equal((0L, 0), (result.Census.UnattributedBytes, result.Census.Unreclaimed));
        Assert.True(result.Times.ActivatedMicros <= result.Times.DetectedMicros && result.Times.DetectedMicros <= result.Times.FirstReplyMicros);
    }

    [Fact]
    public void Crash_WithoutRecovery_IsALegalErrorFromThenOn()
    {
        TrialResult result = engine.Run(Plan("behaviour.throw", BusySite, 40) with { HasRecovery = false });
        Assert.Equal(RoundEnd.LegalError, result.Round.End);
        Assert.InRange(result.Round.Done, 1, 199);
        Assert.Empty(result.Round.Violations);
    }

    [Fact]
    public void Crash_OfEveryGeneration_IsGivenUpAfterTheBudget()
    {
        TrialPlan once = Plan("behaviour.throw", BusySite, 40);
        TrialResult result = engine.Run(once with { Faults = [once.Faults[0] with { Mode = FaultMode.Permanent }] });
        Assert.Equal(RoundEnd.LegalError, result.Round.End);
        Assert.InRange(result.Deaths.Count, 2, 40);
        Assert.Empty(result.Round.Violations);
    }

    [Fact]
    public void Leak_IsReclaimedWithItsGeneration()
    {
        TrialPlan leak = Plan("behaviour.leak", BusySite, 20);
        TrialResult leaking = engine.Run(leak);
        TrialResult reclaimed = engine.Run(leak with { Faults = [.. leak.Faults, Plan("behaviour.throw", BusySite, 60).Faults[0]] });
        Assert.True(leaking.Census.ExchangeBytes > reclaimed.Census.ExchangeBytes);
        Assert.Equal((0L, 1), (reclaimed.Census.UnattributedBytes, reclaimed.Deaths.Count));
    }

    [Fact]
    public void SecondRound_AfterACrash_IsAsGoodAsTheFirst()
    {
        TrialResult result = engine.Run(Plan("behaviour.throw", BusySite, 40) with { HasSecondRound = true });
        Assert.Equal((RoundEnd.Completed, 200L), (result.SecondRound!.End, result.SecondRound.Done));
        Assert.Empty(result.SecondRound.Violations);
    }

    [Fact]
    public void Boundary_HasAnEntryAndAnExitInEachMethodOfTheContract()
    {
        foreach (string kind in new[] { "boundary.throw-before", "boundary.throw-during", "boundary.throw-after" })
        {
            FaultInfo info = engine.FaultsOf("block-ledger").Single(one => one.Kind == kind);
            string[] methods = ["GetGeometry", "Submit", "Poll", "Wait"];
            Assert.All(kind.EndsWith("during") ? methods[1..] : methods, method =>
                Assert.Contains(info.Sites, site => site.Place.Contains($"NvmeBlockDevice.{method} ")));
        }
    }

    [Fact]
    public void Throw_AtEachPlaceOfTheBoundary_IsNotSeenByTheClient()
    {
        foreach (FaultInfo info in engine.FaultsOf("block-ledger").Where(one => one.Kind is "boundary.throw-before" or "boundary.throw-after" or "boundary.no-memory"))
        {
            foreach (SiteInfo site in info.Sites)
            {
                TrialResult result = engine.Run(Plan(info.Kind, site.Site, 2));
                Assert.True(result.Round is { End: RoundEnd.Completed, Done: 200, Violations.Count: 0 }, $"{info.Kind} at {site.Place}");
            }
        }
    }

    [Fact]
    public void Withhold_AtEachExitOfTheBoundary_IsNotSeenByTheClient()
    {
        FaultInfo info = engine.FaultsOf("block-ledger").Single(one => one.Kind == "boundary.withhold");
        foreach (SiteInfo site in info.Sites)
        {
            TrialResult result = engine.Run(Plan(info.Kind, site.Site, 2));
            Assert.True(result.Round is { End: RoundEnd.Completed, Done: 200, Violations.Count: 0 }, $"{info.Kind} at {site.Place}");
        }
    }

    /// <summary>The first site of a driver's code that a trial without faults passes often.</summary>
    internal static int FindBusySite(TrialPlan plan, string driver)
    {
        using var engine = new TrialEngine(TestSystem.DomainsFolder);
        IReadOnlyDictionary<string, long> counts = engine.Run(plan with { Faults = [] }).Opportunities;
        return counts.Where(one => one.Key.StartsWith($"{driver}.site.", StringComparison.Ordinal) && one.Value > 100)
            .Select(one => int.Parse(one.Key.Split('.')[^1])).Order().First();
    }

    private static TrialPlan Plan(string kind, int site, long occurrence) => new()
    {
        Seed = 5,
        Trial = (ulong)site,
        Workload = "block-ledger",
        Faults = [new FaultPlan { Kind = kind, Target = "Nvme", Site = site, Occurrence = occurrence }],
    };
}
