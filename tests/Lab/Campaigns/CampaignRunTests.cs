using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Tests.Cli;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>The order, the interruptions and the parts of a run, with runners in this process.</summary>
public sealed class CampaignRunTests
{
    private const int Trials = 300;
    private static readonly string Whole = string.Concat(Enumerable.Range(0, Trials).Select(trial => Line(trial) + "\n"));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public void Execute_AnyNumberOfJobs_WritesTheTrialsInOrder(int jobs)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "log");

        Assert.True(Run(path, Shard.Whole, jobs, new Random(jobs)));

        Assert.Equal(Whole, File.ReadAllText(path));
    }

    /// <summary>
    /// A runner that is killed leaves a beginning of the log, cut anywhere. Each round: interrupted and cut at random, several
    /// times, with another number of jobs each time, then run to the end.
    /// </summary>
    [Fact]
    public void Execute_InterruptedAnywhereAndResumed_EndsInTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(1);
        for (int round = 0; round < 40; round++)
        {
            string path = Path.Combine(folder.Path, $"log{round}");
            for (int interruption = random.Next(4); interruption > 0; interruption--)
            {
                _ = Run(path, Shard.Whole, random.Next(1, 6), random, cancelBehind: random.Next(Trials));
                Cut(path, random);
            }

            Assert.True(Run(path, Shard.Whole, random.Next(1, 6), random));
            Assert.Equal(Whole, File.ReadAllText(path));
        }
    }

    [Fact]
    public void Execute_CompleteLog_RunsNothing()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("log", Whole);

        Assert.True(Run(path, Shard.Whole, 2, new Random(1), isRunnable: false));
    }

    [Fact]
    public void Execute_GoalReached_WritesNothingBehindIt()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "log");

        Assert.True(Run(path, Shard.Whole, 4, new Random(1), lastTrial: 17));

        Assert.Equal(string.Concat(Whole.Split('\n').Take(18).Select(line => line + "\n")), File.ReadAllText(path));
    }

    [Fact]
    public void Execute_RunnerThatCannotRun_EndsWithItsReason()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<HarnessException>(() => Run(Path.Combine(folder.Path, "log"), Shard.Whole, 2, new Random(1), isRunnable: false));
    }

    [Theory]
    [InlineData(1, 3, 10, 4)]
    [InlineData(2, 3, 10, 3)]
    [InlineData(3, 3, 10, 3)]
    [InlineData(5, 8, 3, 0)]
    public void Shard_Length_IsItsPartOfTheTrials(int number, int count, long trials, long length) =>
        Assert.Equal(length, new Shard(number, count).LengthOf(trials));

    [Theory]
    [InlineData("1/4", true)]
    [InlineData("4/4", true)]
    [InlineData("0/4", false)]
    [InlineData("5/4", false)]
    [InlineData("1", false)]
    [InlineData("-1/4", false)]
    [InlineData("1/10001", false)]
    public void Shard_Text_IsReadOrRefused(string text, bool isShard) => Assert.Equal(isShard, Shard.TryParse(text, out _));

    private static string Line(long trial) => $"{{\"trial\":{trial},\"text\":\"ä€{new string('x', (int)(trial % 40))}\"}}";

    private static bool Run(
        string path, Shard shard, int jobs, Random random, int cancelBehind = -1, int lastTrial = -1, bool isRunnable = true)
    {
        using var cancellation = new CancellationTokenSource();
        using TrialLog log = TrialLog.Open(path, _ => { });
        int seed = random.Next();
        int runners = 0;
        var run = new CampaignRun(
            log, shard, Trials, jobs, () => new InlineRunner(new Random(seed + Interlocked.Increment(ref runners)), isRunnable));
        return run.Execute(
            line =>
            {
                if (cancelBehind >= 0 && line.StartsWith($"{{\"trial\":{cancelBehind},", StringComparison.Ordinal))
                {
                    cancellation.Cancel();
                }

                return !line.StartsWith($"{{\"trial\":{lastTrial},", StringComparison.Ordinal);
            },
            cancellation.Token);
    }

    /// <summary>Takes off the end at any byte, even within a character.</summary>
    private static void Cut(string path, Random random)
    {
        using FileStream file = File.Open(path, FileMode.Open);
        file.SetLength(Math.Max(0, file.Length - random.Next(200)));
    }

    private sealed class InlineRunner(Random random, bool isRunnable) : ITrialRunner
    {
        public string Run(long trial)
        {
            Thread.SpinWait(random.Next(5_000));
            return isRunnable ? Line(trial) : throw new HarnessException("nothing can be run");
        }

        public void Dispose()
        {
        }
    }
}
