using RedLeafSharp.Lab.Linearizability;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Lab.Workloads.KeyValue;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Network;

/// <summary>Mistakes in a store are found in what its clients see.</summary>
public sealed class KeyValueTests
{
    [Theory]
    [InlineData(typeof(StaleStore))]
    [InlineData(typeof(ForgetfulStore))]
    [InlineData(typeof(YieldingStore))]
    public void Store_WithAMistake_IsFoundOut(Type store)
    {
        using var engine = new TrialEngine(TestSystem.DomainsFolder, new KeyValue(() => (KeyValueStore)Activator.CreateInstance(store)!));
        Violation[] found = [.. Enumerable.Range(0, 3).SelectMany(trial => engine.Run(NetworkTrialTests.Plan("kv", (ulong)trial)).Round.Violations)];

        Assert.NotEmpty(found);
        Assert.All(found, violation => Assert.Equal((ViolationKind.SilentCorruption, "linearizability"), (violation.Kind, violation.Oracle)));
        Assert.Contains("fits nowhere after", found[0].Detail, StringComparison.Ordinal);
    }

    /// <summary>A connection that breaks leaves an operation of which nobody knows: the history says so, and is right.</summary>
    [Fact]
    public void Store_WhoseConnectionsAreReset_HasAHistoryWithOpenOperations()
    {
        using var engine = new TrialEngine(TestSystem.DomainsFolder);
        var reset = new FaultPlan { Kind = "link.reset", Target = "wire", Occurrence = 40, Mode = FaultMode.Intermittent, Probability = 0.05 };
        TrialRecord record = engine.Run(NetworkTrialTests.Plan("kv", 2) with { Faults = [reset] }, TrialOptions.Default);

        Assert.InRange(record.Result.Round.Failed, 1, 120);
        Assert.Empty(record.Result.Round.Violations);
        Assert.Contains(record.History!.Operations, operation => operation.Completion == Completion.Unknown);
        using var text = new StringWriter();
        PlainHistory.Write(record.History, text);
        History again = HistoryReader.Read("h", text.ToString().Split('\n'));
        Assert.Equal(record.History.Operations.Count, again.Operations.Count);
        Assert.Equal(VerdictKind.Linearizable, LinearizabilityChecker.Check(again).Kind);
    }

    /// <summary>Now and then a read sees what was there before.</summary>
    private sealed class StaleStore : KeyValueStore
    {
        private readonly Dictionary<byte, long> old = [];
        private int reads;

        internal override KeyValueAnswer Apply(KeyValueRequest request)
        {
            KeyValueAnswer answer = base.Apply(request);
            if (request.Call != KeyValueCall.Read)
            {
                return answer;
            }

            long before = old.GetValueOrDefault(request.Key);
            old[request.Key] = answer.Value;
            return ++reads % 5 == 0 ? answer with { Value = before } : answer;
        }
    }

    /// <summary>One write in eight is answered and not made.</summary>
    private sealed class ForgetfulStore : KeyValueStore
    {
        private int writes;

        internal override KeyValueAnswer Apply(KeyValueRequest request) => request.Call == KeyValueCall.Write && ++writes % 8 == 0
            ? new KeyValueAnswer(true, request.Number, 0)
            : base.Apply(request);
    }

    /// <summary>A compare-and-set does not compare: an update in between is lost.</summary>
    private sealed class YieldingStore : KeyValueStore
    {
        internal override KeyValueAnswer Apply(KeyValueRequest request) => base.Apply(
            request.Call == KeyValueCall.CompareAndSet ? request with { Call = KeyValueCall.Write } : request);
    }
}
