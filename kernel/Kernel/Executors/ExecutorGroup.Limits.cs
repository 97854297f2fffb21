using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <content>Holds running domains to their limits, from the watchdog's round.</content>
internal sealed partial class ExecutorGroup
{
    /// <summary>Who is told that a domain has exceeded a limit, with the cause; by default the domain is killed.</summary>
    internal Action<DomainGate, string>? LimitExceeded { get; set; }

    /// <summary>Holds a domain to limits from now on. It must be registered.</summary>
    internal void Limit(DomainGate gate, ResourceAccount account)
    {
        using (Hold())
        {
            OccupancyOf(gate).Account = account;
        }
    }

    /// <summary>Looks at every thread that runs code of a domain.</summary>
    /// <param name="offenders">Gets those that have exceeded a limit; handled without the lock, since they are killed.</param>
    /// <returns>Whether there is such a thread.</returns>
    private bool MeterRunning(List<(DomainGate Gate, string Cause)> offenders)
    {
        bool isRunning = false;
        long now = UptimeMicros;
        foreach (Executor executor in Executors)
        {
            // A leader is charged to nobody: it waits, and what it runs meanwhile is the devices'.
            if (executor.Holder is not { State: RunState.Running } thread)
            {
                continue;
            }

            isRunning |= thread.Context.CurrentDomain != DomainId.Kernel.Value;
            CallMeter.Charge charge = thread.Meter.Look(thread, simulation);
            if (!gates.TryGetValue(charge.Domain, out GateOccupancy? occupancy) || occupancy.Gate.IsDead
                || occupancy.Account is not { } account)
            {
                continue;
            }

            if (account.Charge(charge, now) is { } cause)
            {
                offenders.Add((occupancy.Gate, cause));
            }
            else if (account.LimitsAllocation)
            {
                // Only the thread itself can read how much it has allocated: it is asked to at its next poll.
                occupancy.Gate.PollWord?.Raise();
            }
        }

        return isRunning | WatchSolitary();
    }

    /// <summary>
    /// Constructors and rehearsals have a limit of time of their own (LoadingLimits), so they are asked only what they allocate.
    /// </summary>
    private bool WatchSolitary()
    {
        bool isRunning = false;
        foreach (Executor executor in solitary)
        {
            if (executor.Holder is { State: RunState.Running } thread
                && gates.TryGetValue(thread.Context.CurrentDomain, out GateOccupancy? occupancy)
                && occupancy is { Gate.IsDead: false, Account.LimitsAllocation: true })
            {
                isRunning = true;
                occupancy.Gate.PollWord?.Raise();
            }
        }

        return isRunning;
    }

    private void KillOffenders(List<(DomainGate Gate, string Cause)> offenders)
    {
        foreach ((DomainGate gate, string cause) in offenders)
        {
            KillOffender(gate, cause);
        }

        offenders.Clear();
    }

    private void KillOffender(DomainGate gate, string cause)
    {
        if (LimitExceeded is { } exceeded)
        {
            exceeded(gate, cause);
        }
        else
        {
            Kill(gate);
        }
    }

    /// <summary>The running domain polls, or wants to make a large array: looks at what it has allocated.</summary>
    /// <exception cref="DomainKilledException">It was too much, or is too much to ask for.</exception>
    private void MeterAllocation(ThreadContext context, long arrayBytes)
    {
        if (context.SchedulerState is not KernelThread thread)
        {
            return;
        }

        DomainGate gate;
        string? cause;
        using (Hold())
        {
            if (!gates.TryGetValue(context.CurrentDomain, out GateOccupancy? occupancy)
                || occupancy.Account is not { LimitsAllocation: true } account)
            {
                return;
            }

            gate = occupancy.Gate;
            LowerPollWord(gate);
            cause = simulation is null
                ? account.ChargeAllocation(thread.Allocation.Look(context), arrayBytes, UptimeMicros)
                : account.ChargeAllocation(arrayBytes, arrayBytes: 0, UptimeMicros);
        }

        if (cause is not null)
        {
            KillOffender(gate, cause);
            using (Hold())
            {
                SetFlag(context, ThreadFlags.KillPending);
                throw Unwinding(context, gate.Id);
            }
        }
    }

    /// <summary>
    /// The word may be wanted raised by a killer, who closes the gate first and then raises: either he raises after this, or the
    /// gate is seen closed here. The end of the system raises under the lock.
    /// </summary>
    private void LowerPollWord(DomainGate gate)
    {
        if (isStopping || simulation is not null || gate.PollWord is not { } word)
        {
            return;
        }

        word.Lower();
        Interlocked.MemoryBarrier();
        if (gate.IsDead)
        {
            word.Raise();
        }
    }
}
