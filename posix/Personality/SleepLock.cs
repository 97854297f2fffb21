using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// Excludes other threads over calls to other domains, at which they may otherwise enter: the personality is re-entrant.
/// </summary>
/// <remarks>
/// Whoever acquires it releases it in a finally clause, since a killed process's frames are unwound. The event is made by the first who
/// has to wait: there is a lock for each open file, and hardly one is ever waited for.
/// </remarks>
internal sealed class SleepLock
{
    private KernelEvent? released;
    private bool isHeld;
    private int waiterCount;

    /// <summary>Waits until the lock is free and takes it.</summary>
    /// <returns><see cref="Errno.Deadlock"/> when it can never be free; the lock is not taken then.</returns>
    public Errno Acquire(CallContext context)
    {
        while (isHeld)
        {
            waiterCount++;
            try
            {
                released ??= KernelEvent.Create(context);
                Errno error = released.WaitFor(context);
                if (error != Errno.None)
                {
                    return error;
                }
            }
            finally
            {
                waiterCount--;
            }
        }

        isHeld = true;
        return Errno.None;
    }

    /// <summary>Gives the lock back.</summary>
    public void Release()
    {
        isHeld = false;
        if (waiterCount > 0)
        {
            released?.Signal();
        }
    }
}
