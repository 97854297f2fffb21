using RedLeafSharp.Kernel.Boot;

namespace RedLeafSharp.Kernel.Executors;

/// <content>Kills domains that do not answer in time, from the watchdog's round (docs/deadlines.md).</content>
internal sealed partial class ExecutorGroup
{
    private readonly List<(DomainGate Gate, string Cause)> late = [];
    private long heardMicros;
    private long roundMicros;
    private long nextTimingMicros;
    private int timed;

    /// <summary>Who is told that a call has exceeded its callee's deadline, with the cause; by default the callee is killed.</summary>
    internal Action<DomainGate, string>? DeadlineExceeded { get; set; }

    /// <summary>Gives a domain a deadline for each call from now on. It must be registered.</summary>
    internal void SetDeadline(DomainGate gate, long micros)
    {
        using (Hold())
        {
            OccupancyOf(gate).CallDeadlineMicros = micros;
        }
    }

    /// <summary>
    /// The running call has the kernel do something that is not its own to answer for, such as making a generation. It is charged
    /// nothing for that; calls that are made meanwhile are.
    /// </summary>
    /// <returns>What to hand to <see cref="EndExcuse"/>.</returns>
    internal static int Excuse(ThreadContext context)
    {
        if (context.SchedulerState is not KernelThread thread)
        {
            return 0;
        }

        int before = thread.Clock.Excused;
        thread.Clock.Excused = context.ChainLength - 1;
        return before;
    }

    /// <summary>Ends what <see cref="Excuse"/> began.</summary>
    internal static void EndExcuse(ThreadContext context, int before)
    {
        if (context.SchedulerState is KernelThread thread)
        {
            thread.Clock.Excused = before;
        }
    }

    private void TimeCallsIfDue()
    {
        if (UptimeMicros >= nextTimingMicros)
        {
            _ = TimeCalls();
        }
    }

    /// <summary>Looks at calls, and kills the callees of those that are late.</summary>
    /// <returns>How long everybody may wait until the first of the others is late.</returns>
    private long TimeCalls()
    {
        long untilLate;
        using (Hold())
        {
            long now = UptimeMicros;
            long passed = now - roundMicros;
            roundMicros = now;
            nextTimingMicros = now + ExecutorLimits.CallTimingMicros;

            // While nobody looked, the host may have been stopped, and with it whoever could have answered.
            heardMicros += simulation is null ? Math.Min(passed, ExecutorLimits.CallTimingMicrosMax) : passed;
            untilLate = TimeCallsLocked();
        }

        foreach ((DomainGate gate, string cause) in late)
        {
            KillLate(gate, cause);
        }

        late.Clear();
        return untilLate;
    }

    /// <summary>Looks at so many threads in turn.</summary>
    private long TimeCallsLocked()
    {
        long untilLate = CallDeadline.None;
        for (int looks = Math.Min(threads.Count, ExecutorLimits.CallTimingLooksMax); looks > 0; looks--)
        {
            timed = (timed + 1) % threads.Count;
            KernelThread thread = threads[timed];
            CallClock.Charge charge = thread.Clock.Look(thread, heardMicros, simulation);
            if (!gates.TryGetValue((uint)charge.Word, out GateOccupancy? occupancy) || occupancy.Gate.IsDead)
            {
                continue;
            }

            long deadline = CallDeadline.Of(occupancy.CallDeadlineMicros, charge.Word);
            if (charge.OwnMicros >= deadline)
            {
                late.Add((occupancy.Gate, $"{ContractCatalog.NameOfCall(charge.Word)} has not answered for "
                    + $"{charge.OwnMicros / 1000} ms on thread {thread.Name}, its deadline is {deadline / 1000} ms"));
            }
            else if (charge.IsWaiting && deadline != CallDeadline.None)
            {
                untilLate = Math.Min(untilLate, deadline - charge.OwnMicros);
            }
        }

        return untilLate;
    }

    private void KillLate(DomainGate gate, string cause)
    {
        gate.IsLate = true;
        if (DeadlineExceeded is { } exceeded)
        {
            exceeded(gate, cause);
        }
        else
        {
            Kill(gate);
        }
    }
}
