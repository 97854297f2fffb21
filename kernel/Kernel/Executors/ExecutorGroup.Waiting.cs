using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <content>Batons, events, timers, and the leader: the thread that has nothing to run and polls for all.</content>
internal sealed partial class ExecutorGroup
{
    private long movesAtMicros;

    internal override WaitResult Wait(ThreadContext context, KernelEvent kernelEvent, long timeoutMicros)
    {
        KernelThread thread = ThreadOf(context);
        int closedMark;
        using (Hold())
        {
            ThrowIfInterrupted(thread);
            if (kernelEvent.IsSignaled)
            {
                kernelEvent.IsSignaled = false;
                return WaitResult.Signaled;
            }

            closedMark = Suspend(thread, RunState.Waiting, enteringCallee: false);
            kernelEvent.Waiters ??= new ThreadQueue(kernelEvent);
            ((ThreadQueue)kernelEvent.Waiters).AddLast(thread);
            if (timeoutMicros != KernelEvent.Forever)
            {
                long now = UptimeMicros;
                long wait = Math.Clamp(timeoutMicros, 0, KernelEvent.Forever - 1 - now);
                thread.Executor.Timers.Add(thread, now + wait);
            }
        }

        Lead(thread);
        simulation?.Note(TraceEvent.WaitEnds, (ulong)thread.Number, (ulong)thread.WakeReason);
        using (Hold())
        {
            Reopen(thread, closedMark);
            if (thread.WakeReason == WakeReason.Signaled && IsInterrupted(thread))
            {
                // The signal has reached a thread that cannot act on it: it is the next one's.
                SignalLocked(kernelEvent, all: false);
            }

            ThrowIfInterrupted(thread);
        }

        return thread.WakeReason switch
        {
            WakeReason.TimedOut => WaitResult.TimedOut,
            WakeReason.Deadlock => WaitResult.Deadlock,
            _ => WaitResult.Signaled,
        };
    }

    internal override void Signal(KernelEvent kernelEvent, bool all)
    {
        using (Hold())
        {
            SignalLocked(kernelEvent, all);
        }
    }

    internal override void Yield(ThreadContext context)
    {
        KernelThread thread = ThreadOf(context);
        Executor executor = thread.Executor;
        if (AlignedStack.RemainingBytes >= ExecutorLimits.LeaderStackBytesMin)
        {
            executor.RunPollSteps();
        }

        FireTimers(executor);
        if (executor.Ready.Count == 0 && context.Flags == 0)
        {
            return;
        }

        int closedMark;
        using (Hold())
        {
            ThrowIfInterrupted(thread);
            closedMark = Suspend(thread, RunState.Ready, enteringCallee: false);
            executor.Ready.AddLast(thread);
        }

        Lead(thread);
        using (Hold())
        {
            Reopen(thread, closedMark);
            ThrowIfInterrupted(thread);
        }
    }

    /// <summary>The kernel thread behind a context that wants to wait.</summary>
    /// <exception cref="InvalidOperationException">A poll step wants to wait; its leader would stand still.</exception>
    private static KernelThread ThreadOf(ThreadContext context) => context.SchedulerState as KernelThread
        ?? throw new InvalidOperationException("a poll step may not wait");

    /// <summary>
    /// Runs the executor while its thread is suspended: hands the baton to whoever is ready, and polls while nobody is.
    /// Returns when the thread itself runs again. It holds the baton at entry and at exit.
    /// </summary>
    private void Lead(KernelThread thread)
    {
        long paused = thread.Allocation.Pause();
        LeadUntilRunning(thread);
        thread.Allocation.Resume(paused);
    }

