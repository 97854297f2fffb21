namespace RedLeafSharp.Domains.BlockShadow;

/// <summary>What the shadow bounds, and why.</summary>
internal static class ShadowLimits
{
    /// <summary>Requests in the ledger: the low eight bits of a tag name the slot. No driver here takes more.</summary>
    internal const int RequestsMax = 256;

    /// <summary>Payload of one request. Twice what the drivers take; a slot keeps eight bytes for each page of it.</summary>
    internal const int TransferBytesMax = 1 << 20;

    /// <summary>
    /// Times that one request is handed over again after the driver gave it up (a reset of the device), or withheld its completion.
    /// </summary>
    internal const int RetriesMax = 4;

    /// <summary>
    /// Generations in a row that may die without completing anything. The supervisor's budget is the first bound; this one
    /// holds when that is generous.
    /// </summary>
    internal const int FruitlessRecoveriesMax = 64;

    /// <summary>
    /// A driver that has had a request for this long, or completes nothing for this long, is replaced. Longer than its own time-out
    /// and reset take.
    /// </summary>
    internal const long TimeoutMicros = 15_000_000;

    /// <summary>How finely ages of requests are told apart: one is overdue after one to one and a quarter of the time-out.</summary>
    internal const int TicksPerTimeout = 4;

    /// <summary>Polls after which the clock is read although they deliver.</summary>
    internal const int PollsPerCheck = 256;

    /// <summary>
    /// Longest wait inside the driver at a time: half of the shortest deadline that a system file may give it, so that a driver which
    /// waits as it was asked to is not taken for one that hangs.
    /// </summary>
    internal const long WaitMicrosMax = 250_000;

    /// <summary>Pause when the driver says that nothing is in flight while the ledger says otherwise.</summary>
    internal const long PauseMicros = 1_000;

    /// <summary>Buckets of the overlap index; each stands for every 4,096th run of <see cref="BucketBytes"/>.</summary>
    internal const int BucketCount = 4096;

    /// <summary>Bytes of the device in one bucket: a file system's block, so that neighbours do not look like overlaps.</summary>
    internal const int BucketBytes = 4096;

    /// <summary>Requests over more buckets than this are compared one by one; they are rare (zeroing, discarding).</summary>
    internal const int BucketsPerRequestMax = 64;
}
