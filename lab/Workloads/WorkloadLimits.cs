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

    /// <summary>Connections at once: each costs both stacks buffers of <see cref="StackPackets"/>.</summary>
    internal const long ConnectionsMax = 64;

    /// <summary>A message to be echoed: as much as a window holds, or server and client would wait for each other.</summary>
    internal const long MessageBytesMax = 64 << 10;

    /// <summary>One direction of a bulk stream: 1 GiB, some minutes of virtual time.</summary>
    internal const long StreamKibibytesMax = 1 << 20;

    /// <summary>Operations of a store's client: a history that takes longer to judge says no more.</summary>
    internal const long StoreOperationsMax = 2_000;

    /// <summary>Clients of a store: their ports, four connections each, stay within those of a round.</summary>
    internal const long StoreClientsMax = 32;

    /// <summary>Registers of a store: a byte names one.</summary>
    internal const long StoreKeysMax = 256;

    /// <summary>Configurations of one register that are looked at: some seconds. A history of a trial needs hundreds.</summary>
    internal const long ConfigurationCountMax = 500_000;

    /// <summary>Packet buffers of a trial's stack: 3 MiB, so that both fit a small exchange heap.</summary>
    internal const int StackPackets = 1500;

    /// <summary>
    /// How long a connection sends in vain: longer than a driver (5 s) and a shadow (15 s) take to notice a silent device, with the
    /// back-off of a retransmission behind it, and short enough that both rounds fit a trial.
    /// </summary>
    internal const long UserTimeoutMicros = 120_000_000;

    /// <summary>Nine times so long, without a word, ends a connection that has nothing to send (SO_KEEPALIVE).</summary>
    internal const long KeepAliveMicros = 10_000_000;

    /// <summary>The longest wait in one call, so that the client looks at its clock.</summary>
    internal const long WaitMicros = 1_000_000;
}
