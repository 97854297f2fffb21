namespace RedLeafSharp.Lab.Trials;

/// <summary>Everything that decides a trial, besides the build. Serializable: its members are public for that.</summary>
internal sealed record TrialPlan
{
    /// <summary>Of the campaign.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The number of the trial within the campaign; with <see cref="Seed"/> it decides every choice.</summary>
    public required ulong Trial { get; init; }

    /// <summary>The workload's name.</summary>
    public required string Workload { get; init; }

    /// <summary>Its options; those left out have their defaults.</summary>
    public IReadOnlyDictionary<string, long> Options { get; init; } = new Dictionary<string, long>();

    /// <summary>What goes wrong; nothing in a golden trial.</summary>
    public IReadOnlyList<FaultPlan> Faults { get; init; } = [];

    /// <summary>Whether a dead driver is replaced. Otherwise its shadow is told at once that none is left.</summary>
    public bool HasRecovery { get; init; } = true;

    /// <summary>Whether the workload runs a second time after the faults have been taken away, to find what they left behind.</summary>
    public bool HasSecondRound { get; init; }

    /// <summary>Virtual time after which the trial counts as hung.</summary>
    public long DeadlineMicros { get; init; } = 600_000_000;

    /// <summary>The length of a bucket of <see cref="TrialResult.Timeline"/>; 0 for no timeline.</summary>
    public long TimelineBucketMicros { get; init; }
}

/// <summary>One fault of a trial.</summary>
internal sealed record FaultPlan
{
    /// <summary>One of <see cref="ITrialEngine.Faults"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The domain or device.</summary>
    public required string Target { get; init; }

    /// <summary>One of the kind's sites; ignored by a kind without.</summary>
    public int Site { get; init; }

    /// <summary>The first occurrence that goes wrong, from 1: of the site, command, register access or call.</summary>
    public long Occurrence { get; init; } = 1;

    /// <summary>What happens after the first time.</summary>
    public FaultMode Mode { get; init; } = FaultMode.Once;

    /// <summary>If not 0, it strikes again and again, with so much time in between, from <see cref="Occurrence"/> on.</summary>
    public long EveryMicros { get; init; }

    /// <summary>For <see cref="FaultMode.Intermittent"/>: of each later occurrence.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>What the kind makes of it: a status, a delay in microseconds, a bit; 0 lets the trial choose.</summary>
    public long Argument { get; init; }

    /// <summary>In which state of the system it may strike.</summary>
    public FaultState While { get; init; }
}

/// <summary>How often a fault strikes.</summary>
internal enum FaultMode
{
    /// <summary>At one occurrence.</summary>
    Once,

    /// <summary>From one occurrence on, in every generation of the domain.</summary>
    Permanent,

    /// <summary>From one occurrence on, each time with a probability.</summary>
    Intermittent,
}

/// <summary>A state of the system that a fault waits for.</summary>
internal enum FaultState
{
    /// <summary>It does not wait, once the system is booted. Occurrences are counted from there.</summary>
    Any,

    /// <summary>While a driver is being replaced.</summary>
    Recovering,

    /// <summary>While no driver is being replaced.</summary>
    Serving,

    /// <summary>While the system boots.</summary>
    Booting,
}
