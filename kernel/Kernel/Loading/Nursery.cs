using RedLeafSharp.Kernel.Executors;

namespace RedLeafSharp.Kernel.Loading;

/// <summary>
/// Where a generation's first code runs: a kernel thread at whose bottom the generation stands, so that it has an aligned stack
/// and can be killed like a call, on an executor of its own, so that nobody waits behind a constructor.
/// </summary>
internal sealed class Nursery : IDisposable
{
    private readonly ExecutorGroup group;
    private readonly Lock poolLock = new();
    private readonly List<(Executor Executor, KernelThread? LastThread)> pool = [];

    private readonly bool isSimulated;

    /// <param name="group">The executors.</param>
    /// <param name="isSimulated">Whether there is one executor for all, so that nothing runs beside it.</param>
    internal Nursery(ExecutorGroup group, bool isSimulated = false)
    {
        this.group = group;
        this.isSimulated = isSimulated;
    }

    /// <summary>
    /// Runs a body as a domain and waits for its end; a thread of an executor lets others run meanwhile. When a step takes too
    /// long the domain is killed.
    /// </summary>
    /// <param name="gate">The domain.</param>
    /// <param name="initialization">Whose steps are watched.</param>
    /// <param name="body">What runs; it must not throw.</param>
    /// <param name="stepLimit">The longest time for one step.</param>
    /// <exception cref="BootException">A step did not end, or there is no thread.</exception>
    internal void Run(DomainGate gate, Initialization initialization, Action body, TimeSpan stepLimit)
    {
        Executor executor = TakeExecutor();
        var ended = new KernelEvent(group);
        KernelThread thread;
        try
        {
            thread = executor.Start(gate.Name, gate.Id, _ => RunAndSignal(body, ended));
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ObjectDisposedException)
        {
            GiveBack(executor, null);
            throw new BootException($"{gate.Name}: there is no thread for its constructors: {exception.Message}");
        }

        bool hasEnded = false;
        try
        {
            hasEnded = Await(thread, ended, initialization, stepLimit);
        }
        finally
        {
            // Also when this thread is unwound: then nobody wants the generation any more.
            if (!hasEnded)
            {
                group.Kill(gate);
            }

            GiveBack(executor, thread);
        }

        if (!hasEnded)
        {
            throw new BootException($"{gate.Name}: {initialization.StepName} did not end within {stepLimit.TotalSeconds} s");
        }
    }

    /// <summary>The last step of all: the group has ended its threads.</summary>
    public void Dispose()
    {
        foreach ((Executor executor, KernelThread? lastThread) in pool)
        {
            if (lastThread is not { IsCompleted: false })
            {
                executor.PollContext.Dispose();
            }
        }
    }

    private static void RunAndSignal(Action body, KernelEvent ended)
    {
        try
        {
            body();
        }
        finally
        {
            ended.Signal();
        }
    }

    private bool Await(KernelThread thread, KernelEvent ended, Initialization initialization, TimeSpan stepLimit)
    {
        if (isSimulated && KernelThread.Current is { } simulated)
        {
            return ended.Wait(new CallContext(simulated.Context), (long)stepLimit.TotalMicroseconds) == WaitResult.Signaled;
        }

        bool hasEnded = false;
        while (!hasEnded && stepLimit - initialization.StepAge is var left && left > TimeSpan.Zero)
        {
            hasEnded = KernelThread.Current is { } current
                ? ended.Wait(new CallContext(current.Context), (long)left.TotalMicroseconds + 1) == WaitResult.Signaled
                : thread.TryJoin(left);
        }

        return hasEnded;
    }

    private Executor TakeExecutor()
    {
        if (isSimulated)
        {
            return group.Executors[0];
        }

        lock (poolLock)
        {
            int index = pool.FindIndex(one => one.LastThread is not { IsCompleted: false });
            if (index < 0)
            {
                return group.MakeSolitary();
            }

            Executor executor = pool[index].Executor;
            pool.RemoveAt(index);
            return executor;
        }
    }

    /// <summary>An executor whose last thread has not come back is not used again before it has.</summary>
    private void GiveBack(Executor executor, KernelThread? lastThread)
    {
        if (isSimulated)
        {
            return;
        }

        lock (poolLock)
        {
            pool.Add((executor, lastThread));
        }
    }
}
