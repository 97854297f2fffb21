using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <summary>Looks whether a device or another source has something to do, and does a little of it.</summary>
/// <returns>Whether it did something, or wants to be asked again at once.</returns>
/// <remarks>It may not wait; it runs on whichever thread leads, in a context of the executor's own.</remarks>
internal delegate bool PollStep(CallContext context);

/// <summary>
/// One baton: at most one of an executor's threads runs at a time, so domains on one executor never run in parallel.
/// </summary>
internal sealed class Executor
{
    /// <summary>The id of executors that no domain belongs to: no gate's word is equal to it.</summary>
    internal const int SolitaryId = int.MinValue;

    private readonly ExecutorGroup group;
    private volatile PollStep[] pollSteps = [];
    private volatile KernelThread? holder;

    internal Executor(ExecutorGroup group, int id, ExchangeHeap heap)
    {
        this.group = group;
        Id = id;
        Heap = new ExchangeHeapCache(heap);
        PollContext = new ThreadContext(group, Heap, id, DomainId.Kernel.Value);
    }

    /// <summary>What open gates of the executor's domains hold.</summary>
    internal int Id { get; }

    internal ExchangeHeapCache Heap { get; }

    /// <summary>The context of poll steps: their calls are not charged to, nor unwound with, the thread that leads.</summary>
    internal ThreadContext PollContext { get; }

    /// <summary>Who holds the baton; null when it lies free. Written under the group's lock.</summary>
    internal KernelThread? Holder
    {
        get => holder;
        set => holder = value;
    }

    /// <summary>The leader that gave the baton back to sleep until the next timer or poll is due.</summary>
    internal KernelThread? Sleeper { get; set; }

    /// <summary>The thread that does nothing but lead when no other can.</summary>
    internal KernelThread? Home { get; set; }

    internal ThreadQueue Ready { get; } = new();

    internal TimerQueue Timers { get; } = new();

    internal int SwitchesSincePoll { get; set; }

    /// <summary>Ticks of the watchdog that found the baton free and wanted.</summary>
    internal int OrphanTicks { get; set; }

    internal bool HasPollSteps => pollSteps.Length > 0;

    /// <summary>Descriptors of the host that end the sleep of an idle leader; null without any.</summary>
    internal PollSet? Watched { get; private set; }

    /// <summary>
    /// Whether a descriptor has ended the last sleep and no poll step has found anything to do since. What it tells of has no place in
    /// the system yet: a leader that went on looking would only take the processor from those who can make room.
    /// </summary>
    internal bool WasWokenInVain { get; set; }

    /// <summary>Starts a thread. Threads of one executor first run in the order in which they were started.</summary>
    /// <param name="name">For people; shown in logs.</param>
    /// <param name="bottomDomain">The id of the domain whose code the body is; the kernel's for the kernel.</param>
    /// <param name="body">What it runs.</param>
    /// <exception cref="OutOfMemoryException">There are too many threads, or the system gives no stack.</exception>
    internal KernelThread Start(string name, uint bottomDomain, ThreadBody body) =>
        group.Start(this, name, bottomDomain, body);

    /// <summary>Adds a step to the poll loop. May be called from any thread.</summary>
    internal void AddPollStep(PollStep step)
    {
        group.ChangePollSteps(this, () => pollSteps = pollSteps.Length < ExecutorLimits.PollStepCountMax
            ? [.. pollSteps, step]
            : throw new InvalidOperationException($"executor {Id} has {pollSteps.Length} poll steps already"));
    }

    /// <summary>
    /// Lets an idle leader be woken when a descriptor of the host can be read: a poll step has something to do then. Before the
    /// executor runs anything.
    /// </summary>
    /// <param name="descriptor">It stays open for as long as the executor runs.</param>
    internal void Watch(int descriptor) => Watched = new PollSet([.. Watched is null ? [] : Watched.Descriptors, descriptor]);

    /// <summary>Takes a step out again. A round that has begun may still run it once.</summary>
    internal void RemovePollStep(PollStep step) =>
        group.ChangePollSteps(this, () => pollSteps = [.. pollSteps.Where(other => other != step)]);

    /// <summary>One round of the poll loop; the caller holds the baton.</summary>
    internal bool RunPollSteps()
    {
        group.PassRound();
        SwitchesSincePoll = 0;
        PollStep[] steps = pollSteps;
        if (steps.Length == 0)
        {
            return false;
        }

        bool didSomething = false;
        ThreadContext? leader = ThreadContext.Current;
        ThreadContext.Current = PollContext;
        foreach (PollStep step in steps)
        {
            didSomething |= RunStep(step);
        }

        ThreadContext.Current = leader;
        WasWokenInVain &= !didSomething;
        return didSomething;
    }

    private bool RunStep(PollStep step)
    {
        try
        {
            return step(new CallContext(PollContext));
        }
        catch (Exception exception)
        {
            // The step is trusted code on the stack of a domain that has nothing to do with it: neither may the exception
            // go up there, nor is the device's state known any more.
            Environment.FailFast($"a poll step of executor {Id} threw {exception.GetType().FullName}", exception);
            return false;
        }
    }
}
