using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Bench.Crossings;

/// <summary>For one thread and gates that stay open: a crossing that asks it for anything is a mistake of the bench.</summary>
internal sealed class BenchScheduler : Scheduler
{
    internal override long UptimeMicros => 0;

    internal override long WallClockMicros => 0;

    internal override int Enter(ThreadContext thread, DomainGate gate) => throw Unexpected();

    internal override Fault Leave(ThreadContext thread, DomainGate gate, int token) => throw Unexpected();

    internal override Fault Caught(ThreadContext thread, DomainGate gate, Exception exception) =>
        throw new InvalidOperationException("a measured call threw", exception);

    internal override WaitResult Wait(ThreadContext thread, KernelEvent kernelEvent, long timeoutMicros) => throw Unexpected();

    internal override void Signal(KernelEvent kernelEvent, bool all) => throw Unexpected();

    internal override void Yield(ThreadContext thread) => throw Unexpected();

    private static InvalidOperationException Unexpected() => new("the measured path left the fast path");
}
