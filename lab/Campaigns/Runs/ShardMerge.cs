namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Makes one run of the shards of a campaign: the same bytes as if it had been run in one piece.</summary>
internal static class ShardMerge
{
    private const int LinesPerWrite = 1_000;

    /// <param name="parts">The folders of all shards.</param>
    /// <param name="path">The folder of the whole run, which is made.</param>
    /// <exception cref="RunException">They are not the shards of one campaign, or one is incomplete.</exception>
    internal static RunFolder Merge(IReadOnlyList<RunFolder> parts, string path)
    {
        RunFolder[] shards = [.. parts.OrderBy(part => part.Manifest.Shard.Number)];
        Check(shards);
        RunIdentity identity = shards[0].Manifest.Identity;
        RunFolder whole = RunFolder.Create(path, shards[0].Manifest with { Shard = Shard.Whole }, shards[0].Experiment.Text);
        using TrialLog log = TrialLog.Open(whole.LogPath, _ => throw new RunException($"{whole.LogPath}: not empty"));
        var lines = shards.Select(shard => TrialLog.ReadWhole(shard.LogPath).GetEnumerator()).ToArray();
        try
        {
            Copy(whole, log, shards, lines, whole.Experiment.Parse().Stop, identity.Trials);
        }
        finally
        {
            Array.ForEach(lines, some => some.Dispose());
        }

        return whole;
    }

    private static void Copy(
        RunFolder whole, TrialLog log, RunFolder[] shards, IEnumerator<string>[] lines, StopRule stop, long trials)
    {
        var counts = new OutcomeCounts();
        var pending = new List<string>();
        for (long trial = 0; trial < trials; trial++)
        {
            int shard = (int)(trial % shards.Length);
            if (!lines[shard].MoveNext())
            {
                throw new RunException($"{shards[shard].LogPath}: trial {trial} is missing; go on with the shard by --resume");
            }

            string line = lines[shard].Current;
            JudgedTrial record = whole.ParseLine(line, trial);
            counts.Add(record.Outcome);
            pending.Add(line);
            bool isLast = stop.IsReached(record.Outcome, counts.Activated);
            if (pending.Count == LinesPerWrite || isLast || trial == trials - 1)
            {
                log.Append(pending);
                pending.Clear();
            }

            if (isLast)
            {
                return;
            }
        }
    }

    private static void Check(RunFolder[] shards)
    {
        RunFolder first = shards[0];
        foreach (RunFolder other in shards)
        {
            if (other.Manifest.Identity != first.Manifest.Identity || other.Experiment.Text != first.Experiment.Text)
            {
                throw new RunException($"{other.Path} and {first.Path} differ in experiment, seed or build");
            }
        }

        int count = first.Manifest.Shard.Count;
        if (!shards.Select(shard => shard.Manifest.Shard).SequenceEqual(Enumerable.Range(1, count).Select(number => new Shard(number, count))))
        {
            throw new RunException($"expected each of the {count} shards once, not {string.Join(", ", shards.Select(one => one.Manifest.Shard))}");
        }
    }
}
