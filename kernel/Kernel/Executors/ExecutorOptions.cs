using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <summary>How a group of executors is set up.</summary>
internal sealed record ExecutorOptions
{
    /// <summary>Executors; one is enough unless domains shall run in parallel.</summary>
    internal int Count { get; init; } = 1;

    /// <summary>The clock of the system. With another than the system's, an idle leader looks at it every millisecond.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long Dispose waits for threads that do not come to a wait; their stacks are then left mapped.</summary>
    internal TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Ends a wait with <see cref="WaitResult.Deadlock"/> when nothing in the group can end it. Only with one executor, and
    /// only if no thread of the host will signal.
    /// </summary>
    internal bool DetectDeadlock { get; init; }

    /// <summary>Makes every run the same. With one executor only; it takes the place of <see cref="Time"/>.</summary>
    internal Simulation? Simulation { get; init; }

    /// <summary>Where threads come from and go back to; null if each is made and ends.</summary>
    internal StackThreadPool? Threads { get; init; }
}
