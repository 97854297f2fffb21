namespace RedLeafSharp.Lab.Trials;

/// <summary>
/// What a trial showed: the inputs of its outcome, which is decided by whoever compares it with the golden trial. All times
/// are virtual microseconds since the boot of the trial's system; -1 for what did not happen.
/// </summary>
internal sealed record TrialResult
{
    /// <summary>Hash of every choice and event in their order.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>How many events that were.</summary>
    public required long TraceEvents { get; init; }

    /// <summary>How the workload's run ended.</summary>
    public required RoundResult Round { get; init; }

    /// <summary>How the second, fault-free run ended; null when there was none.</summary>
    public RoundResult? SecondRound { get; init; }

    /// <summary>One for each fault of the plan, in its order.</summary>
    public required IReadOnlyList<FaultRecord> Faults { get; init; }

    /// <summary>Each death of a domain.</summary>
    public required IReadOnlyList<DeathRecord> Deaths { get; init; }

    /// <summary>
    /// What noticed first: <c>exception</c>, <c>limit</c>, <c>deadline</c>, <c>deadlock</c>, <c>shadow</c> (silence or a lie), <c>driver</c> (time-out,
    /// reset, refused completion), <c>iommu</c>, <c>oracle</c>; empty when nothing did.
    /// </summary>
    public required string Detector { get; init; }

    /// <summary>When the first fault struck, something noticed, a generation took over, and the first request completed after that.</summary>
    public required RecoveryTimes Times { get; init; }

    /// <summary>What the system held at the end.</summary>
    public required TrialCensus Census { get; init; }

    /// <summary>
    /// How often there would have been occasion for a fault, by <see cref="FaultInfo.Counter"/>; what a campaign draws occurrences from.
    /// </summary>
    public required IReadOnlyDictionary<string, long> Opportunities { get; init; }

    /// <summary>Throughput over time, if the plan asked for it.</summary>
    public TrialTimeline? Timeline { get; init; }

    /// <summary>Virtual time from boot to end.</summary>
    public required long VirtualMicros { get; init; }

    /// <summary>The host's time for all of it. The only member that differs between equal trials.</summary>
    public required long RealMicros { get; init; }
}

/// <summary>One run of the workload.</summary>
internal sealed record RoundResult
{
    public required RoundEnd End { get; init; }

    /// <summary>Operations that were answered without an error.</summary>
    public required long Done { get; init; }

    /// <summary>Operations that were answered with an error of their contract.</summary>
    public required long Failed { get; init; }

    /// <summary>Hash of what the clients saw and of the state at the end; equal to the golden trial's when nothing was noticed.</summary>
    public required ulong Digest { get; init; }

    /// <summary>What the oracles found; empty is good.</summary>
    public required IReadOnlyList<Violation> Violations { get; init; }

    /// <summary>Virtual time that it took.</summary>
    public required long Micros { get; init; }

    /// <summary>The longest time without an answer while one was owed.</summary>
    public required long LongestGapMicros { get; init; }
}

/// <summary>How a run of the workload ended.</summary>
internal enum RoundEnd
{
    /// <summary>All operations were answered.</summary>
    Completed,

    /// <summary>The system answered with an error after which the workload cannot go on, and may do so.</summary>
    LegalError,

    /// <summary>Virtual time ran out, or nothing could run any more.</summary>
    Hung,

    /// <summary>The system did not boot, with an error that says why.</summary>
    NotBooted,

    /// <summary>An oracle came to no verdict within its bounds: nothing is known of the system.</summary>
    Unjudged,
}

/// <summary>Something that must not be.</summary>
/// <param name="Kind">Which promise was broken.</param>
/// <param name="Oracle">Who found it.</param>
/// <param name="Detail">One line for people.</param>
internal sealed record Violation(ViolationKind Kind, string Oracle, string Detail);

/// <summary>Promises, the worst broken one last.</summary>
internal enum ViolationKind
{
    /// <summary>An answer that the contract does not allow there: two for one request, an error for nothing.</summary>
    WrongError,

    /// <summary>What was acknowledged and flushed is gone.</summary>
    DataLoss,

    /// <summary>Wrong bytes without an error.</summary>
    SilentCorruption,

    /// <summary>A domain that had nothing to do with it changed or died.</summary>
    Propagated,
}

/// <summary>What became of one fault.</summary>
/// <param name="Reached">How often its place was passed.</param>
/// <param name="Activated">How often it struck.</param>
/// <param name="FirstActivatedMicros">When it struck first.</param>
/// <param name="Place">Where it struck first, for people.</param>
internal sealed record FaultRecord(long Reached, long Activated, long FirstActivatedMicros, string Place);

/// <summary>The death of one generation.</summary>
internal sealed record DeathRecord(string Domain, long Generation, string Cause, long Micros);

/// <summary>The stations of the first recovery.</summary>
internal sealed record RecoveryTimes(
    long ActivatedMicros, long DetectedMicros, long TakenOverMicros, long FirstReplyMicros, long Recoveries, long Replayed, long Retried);

/// <summary>What is left when the trial is over and everything dead has been reclaimed.</summary>
/// <param name="ExchangeBytes">Of the exchange heap, held by anybody: buffers and what exchange references point to.</param>
/// <param name="BystanderBytes">Those of them that living domains hold which are neither drivers nor targets of faults.</param>
/// <param name="UnattributedBytes">Those of them that nobody alive holds: a leak of the kernel.</param>
/// <param name="MappedPages">Pages that a device may reach although no request is open.</param>
/// <param name="Threads">Threads of the executors.</param>
/// <param name="Contexts">Load contexts that are in use when the system is gone.</param>
/// <param name="Unreclaimed">Dead generations that could not be reclaimed.</param>
/// <param name="DmaFaults">Accesses that the IOMMU table refused during the trial.</param>
internal sealed record TrialCensus(
    long ExchangeBytes,
    long BystanderBytes,
    long UnattributedBytes,
    long MappedPages,
    int Threads,
    int Contexts,
    int Unreclaimed,
    long DmaFaults)
{
    /// <summary>Of a system that has not come up, or not to rest.</summary>
    internal static TrialCensus None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);
}
