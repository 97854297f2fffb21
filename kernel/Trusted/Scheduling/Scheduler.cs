namespace RedLeafSharp.Scheduling;

/// <summary>
/// What the trusted kernel asks of the executors; implemented in kernel/Kernel, and by a plain loop in unit tests.
/// </summary>
internal abstract class Scheduler
{
    internal abstract long UptimeMicros { get; }

    internal abstract long WallClockMicros { get; }

    /// <summary>
    /// A proxy found the gate closed or another executor's. The callee is on the chain already.
    /// </summary>
    /// <returns>0 or a positive note for <see cref="Leave"/> when the call may go in; a negative <see cref="Fault"/> else.</returns>
    internal abstract int Enter(ThreadContext thread, DomainGate gate);

    /// <summary>A call returns and the thread has flags, or <see cref="Enter"/> left a note. The callee is off the chain.</summary>
    /// <exception cref="DomainKilledException">The domain returned to is dead: its frames are unwound.</exception>
    internal abstract Fault Leave(ThreadContext thread, DomainGate gate, int token);

    /// <summary>The callee threw (or was unwound). It is still on the chain. Marks it dead.</summary>
    internal abstract Fault Caught(ThreadContext thread, DomainGate gate, Exception exception);

    /// <summary>Suspends the thread until the event is signaled.</summary>
    internal abstract WaitResult Wait(ThreadContext thread, KernelEvent kernelEvent, long timeoutMicros);

    /// <summary>Makes waiting threads runnable. May be called from any thread of the process.</summary>
    /// <param name="kernelEvent">The event.</param>
    /// <param name="all">All waiters, or the one that waits longest.</param>
    internal abstract void Signal(KernelEvent kernelEvent, bool all);

    /// <summary>Lets other runnable threads of the executor run.</summary>
    internal abstract void Yield(ThreadContext thread);

    /// <summary>
    /// A thread has found the poll word of its domain raised, between two instructions of the domain's code. Whatever wants
    /// to look at running code does it here: it may return, throw, or let others run first.
    /// </summary>
    internal virtual void Safepoint(ThreadContext thread)
    {
    }

    /// <summary>The running domain has used up its part of the stack. Returns only when there is no domain to blame.</summary>
    internal virtual void StackExhausted(ThreadContext thread)
    {
    }

    /// <summary>The running domain is about to make an array that is not small.</summary>
    internal virtual void BeforeLargeArray(ThreadContext thread, long bytes)
    {
    }

    /// <summary>Whether the running domain is to be unwound: its handlers are passed over.</summary>
    internal virtual bool IsDying(ThreadContext thread) => false;
}

/// <summary>Unwinds the frames of a killed domain. Thrown by the kernel only, at crossings and waits.</summary>
public sealed class DomainKilledException : Exception
{
    internal DomainKilledException(string domain)
        : base($"domain {domain} has been killed")
    {
    }
}
