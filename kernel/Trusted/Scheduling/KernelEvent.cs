using RedLeafSharp.Scheduling;

namespace RedLeafSharp;

/// <summary>How a wait ended.</summary>
public enum WaitResult
{
    /// <summary>The event was signaled. Look at the condition again: another thread may have been faster.</summary>
    Signaled = 0,

    /// <summary>The time is over.</summary>
    TimedOut = 1,

    /// <summary>
    /// Nothing can ever signal the event: the domains that can are closed by threads that wait in a circle with this one. Also
    /// when no runnable thread, timer or device work is left, where the system is set up to look for it.
    /// </summary>
    Deadlock = 2,
}

/// <summary>
/// What a domain waits on: a condition of its own, or an interrupt. The only way in which a domain blocks.
/// </summary>
/// <remarks>
/// The event is sticky: a signal with nobody waiting lets the next wait pass at once. Use it as a condition variable:
/// <c>while (!condition) { event.Wait(context, ...); }</c>. A domain that is killed while it waits does not come back
/// from <see cref="Wait"/>: its frames are unwound.
/// </remarks>
public sealed class KernelEvent
{
    /// <summary>Waits without end.</summary>
    public const long Forever = long.MaxValue;

    private readonly Scheduler scheduler;
    private volatile bool isUntraced;
    private uint receiver;

    /// <param name="scheduler">Where it is waited for.</param>
    /// <param name="maker">The domain that makes it; the kernel for an event that an interrupt or the host signals.</param>
    internal KernelEvent(Scheduler scheduler, uint maker)
    {
        this.scheduler = scheduler;
        Maker = maker;
        isUntraced = maker == DomainId.Kernel.Value;
    }

    internal KernelEvent(Scheduler scheduler)
        : this(scheduler, DomainId.Kernel.Value)
    {
    }

    /// <summary>The domain that made it.</summary>
    internal uint Maker { get; }

    /// <summary>The one other domain that it was handed to; 0 for none.</summary>
    internal uint Receiver => Volatile.Read(ref receiver);

    /// <summary>Whether <see cref="Maker"/> and <see cref="Receiver"/> are all who can signal it.</summary>
    internal bool IsTraced => !isUntraced;

    /// <summary>Set by a signal that found nobody waiting; cleared by the wait that it lets pass.</summary>
    internal volatile bool IsSignaled;

    /// <summary>The scheduler's queue of waiting threads.</summary>
    internal object? Waiters;

    /// <summary>Signaled with this one: where an interrupt has been routed to.</summary>
    internal volatile KernelEvent? Follower;

    /// <summary>A new event; it dies with the domain that holds it.</summary>
    public static KernelEvent Create(CallContext context) => new(context.Thread.Scheduler, context.Thread.CurrentDomain);

    /// <summary>Waits until the event is signaled or <paramref name="timeoutMicros"/> microseconds have passed.</summary>
    public WaitResult Wait(CallContext context, long timeoutMicros = Forever) =>
        scheduler.Wait(context.Thread, this, timeoutMicros);

    /// <summary>Wakes the thread that waits longest, or lets the next wait pass.</summary>
    public void Signal() => scheduler.Signal(this, all: false);

    /// <summary>Wakes every waiting thread, or lets the next wait pass.</summary>
    public void SignalAll()
    {
        scheduler.Signal(this, all: true);

        // Not the follower's own follower: events that follow each other would never end.
        if (Follower is { } follower)
        {
            follower.scheduler.Signal(follower, all: true);
        }
    }

    /// <summary>
    /// A proxy passes it to another domain, which can signal it from now on. One such domain is remembered: who hands an event
    /// to two will not be told of a deadlock.
    /// </summary>
    internal void HandTo(uint domain)
    {
        if (domain != Maker && Interlocked.CompareExchange(ref receiver, domain, 0) is not 0 and uint first && first != domain)
        {
            isUntraced = true;
        }
    }

    /// <summary>Somebody outside the domains can signal it from now on.</summary>
    internal void Untrace() => isUntraced = true;
}
