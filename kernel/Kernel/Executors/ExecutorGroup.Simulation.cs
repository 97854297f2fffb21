using RedLeafSharp.Kernel.Boot;

namespace RedLeafSharp.Kernel.Executors;

/// <content>What is different when every run is to be the same (docs/determinism.md).</content>
internal sealed partial class ExecutorGroup
{
    private readonly Simulation? simulation;
    private int threadsStarted;
    private int hostThreads;
    private long nextRoundMicros;

    /// <summary>
    /// In a simulation nothing moves between two threads of the host's: what came first would be for the host to decide.
    /// </summary>
    private bool IsFrozen => simulation is not null && hostThreads == 0 && !isStopping;

    /// <summary>A round of the poll loop begins.</summary>
    internal void PassRound()
    {
        if (simulation is not null)
        {
            simulation.PassRound();
            MakeRounds(simulation);
        }
    }

    private KernelThread? TakeReady(Executor executor)
    {
        if (simulation is null || executor.Ready.Count < 2)
        {
            return executor.Ready.TakeFirst();
        }

        return executor.Ready.TakeAt(simulation.Choose(Choice.NextThread, executor.Ready.Count));
    }

    /// <summary>The leader of a simulation has nobody to run and no device to serve: it goes on to when there will be.</summary>
    private void Leap(Executor executor, Simulation simulated)
    {
        long untilLate = TimeCalls();
        if (executor.Ready.Count > 0)
        {
            return;
        }

        long next = Math.Min(executor.Timers.NextMicros, simulated.NextDeviceMicros());
        if (untilLate != CallDeadline.None)
        {
            next = Math.Min(next, simulated.NowMicros + untilLate);
        }
        else if (next == KernelEvent.Forever)
        {
            next = simulated.NowMicros + SimulationLimits.DeadlockMicros;
            using (Hold())
            {
                _ = EndDeadlock(executor);
            }
        }

        simulated.LeapTo(Math.Min(next, simulated.DeadlineMicros));
        MakeRounds(simulated);
    }

    /// <summary>What the watchdog and other threads of the kernel do elsewhere, when it is time for it.</summary>
    private void MakeRounds(Simulation simulated)
    {
        if (!isStopping && simulated.CheckDeadline())
        {
            _ = Stop();
        }

        if (simulated.NowMicros >= nextRoundMicros)
        {
            nextRoundMicros = simulated.NowMicros + SimulationLimits.HouseKeepingMicros;
            _ = Watch();
            simulated.HouseKeeping();
        }
    }

    /// <summary>Burns fuel, and lets others run when the slice of a program is over.</summary>
    /// <returns>Whether the poll has to look at what it does in every system.</returns>
    private bool IsPollDue(ThreadContext context, Simulation simulated)
    {
        if (simulated.BurnFuel())
        {
            MakeRounds(simulated);
            if (simulated.EndsSlice() && IsPreemptible(context))
            {
                Yield(context);
            }
        }

        return context.Flags != 0;
    }

    /// <summary>
    /// Domains of the system run to their next call or wait. A program, with nobody else on its chain, is interrupted anywhere,
    /// and not entered by others meanwhile.
    /// </summary>
    private bool IsPreemptible(ThreadContext context)
    {
        uint top = context.CurrentDomain;
        if (context.SchedulerState is not KernelThread || context.IsUnwinding
            || !gates.TryGetValue(top, out GateOccupancy? occupancy) || occupancy.Gate.IsReentrant)
        {
            return false;
        }

        for (int i = 1; i < context.ChainLength; i++)
        {
            uint domain = context.ChainEntry(i);
            if (domain != top && domain != DomainId.Kernel.Value)
            {
                return false;
            }
        }

        return true;
    }
}
