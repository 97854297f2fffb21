using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Tests.Cli;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>The command itself, with the real system in its workers: killed, divided, and asked to repeat what it did.</summary>
public sealed class RealCampaignTests(RealCampaignTests.WholeRun whole) : IClassFixture<RealCampaignTests.WholeRun>
{
    private const string Experiment = """
        apiVersion: redleaf/v1
        kind: Campaign
        metadata: {name: honesty, seed: 0xFACE}
        trials: 40
        workloads:
          - {use: block-ledger, with: {operations: 40, powerCut: 1}}
        faults:
          - {pick: boundary}
          - {pick: behaviour, types: [throw, spin]}
          - {pick: device, types: [status, lost-completion, fatal, lost-write, power-cut]}
        trigger: {perTrial: 2}
        compare: {recoveryOff: false}
        goals:
          - {count: [KERNEL_CRASH], atMost: 0}
        """;

    /// <summary>
    /// SIGKILL before anything is there, then each time a few more lines have been said; the last runner ends the campaign. The whole is
    /// what an uninterrupted runner writes, and so is what two shards are merged to.
    /// </summary>
    [Fact]
    public void Run_KilledOrDivided_EndsInTheBytesOfAnUninterruptedRun()
    {
        whole.Kill("killed", lines: 0);
        whole.Kill("killed", lines: 1);
        whole.Kill("killed", lines: 3);
        whole.Run("killed", "--jobs", "1", "--resume");
        whole.Run("one", "--jobs", "1", "--shard", "1/2");
        whole.Run("two", "--jobs", "1", "--shard", "2/2");
        Assert.Equal(0, RedLeafProcess.Run("", "lab", "merge", whole.At("two"), whole.At("one"), "--output", whole.At("merged")).Status);

        Assert.Equal(40, File.ReadAllLines(Path.Combine(whole.At("whole"), "trials.jsonl")).Length);
        Assert.Equal(whole.Read("whole"), whole.Read("killed"));
        Assert.Equal(whole.Read("whole"), whole.Read("merged"));
    }

    /// <summary>The trial that ended worst, in a process that has run nothing else.</summary>
    [Fact]
    public void Replay_WorstTrialOfARun_EndsAsItDidWithTheSameTrace()
    {
        JudgedTrial worst = RunFolder.Open(whole.At("whole")).ReadTrials().MaxBy(trial => trial.Outcome)!;

        (int status, string output, string error) = RedLeafProcess.Run("", "lab", "replay", $"{whole.At("whole")}#{worst.Trial}");

        Assert.True(worst.Outcome > Outcome.Transparent, worst.Outcome.Name());
        Assert.True(status == 0, output + error);
        Assert.Contains($"{worst.Outcome.Name()}\n", output, StringComparison.Ordinal);
        Assert.Contains($"{worst.Result!.TraceHash:x16}\n", output, StringComparison.Ordinal);
    }

    /// <summary>A run that nothing has disturbed, and the place of others.</summary>
    public sealed class WholeRun : IDisposable
    {
        private readonly TemporaryFolder temporary = new();
        private readonly string spec;

        public WholeRun()
        {
            spec = temporary.Write("honesty.yaml", Experiment);
            Run("whole", "--jobs", "2");
        }

        public void Dispose() => temporary.Dispose();

        /// <summary>Starts a runner that goes on where the last one was, and kills it when it has said so many lines.</summary>
        internal void Kill(string name, int lines)
        {
            using RedLeafProcess runner = RedLeafProcess.Start("lab", "run", spec, "--resume", "--jobs", "1", "--output", At(name));
            for (int line = 0; line < lines; line++)
            {
                Assert.NotNull(runner.Output.ReadLine());
            }
        }

        internal void Run(string name, params string[] arguments)
        {
            (int status, string output, string error) = RedLeafProcess.Run("", ["lab", "run", spec, .. arguments, "--output", At(name)]);
            Assert.True(status == 0, output + error);
        }

        /// <summary>Everything that is a result. Commands that repeat trials name the run's folder.</summary>
        internal string[] Read(string name) =>
        [
            .. new[] { "trials.jsonl", "run.json", "experiment.yaml", "report.md", "report.html" }
                .Select(file => File.ReadAllText(Path.Combine(At(name), file)).Replace(At(name), "RUN", StringComparison.Ordinal)),
        ];

        internal string At(string name) => Path.Combine(temporary.Path, name);
    }
}
