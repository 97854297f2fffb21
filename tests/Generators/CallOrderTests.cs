using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Generators;

/// <summary>Calls in and out of the order that a contract declares.</summary>
public sealed class CallOrderTests : IDisposable
{
    private readonly TestThread thread = new();
    private readonly Ordered callee = new();
    private readonly DomainGate gate = new(CrossingFixture.CalleeId, "callee", homeExecutorId: 0, isReentrant: false);
    private readonly OrderedProxy proxy;

    public CallOrderTests() => proxy = new OrderedProxy(callee, gate);

    public void Dispose() => thread.Dispose();

    [Fact]
    public void Call_InOrder_ReachesTheCallee()
    {
        Assert.True(proxy.Open(thread.Context, succeeds: true).IsOk);
        Assert.Equal(7, proxy.Take(thread.Context, AllocateInt(7)).Value);
        Assert.True(proxy.Break(thread.Context).IsOk);
        Assert.Equal(4, proxy.Look(thread.Context, KernelEvent.Create(thread.Context)).Value);
    }

    [Fact]
    public void Call_TooEarly_ThrowsInTheCallerWhoKeepsItsArguments()
    {
        RRef<int> value = AllocateInt(7);

        var thrown = Assert.Throws<CallOrderException>(() => proxy.Take(thread.Context, value));

        Assert.Equal("IOrdered.Take may not be called while callee is closed", thrown.Message);
        Assert.Equal(7, value.Borrow(thread.Context));
        Assert.Equal((0, false), (callee.CallCount, gate.IsDead));
        Assert.Equal(thread.Thread.CurrentDomain, thread.Context.Self.Value);
    }

    [Fact]
    public void Call_AfterTheLastState_ThrowsInTheCaller()
    {
        proxy.Break(thread.Context);

        var thrown = Assert.Throws<CallOrderException>(() => proxy.Open(thread.Context, succeeds: true));

        Assert.Equal("IOrdered.Open may not be called while callee is broken", thrown.Message);
        Assert.Equal(1, callee.CallCount);
    }

    [Fact]
    public void Call_ThatAnswersWithAnError_ChangesNoState()
    {
        Assert.Equal(CrossedError.Refused, proxy.Open(thread.Context, succeeds: false).Error);
        Assert.True(proxy.Open(thread.Context, succeeds: true).IsOk);

        Assert.Throws<CallOrderException>(() => proxy.Open(thread.Context, succeeds: true));
    }

    [Fact]
    public void Call_OfTheNextGeneration_BeginsInTheFirstStateAgain()
    {
        proxy.Break(thread.Context);
        var next = new OrderedProxy(callee, new DomainGate(CrossingFixture.StrangerId, "next", homeExecutorId: 0, isReentrant: false));

        Assert.True(next.Open(thread.Context, succeeds: true).IsOk);
    }

    [Fact]
    public void Call_WithoutACapabilityThatIsNeeded_ThrowsInTheCaller()
    {
        Assert.Throws<ArgumentNullException>("change", () => proxy.Look(thread.Context, null!));

        Assert.Equal((0, false), (callee.CallCount, gate.IsDead));
    }

    [Fact]
    public void Entry_StartedTwice_IsAFaultOfWhoStartsIt()
    {
        var domain = new DomainProxy(new IdleDomain(), gate);
        Assert.True(domain.Start(thread.Context, new DomainServices(null!)).IsOk);

        var thrown = Assert.Throws<CallOrderException>(() => domain.Start(thread.Context, new DomainServices(null!)));

        Assert.Equal("IDomain.Start may not be called while callee is started", thrown.Message);
        Assert.True(domain.Stop(thread.Context).IsOk);
    }

    private RRef<int> AllocateInt(int value)
    {
        RRef<int> block = RRef<int>.Allocate(thread.Context);
        block.BorrowMutable(thread.Context) = value;
        return block;
    }

    private sealed class IdleDomain : IDomain
    {
        public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) => default(Unit);

        public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
    }
}
