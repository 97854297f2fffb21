using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <content>The slow paths of crossings: migration, closed gates, and what a proxy finds on return.</content>
internal sealed partial class ExecutorGroup
{
    internal override int Enter(ThreadContext context, DomainGate gate)
    {
        if (context.SchedulerState is not KernelThread thread)
        {
            // A poll step may neither wait nor migrate, which is waiting for another baton.
            return (int)(gate.Word is GateState.Dead or GateState.NotStarted ? Fault.CalleeDead : Fault.Busy);
        }

        int migrationsBefore = thread.Migrations.Count;
        Fault fault = Fault.None;
        bool isInterrupted = false;
        while (fault == Fault.None && !isInterrupted)
        {
            int word = gate.Word;
            if (word == context.ExecutorId)
            {
                ClaimInheritance(thread);
                return thread.Migrations.Count > migrationsBefore ? thread.Migrations.Count : 0;
            }

            fault = word switch
            {
                GateState.Dead or GateState.NotStarted => Fault.CalleeDead,
                GateState.Occupied => AwaitGate(thread, gate, out isInterrupted),
                _ => Migrate(thread, Executors[word]),
            };
        }

        GiveUpInheritance(thread);
        ReturnHome(thread, migrationsBefore);
        ThrowIfCallerKilled(thread, isInterrupted);
        return (int)fault;
    }

    internal override Fault Leave(ThreadContext context, DomainGate gate, int token)
    {
        var thread = context.SchedulerState as KernelThread;
        if (thread is not null && (context.Flags & (int)ThreadFlags.ReleaseWaiters) != 0)
        {
            ReleaseWaiters(thread, gate);
        }

        if (thread is not null && token > 0)
        {
            ReturnHome(thread, token - 1);
        }

        return (context.Flags & (int)ThreadFlags.KillPending) != 0 ? LeaveKilled(context, gate) : Fault.None;
    }

    /// <summary>
    /// Decides whose fault it is by who is dead, not by the type of the exception: code on the way may have replaced it,
    /// and a domain could throw a type of the kernel's.
    /// </summary>
    internal override Fault Caught(ThreadContext context, DomainGate gate, Exception exception)
    {
        if (gate.IsDead)
        {
            return gate.IsLate ? Fault.CalleeLate : Fault.CalleeKilled;
        }

        if (context.IsUnwinding)
        {
            return Fault.CallerDead;
        }

        FaultSink?.OnFault(context, gate, Describe(exception));
        Kill(gate);
        return Fault.CalleeFaulted;
    }

    /// <summary>The name of its type; with the reason where the exception is the kernel's and its members no domain's code.</summary>
    private static string Describe(Exception exception)
    {
        string typeName = exception.GetType().FullName ?? "an exception without a name";
        return exception is CallOrderException order ? $"{typeName}: {order.Message}" : typeName;
    }

    /// <summary>A thread may be started in a domain; it then has to wait for it like a caller.</summary>
    internal void EnterBottom(KernelThread thread)
    {
        GateOccupancy? bottom;
        using (Hold())
        {
            gates.TryGetValue(thread.Context.CurrentDomain, out bottom);
        }

        while (bottom is not null && bottom.Gate.Word == GateState.Occupied)
        {
            _ = AwaitGate(thread, bottom.Gate, out _);
        }

        if (bottom is not null && bottom.Gate.IsDead)
        {
            GiveUpInheritance(thread);
            throw new DomainKilledException(bottom.Gate.Name);
        }

        ClaimInheritance(thread);
    }

    /// <summary>Gives this executor's baton back and takes the other's; never holds two, so batons cannot deadlock.</summary>
    private Fault Migrate(KernelThread thread, Executor target)
    {
        using (Hold())
        {
            Executor from = thread.Executor;
            int closedMark = Suspend(thread, RunState.Ready, enteringCallee: true);
            thread.Migrations.Add((from, closedMark));
            MoveTo(thread, target);
        }

        AwaitBaton(thread, handOverSpins);
        Settle(thread);
        return Fault.None;
    }

    /// <summary>Undoes migrations until <paramref name="remaining"/> are left. Unwinding, too, happens at home.</summary>
    private void ReturnHome(KernelThread thread, int remaining)
    {
        if (thread.Migrations.Count <= remaining)
        {
            return;
        }

        var (home, closedMark) = thread.Migrations[remaining];
        using (Hold())
        {
            MoveTo(thread, home);
        }

        AwaitBaton(thread, handOverSpins);
        Settle(thread);
        thread.Migrations.RemoveRange(remaining, thread.Migrations.Count - remaining);
        using (Hold())
        {
            Reopen(thread, closedMark);
        }
    }

    private void MoveTo(KernelThread thread, Executor target)
    {
        Executor from = thread.Executor;
        thread.State = RunState.Ready;
        thread.Executor = target;
        target.Ready.AddLast(thread);
        LeaveBaton(from, mayPromote: false);
        DispatchIfFree(target);
    }

    private static void Settle(KernelThread thread)
    {
        thread.Context.ExecutorId = thread.Executor.Id;
        thread.Context.Heap = thread.Executor.Heap;
    }

