using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Tests.Support;

/// <summary>
/// One thread, no executor: a wait runs the poll steps until the event is signaled. For unit tests of one domain's code
/// without the kernel around it. Time is virtual: each round of poll steps takes one microsecond.
/// </summary>
internal sealed class InlineScheduler : Scheduler
{
    private long uptimeMicros;

    /// <summary>Work to do while a thread waits, a device's step for example; each returns whether it did something.</summary>
    internal List<Func<bool>> PollSteps { get; } = [];

    /// <summary>What exception barriers have caught, newest last.</summary>
    internal List<string> Caughts { get; } = [];

    internal override long UptimeMicros => uptimeMicros;

    internal override long WallClockMicros => 1_700_000_000_000_000 + uptimeMicros;

    internal void Advance(long micros) => uptimeMicros += micros;

    internal override int Enter(ThreadContext thread, DomainGate gate) =>
        (int)(gate.IsDead ? Fault.CalleeDead : Fault.Busy);

    internal override Fault Leave(ThreadContext thread, DomainGate gate, int token) => Fault.None;

    internal override Fault Caught(ThreadContext thread, DomainGate gate, Exception exception)
    {
        Caughts.Add($"{exception.GetType().Name}: {exception.Message}");
        gate.Kill();
        return Fault.CalleeFaulted;
    }

    internal override WaitResult Wait(ThreadContext thread, KernelEvent kernelEvent, long timeoutMicros)
    {
        long deadline = timeoutMicros == KernelEvent.Forever ? long.MaxValue : uptimeMicros + timeoutMicros;
        for (int idleRounds = 0; idleRounds < 1_000_000; idleRounds++)
        {
            if (kernelEvent.IsSignaled)
            {
                kernelEvent.IsSignaled = false;
                return WaitResult.Signaled;
            }

            if (uptimeMicros >= deadline)
            {
                return WaitResult.TimedOut;
            }

            uptimeMicros++;
            foreach (Func<bool> step in PollSteps)
            {
                if (step())
                {
                    idleRounds = 0;
                }
            }
        }

        return WaitResult.Deadlock;
    }

    internal override void Signal(KernelEvent kernelEvent, bool all) => kernelEvent.IsSignaled = true;

    internal override void Yield(ThreadContext thread)
    {
    }
}

/// <summary>A context to call domain code with, as if the kernel did.</summary>
internal sealed class TestThread : IDisposable
{
    private const uint FirstDomain = 100;

    private readonly bool ownsHeap;

    internal TestThread(ExchangeHeap? heap = null, InlineScheduler? scheduler = null, uint domain = FirstDomain)
    {
        ownsHeap = heap is null;
        Heap = heap ?? new ExchangeHeap(256L << 20);
        Scheduler = scheduler ?? new InlineScheduler();
        Thread = new ThreadContext(Scheduler, new ExchangeHeapCache(Heap), executorId: 0, domain);
    }

    internal ExchangeHeap Heap { get; }

    internal InlineScheduler Scheduler { get; }

    internal ThreadContext Thread { get; }

    internal CallContext Context => new(Thread);

    public void Dispose()
    {
        Thread.Dispose();
        if (ownsHeap)
        {
            Heap.Dispose();
        }
    }
}
