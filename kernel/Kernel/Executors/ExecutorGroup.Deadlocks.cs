namespace RedLeafSharp.Kernel.Executors;

/// <content>Ends waits that nothing else can end. The watchdog looks for them, so that no crossing and no wait pays for it.</content>
internal sealed partial class ExecutorGroup
{
    private readonly WaitForGraph waits;
    private int lookedAt;

    /// <summary>Who is told of a circle of waits, in words, once for each wait that is ended. Called without the lock.</summary>
    internal Action<string>? DeadlockFound { get; set; }

    /// <summary>Looks for a circle of waits and ends one of them with <see cref="WaitResult.Deadlock"/>.</summary>
    /// <returns>Whether there was one.</returns>
    internal bool EndCycle()
    {
        string? news = null;
        KernelThread? victim;
        using (Hold())
        {
            IReadOnlyList<KernelThread> cycle = FindCycle();
            victim = threads.Find(one => one.Queue?.WaitedFor is not null && cycle.Contains(one));
            if (victim is not null)
            {
                KernelEvent waitedFor = victim.Queue!.WaitedFor!;
                news = victim.Despaired == waitedFor ? null : waits.Describe(cycle);
                victim.Despaired = waitedFor;
                MakeReady(victim, WakeReason.Deadlock);
            }
        }

        if (news is not null)
        {
            DeadlockFound?.Invoke(news);
        }

        return victim is not null;
    }

    /// <summary>Looks behind the next so many threads in turn; empty when there is no circle.</summary>
    private IReadOnlyList<KernelThread> FindCycle()
    {
        for (int looks = Math.Min(threads.Count, ExecutorLimits.WaitGraphLooksMax); looks > 0; looks--)
        {
            lookedAt = (lookedAt + 1) % threads.Count;
            if (threads[lookedAt].Queue?.WaitedFor is { IsTraced: true })
            {
                IReadOnlyList<KernelThread> cycle = waits.FindCycle(threads[lookedAt]);
                if (cycle.Count > 0)
                {
                    return cycle;
                }
            }
        }

        return [];
    }
}
