using System.Diagnostics;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Bench.Harness;

/// <summary>One thread; a wait runs the device's step.</summary>
internal sealed class PollingScheduler : Scheduler
{
    internal Action Step { get; set; } = () => { };

    internal override long UptimeMicros => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    internal override long WallClockMicros => UptimeMicros;

    internal override int Enter(ThreadContext thread, DomainGate gate) => (int)Fault.CalleeDead;

    internal override Fault Leave(ThreadContext thread, DomainGate gate, int token) => Fault.None;

    internal override Fault Caught(ThreadContext thread, DomainGate gate, Exception exception) =>
        throw new InvalidOperationException("a measured call threw", exception);

    internal override WaitResult Wait(ThreadContext thread, KernelEvent kernelEvent, long timeoutMicros)
    {
        Step();
        return WaitResult.TimedOut;
    }

    internal override void Signal(KernelEvent kernelEvent, bool all)
    {
    }

    internal override void Yield(ThreadContext thread)
    {
    }
}
