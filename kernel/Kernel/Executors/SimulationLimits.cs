namespace RedLeafSharp.Kernel.Executors;

/// <summary>The numbers of virtual time, each with its reason.</summary>
internal static class SimulationLimits
{
    /// <summary>Polls of running code in a microsecond: a loop of a few instructions between two polls, at some 3 GHz.</summary>
    internal const int PollsPerMicro = 256;

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