    private void LeadUntilRunning(KernelThread thread)
    {
        Executor executor = thread.Executor;
        bool canPoll = AlignedStack.RemainingBytes >= ExecutorLimits.LeaderStackBytesMin;
        for (int idle = 0; ;)
        {
            if (canPoll && ++executor.SwitchesSincePoll > ExecutorLimits.SwitchesPerPoll)
            {
                executor.RunPollSteps();
            }

            FireTimers(executor);
            KernelThread? next = TakeNext(executor, canPoll);
            if (next == thread && thread.State == RunState.Running)
            {
                return;
            }

            if (next is not null)
            {
                AwaitBaton(thread, handOverSpins);
                idle = 0;
            }
            else if (executor.RunPollSteps())
            {
                idle = 0;
            }
            else if (executor.Ready.Count == 0 && ++idle > idleRounds)
            {
                Sleep(executor, thread);
            }

            if (thread.State == RunState.Running)
            {
                return;
            }
        }
    }

    /// <summary>Hands the baton to the next ready thread, or to the home thread when the caller cannot poll.</summary>
    private KernelThread? TakeNext(Executor executor, bool canPoll)
    {
        if (canPoll && executor.Ready.Count == 0)
        {
            return null;
        }

        using (Hold())
        {
            KernelThread? next = TakeReady(executor);
            if (next is not null)
            {
                next.State = RunState.Running;
            }
            else if (!canPoll)
            {
                next = executor.Home;
            }

            if (next is not null)
            {
                GiveBaton(executor, next);
            }

            return next;
        }
    }

    /// <summary>The idle leader gives the baton back before it sleeps, so that who comes meanwhile need not wake it.</summary>
    private void Sleep(Executor executor, KernelThread thread)
    {
        if (simulation is not null)
        {
            Leap(executor, simulation);
            return;
        }

        long sleepMicros;
        using (Hold())
        {
            sleepMicros = executor.Timers.NextMicros == KernelEvent.Forever
                ? KernelEvent.Forever
                : executor.Timers.NextMicros - UptimeMicros;
            if (executor.Ready.Count > 0 || sleepMicros <= 0 || (options.DetectDeadlock && EndDeadlock(executor)))
            {
                return;
            }

            executor.Holder = null;
            executor.Sleeper = thread;
        }

        bool mustLook = executor.HasPollSteps || options.Time != TimeProvider.System;
        bool isReadable = thread.Parker.Sleep(
            mustLook ? Math.Min(sleepMicros, ExecutorLimits.IdlePollMicros) : sleepMicros, executor.WasWokenInVain ? null : executor.Watched);
        using (Hold())
        {
            if (executor.Sleeper == thread)
            {
                executor.Sleeper = null;
                executor.Holder = thread;
                executor.WasWokenInVain = isReadable;
            }
        }

        AwaitBaton(thread, spins: 0);
    }

    /// <summary>With no timer and no ready thread, the thread that was started first and waits is told so.</summary>
    private bool EndDeadlock(Executor executor)
    {
        if (Executors.Count > 1 || executor.Timers.Count > 0)
        {
            return false;
        }

        // The youngest: those of the system, started before, may wait for as long as there is nothing to do.
        for (int index = threads.Count - 1; index >= 0; index--)
        {
            KernelThread thread = threads[index];
            if (thread.State == RunState.Waiting && thread != executor.Home)
            {
                MakeReady(thread, WakeReason.Deadlock);
                return true;
            }
        }

        return false;
    }

    private void FireTimers(Executor executor)
    {
        if (executor.Timers.NextMicros == KernelEvent.Forever)
        {
            return;
        }

        long now = UptimeMicros;
        if (executor.Timers.NextMicros > now)
        {
            return;
        }

        using (Hold())
        {
            while (executor.Timers.PeekDue(now) is KernelThread due)
            {
                MakeReady(due, WakeReason.TimedOut);
            }
        }
    }

    private void SignalLocked(KernelEvent kernelEvent, bool all)
    {
        var waiters = (ThreadQueue?)kernelEvent.Waiters;
        if (waiters is null || waiters.Count == 0)
        {
            kernelEvent.IsSignaled = true;
            return;
        }

        do
        {
            KernelThread thread = waiters.TakeFirst()!;
            MakeReady(thread, WakeReason.Signaled);
        }
        while (all && waiters.Count > 0);
    }

