namespace RedLeafSharp.Lab.Campaigns;

/// <summary>The bounds of a campaign that runs.</summary>
internal static class CampaignLimits
{
    /// <summary>Workers at once; a machine with more cores runs several shards.</summary>
    internal const int JobsMax = 256;

    /// <summary>Shards of a campaign: more machines than anybody has for it.</summary>
    internal const int ShardsMax = 10_000;

    /// <summary>
    /// How far a worker may be ahead of the oldest trial that is not done: what waits for its turn to be written is kept in
    /// memory
    /// and lost with the runner. At a thousand trials a second that is a quarter of a second of each worker.
    /// </summary>
    internal const int TrialsAheadPerJob = 256;

    /// <summary>
    /// The wall-clock time that a trial may take before its worker is killed. The judge of a hang is virtual time; this is for
    /// what
    /// virtual time does not see, and far above what a trial takes on a loaded machine.
    /// </summary>
    internal static readonly TimeSpan TrialPatience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The wall-clock time in which a worker must be up: it compiles much code on a machine that may be loaded.
    /// </summary>
    internal static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);

    /// <summary>
    /// How long a worker that has closed its output may take to end by itself; a dump of its memory is written then.
    /// </summary>
    internal static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    /// <summary>A worker makes room for a fresh one after so many trials, so that what it leaks stays bounded.</summary>
    internal const int TrialsPerWorkerMax = 20_000;

    /// <summary>Workers that do not come up, one after the other, until the campaign gives up.</summary>
    internal const int StartAttemptsMax = 3;

    /// <summary>
    /// Lines that are kept of what a worker writes to its error output: the runtime's last words begin with what matters.
    /// </summary>
    internal const int ErrorLinesMax = 20;

    /// <summary>Characters that are kept of such a line.</summary>
    internal const int ErrorLineCharactersMax = 400;

    /// <summary>
    /// The longest line of the protocol. A result takes some kilobytes; a worker gone wild must not fill the memory.
    /// </summary>
    internal const int LineCharactersMax = 8 << 20;
}
