using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// Excludes other threads over calls to other domains, at which they may otherwise enter: the personality is re-entrant.
/// </summary>
/// <remarks>Whoever acquires it releases it in a finally clause, since a killed process's frames are unwound.</remarks>
internal sealed class SleepLock(KernelEvent released)
{
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
            released.Signal();
        }
    }
}
