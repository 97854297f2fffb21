namespace RedLeafSharp.Scheduling;

/// <summary>
/// Threads that wait for another body when one is over. For simulations: they come by the hundred in a second, each has some ten
/// threads, and making a thread with its stack and taking it down cost more than what it did.
/// </summary>
internal sealed class StackThreadPool
{
    /// <summary>More than a simulated system has at once; each keeps the pages of its stack that were ever touched.</summary>
    private const int IdleMax = 32;

    private readonly Lock gate = new();
    private readonly Stack<StackThread> idle = new();
    private bool isClosed;

    /// <summary>Starts a body on a thread that waits, or on a new one. See <see cref="StackThread(Action, StackThreadPool?)"/>.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no stack or no thread.</exception>
    internal StackThread Start(Action body)
    {
        StackThread? waiting;
        lock (gate)
        {
            _ = idle.TryPop(out waiting);
        }

        if (waiting is null)
        {
            return new StackThread(body, this);
        }

        waiting.Continue(body);
        return waiting;
    }

    /// <summary>Ends the threads that wait, and those that come back from now on.</summary>
    internal void Close()
    {
        lock (gate)
        {
            isClosed = true;
        }

        while (idle.TryPop(out StackThread? waiting))
        {
            waiting.End();
        }
    }

    /// <summary>Takes a thread back whose body is over.</summary>
    /// <returns>False if it is not wanted.</returns>
    internal bool TryKeep(StackThread thread)
    {
        lock (gate)
        {
            bool isWanted = !isClosed && idle.Count < IdleMax;
            if (isWanted)
            {
                idle.Push(thread);
            }

            return isWanted;
        }
    }
}
