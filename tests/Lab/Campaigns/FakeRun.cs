using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>Runs of the fake engine in this process.</summary>
internal static class FakeRun
{
    internal const string Experiment = """
        apiVersion: redleaf/v1
        kind: Campaign
        metadata: {name: fake-report, description: "nothing <real> & | no more", seed: 7}
        trials: 400
        workloads: [{use: fake, with: {operations: 50}}]
        faults:
          - {pick: device}
          - {pick: code, weight: 2}
        timeline: {bucketMicros: 1000}
        goals:
          - {count: [KERNEL_CRASH], atMost: 0}
          - {count: [DATA_LOSS], atMost: 0}
          - {share: [TRANSPARENT], of: manifested, atLeast: 0.5}
          - {latency: firstReply, quantile: 0.99, atMost: 1000000}
        """;

    /// <summary>Makes a folder with the whole run.</summary>
    internal static RunFolder Make(string path, string experiment = Experiment, ulong seed = 7)
    {
        RunFolder folder = RunFolder.Create(path, FakeWorker.Manifest(experiment, Shard.Whole, seed), experiment);
        CampaignSpec spec = folder.Experiment.Parse();
        using var engine = new FakeEngine();
        var planner = new TrialPlanner(spec, engine);
        RunIdentity identity = folder.Manifest.Identity;
        using TrialLog log = TrialLog.Open(folder.LogPath, _ => { });
        log.Append([.. Enumerable.Range(0, (int)spec.Trials).Select(trial => CampaignJson.Write(
            new TrialSeries(engine).Run(planner, trial, spec.ComparesRecoveryOff, _ => { })
                with
            { Build = identity.Build, Experiment = identity.Experiment }))]);
        return folder;
    }
}
