namespace RedLeafSharp.Lab.Workloads;

/// <summary>The bounds of workloads, each with its reason.</summary>
internal static class WorkloadLimits
{
    /// <summary>Violations that a round reports: the first ones say what is wrong.</summary>
    internal const int ViolationsMax = 16;

    /// <summary>Operations of a round: half a minute of virtual time. Most trials end in milliseconds; more is another trial.</summary>
    internal const long OperationsMax = 1_000_000;

    /// <summary>Names of a file model, each with up to 88 KiB: together less than half of the disk.</summary>
    internal const long FilesMax = 64;

    /// <summary>Requests in flight: what the driver's queue holds in a trial's system.</summary>
    internal const long DepthMax = 32;

    /// <summary>Pages of the disk that a ledger covers: its history is kept in memory.</summary>
    internal const long LedgerPagesMax = 4096;

    /// <summary>The longest wait in one call, so that the client looks at its clock.</summary>
    internal const long WaitMicros = 1_000_000;
}
