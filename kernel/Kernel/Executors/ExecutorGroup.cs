using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// The executors of one system, and the scheduler behind its crossings and events. docs/executors.md states the rules.
/// </summary>
/// <remarks>
/// One lock covers everything that is not on the path of a crossing: queues, batons, timers, who occupies which domain.
/// It is held for tens of instructions and never while a thread sleeps. Parts: this file holds threads and their life,
/// .Waiting the batons and the leader, .Crossing the slow paths of proxies, .Kill the killer, .Limits the limits, .Deadlines calls that take too long, .Deadlocks waits that
/// nothing can end, .Simulation what is different when every run is to be the same.
/// </remarks>
internal sealed partial class ExecutorGroup : Scheduler, IDisposable
{
    private readonly Lock sync = new();
    private readonly Lock reaping = new();
    private readonly ExecutorOptions options;
    private readonly ExchangeHeap heap;
    private readonly Dictionary<uint, GateOccupancy> gates = [];
    private readonly List<KernelThread> threads = [];
    private readonly List<Executor> solitary = [];
    private readonly Queue<KernelThread> ended = [];
    private readonly Watchdog? watchdog;
    private readonly long bootTimestamp;
    private readonly long bootWallClockMicros;
    private readonly long ticksPerMicro;
    private readonly int idleRounds;
    private readonly int handOverSpins;
    private readonly bool followsBaton;
    private readonly List<(DomainGate Gate, string Cause)> offenders = [];
    private KernelThread? firstToWake;
    private KernelThread? secondToWake;
    private bool isStopping;
    private bool isDisposed;

