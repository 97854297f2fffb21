namespace RedLeafSharp.Machine.Nvme;

/// <summary>The bounds of the controller model that are not in its options, and why each has its value.</summary>
internal static class NvmeLimits
{
    /// <summary>
    /// Commands fetched and not carried out, over all queues. Four full queues of 256; more stay in their queues.
    /// </summary>
    internal const int CommandsInFlightMax = 1024;

    /// <summary>
    /// Outstanding asynchronous event requests (AERL + 1). Four is what the specification recommends at least (figure
    /// 247).
    /// </summary>
    internal const int EventRequestsMax = 4;

    /// <summary>Entries of the Error Information log (ELPE + 1). One page holds 64 entries of 64 bytes.</summary>
    internal const int ErrorLogEntries = 64;

    /// <summary>
    /// Concurrent Abort commands (ACL + 1). An Abort is carried out at once, so the limit is never met; 4 is recommended.
    /// </summary>
    internal const int AbortsMax = 4;

    /// <summary>Blocks that can be marked unreadable at a time; a list of that length is an experiment, not a disk.</summary>
    internal const int UnreadableBlocksMax = 65536;

    /// <summary>Commands that one step fetches in deferred mode unless the caller says otherwise.</summary>
    internal const int StepBudget = 256;
}
