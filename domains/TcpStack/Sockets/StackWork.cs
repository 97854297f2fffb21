using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>
/// Who may run the stack, and the stack's own thread. Calls to devices may wait, and others enter the domain then: so whoever works
/// on the stack holds it until all that has come of the work is done.
/// </summary>
internal sealed class StackWork(CallContext context, NetworkStack stack) : IBackgroundWork
{
    private readonly KernelEvent released = KernelEvent.Create(context);
    private bool isHeld;
    private int waiterCount;
    private bool isStopping;

    /// <summary>Until when the own thread sleeps; whoever makes something due earlier has to wake it.</summary>
    private long sleepsUntilMicros = long.MinValue;

    /// <summary>Signaled when the own thread has something to do; also by devices.</summary>
    internal KernelEvent Wake { get; } = KernelEvent.Create(context);

    /// <summary>Takes the stack, and reads the clock.</summary>
    internal void Enter(CallContext context)
    {
        while (isHeld)
        {
            waiterCount++;
            released.Wait(context);
            waiterCount--;
        }

        isHeld = true;
        stack.NowMicros = context.UptimeMicros;
    }

    /// <summary>Does what has come of the work, and lets the next one in.</summary>
    internal void Leave(CallContext context)
    {
        bool hasMore = stack.RunLoopback(context);
        stack.Flush(context);
        Release();
        if (hasMore || stack.DeadlineMicros < sleepsUntilMicros)
        {
            sleepsUntilMicros = long.MinValue;
            Wake.Signal();
        }
    }

    /// <summary>The own thread: timers, and what devices have received.</summary>
    public Reply<Unit, DomainError> Run(CallContext context)
    {
        while (!isStopping)
        {
            Enter(context);
            bool hasMore = stack.Poll(context) || stack.Arm(context);
            long deadline = Math.Min(stack.DeadlineMicros, stack.LookMicros);
            sleepsUntilMicros = hasMore ? long.MinValue : deadline;
            Release();
            long left = deadline == long.MaxValue ? KernelEvent.Forever : Math.Max(0, deadline - context.UptimeMicros);
            if (Wake.Wait(context, hasMore ? 0 : left) == WaitResult.Deadlock)
            {
                // Whoever looks for deadlocks will not find one while there is a stack: a signal may come from a process not started yet.
                Wake.Wait(context, StackLimits.DeadlockPauseMicros);
            }
        }

        return default(Unit);
    }

    /// <summary>Ends <see cref="Run"/>.</summary>
    internal void Stop()
    {
        isStopping = true;
        Wake.Signal();
    }

    private void Release()
    {
        isHeld = false;
        if (waiterCount > 0)
        {
            released.Signal();
        }
    }
}
