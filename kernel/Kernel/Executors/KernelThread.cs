using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <summary>What a kernel thread runs. An exception that it lets out ends the thread and is recorded.</summary>
internal delegate void ThreadBody(CallContext context);

/// <summary>A thread of an executor. It runs only while it holds the baton of an executor.</summary>
/// <remarks>Fields without a remark belong to the executors and are used under the group's lock.</remarks>
internal sealed class KernelThread
{
    [ThreadStatic]
    private static KernelThread? current;

    private readonly ExecutorGroup group;

    /// <summary>Who waits is a thread of the host, in whose way spinning would be where there is one core.</summary>
    private readonly ManualResetEventSlim ended = new(false, spinCount: 0);
    private ThreadBody? body;
    private CallMeter? meter;
    private CallClock? clock;

    internal KernelThread(ExecutorGroup group, Executor executor, string name, uint bottomDomain, ThreadBody body)
    {
        this.group = group;
        this.body = body;
        Name = name;
        Executor = HomeExecutor = executor;
        Context = new ThreadContext(group, executor.Heap, executor.Id, bottomDomain) { SchedulerState = this };
    }

    /// <summary>The calling thread, if it is one of an executor.</summary>
    internal static KernelThread? Current => current;

    internal string Name { get; }

    /// <summary>The threads of a group are counted from 1 in the order of their start.</summary>
    internal int Number { get; init; }

    /// <summary>Whether the host waits for it: in a simulation time stands still while there is none.</summary>
    internal bool IsHosts { get; init; }

    internal ThreadContext Context { get; }

    /// <summary>The executor on which the thread was started.</summary>
    internal Executor HomeExecutor { get; }

    /// <summary>Whether the thread has left its body for good.</summary>
    internal bool IsCompleted => ended.IsSet;

    /// <summary>The type of the exception that ended the thread; null when it returned. Valid once completed.</summary>
    internal string? FailureTypeName { get; private set; }

    internal Parker Parker { get; } = new();

    /// <summary>The executor whose baton the thread holds or waits for.</summary>
    internal Executor Executor { get; set; }

    internal RunState State { get; set; }

    /// <summary>How the last wait ended.</summary>
    internal WakeReason WakeReason { get; set; }

    /// <summary>The queue it is in, and its neighbours there.</summary>
    internal ThreadQueue? Queue { get; set; }

    internal KernelThread? Previous { get; set; }

    internal KernelThread? Next { get; set; }

    /// <summary>Its place among the timers of <see cref="Executor"/>; -1 for none.</summary>
    internal int TimerIndex { get; set; } = -1;

    internal long DeadlineMicros { get; set; }

    internal long TimerSequence { get; set; }

    /// <summary>The gate it waits to enter.</summary>
    internal GateOccupancy? WaitsForGate { get; set; }

    /// <summary>The event for which it was told last that nobody can signal it: said once in the log.</summary>
    internal KernelEvent? Despaired { get; set; }

    /// <summary>The gate it has been let into and has not entered yet.</summary>
    internal GateOccupancy? HeirOf { get; set; }

    /// <summary>The gates it has closed by being suspended, innermost last.</summary>
    internal List<GateOccupancy> Closed { get; } = [];

    /// <summary>The executors it has migrated from, outermost first, each with the length of <see cref="Closed"/> then.</summary>
    internal List<(Executor From, int ClosedMark)> Migrations { get; } = [];

    /// <summary>How often it has been suspended.</summary>
    internal long SuspensionCount { get; set; }

    internal CallMeter Meter => meter ??= new CallMeter();

    internal CallClock Clock => clock ?? MakeClock();

    internal AllocationMeter Allocation { get; } = new();

    internal StackThread? Host { get; set; }

    /// <summary>The watchdog and the thread itself may be the first at the same time.</summary>
    private CallClock MakeClock()
    {
        _ = Interlocked.CompareExchange(ref clock, new CallClock(), null);
        return clock;
    }

    /// <summary>Waits until the thread has ended and its stack is unmapped. For threads of the host only.</summary>
    /// <exception cref="InvalidOperationException">A thread of an executor calls: it would keep its baton meanwhile.</exception>
    internal void Join()
    {
        if (current is not null)
        {
            throw new InvalidOperationException("a thread of an executor may wait on events only");
        }

        ended.Wait();
        group.Reap();
    }

    internal bool TryJoin(TimeSpan patience) => ended.Wait(patience);

    /// <summary>The whole life of the thread, on its own stack.</summary>
    internal void Run()
    {
        current = this;
        ThreadContext.Current = Context;
        Thread.CurrentThread.Name = Name;
        ExecutorGroup.AwaitFirstBaton(this);
        try
        {
            group.EnterBottom(this);
            body!(new CallContext(Context));
        }
        catch (Exception exception)
        {
            // The barrier of last resort. Only the type is read: the exception's members are its domain's code.
            FailureTypeName = exception.GetType().FullName;
        }

        body = null;
        group.End(this);
        (current, ThreadContext.Current) = (null, null);
        ended.Set();
    }
}

/// <summary>Where a thread stands.</summary>
internal enum RunState
{
    /// <summary>It may run, and waits in its executor's queue for the baton.</summary>
    Ready,

    /// <summary>It holds a baton and runs its own code.</summary>
    Running,

    /// <summary>It waits for an event or a gate. It may hold the baton all the same, as the leader.</summary>
    Waiting,

    /// <summary>It is over.</summary>
    Ended,
}

/// <summary>Why a waiting thread was made ready.</summary>
internal enum WakeReason
{
    Signaled,
    TimedOut,
    Deadlock,
    Killed,
}