    /// <summary>Ends a wait, whatever it was for.</summary>
    private void MakeReady(KernelThread thread, WakeReason reason)
    {
        thread.Queue?.Remove(thread);
        thread.Executor.Timers.Remove(thread);
        thread.WaitsForGate = null;
        thread.WakeReason = reason;
        thread.State = RunState.Ready;
        thread.Executor.Ready.AddLast(thread);
        DispatchIfFree(thread.Executor);
    }

    private void DispatchIfFree(Executor executor)
    {
        if (executor.Holder is null && !IsFrozen && TakeReady(executor) is KernelThread next)
        {
            next.State = RunState.Running;
            GiveBaton(executor, next);
        }
    }

    private void GiveBaton(Executor executor, KernelThread next)
    {
        bool isOther = executor.Holder != next;
        if (followsBaton && isOther && executor.Holder is { } giver && giver == KernelThread.Current)
        {
            // Before the next one can see that the baton is its own: it could end.
            next.Host!.RestrictTo(Cores.Current);
        }

        executor.Holder = next;
        executor.Sleeper = null;
        executor.OrphanTicks = 0;
        if (isOther)
        {
            simulation?.Note(TraceEvent.ThreadRuns, (ulong)next.Number, 0);
            WakeLater(next);
        }
    }

    /// <summary>The holder goes away: to another executor, or for good.</summary>
    private void LeaveBaton(Executor executor, bool mayPromote)
    {
        executor.Holder = null;
        DispatchIfFree(executor);
        if (executor.Holder is not null || IsFrozen || !WantsLeader(executor))
        {
            return;
        }

        if (mayPromote && executor.Home is { State: RunState.Waiting } home)
        {
            GiveBaton(executor, home);
        }
        else
        {
            // A call that migrates is mostly back soon, and promoting costs more than the call.
            watchdog?.Ask();
        }
    }

    private bool WantsLeader(Executor executor) =>
        executor.HasPollSteps || executor.Timers.Count > 0 || options.DetectDeadlock;

    private static void AwaitBaton(KernelThread thread, int spins)
    {
        while (thread.Executor.Holder != thread)
        {
            thread.Parker.Sleep(KernelEvent.Forever, spins);
        }
    }

    /// <summary>
    /// The watchdog's round: promotes the home thread where a baton lies free too long; measures who runs, and how long
    /// calls take; ends a wait that nothing else can end; buries the dead.
    /// </summary>
    /// <returns>Whether there is something to come back for.</returns>
    private bool Watch()
    {
        bool isOrphaned = false;
        bool isRunning;
        using (Hold())
        {
            foreach (Executor executor in Executors)
            {
                if (executor.Holder is null && executor.Sleeper is null && WantsLeader(executor)
                    && executor.Home is { State: RunState.Waiting } home)
                {
                    isOrphaned = true;
                    if (++executor.OrphanTicks > 1)
                    {
                        GiveBaton(executor, home);
                    }
                }
            }

            isRunning = MeterRunning(offenders);
            LetMoveIfDue();
        }

        KillOffenders(offenders);
        TimeCallsIfDue();
        _ = EndCycle();
        Reap();
        return isOrphaned || isRunning;
    }

    /// <summary>
    /// Now and then the thread that has the baton, or will have it first, may run anywhere: if its core has become busy, the host moves
    /// it, and the others follow with the next hand-overs.
    /// </summary>
    private void LetMoveIfDue()
    {
        long now = UptimeMicros;
        if (followsBaton && now >= movesAtMicros)
        {
            movesAtMicros = now + ExecutorLimits.StayMicros;
            (Executors[0].Holder ?? Executors[0].Sleeper)?.Host?.RestrictTo(Cores.Any);
        }
    }
}
