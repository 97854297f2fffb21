using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>A record lock that a process waits for: an edge of the graph in which circles are deadlocks.</summary>
internal sealed class LockRequest(FileLocks locks, HeldRange range)
{
    private readonly FileLocks locks = locks;
    private readonly HeldRange range = range;

    /// <summary>Waits until the range is free.</summary>
    /// <returns><see cref="Errno.Deadlock"/> when who holds it waits for the caller, directly or over others.</returns>
    public Errno Wait(CallContext context)
    {
        Process process = range.Owner;
        try
        {
            while (locks.FindConflict(range) is { } conflict)
            {
                process.PendingLock = this;
                Errno error = IsCircle(conflict.Owner) ? Errno.Deadlock : locks.WaitForChange(context);
                if (error != Errno.None)
                {
                    return error;
                }
            }

            return Errno.None;
        }
        finally
        {
            process.PendingLock = null;
        }
    }

    /// <summary>
    /// Follows who waits for whom. Each process waits for one lock at most and is followed to the first that is in its way, so
    /// the walk is a line: it ends at the caller, at one that does not wait, or after as many steps as there are processes.
    /// </summary>
    private bool IsCircle(Process holder)
    {
        for (int step = 0; step < Limits.ProcessCountMax && holder.PendingLock is { } pending; step++)
        {
            if (pending.locks.FindConflict(pending.range) is not { } next)
            {
                return false;
            }

            if (next.Owner == range.Owner)
            {
                return true;
            }

            holder = next.Owner;
        }

        return false;
    }
}
