using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Generators;

/// <summary>Who runs, what comes back, and what a fault leaves behind.</summary>
public sealed class ProxyCallTests
{
    [Fact]
    public void Call_Plain_BringsTheAnswerBack()
    {
        using var crossing = new CrossingFixture();

        Assert.Equal(42, crossing.Proxy.Ping(crossing.Context, 41).Value);
    }

    [Fact]
    public void Call_Refused_BringsTheContractsErrorBack()
    {
        using var crossing = new CrossingFixture(new Callee { OnPing = (_, _) => CrossedError.Refused });

        Assert.Equal(CrossedError.Refused, crossing.Proxy.Ping(crossing.Context, 1).Error);
        Assert.False(crossing.Gate.IsDead);
    }

    [Fact]
    public void Call_Inside_NamesCalleeAndCaller()
    {
        (uint Self, uint Caller) seen = default;
        using var crossing = new CrossingFixture(new Callee
        {
            OnPing = (context, number) =>
            {
                seen = (context.Self.Value, context.Caller.Value);
                return number;
            },
        });

        _ = crossing.Proxy.Ping(crossing.Context, 1);

        Assert.Equal((CrossingFixture.CalleeId, CrossingFixture.CallerId), seen);
        Assert.Equal(CrossingFixture.CallerId, crossing.Context.Self.Value);
    }

    [Fact]
    public void Call_WithBorrowedArguments_WritesThroughToTheCaller()
    {
        using var crossing = new CrossingFixture();
        byte[] bytes = new byte[16];
        var id = Guid.NewGuid();
        int counter = 7;

        Assert.True(crossing.Proxy.Borrow(crossing.Context, bytes, id, ref counter, out long sum).IsOk);

        Assert.Equal((id, 8, 16L), (new Guid(bytes), counter, sum));
    }

    [Fact]
    public void Call_ThatThrows_IsAFaultAndTheCalleesDeath()
    {
        using var crossing = new CrossingFixture(new Callee { OnPing = (_, _) => throw new InvalidOperationException("oops") });

        Reply<int, CrossedError> reply = crossing.Proxy.Ping(crossing.Context, 1);

        Assert.Equal(Fault.CalleeFaulted, reply.Fault);
        Assert.Equal(["InvalidOperationException: oops"], crossing.Thread.Scheduler.Caughts);
        Assert.True(crossing.Gate.IsDead);
        Assert.Equal(CrossingFixture.CallerId, crossing.Context.Self.Value);
    }

    [Fact]
    public void Call_OfTheDead_IsRefusedWithoutRunningAnything()
    {
        using var crossing = new CrossingFixture();
        crossing.Gate.Kill();

        Assert.Equal(Fault.CalleeDead, crossing.Proxy.Ping(crossing.Context, 1).Fault);
        Assert.Equal(0, crossing.Callee.CallCount);
        Assert.Equal(CrossingFixture.CallerId, crossing.Context.Self.Value);
    }

    [Fact]
    public void Call_OfADetachedProxy_AnswersThatTheCalleeIsDead()
    {
        using var crossing = new CrossingFixture();
        crossing.Detach();

        Assert.Equal(Fault.CalleeDead, crossing.Proxy.Ping(crossing.Context, 1).Fault);
    }

    [Fact]
    public void Detach_OfAProxy_LetsGoOfTheImplementation()
    {
        var gate = new DomainGate(CrossingFixture.CalleeId, "callee", homeExecutorId: 0, isReentrant: false);
        var (proxy, callee) = Wrap(gate);
        ((IProxy)proxy).Detach();

        GC.Collect();

        Assert.False(callee.IsAlive);
        Assert.Same(gate, ((IProxy)proxy).Gate);
    }

    [Fact]
    public void Recursion_WithoutEnd_EndsInTooDeepAndUnwindsCleanly()
    {
        CrossingFixture? crossing = null;
        using CrossingFixture fixture = crossing = new CrossingFixture(new Callee
        {
            OnPing = (context, depth) =>
            {
                Reply<int, CrossedError> deeper = crossing!.Proxy.Ping(context, depth + 1);
                return deeper.Fault == Fault.TooDeep ? depth : deeper;
            },
        }, isReentrant: true);

        Reply<int, CrossedError> reply = crossing.Proxy.Ping(crossing.Context, 1);

        Assert.Equal(ThreadContext.ChainDepthMax - 1, reply.Value);
        Assert.Equal(CrossingFixture.CallerId, crossing.Context.Self.Value);
    }

    [Fact]
    public void NullContext_FromTheCaller_ThrowsInTheCaller()
    {
        using var crossing = new CrossingFixture();

        Assert.Throws<NullReferenceException>(() => crossing.Proxy.Ping(default, 1));
        Assert.False(crossing.Gate.IsDead);
    }

    [Fact]
    public void Table_ForAContract_MakesItsProxy()
    {
        using var crossing = new CrossingFixture();
        var proxy = (ICrossed)RedLeafSharp.Tests.ContractProxies.Create(typeof(ICrossed), crossing.Callee, crossing.Gate);

        Assert.Equal(6, proxy.Ping(crossing.Context, 5).Value);
    }

    [Fact]
    public void Calls_Many_AllocateNothing()
    {
        using var crossing = new CrossingFixture();
        _ = CallEachWay(crossing);

        long before = GC.GetAllocatedBytesForCurrentThread();
        int sum = 0;
        for (int round = 0; round < 1000; round++)
        {
            sum += CallEachWay(crossing);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, sum);
    }

    private static int CallEachWay(CrossingFixture crossing)
    {
        CallContext context = crossing.Context;
        int counter = 0;
        Span<byte> bytes = stackalloc byte[16];
        _ = crossing.Proxy.Borrow(context, bytes, default, ref counter, out long sum);
        PageBuffer pages = crossing.Proxy.Exchange(context, PageBuffer.Allocate(context, 1)).Value;
        PageBuffer.Free(context, ref pages);
        RRef<int> made = crossing.Proxy.Make(context).Value;
        RRef<int>.Free(context, ref made);
        return crossing.Proxy.Ping(context, 1).Value + (int)sum;
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static (ICrossed Proxy, WeakReference Callee) Wrap(DomainGate gate)
    {
        var callee = new Callee();
        return (new CrossedProxy(callee, gate), new WeakReference(callee));
    }
}
