using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

public sealed class SpecTests
{
    internal const string Smallest = """
        apiVersion: redleaf/v1
        kind: Campaign
        metadata: {name: small}
        trials: 10
        workloads: [{use: block-ledger}]
        faults: [{pick: device}]
        """;

    internal const string Full = """
        apiVersion: redleaf/v1
        kind: Campaign
        metadata: {name: full, description: every field, seed: 0x5EED}
        trials: 1000
        target: nvme
        workloads:
          - {use: block-ledger, weight: 3, with: {operations: 2000, depth: 32}}
          - {use: file-tree}
        faults:
          - {pick: device, target: disk0, types: [lost-completion, cfs], weight: 2}
          - {pick: code, target: Nvme, during: recovery}
        trigger: {perTrial: 2, mode: intermittent, everyMicros: 1000, probability: 0.25, while: recovering}
        compare: {recoveryOff: false, secondRound: false}
        timeline: {bucketMicros: 10000}
        goals:
          - {count: [KERNEL_CRASH, DATA_LOSS], atMost: 0}
          - {share: [TRANSPARENT], of: activated, atLeast: 0.99, among: [boundary, device.cfs]}
          - {latency: firstReply, quantile: 0.99, atMost: 1000}
        stop: {activated: 500, onFirst: [SDC]}
        """;

    [Fact]
    public void Parse_FullFile_GivesEachField()
    {
        CampaignSpec spec = CampaignSpec.Parse("full.yaml", Full);

        Assert.Equal(("full", "every field", 0x5EEDUL, 1000L), (spec.Name, spec.Description, spec.Seed, spec.Trials));
        Assert.Equal("nvme", spec.Target?.Text);
        Assert.Equal([("block-ledger", 3L), ("file-tree", 1L)], spec.Workloads.Select(one => (one.Use, one.Weight)));
        Assert.Equal(2000, spec.Workloads[0].Options["operations"]);
        Assert.Equal(("device", "disk0", "cfs", 2L), (spec.Faults[0].Pick, spec.Faults[0].Target, spec.Faults[0].Types[1], spec.Faults[0].Weight));
        Assert.Equal(new TriggerChoice(2, FaultMode.Intermittent, 1000, 0.25, FaultState.Recovering), spec.Trigger);
        Assert.False(spec.ComparesRecoveryOff || spec.HasSecondRound);
        Assert.Equal([GoalKind.Count, GoalKind.Share, GoalKind.Latency], spec.Goals.Select(goal => goal.Kind));
        Assert.Equal(Denominator.Activated, spec.Goals[1].Of);
        Assert.True(spec.Goals[1].IsAbout("boundary.delay+device.cfs"));
        Assert.False(spec.Goals[1].IsAbout("boundary.delay+device.status"));
        Assert.Equal([false, true], spec.Faults.Select(one => one.IsDuringRecovery));
        Assert.Equal((500L, Outcome.Sdc), (spec.Stop.Activated, Assert.Single(spec.Stop.OnFirst)));
    }

    [Fact]
    public void Parse_SmallestFile_TakesTheDefaultsOfTheSchema()
    {
        CampaignSpec spec = CampaignSpec.Parse("small.yaml", Smallest);

        Assert.Equal((1UL, true, true), (spec.Seed, spec.ComparesRecoveryOff, spec.HasSecondRound));
        Assert.Equal(new TriggerChoice(1, FaultMode.Once, 0, 0.5, FaultState.Any), spec.Trigger);
        Assert.Null(spec.Stop.Activated);
    }

    [Theory]
    [InlineData("trials: 10", "trials: none", "x.yaml:4:9: 'trials' must be a whole number, not 'none'")]
    [InlineData("trials: 10", "trials: 0", "x.yaml:4:9: 'trials' must be from 1 to 100000000, not '0'")]
    [InlineData("trials: 10", "trial: 10", "x.yaml:4:1: 'trial' is unknown; known here: apiVersion, compare")]
    [InlineData("trials: 10\n", "", "x.yaml:1:1: 'trials' is missing")]
    [InlineData("{name: small}", "{name: Small}", "x.yaml:3:18: 'metadata.name' must be a name of small letters")]
    [InlineData("{name: small}", "{name: small, seed: -1}", "x.yaml:3:31: 'metadata.seed' must be from 0 to")]
    [InlineData("{name: small}", "", "x.yaml:3:10: 'metadata' must be a mapping, not nothing")]
    [InlineData("[{use: block-ledger}]", "[]", "x.yaml:5:12: 'workloads' must have at least 1")]
    [InlineData("[{use: block-ledger}]", "[{use: a, use: b}]", "x.yaml:5:22: the field 'use' is there twice")]
    [InlineData("[{use: block-ledger}]", "[{use: a, with: {x: y}}]", "x.yaml:5:32: 'workloads[0].with.x' must be a whole number")]
    [InlineData("[{pick: device}]", "[{pick: &a device}]", "x.yaml:6:17: anchors")]
    [InlineData("[{pick: device}]", "[{pick: device}", "x.yaml:7:1: not readable as YAML")]
    [InlineData("kind: Campaign", "kind: Battle", "x.yaml:2:7: 'kind' must be Campaign, not 'Battle'")]
    public void Parse_WrongField_NamesPlaceAndWhatWasExpected(string right, string wrong, string message)
    {
        string text = Smallest.Replace(right, wrong, StringComparison.Ordinal);

        string actual = Assert.Throws<SpecException>(() => CampaignSpec.Parse("x.yaml", text)).Message;

        Assert.StartsWith(message, actual, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{count: [SDC]}")]
    [InlineData("{atMost: 0}")]
    [InlineData("{count: [SDC], latency: detect, atMost: 0}")]
    public void Parse_GoalThatSaysNothing_IsRefusedAtItsPlace(string goal)
    {
        string message = Assert.Throws<SpecException>(() => CampaignSpec.Parse("x.yaml", $"{Smallest}\ngoals: [{goal}]")).Message;

        Assert.StartsWith("x.yaml:7:9: a goal has one of", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", 10_000)]
    [InlineData("{a: ", 10_000)]
    [InlineData("- ", 10_000)]
    [InlineData("[],", 100_000)]
    public void Parse_DeepOrManyBrackets_IsRefused(string bracket, int times) => Assert.Throws<SpecException>(
        () => CampaignSpec.Parse("x.yaml", "a: [" + string.Concat(Enumerable.Repeat(bracket, times))));

    /// <summary>A name must not carry a line break into a path or a report.</summary>
    [Fact]
    public void Parse_NameThatEndsWithALineBreak_IsRefused() => Assert.Throws<SpecException>(
        () => CampaignSpec.Parse("x.yaml", Smallest.Replace("name: small", "name: \"small\\n\"", StringComparison.Ordinal)));
}
