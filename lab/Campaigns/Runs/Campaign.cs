namespace RedLeafSharp.Lab.Campaigns;

/// <summary>How a run of a campaign ended.</summary>
/// <param name="IsComplete">Whether all its trials are in the log.</param>
/// <param name="UnrepeatedDeaths">Workers that were lost in a trial that did no such thing in a fresh process.</param>
/// <param name="Speed">How fast its trials were run; null if none were.</param>
internal sealed record CampaignEnd(bool IsComplete, int UnrepeatedDeaths, RunSpeed? Speed = null);

/// <summary>A campaign in its folder: goes on where the folder's log ends.</summary>
internal sealed class Campaign
{
    private readonly RunFolder folder;
    private readonly CampaignSpec spec;
    private long position;

    /// <param name="folder">Where its results are.</param>
    /// <param name="spec">Its experiment.</param>
    internal Campaign(RunFolder folder, CampaignSpec spec)
    {
        this.folder = folder;
        this.spec = spec;
    }

    /// <summary>What is in the log.</summary>
    internal CampaignTally Tally { get; } = new();

    /// <summary>Runs what is missing.</summary>
    /// <param name="command">How workers are started.</param>
    /// <param name="jobs">How many there are at once.</param>
    /// <param name="patience">How long a trial may take before its worker is killed.</param>
    /// <param name="onTrial">Is told of each trial in its turn, those of the log too.</param>
    /// <param name="cancellation">Ends the run; it can be resumed.</param>
    /// <exception cref="HarnessException">Trials could not be run.</exception>
    /// <exception cref="RunException">The log is not one of this campaign.</exception>
    internal CampaignEnd Run(
        WorkerCommand command, int jobs, TimeSpan patience, Action<JudgedTrial> onTrial, CancellationToken cancellation)
    {
        bool isEnough = false;
        using TrialLog log = TrialLog.Open(folder.LogPath, line => isEnough |= !Take(line, onTrial));
        var incidents = new IncidentLog(folder.IncidentsPath);
        if (isEnough)
        {
            return new CampaignEnd(IsComplete: true, 0);
        }

        RunIdentity identity = folder.Manifest.Identity;
        var clock = new WorkerClock();
        long before = position;
        var run = new CampaignRun(
            log,
            folder.Manifest.Shard,
            identity.Trials,
            jobs,
            () => new WorkerTrialRunner(command, folder.Experiment, identity, incidents, patience) { Clock = clock });
        bool isComplete = run.Execute(line => Take(line, onTrial), cancellation);
        return new CampaignEnd(isComplete, incidents.Unrepeated, new RunSpeed(position - before, clock.Total.TotalSeconds));
    }

    /// <returns>Whether the campaign goes on behind this trial.</returns>
    private bool Take(string line, Action<JudgedTrial> onTrial)
    {
        JudgedTrial record = folder.ParseLine(line, position++);
        Tally.Add(record);
        onTrial(record);
        return !folder.Manifest.Shard.IsWhole || !spec.Stop.IsReached(record.Outcome, Tally.Counts.Activated);
    }
}
