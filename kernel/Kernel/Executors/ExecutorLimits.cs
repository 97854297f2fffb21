namespace RedLeafSharp.Kernel.Executors;

/// <summary>The bounds of the executors, each with its reason.</summary>
internal static class ExecutorLimits
{
    /// <summary>Each thread takes 64 MiB of address space, twice that while it starts: 4,096 take 256 GiB of 128 TiB.</summary>
    internal const int ThreadCountMax = 4096;

    /// <summary>Executors of one group; more than a machine has cores only cost hand-overs.</summary>
    internal const int ExecutorCountMax = 64;

    /// <summary>Devices of one executor; each round of the poll loop visits all.</summary>
    internal const int PollStepCountMax = 256;

    /// <summary>Poll steps run device models on the leader's stack; with less left, the home thread leads.</summary>
    internal const int LeaderStackBytesMin = 4 << 20;

    /// <summary>The longest sleep of an idle leader with poll steps: a step that watches a clock is this late.</summary>
    internal const long IdlePollMicros = 1000;

    /// <summary>Rounds without work before an idle leader sleeps. Few: spinning takes a shared core from others.</summary>
    internal const int IdleRounds = 4;

    /// <summary>As <see cref="IdleRounds"/>, when each executor has a core and work may come from another.</summary>
    internal const int IdleRoundsOwnCore = 200;

    /// <summary>Looks at the baton before sleeping when it comes from another core; the best of 20, 200, 2,000.</summary>
    internal const int HandOverSpins = 200;

    /// <summary>How long an executor's threads are held together on one core before the host may move one of them to another.</summary>
    internal const long StayMicros = 100_000;

    /// <summary>Hand-overs without a poll round after which one is due: busy threads must not starve the devices.</summary>
    internal const int SwitchesPerPoll = 8;

    /// <summary>How long a baton may lie free although devices or timers want a leader.</summary>
    internal const long WatchdogMicros = 1000;

    /// <summary>
    /// Waiting threads that a round of the watchdog looks behind, so that the group's lock is held for microseconds: of 4,096
    /// threads each has its turn after 1.3 s at the latest.
    /// </summary>
    internal const int WaitGraphLooksMax = 64;

    /// <summary>Threads behind one that waits; a larger deadlock is not found. Domains are tens, and each holds one thread.</summary>
    internal const int WaitGraphThreadsMax = 64;

    /// <summary>
    /// Between two rounds of a watchdog that nobody asked for. Waking it whenever a thread begins to run would cost each wait some
    /// 15 us; like this a call that does not end is measured a little later.
    /// </summary>
    internal const long WatchdogDozeMicros = 20_000;

    /// <summary>Between two looks at how long calls have taken; deadlines are of half a second and more.</summary>
    internal const long CallTimingMicros = 10_000;

    /// <summary>
    /// What counts of the time between two looks: five times what a dozing watchdog sleeps. One that comes later has not been let
    /// run, and neither have others.
    /// </summary>
    internal const long CallTimingMicrosMax = 100_000;

    /// <summary>Threads looked at in one go: the group's lock is held for some tens of microseconds. Of 4,096 each has its turn
    /// after a third of a second.</summary>
    internal const int CallTimingLooksMax = 256;

    /// <summary>Ticks the watchdog goes on after it was last asked; spares its waking at every migration.</summary>
    internal const int WatchdogTicksAfterAsked = 64;
}
