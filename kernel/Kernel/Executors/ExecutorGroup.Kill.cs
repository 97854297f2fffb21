using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <content>Killing a domain, and unwinding the threads inside it.</content>
internal sealed partial class ExecutorGroup
{
    /// <summary>
    /// Kills a domain: when this returns, no thread enters it any more, threads that wait inside are on their way out, and
    /// threads that run inside leave at their next poll, crossing or wait. Any thread may call it, for any domain, any
    /// number of times.
    /// </summary>
    internal void Kill(DomainGate gate)
    {
        bool isFirst = gate.Kill();
        if (isFirst)
        {
            simulation?.Note(TraceEvent.DomainKilled, gate.Id, 0);
        }

        // After the gate has been closed: the poll that sees the word asks whether the domain is dead.
        gate.PollWord?.Raise();

        // A proxy puts the callee on the chain and then reads the gate, without a barrier between. This one stands in for
        // it: whoever has not seen the gate close is seen in the scan.
        Interlocked.MemoryBarrierProcessWide();
        using (Hold())
        {
            GateOccupancy? occupancy = isFirst ? OccupancyOf(gate) : gate.Occupancy as GateOccupancy;
            foreach (Executor executor in Executors)
            {
                if (executor.PollContext.IsOnChain(gate.Id))
                {
                    SetFlag(executor.PollContext, ThreadFlags.KillPending);
                }
            }

            foreach (KernelThread thread in threads)
            {
                if (thread.Context.IsOnChain(gate.Id))
                {
                    SetFlag(thread.Context, ThreadFlags.KillPending);
                    EndWaitIfInterrupted(thread, occupancy);
                }
            }
        }
    }

    /// <summary>
    /// Whether no thread is inside a domain. Once true of a dead domain, it stays true, but for threads that are just being
    /// refused at its gate.
    /// </summary>
    internal bool IsQuiescent(uint domainId)
    {
        Interlocked.MemoryBarrierProcessWide();
        using (Hold())
        {
            return !threads.Exists(thread => thread.Context.IsOnChain(domainId))
                && !Executors.Any(executor => executor.PollContext.IsOnChain(domainId));
        }
    }

    private void EndWaitIfInterrupted(KernelThread thread, GateOccupancy? killed)
    {
        bool waitsForIt = thread.WaitsForGate is not null && thread.WaitsForGate == killed;
        if (thread.State == RunState.Waiting && (waitsForIt || IsInterrupted(thread)))
        {
            MakeReady(thread, WakeReason.Killed);
        }
    }

    /// <summary>The callee is off the chain; the thread returns to a domain that may be dead.</summary>
    private Fault LeaveKilled(ThreadContext context, DomainGate left)
    {
        using (Hold())
        {
            context.IsUnwinding = false;
            if ((isStopping && context.SchedulerState is KernelThread) || IsDead(context.CurrentDomain))
            {
                throw Unwinding(context, context.CurrentDomain);
            }

            bool isClean = true;
            for (int i = 0; i < context.ChainLength; i++)
            {
                isClean &= !IsDead(context.ChainEntry(i));
            }

            // The killer flags under the lock after it has closed the gate: a domain that dies from here on sets it again.
            if (isClean)
            {
                ClearFlag(context, ThreadFlags.KillPending);
            }
        }

        return !left.IsDead ? Fault.None : left.IsLate ? Fault.CalleeLate : Fault.CalleeKilled;
    }

    /// <summary>A refused call does not reach its proxy's exit, so a caller that has died is unwound from here.</summary>
    private void ThrowIfCallerKilled(KernelThread thread, bool wasInterrupted)
    {
        if (thread.Context.Flags == 0)
        {
            return;
        }

        using (Hold())
        {
            uint caller = thread.Context.CallingDomain;
            if (wasInterrupted || isStopping || IsDead(caller))
            {
                thread.Context.PopChain();
                throw Unwinding(thread.Context, caller);
            }
        }
    }

    private void ThrowIfInterrupted(KernelThread thread)
    {
        if (thread.Context.Flags != 0 && FindInterrupter(thread.Context, thread.Context.ChainLength) is uint dead)
        {
            throw Unwinding(thread.Context, dead);
        }
    }

    private bool IsInterrupted(KernelThread thread)
    {
        // The callee at whose gate a thread waits is on the chain, but it does not run: it has no say.
        int length = thread.Context.ChainLength - (thread.WaitsForGate is null ? 0 : 1);
        return thread.Context.Flags != 0 && FindInterrupter(thread.Context, length) is not null;
    }

    /// <summary>
    /// The dead domain that breaks off a wait of the thread: the uppermost, unless one above it completes its calls.
    /// </summary>
    private uint? FindInterrupter(ThreadContext context, int length)
    {
        if (isStopping)
        {
            return context.CurrentDomain;
        }

        for (int i = length - 1; i >= 0; i--)
        {
            if (gates.TryGetValue(context.ChainEntry(i), out GateOccupancy? occupancy))
            {
                if (occupancy.Gate.IsDead)
                {
                    return occupancy.Gate.Id;
                }

                if (occupancy.Gate.CompletesCalls)
                {
                    return null;
                }
            }
        }

        return null;
    }

    private bool IsDead(uint domain) => gates.TryGetValue(domain, out GateOccupancy? occupancy) && occupancy.Gate.IsDead;

    private DomainKilledException Unwinding(ThreadContext context, uint dead)
    {
        context.IsUnwinding = true;
        return new DomainKilledException(gates.TryGetValue(dead, out GateOccupancy? gate) ? gate.Gate.Name : $"#{dead}");
    }

    /// <summary>Unwinds every thread from where it waits or polls, whoever lives.</summary>
    private List<KernelThread> Stop()
    {
        using (Hold())
        {
            isStopping = true;
            foreach (GateOccupancy occupancy in gates.Values)
            {
                occupancy.Gate.PollWord?.Raise();
            }

            foreach (KernelThread thread in threads)
            {
                SetFlag(thread.Context, ThreadFlags.KillPending);
                if (thread.State == RunState.Waiting)
                {
                    MakeReady(thread, WakeReason.Killed);
                }
            }

            // A simulation that no thread of the host was in has been frozen so far: its home thread has not begun yet.
            foreach (Executor executor in Executors)
            {
                DispatchIfFree(executor);
            }

            return [.. threads];
        }
    }
}
