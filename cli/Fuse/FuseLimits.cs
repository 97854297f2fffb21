namespace RedLeafSharp.Cli.Fuse;

/// <summary>Every bound of the bridge, with its reason.</summary>
internal static class FuseLimits
{
    /// <summary>The largest transfer in one request: FUSE_MAX_MAX_PAGES of 4 KiB pages, the most that Linux sends by default.</summary>
    internal const int TransferBytes = 1 << 20;

    /// <summary>A request with data has its headers before it; Linux asks for 4 KiB of room for them.</summary>
    internal const int RequestBytes = TransferBytes + 4096;

    /// <summary>A reply is a header and at most what was asked for.</summary>
    internal const int ReplyBytes = TransferBytes + 4096;

    /// <summary>
    /// Threads that serve requests. The file system works on one request at a time; the others take requests off the queue
    /// meanwhile, and one that waits for the disk does not keep those from being answered that need no disk.
    /// </summary>
    internal const int WorkerCount = 4;

    /// <summary>fuse_init_out.max_background: requests nobody waits for, read-ahead above all, that Linux has under way at once.</summary>
    internal const ushort BackgroundMax = 64;

    /// <summary>fuse_init_out.congestion_threshold: three quarters of it, the ratio of Linux's own default.</summary>
    internal const ushort CongestionThreshold = 48;

    /// <summary>
    /// How long Linux may rely on names and attributes that it has been told: a day. They change through it alone, since nothing
    /// else runs in a system that is mounted.
    /// </summary>
    internal const ulong CacheSeconds = 86_400;

    /// <summary>A listing is read from the system in such pieces and rewritten for Linux.</summary>
    internal const int ListingBytes = 32 * 1024;

    /// <summary>Readings of the queue that end without a request, one after the other, before the connection counts as broken.</summary>
    internal const int IdleReadsMax = 1_000_000;
}
