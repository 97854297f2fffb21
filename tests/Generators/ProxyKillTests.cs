using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;
using Xunit;

namespace RedLeafSharp.Tests.Generators;

/// <summary>What a proxy does when the kernel interferes while the call is inside the callee.</summary>
public sealed class ProxyKillTests : IDisposable
{
    private readonly ExchangeHeap heap = new(64L << 20);
    private readonly KillingScheduler scheduler = new();
    private readonly DomainGate gate = new(CrossingFixture.CalleeId, "callee", homeExecutorId: 0, isReentrant: false);
    private readonly ThreadContext thread;

    public ProxyKillTests() =>
        thread = new ThreadContext(scheduler, new ExchangeHeapCache(heap), executorId: 0, CrossingFixture.CallerId);

    [Fact]
    public void Caller_KilledMeanwhile_IsUnwoundByTheReturnAndTheCalleeLives()
    {
        scheduler.KillsCaller = true;
        var proxy = new CrossedProxy(new Callee { OnPing = RaiseFlag }, gate);

        Assert.Throws<DomainKilledException>(() => proxy.Ping(new CallContext(thread), 1));

        Assert.False(gate.IsDead);
        Assert.Equal(0, scheduler.CaughtCount);
        Assert.Equal(CrossingFixture.CallerId, thread.CurrentDomain);
    }

    [Fact]
    public void Callee_KilledMeanwhile_FaultsAlthoughItReturned()
    {
        var proxy = new CrossedProxy(new Callee { OnPing = RaiseFlag }, gate);

        Assert.Equal(Fault.CalleeKilled, proxy.Ping(new CallContext(thread), 1).Fault);
    }

    [Fact]
    public void Result_OfACalleeKilledMeanwhile_IsFreed()
    {
        var callee = new Callee
        {
            OnMake = (context, _) =>
            {
                thread.Flags = (int)ThreadFlags.KillPending;
                return RRef<int>.Allocate(context);
            },
        };

        Reply<RRef<int>, CrossedError> reply = new CrossedProxy(callee, gate).Make(new CallContext(thread));

        Assert.Equal(Fault.CalleeKilled, reply.Fault);
        Assert.Equal(0, heap.CountAll().Blocks);
    }

    [Fact]
    public void EntryNote_OfTheScheduler_ComesBackToItOnLeaving()
    {
        gate.Word = GateState.Occupied;
        scheduler.Note = 5;

        Assert.Equal(2, new CrossedProxy(new Callee(), gate).Ping(new CallContext(thread), 1).Value);

        Assert.Equal(5, scheduler.NoteSeen);
    }

    [Fact]
    public void EntryNote_WhenAnArgumentCannotMove_ComesBackToo()
    {
        gate.Word = GateState.Occupied;
        scheduler.Note = 5;
        using var other = new ThreadContext(scheduler, thread.Heap, executorId: 0, CrossingFixture.StrangerId);
        RRef<int> foreign = RRef<int>.Allocate(new CallContext(other));

        Assert.Throws<OwnershipException>(() => new CrossedProxy(new Callee(), gate).Take(new CallContext(thread), foreign));

        Assert.Equal(5, scheduler.NoteSeen);
    }

    public void Dispose()
    {
        thread.Dispose();
        heap.Dispose();
    }

    private Reply<int, CrossedError> RaiseFlag(CallContext context, int number)
    {
        thread.Flags = (int)ThreadFlags.KillPending;
        return number;
    }

    /// <summary>Lets everybody in with a note, and does on leaving what the test wants.</summary>
    private sealed class KillingScheduler : Scheduler
    {
        internal bool KillsCaller { get; set; }

        internal int Note { get; set; }

        internal int NoteSeen { get; private set; }

        internal int CaughtCount { get; private set; }

        internal override long UptimeMicros => 0;

        internal override long WallClockMicros => 0;

        internal override int Enter(ThreadContext thread, DomainGate gate) => Note;

        internal override Fault Leave(ThreadContext thread, DomainGate gate, int token)
        {
            bool isKillPending = thread.Flags != 0;
            thread.Flags = 0;
            NoteSeen = token;
            return KillsCaller ? throw new DomainKilledException("caller")
                : isKillPending ? Fault.CalleeKilled
                : Fault.None;
        }

        internal override Fault Caught(ThreadContext thread, DomainGate gate, Exception exception)
        {
            CaughtCount++;
            return Fault.CalleeFaulted;
        }

        internal override WaitResult Wait(ThreadContext thread, KernelEvent kernelEvent, long timeoutMicros) =>
            WaitResult.Deadlock;

        internal override void Signal(KernelEvent kernelEvent, bool all)
        {
        }

        internal override void Yield(ThreadContext thread)
        {
        }
    }
}
