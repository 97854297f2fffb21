namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// Runs the trials of a campaign on several workers at once and writes their lines in the order of the trials.
/// </summary>
/// <remarks>
/// Workers take trials in order and end them in any order; a line waits until those before it are written. So the log is always
/// a beginning of the campaign (see <see cref="TrialLog"/>), and when to stop is decided on what is written, not on what happens
/// to be known.
/// </remarks>
internal sealed class CampaignRun
{
    private readonly object gate = new();
    private readonly TrialLog log;
    private readonly Shard shard;
    private readonly long end;
    private readonly Func<ITrialRunner> startRunner;
    private readonly Dictionary<long, string> done = [];
    private readonly int aheadMax;
    private long next;
    private long written;
    private int running;
    private bool isStopping;
    private HarnessException? failure;

    /// <param name="log">Where the lines go; it holds those of an earlier run that was interrupted.</param>
    /// <param name="shard">Which part of the campaign this is.</param>
    /// <param name="trials">Of the whole campaign.</param>
    /// <param name="jobs">How many workers there are.</param>
    /// <param name="startRunner">Makes one; each is used by one thread.</param>
    internal CampaignRun(TrialLog log, Shard shard, long trials, int jobs, Func<ITrialRunner> startRunner)
    {
        this.log = log;
        this.shard = shard;
        this.startRunner = startRunner;
        end = shard.LengthOf(trials);
        next = written = log.Count;
        Jobs = (int)Math.Min(jobs, Math.Max(0, end - next));
        aheadMax = Jobs * CampaignLimits.TrialsAheadPerJob;
    }

    internal int Jobs { get; }

    /// <summary>Runs what is missing.</summary>
    /// <param name="goesOn">Is given each line before it is written; says whether the campaign goes on behind it.</param>
    /// <param name="cancellation">Ends the run: what is written stays, what is under way is lost and repeated by the next
    /// run.</param>
    /// <returns>Whether the campaign is complete.</returns>
    /// <exception cref="HarnessException">A worker could not run trials; what is written stays.</exception>
    internal bool Execute(Func<string, bool> goesOn, CancellationToken cancellation)
    {
        running = Jobs;
        Thread[] threads = [.. Enumerable.Range(0, Jobs).Select(_ => new Thread(RunTrials) { IsBackground = true, Name = "campaign job" })];
        Array.ForEach(threads, thread => thread.Start());
        using CancellationTokenRegistration registration = cancellation.Register(Stop);
        bool isComplete = false;
        try
        {
            isComplete = WriteLines(goesOn);
        }
        finally
        {
            Stop();
            Array.ForEach(threads, thread => thread.Join());
        }

        return failure is null ? isComplete : throw failure;
    }

    /// <returns>Whether it ended because no more is wanted.</returns>
    private bool WriteLines(Func<string, bool> goesOn)
    {
        while (written < end)
        {
            List<string>? ready = TakeReady();
            if (ready is null)
            {
                return false;
            }

            int wanted = ready.FindIndex(line => !goesOn(line)) + 1;
            log.Append(wanted > 0 ? ready[..wanted] : ready);
            if (wanted > 0)
            {
                return true;
            }
        }

        return true;
    }

    /// <summary>The lines whose turn it is, or null if there will be none.</summary>
    private List<string>? TakeReady()
    {
        var ready = new List<string>();
        lock (gate)
        {
            while (!done.ContainsKey(written) && running > 0 && !isStopping)
            {
                Monitor.Wait(gate);
            }

            while (done.Remove(written, out string? line))
            {
                ready.Add(line);
                written++;
            }

            Monitor.PulseAll(gate);
        }

        return ready.Count > 0 ? ready : null;
    }

    private void RunTrials()
    {
        try
        {
            using ITrialRunner runner = startRunner();
            while (TakeTrial() is { } position)
            {
                string line = runner.Run(shard.TrialAt(position));
                lock (gate)
                {
                    done.Add(position, line);
                    Monitor.PulseAll(gate);
                }
            }
        }
        catch (HarnessException exception)
        {
            lock (gate)
            {
                failure ??= exception;
                isStopping = true;
            }
        }
        finally
        {
            lock (gate)
            {
                running--;
                Monitor.PulseAll(gate);
            }
        }
    }

    private long? TakeTrial()
    {
        lock (gate)
        {
            while (!isStopping && next < end && next - written >= aheadMax)
            {
                Monitor.Wait(gate);
            }

            return isStopping || next >= end ? null : next++;
        }
    }

    private void Stop()
    {
        lock (gate)
        {
            isStopping = true;
            Monitor.PulseAll(gate);
        }
    }
}
