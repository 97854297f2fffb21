namespace RedLeafSharp.Kernel.Executors;

/// <summary>The numbers of virtual time, each with its reason.</summary>
internal static class SimulationLimits
{
    /// <summary>
    /// Polls of running code in a microsecond. Between two of them stand some 200 instructions, as many as a small method with what it
    /// calls; a loop of fewer is taken for slower than it is, and one that does not end costs the host less until it is ended.
    /// </summary>
    internal const int PollsPerMicro = 16;

    /// <summary>A program computes at least so long before another has its turn: short, to meet many interleavings.</summary>
    internal const int SliceMicrosMin = 1;

    /// <summary>And at most so long: that of a running system is a millisecond.</summary>
    internal const int SliceMicrosMax = 1000;

    /// <summary>Between two rounds of what threads of the kernel do elsewhere, when time passes.</summary>
    internal const long HouseKeepingMicros = 10_000;

    /// <summary>Making a standby takes tens of milliseconds: compiling is most of it (docs/supervision.md).</summary>
    internal const int StandbyMicrosMin = 20_000;

    /// <inheritdoc cref="StandbyMicrosMin"/>
    internal const int StandbyMicrosMax = 60_000;

    /// <summary>What a wait that nothing can end costs, so that one that is repeated comes to the deadline.</summary>
    internal const long DeadlockMicros = 1_000_000;
}
