namespace RedLeafSharp.Lab.Workloads;

/// <summary>What has been written to one page, in the order of submission, which is the order that a block device keeps where requests overlap.</summary>
internal sealed class PageHistory
{
    private readonly List<Entry> entries = [new Entry(BlockStamp.Zeros, WriteState.Acknowledged)];

    /// <summary>The place of the last write that has been submitted.</summary>
    internal int Last => entries.Count - 1;

    /// <summary>Notes a write.</summary>
    /// <returns>Its place.</returns>
    internal int Submit(long version)
    {
        entries.Add(new Entry(version, WriteState.Open));
        return Last;
    }

    /// <summary>A write has ended.</summary>
    /// <param name="place">Its place.</param>
    /// <param name="state">How.</param>
    /// <param name="answer">The number of the answer; 0 if it is durable with it.</param>
    internal void End(int place, WriteState state, long answer) => entries[place] = entries[place] with { State = state, Answer = answer };

    /// <summary>Whether a page may hold a version: that of the last acknowledged write, or of a later one that nobody promised anything of.</summary>
    /// <param name="version">The version.</param>
    /// <param name="upTo">The last write that was submitted before the look.</param>
    /// <param name="durableUpTo">The last answer that counts; those behind it may have been lost with the power.</param>
    internal bool Admits(long version, int upTo, long durableUpTo = long.MaxValue)
    {
        for (int place = upTo; place >= 0; place--)
        {
            if (entries[place].Version == version)
            {
                return true;
            }

            if (entries[place].State == WriteState.Acknowledged && entries[place].Answer <= durableUpTo)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Whether some earlier or later write had the version.</summary>
    internal bool Knows(long version) => entries.Exists(entry => entry.Version == version);

    private readonly record struct Entry(long Version, WriteState State, long Answer = 0);
}

/// <summary>How far a write has come.</summary>
internal enum WriteState
{
    /// <summary>Not answered.</summary>
    Open,

    /// <summary>Answered without an error.</summary>
    Acknowledged,

    /// <summary>Answered with an error, or by nature without a promise: it may have happened, or a part of it.</summary>
    Uncertain,
}