    /// <param name="heap">Each executor gets free lists of its own over it. It must outlive the group.</param>
    /// <param name="options">The set-up; one executor on the system's clock if null.</param>
    internal ExecutorGroup(ExchangeHeap heap, ExecutorOptions? options = null)
    {
        this.options = options ?? new ExecutorOptions();
        simulation = this.options.Simulation;
        if (simulation is not null)
        {
            this.options = this.options with { Time = simulation.Time, DetectDeadlock = true };
        }

        int count = this.options.Count;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, simulation is null ? count : 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ExecutorLimits.ExecutorCountMax, nameof(options));
        TimeProvider time = this.options.Time;
        ticksPerMicro = Math.Max(1, time.TimestampFrequency / 1_000_000);
        bootTimestamp = time.GetTimestamp();
        bootWallClockMicros = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        bool hasOwnCores = count > 1 && count <= Environment.ProcessorCount;
        idleRounds = hasOwnCores ? ExecutorLimits.IdleRoundsOwnCore : ExecutorLimits.IdleRounds;
        handOverSpins = hasOwnCores ? ExecutorLimits.HandOverSpins : 0;
        followsBaton = count == 1 && simulation is null;
        this.heap = heap;
        heap.IsShared = count > 1;
        Executors = [.. Enumerable.Range(0, count).Select(id => new Executor(this, id, heap))];
        waits = new WaitForGraph(id => gates.GetValueOrDefault(id));
        watchdog = simulation is null ? new Watchdog(Watch) : null;
        foreach (Executor executor in Executors)
        {
            executor.Home = Start(executor, $"executor-{executor.Id}-home", DomainId.Kernel.Value, StayHome);
        }
    }

    internal IReadOnlyList<Executor> Executors { get; }

    /// <summary>Who is told of faults. Until it is set, a domain that faults is killed and that is all.</summary>
    internal IFaultSink? FaultSink { get; set; }

    /// <summary>Threads that have not ended, the home thread of each executor included.</summary>
    internal int ThreadCount
    {
        get
        {
            using (Hold())
            {
                return threads.Count;
            }
        }
    }

    internal override long UptimeMicros => (options.Time.GetTimestamp() - bootTimestamp) / ticksPerMicro;

    /// <summary>The host's clock at boot plus the uptime: steps of the host's clock do not reach the system.</summary>
    internal override long WallClockMicros => bootWallClockMicros + UptimeMicros;

    /// <summary>
    /// Makes a domain known before anyone can enter it. Without it, the domain is not closed while a thread is suspended
    /// inside, and its death does not end waits.
    /// </summary>
    internal void Register(DomainGate gate)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(gate.HomeExecutorId, Executors.Count, nameof(gate));
        using (Hold())
        {
            OccupancyOf(gate);
        }

        if (simulation is not null)
        {
            // For ever: each poll of a simulated domain comes here, and burns fuel.
            gate.PollWord?.Raise();
        }
    }

    /// <summary>Forgets a dead domain that no chain names any more.</summary>
    internal void Forget(DomainGate gate)
    {
        using (Hold())
        {
            gates.Remove(gate.Id);
        }
    }

    /// <summary>
    /// An executor beside the others: no domain belongs to it and nobody leads it. For threads that make no calls and
    /// do not wait; whoever asked for it disposes of its context.
    /// </summary>
    internal Executor MakeSolitary()
    {
        var executor = new Executor(this, Executor.SolitaryId, heap);
        using (Hold())
        {
            solitary.Add(executor);
        }

        return executor;
    }

    /// <summary>See <see cref="Executor.Start"/>.</summary>
    internal KernelThread Start(Executor executor, string name, uint bottomDomain, ThreadBody body)
    {
        Reap();
        var thread = new KernelThread(this, executor, name, bottomDomain, body)
        {
            Number = Interlocked.Increment(ref threadsStarted),
            IsHosts = KernelThread.Current is null && executor.Home is not null,
        };
        using (Hold())
        {
            ObjectDisposedException.ThrowIf(isStopping, this);
            if (threads.Count >= ExecutorLimits.ThreadCountMax)
            {
                thread.Context.Dispose();
                throw new OutOfMemoryException($"{threads.Count} threads are alive; more are not allowed");
            }

            threads.Add(thread);
        }

        try
        {
            thread.Host = options.Threads?.Start(thread.Run) ?? new StackThread(thread.Run);
        }
        catch (OutOfMemoryException)
        {
            Unlist(thread);
            throw;
        }

        // Only now, when nothing can fail any more, may the new thread get the baton; it sleeps until then.
        using (Hold())
        {
            thread.State = RunState.Ready;
            executor.Ready.AddLast(thread);
            hostThreads += thread.IsHosts ? 1 : 0;
            DispatchIfFree(executor);
        }

        return thread;
    }

    /// <summary>The first thing that a thread does: whoever started it may still be registering it.</summary>
    internal static void AwaitFirstBaton(KernelThread thread) => AwaitBaton(thread, spins: 0);

    /// <summary>The last thing that a thread does: it lets go of all that others may wait for.</summary>
    internal void End(KernelThread thread)
    {
        using (Hold())
        {
            for (int i = 1; i < thread.Context.ChainLength; i++)
            {
                if (gates.TryGetValue(thread.Context.ChainEntry(i), out GateOccupancy? gate) && gate.Occupant == thread)
                {
                    ReleaseNext(gate);
                }
            }

            thread.State = RunState.Ended;
            simulation?.Note(TraceEvent.ThreadEnds, (ulong)thread.Number, 0);
            hostThreads -= thread.IsHosts ? 1 : 0;
            threads.Remove(thread);
            ended.Enqueue(thread);
            LeaveBaton(thread.Executor, mayPromote: true);
        }

        thread.Context.Dispose();
        watchdog?.Ask();
    }

    /// <summary>Unmaps the stacks of threads that have ended; returns when all that had ended before the call are gone.</summary>
    internal void Reap()
    {
        lock (reaping)
        {
            while (true)
            {
                KernelThread? thread;
                using (Hold())
                {
                    if (!ended.TryDequeue(out thread))
                    {
                        return;
                    }
                }

                thread.Host!.Join();
            }
        }
    }

    /// <summary>
    /// Whether threads were still computing when Dispose gave up waiting for them. Whatever they may touch must stay mapped.
    /// </summary>
    internal bool HasStragglers { get; private set; }

    /// <summary>Ends all threads at their next wait or crossing and waits for that. Called by a thread of the host.</summary>
    public void Dispose()
    {
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        long patienceEnd = Environment.TickCount64 + (long)options.StopPatience.TotalMilliseconds;
        foreach (KernelThread thread in Stop())
        {
            long left = Math.Max(0, patienceEnd - Environment.TickCount64);
            HasStragglers |= !thread.TryJoin(TimeSpan.FromMilliseconds(left));
        }

        watchdog?.Dispose();
        Reap();
        if (!HasStragglers)
        {
            foreach (Executor executor in Executors)
            {
                executor.PollContext.Dispose();
            }
        }
    }

    internal void ChangePollSteps(Executor executor, Action change)
    {
        using (Hold())
        {
            change();
            if (executor.Holder is null && simulation is null && executor.Home is { State: RunState.Waiting } home)
            {
                GiveBaton(executor, home);
            }
        }
    }

    /// <summary>Body of a home thread: it waits for nothing, and leads while it does.</summary>
    private static void StayHome(CallContext context)
    {
        KernelEvent never = KernelEvent.Create(context);
        while (true)
        {
            never.Wait(context);
        }
    }

    private Section Hold()
    {
        sync.Enter();
        return new Section(this);
    }

    /// <summary>
    /// A thread woken under the lock may take the waker's core and then run into the lock, which costs several switches. So
    /// the wake waits for the end of the section; the rare third and further ones do not.
    /// </summary>
    private void WakeLater(KernelThread thread)
    {
        if (firstToWake is null)
        {
            firstToWake = thread;
        }
        else if (secondToWake is null)
        {
            secondToWake = thread;
        }
        else
        {
            thread.Parker.Wake();
        }
    }

    private void Unlist(KernelThread thread)
    {
        using (Hold())
        {
            threads.Remove(thread);
        }

        thread.Context.Dispose();
    }

    private GateOccupancy OccupancyOf(DomainGate gate)
    {
        if (gate.Occupancy is not GateOccupancy occupancy)
        {
            gate.Occupancy = occupancy = new GateOccupancy(gate);
        }

        gates.TryAdd(gate.Id, occupancy);
        return occupancy;
    }

    /// <summary>Holds the group's lock while it lives.</summary>
    private readonly ref struct Section(ExecutorGroup group)
    {
        public void Dispose()
        {
            KernelThread? first = group.firstToWake;
            KernelThread? second = group.secondToWake;
            group.firstToWake = group.secondToWake = null;
            group.sync.Exit();
            first?.Parker.Wake();
            second?.Parker.Wake();
        }
    }
}
