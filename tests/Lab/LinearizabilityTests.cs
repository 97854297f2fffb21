using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Lab.Linearizability;
using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Tests.Cli;
using Xunit;

namespace RedLeafSharp.Tests.Lab;

public sealed class LinearizabilityTests
{
    [Theory]
    [InlineData(true, "0 invoke write 1", "1 invoke read nil", "1 ok read nil", "0 ok write 1")]
    [InlineData(false, "0 invoke write 1", "0 ok write 1", "1 invoke read nil", "1 ok read nil")]
    [InlineData(true, "0 invoke write 1", "0 info write :timed-out", "1 invoke read nil", "1 ok read nil", "1 invoke read nil", "1 ok read 1")]
    [InlineData(false, "0 invoke write 1", "0 info write :timed-out", "1 invoke read nil", "1 ok read 1", "1 invoke read nil", "1 ok read nil")]
    [InlineData(false, "0 invoke write 1", "0 fail write 1", "1 invoke read nil", "1 ok read 1")]
    [InlineData(false, "0 invoke write 1", "0 ok write 1", "1 invoke cas [1 2]", "1 fail cas [1 2]")]
    [InlineData(true, "0 invoke write 1", "0 ok write 1", "1 invoke cas [3 2]", "1 fail cas [3 2]", "0 invoke cas [1 4]", "0 ok cas [1 4]")]
    [InlineData(false, "0 invoke write 1", "0 ok write 1", "1 invoke cas [3 2]", "1 ok cas [3 2]")]
    public void Check_JepsenLog_IsJudged(bool isLinearizable, params string[] events)
    {
        IEnumerable<string> lines = events.Select(text => text.Split(' ', 4))
            .Select(parts => $"INFO  jepsen.util - {parts[0]}\t:{parts[1]}\t:{parts[2]}\t{parts[3]}");

        Assert.Equal(Expected(isLinearizable), LinearizabilityChecker.Check(HistoryReader.Read("test", lines)).Kind);
    }

    [Theory]
    [InlineData("xy", true)]
    [InlineData("yx", false)]
    [InlineData("x", false)]
    public void Check_EdnOfSeveralKeys_EachIsARegister(string read, bool isLinearizable)
    {
        string[] lines =
        [
            """{:process 0, :type :invoke, :f :append, :key "a", :value "x"}""",
            """{:process 1, :type :invoke, :f :put, :key "b", :value "z"}""",
            """{:process 0, :type :ok, :f :append, :key "a", :value "x"}""",
            """{:process 0, :type :invoke, :f :append, :key "a", :value "y"}""",
            """{:process 0, :type :ok, :f :append, :key "a", :value "y"}""",
            """{:process 0, :type :invoke, :f :get, :key "a", :value nil}""",
            $$"""{:process 0, :type :ok, :f :get, :key "a", :value "{{read}}"}""",
        ];

        Verdict verdict = LinearizabilityChecker.Check(HistoryReader.Read("test", lines));

        Assert.Equal(Expected(isLinearizable), verdict.Kind);
    }

    [Theory]
    [InlineData("rubbish", "h, line 1: expected an event: a line of Jepsen's log, or an EDN map")]
    [InlineData("{:process 1, :type :ok, :f :read, :value 1}", "h, line 1: expected an operation that process 1 has invoked")]
    [InlineData("{:process 1, :type :invoke, :f :pop, :value 1}", "h, line 1: expected one of the functions :read, :write, :cas, :get, :put and :append")]
    [InlineData("{:process 1, :type :invoke, :value 1}", "h, line 1: expected an event with :f")]
    public void Read_MalformedEvent_NamesFileLineAndWhatWasExpected(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => HistoryReader.Read("h", [text])).Message);

    /// <summary>The judge is judged by trying every order of small random histories.</summary>
    [Fact]
    public void Check_RandomHistories_AgreeWithEveryOrderTried()
    {
        int violated = 0;
        for (ulong trial = 0; trial < 4_000; trial++)
        {
            History history = RandomHistory(new TrialRandom(1, trial, 0));
            bool exists = HasOrder(history.Initial, [.. history.Operations]);

            Assert.Equal(Expected(exists), LinearizabilityChecker.Check(history).Kind);
            violated += exists ? 0 : 1;
        }

        Assert.InRange(violated, 400, 3_600);
    }

    [Fact]
    public void Check_BoundReached_IsUndecided()
    {
        IEnumerable<string> lines = Enumerable.Range(0, 20).Select(process => $"{{:process {process}, :type :invoke, :f :write, :value {process}}}")
            .Append("{:process 50, :type :invoke, :f :read, :value nil}")
            .Append("{:process 50, :type :ok, :f :read, :value 77}");

        Assert.Equal(VerdictKind.Undecided, LinearizabilityChecker.Check(HistoryReader.Read("test", lines), 1_000).Kind);
    }

    [Fact]
    public void Command_StaleRead_ExitsWith1AndNamesTheLine()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("history", string.Join('\n', (string[])
        [
            "{:process 0, :type :invoke, :f :write, :value 1}",
            "{:process 0, :type :ok, :f :write, :value 1}",
            "{:process 1, :type :invoke, :f :read, :value nil}",
            "{:process 1, :type :ok, :f :read, :value nil}",
        ]));
        using var output = new StringWriter();

        int status = RedLeafCommand.Invoke(["lab", "linearizable", file], output, TextWriter.Null);

        Assert.Equal(1, status);
        Assert.Contains("line 4: process 1: Read nil", output.ToString(), StringComparison.Ordinal);
    }

    private static VerdictKind Expected(bool isLinearizable) => isLinearizable ? VerdictKind.Linearizable : VerdictKind.Violated;

    private static History RandomHistory(TrialRandom random)
    {
        var operations = new List<Operation>();
        for (int process = 0; process < 3; process++)
        {
            int now = 0;
            for (int i = 0; i < 2; i++)
            {
                int invoked = now + 1 + (int)random.NextBelow(4);
                now = invoked + 1 + (int)random.NextBelow(6);
                operations.Add(RandomOperation(ref random, process, invoked * 10 + process, now * 10 + process));
            }
        }

        return new History(null, operations);
    }

    private static Operation RandomOperation(ref TrialRandom random, int process, int invoked, int returned)
    {
        var kind = (OperationKind)random.NextBelow(3);
        ulong outcome = random.NextBelow(8);
        Completion completion = outcome == 0 && kind != OperationKind.Read ? Completion.Unknown
            : outcome < 3 && kind == OperationKind.CompareAndSet ? Completion.Refused : Completion.Done;
        string? value = random.NextBelow(3) is var number && number == 0 && kind == OperationKind.Read ? null : $"{number}";
        return new Operation(
            process, kind, string.Empty, kind == OperationKind.CompareAndSet ? $"{random.NextBelow(3)}" : null, value, completion, invoked,
            completion == Completion.Unknown ? Operation.Never : returned);
    }

    /// <summary>Operations that may never have happened can be left out here; the checker puts them last instead.</summary>
    private static bool HasOrder(string? state, IReadOnlyList<Operation> left)
    {
        if (left.All(operation => operation.Completion == Completion.Unknown))
        {
            return true;
        }

        int earliestReturn = left.Min(operation => operation.ReturnedAt);
        return left.Any(operation => operation.InvokedAt < earliestReturn
            && operation.TryApply(state, out string? next)
            && HasOrder(next, [.. left.Where(other => other != operation)]));
    }
}
