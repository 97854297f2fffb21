using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;

namespace RedLeafSharp.Tests.Generators;

/// <summary>A caller (domain 100) and a callee (domain 200) with the generated proxy between them.</summary>
internal sealed class CrossingFixture : IDisposable
{
    internal const uint CallerId = 100;
    internal const uint CalleeId = 200;
    internal const uint StrangerId = 300;

    private readonly TestThread stranger;

    internal CrossingFixture(Callee? callee = null, bool isReentrant = false)
    {
        Thread = new TestThread();
        stranger = new TestThread(Thread.Heap, Thread.Scheduler, StrangerId);
        Callee = callee ?? new Callee();
        Gate = new DomainGate(CalleeId, "callee", homeExecutorId: 0, isReentrant);
        Proxy = new CrossedProxy(Callee, Gate);
    }

    internal TestThread Thread { get; }

    internal Callee Callee { get; }

    internal DomainGate Gate { get; }

    internal ICrossed Proxy { get; }

    /// <summary>The caller's context; a property, because a context cannot be captured.</summary>
    internal CallContext Context => Thread.Context;

    internal CallContext StrangersContext => stranger.Context;

    internal long BlocksOf(uint domain) => Thread.Heap.Count(domain).Blocks;

    internal RRef<int> AllocateInt(int value)
    {
        RRef<int> block = RRef<int>.Allocate(Context);
        block.BorrowMutable(Context) = value;
        return block;
    }

    internal void Detach() => ((IProxy)Proxy).Detach();

    public void Dispose()
    {
        stranger.Dispose();
        Thread.Dispose();
    }
}
