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
    [InlineData("rubbish", "h, line 1: expected NAME CLIENT INVOKED RETURNED OPERATION -> RESULT")]
    [InlineData("{:process 1, :type :ok, :f :read, :value 1}", "h, line 1: expected an operation that process 1 has invoked")]
    [InlineData("{:process 1, :type :invoke, :f :pop, :value 1}", "h, line 1: expected one of the functions :read, :write, :cas, :get, :put and :append")]
    [InlineData("{:process 1, :type :invoke, :value 1}", "h, line 1: expected an event with :f")]
    public void Read_MalformedEvent_NamesFileLineAndWhatWasExpected(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => HistoryReader.Read("h", [text])).Message);

    [Theory]
    [InlineData(true, "x a 1 4 write 5 -> ok", "x b 2 3 read -> nil", "x b 5 9 cas 5 7 -> ok", "x b 10 11 read -> 7")]
    [InlineData(false, "x a 1 4 write 5 -> ok", "x b 5 6 read -> nil")]
    [InlineData(true, "x a 1 4 write 5 -> ok", "x b 4 6 read -> nil")]
    [InlineData(true, "x a 1 - write 5 -> ?", "x b 5 6 read -> nil", "x b 7 8 read -> 5")]
    [InlineData(true, "x a 1 3 write 5 -> ?", "x b 5 6 read -> nil", "x b 7 8 read -> 5")]
    [InlineData(false, "x a 1 - write 5 -> ?", "x b 5 6 read -> 5", "x b 7 8 read -> nil")]
    [InlineData(false, "x a 1 2 write 5 -> failed", "x b 5 6 read -> 5")]
    [InlineData(true, "x a 1 2 write 5 -> ok", "x b 5 6 cas 4 9 -> refused", "x c 7 8 read -> 5")]
    [InlineData(false, "x a 1 2 write 5 -> ok", "x b 5 6 cas 5 9 -> refused")]
    [InlineData(false, "x a 1 2 write 5 -> ok", "x b 3 9 cas 5 6 -> ok", "x c 4 8 cas 5 7 -> ok")]
    [InlineData(true, "x a 1 2 write 5 -> ok # a comment", "# another", "", "y b 5 6 read -> nil")]
    [InlineData(true, "initial \"\"", "x a 1 2 append \"a b\" -> ok", "x a 3 4 append c -> ok", "x b 5 6 read -> \"a bc\"")]
    [InlineData(true, "initial 0", "x b 5 6 read -> 0", "x b 7 8 write \"nil\" -> ok", "x b 9 10 read -> \"nil\"")]
    public void Check_PlainHistory_IsJudged(bool isLinearizable, params string[] lines) =>
        Assert.Equal(Expected(isLinearizable), LinearizabilityChecker.Check(HistoryReader.Read("h", lines)).Kind);

    [Theory]
    [InlineData("x a 1 2 write 5", "line 2: expected NAME CLIENT INVOKED RETURNED OPERATION -> RESULT")]
    [InlineData("x a 1 2 -> ok", "line 2: expected NAME CLIENT INVOKED RETURNED OPERATION -> RESULT")]
    [InlineData("x a one 2 read -> 5", "line 2: expected a whole number as the time of the invocation, not 'one'")]
    [InlineData("x a 1 x read -> 5", "line 2: expected a whole number as the time of the return, or -, not 'x'")]
    [InlineData("x a 5 2 read -> 5", "line 2: expected a return at 5 or later, not at 2")]
    [InlineData("x a 5 6 pop -> 5", "line 2: expected one of the operations read, write VALUE, append VALUE and cas EXPECTED VALUE")]
    [InlineData("x a 5 6 cas 5 -> ok", "line 2: expected one of the operations read, write VALUE")]
    [InlineData("x a 5 6 write 5 -> refused", "line 2: expected one of the results ok, failed and ?")]
    [InlineData("x a 5 6 cas 5 6 -> no", "line 2: expected one of the results ok, refused, failed and ?")]
    [InlineData("x a 5 - write 5 -> ok", "line 2: expected the result ? of an operation that has not returned")]
    [InlineData("x a 5 6 write \"5 -> ok", "line 2: expected a quote at the end")]
    [InlineData("x c 2 6 read -> 5", "line 2: expected one operation of client c at a time; that of line 1 lasts from 1 to 3")]
    [InlineData("initial 5", "line 2: expected 'initial' before the first operation")]
    public void Read_WrongPlainLine_NamesFileLineAndWhatWasExpected(string text, string message) => Assert.StartsWith(
        $"h, {message}",
        Assert.Throws<FormatException>(() => HistoryReader.Read("h", ["y c 1 3 read -> nil", text])).Message,
        StringComparison.Ordinal);

    /// <summary>
    /// Histories of a register that is right, with many clients at once; then one read gets a value from before the last write that it had
    /// to see, or one answered write is taken out of the register's life.
    /// </summary>
    [Fact]
    public void Check_HistoriesWithAPlantedMistake_AreViolatedAndTheOthersNot()
    {
        int planted = 0;
        for (ulong trial = 0; trial < 60; trial++)
        {
            Operation[] operations = RightHistory(new TrialRandom(2, trial, 0), clients: 6, count: 120);
            Assert.Equal(VerdictKind.Linearizable, LinearizabilityChecker.Check(new History(null, operations)).Kind);
            if (PlantStaleRead(operations) is not { } stale)
            {
                continue;
            }

            planted++;
            Verdict verdict = LinearizabilityChecker.Check(new History(null, stale));
            Assert.Equal(VerdictKind.Violated, verdict.Kind);
            Assert.NotNull(verdict.Blocked);
        }

        Assert.InRange(planted, 40, 60);
    }

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
        Assert.Contains("line 4: client 1: Read nil", output.ToString(), StringComparison.Ordinal);
    }

    private static VerdictKind Expected(bool isLinearizable) => isLinearizable ? VerdictKind.Linearizable : VerdictKind.Violated;

    /// <summary>Each operation takes effect at one moment between its begin and its end.</summary>
    private static Operation[] RightHistory(TrialRandom random, int clients, int count)
    {
        var moments = new List<(int At, int Client, int Begin, int End)>();
        int[] free = new int[clients];
        for (int number = 0; number < count; number++)
        {
            int client = number % clients;
            int begin = free[client] + 1 + (int)random.NextBelow(50);
            int at = begin + 1 + (int)random.NextBelow(50);
            free[client] = at + 1 + (int)random.NextBelow(50);
            moments.Add((at * clients, client, begin * clients, free[client] * clients));
        }

        string? state = null;
        return
        [
            .. moments.OrderBy(one => one.At + one.Client).Select((one, number) =>
            {
                bool isWrite = random.NextBelow(3) == 0;
                state = isWrite ? $"{number}" : state;
                return new Operation(
                    $"{one.Client}", isWrite ? OperationKind.Write : OperationKind.Read, "x", null, state, Completion.Done,
                    one.Begin + one.Client, one.End + one.Client);
            }),
        ];
    }

    /// <summary>A read that begins after a write has ended sees what was there before that write began; null if there is no such pair.</summary>
    private static Operation[]? PlantStaleRead(Operation[] right)
    {
        foreach (Operation write in right.Where(one => one.Kind == OperationKind.Write))
        {
            Operation? read = Array.Find(right, one => one.Kind == OperationKind.Read && one.InvokedAt > write.ReturnedAt && one.Value == write.Value);
            Operation? old = Array.Find(right, one => one.Kind == OperationKind.Write && one.ReturnedAt < write.InvokedAt);
            if (read is not null && old is not null)
            {
                return [.. right.Select(one => one == read ? one with { Value = old.Value } : one)];
            }
        }

        return null;
    }

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
            $"{process}", kind, string.Empty, kind == OperationKind.CompareAndSet ? $"{random.NextBelow(3)}" : null, value, completion, invoked,
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
