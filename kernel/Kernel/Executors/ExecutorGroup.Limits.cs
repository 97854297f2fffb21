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
            CallMeter.Charge charge = thread.Meter.Look(thread);
            if (gates.TryGetValue(charge.Domain, out GateOccupancy? occupancy) && !occupancy.Gate.IsDead
                && occupancy.Account?.Charge(charge, now) is { } cause)
            {
                offenders.Add((occupancy.Gate, cause));
            }
        }

        return isRunning;
    }

    private void KillOffenders(List<(DomainGate Gate, string Cause)> offenders)
    {
        foreach ((DomainGate gate, string cause) in offenders)
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

        offenders.Clear();
    }
}
