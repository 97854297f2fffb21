using System.Diagnostics;
using RedLeafSharp.Lab.Campaigns;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>Worker processes, and whole runs, with the fake engine: this assembly's Main.</summary>
internal static class FakeWorker
{
    internal const string WorkerVerb = "fake-worker";
    internal const string RunVerb = "fake-run";

    internal static WorkerCommand Command { get; } = new("dotnet", typeof(FakeWorker).Assembly.Location, WorkerVerb);

    internal static int Serve()
    {
        TrialWorker.Serve(Console.In, Console.Out, () => new FakeEngine(), () => Process.GetCurrentProcess().Kill());
        return 0;
    }

    /// <summary>Runs what is missing in a folder and says each trial that is written.</summary>
    internal static int Run(string path, int jobs)
    {
        RunFolder folder = RunFolder.Open(path);
        _ = new Campaign(folder, folder.Experiment.Parse()).Run(
            Command, jobs, TimeSpan.FromSeconds(30), record => Console.Out.WriteLine(record.Trial), default);
        return 0;
    }

    internal static RunManifest Manifest(string experiment, Shard shard, ulong seed = 7)
    {
        CampaignSpec spec = CampaignSpec.Parse("fake.yaml", experiment);
        return new RunManifest(
            RunManifest.CurrentFormat, new RunIdentity(spec.Name, BuildIdentity.OfExperiment(experiment), seed, "build", spec.Trials), shard);
    }
}
