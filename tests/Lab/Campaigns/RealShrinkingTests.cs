using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Systems;
using Xunit;
using Xunit.Abstractions;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>Trials of the real system that the workload noticed, made smaller.</summary>
public sealed class RealShrinkingTests(ITestOutputHelper output)
{
    private const string Experiment = """
        apiVersion: redleaf/v1
        kind: Campaign
        metadata: {name: shrinking, seed: 0xBEAD}
        trials: 40
        workloads:
          - {use: block-ledger, with: {operations: 120, depth: 16}}
        faults:
          - {pick: boundary}
          - {pick: device, types: [status, lost-write, misdirected-write, phantom-write, late-completion, fatal, removal]}
        trigger: {perTrial: 3}
        goals:
          - {count: [KERNEL_CRASH], atMost: 0}
        """;

    private const int Wanted = 8;

    /// <summary>Of one trial; the command has 50 s, in which some thousands can be run.</summary>
    private const int RunsMax = 400;

    [Fact]
    public void Shrink_TrialsThatTheWorkloadNoticed_AreFiveTimesSmallerInTheMedian()
    {
        using var engine = new TrialEngine(TestSystem.DomainsFolder);
        var series = new TrialSeries(engine);
        var planner = new TrialPlanner(CampaignSpec.Parse("shrinking.yaml", Experiment), engine);
        JudgedTrial[] noticed = [.. Enumerable.Range(0, 40).Select(trial => series.Run(planner, trial, false, _ => { }))
            .Where(trial => trial.Outcome > Outcome.Transparent).Take(Wanted)];
        Assert.Equal(Wanted, noticed.Length);

        double[] ratios = [.. noticed.Select(trial => Ratio(series, engine, trial)).Order()];

        Assert.True(ratios[Wanted / 2] >= 5, string.Join(", ", ratios.Select(ratio => ratio.ToString("F1"))));
    }

    private double Ratio(TrialSeries series, TrialEngine engine, JudgedTrial trial)
    {
        int runs = 0;
        JudgedTrial smallest = Shrinking.Shrink(
            trial,
            engine.Workloads.First(info => info.Name == trial.Plan!.Workload).Options,
            plan =>
            {
                runs++;
                return series.Run(plan, comparesRecoveryOff: false);
            },
            () => runs < RunsMax);
        double ratio = (double)SizeOf(trial) / SizeOf(smallest);
        output.WriteLine($"{trial.Outcome.Name()} {trial.Class}: {SizeOf(trial)} -> {SizeOf(smallest)} operations and faults, {runs} trials");
        Assert.Equal((trial.Outcome, trial.Detector), (smallest.Outcome, smallest.Detector));
        return ratio;
    }

    private static long SizeOf(JudgedTrial trial) => trial.Result!.Round.Done + trial.Result.Round.Failed
        + (trial.Result.SecondRound?.Done ?? 0) + (trial.Result.SecondRound?.Failed ?? 0) + trial.Plan!.Faults.Count;
}