    /// <summary>Waits until the thread suspended inside has left. The callee is on top of the chain, not entered yet.</summary>
    /// <returns>None: look at the gate again, unless the wait was broken off because a caller is dead.</returns>
    private Fault AwaitGate(KernelThread thread, DomainGate gate, out bool isInterrupted)
    {
        int closedMark;
        isInterrupted = false;
        using (Hold())
        {
            GateOccupancy occupancy = OccupancyOf(gate);
            if (gate.Word != GateState.Occupied)
            {
                return Fault.None;
            }

            if (occupancy.Occupant == thread)
            {
                return Fault.Busy;
            }

            if (ClosesCycle(thread, occupancy))
            {
                return Fault.Deadlock;
            }

            closedMark = Suspend(thread, RunState.Waiting, enteringCallee: true);
            Queue(thread, occupancy);
        }

        Lead(thread);
        using (Hold())
        {
            Reopen(thread, closedMark);
            isInterrupted = FindInterrupter(thread.Context, thread.Context.ChainLength - 1) is not null;
        }

        return thread.WakeReason == WakeReason.Deadlock ? Fault.Deadlock : Fault.None;
    }

    private static void Queue(KernelThread thread, GateOccupancy occupancy)
    {
        if (thread.HeirOf == occupancy)
        {
            occupancy.Waiters.AddFirst(thread);
            thread.HeirOf = null;
        }
        else
        {
            occupancy.Waiters.AddLast(thread);
        }

        thread.WaitsForGate = occupancy;
        SetFlag(occupancy.Occupant!.Context, ThreadFlags.ReleaseWaiters);
    }

    /// <summary>A gate has one occupant and a thread waits for at most one gate, so the waits form a chain to walk.</summary>
    private bool ClosesCycle(KernelThread thread, GateOccupancy wanted)
    {
        for (int hops = 0; hops <= threads.Count; hops++)
        {
            KernelThread? occupant = wanted.Occupant;
            if (occupant is null || occupant == thread)
            {
                return occupant == thread;
            }

            if (occupant.State != RunState.Waiting || occupant.WaitsForGate is null)
            {
                return false;
            }

            wanted = occupant.WaitsForGate;
        }

        return true;
    }

    /// <summary>
    /// The thread stops running: every domain on its chain that is not re-entrant is closed to others until it runs again.
    /// This is what makes a domain's code atomic between its calls and waits, at no cost to calls that do not suspend.
    /// </summary>
    /// <returns>What to hand to <see cref="Reopen"/>.</returns>
    private int Suspend(KernelThread thread, RunState state, bool enteringCallee)
    {
        int closedMark = thread.Closed.Count;
        int length = thread.Context.ChainLength - (enteringCallee ? 1 : 0);
        for (int i = 1; i < length; i++)
        {
            if (!gates.TryGetValue(thread.Context.ChainEntry(i), out GateOccupancy? occupancy) || occupancy.Gate.IsReentrant)
            {
                continue;
            }

            // Fails when an outer suspension of this thread has closed it already, or when the domain has died.
            if (occupancy.Gate.TryChange(occupancy.Gate.HomeExecutorId, GateState.Occupied))
            {
                occupancy.Occupant = thread;
                thread.Closed.Add(occupancy);
                if (occupancy.Waiters.Count > 0)
                {
                    SetFlag(thread.Context, ThreadFlags.ReleaseWaiters);
                }
            }
        }

        thread.State = state;
        thread.SuspensionCount++;
        return closedMark;
    }

    /// <summary>
    /// Opens what the suspension closed. Who waits is not let in yet: the thread goes on inside, and may be suspended there
    /// again before it leaves.
    /// </summary>
    private static void Reopen(KernelThread thread, int closedMark)
    {
        for (int i = thread.Closed.Count - 1; i >= closedMark; i--)
        {
            DomainGate gate = thread.Closed[i].Gate;
            _ = gate.TryChange(GateState.Occupied, gate.HomeExecutorId);
            thread.Closed.RemoveAt(i);
        }
    }

    /// <summary>The thread has left a domain that others may wait for.</summary>
    private void ReleaseWaiters(KernelThread thread, DomainGate gate)
    {
        using (Hold())
        {
            if (gate.Occupancy is GateOccupancy left && left.Occupant == thread && !thread.Context.IsOnChain(gate.Id))
            {
                ReleaseNext(left);
            }

            for (int i = 1; i < thread.Context.ChainLength; i++)
            {
                if (gates.TryGetValue(thread.Context.ChainEntry(i), out GateOccupancy? other)
                    && other.Occupant == thread && other.Waiters.Count > 0)
                {
                    return;
                }
            }

            ClearFlag(thread.Context, ThreadFlags.ReleaseWaiters);
        }
    }

    /// <summary>Lets one waiter in. It has the duty to let the next one in, whether it enters or gives up.</summary>
    private void ReleaseNext(GateOccupancy occupancy)
    {
        KernelThread? heir = occupancy.Waiters.TakeFirst();
        occupancy.Occupant = heir;
        if (heir is not null)
        {
            heir.HeirOf = occupancy;
            MakeReady(heir, WakeReason.Signaled);
        }
    }

    private void ClaimInheritance(KernelThread thread)
    {
        if (thread.HeirOf is not GateOccupancy occupancy)
        {
            return;
        }

        using (Hold())
        {
            thread.HeirOf = null;
            occupancy.Occupant = thread;
            if (occupancy.Waiters.Count > 0)
            {
                SetFlag(thread.Context, ThreadFlags.ReleaseWaiters);
            }
        }
    }

    private void GiveUpInheritance(KernelThread thread)
    {
        if (thread.HeirOf is not GateOccupancy occupancy)
        {
            return;
        }

        using (Hold())
        {
            thread.HeirOf = null;
            if (occupancy.Occupant == thread)
            {
                ReleaseNext(occupancy);
            }
        }
    }

    private static void SetFlag(ThreadContext context, ThreadFlags flag) => Interlocked.Or(ref context.Flags, (int)flag);

    private static void ClearFlag(ThreadContext context, ThreadFlags flag) => Interlocked.And(ref context.Flags, ~(int)flag);
}
