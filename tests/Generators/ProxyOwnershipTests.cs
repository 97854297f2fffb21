using Xunit;

namespace RedLeafSharp.Tests.Generators;

/// <summary>Who owns what, after each way a call can go.</summary>
public sealed class ProxyOwnershipTests
{
    [Fact]
    public void Argument_Moved_IsTheCalleesAndStaleForTheCaller()
    {
        using var crossing = new CrossingFixture();
        RRef<int> value = crossing.AllocateInt(7);

        Assert.Equal(7, crossing.Proxy.Take(crossing.Context, value).Value);

        Assert.Equal((0, 1), (crossing.BlocksOf(CrossingFixture.CallerId), crossing.BlocksOf(CrossingFixture.CalleeId)));
        Assert.Throws<OwnershipException>(() => value.Borrow(crossing.Context));
    }

    [Fact]
    public void Arguments_OfAllKinds_Move()
    {
        using var crossing = new CrossingFixture();
        RRef<int> value = crossing.AllocateInt(1);
        RRefArray<byte> bytes = RRefArray<byte>.Allocate(crossing.Context, 10);
        PageBuffer pages = PageBuffer.Allocate(crossing.Context, 1);

        Assert.Equal(1 + 10 + 4096, crossing.Proxy.TakeAll(crossing.Context, value, bytes, pages).Value);

        Assert.Equal(3, crossing.BlocksOf(CrossingFixture.CalleeId));
    }

    [Fact]
    public void Argument_Empty_Crosses()
    {
        using var crossing = new CrossingFixture(new Callee { OnTake = (_, value) => value.IsNull ? 1 : 0 });

        Assert.Equal(1, crossing.Proxy.Take(crossing.Context, default).Value);
    }

    [Fact]
    public void Argument_Foreign_ThrowsInTheCallerAndStaysWhereItIs()
    {
        using var crossing = new CrossingFixture();
        RRef<int> foreign = RRef<int>.Allocate(crossing.StrangersContext);

        Assert.Throws<OwnershipException>(() => crossing.Proxy.Take(crossing.Context, foreign));

        AssertNothingHappened(crossing);
        Assert.Equal(1, crossing.BlocksOf(CrossingFixture.StrangerId));
    }

    [Fact]
    public void Argument_Stale_ThrowsInTheCaller()
    {
        using var crossing = new CrossingFixture();
        RRef<int> value = crossing.AllocateInt(1);
        RRef<int> copy = value;
        RRef<int>.Free(crossing.Context, ref value);
        RRef<int> reused = crossing.AllocateInt(2);

        Assert.Throws<OwnershipException>(() => crossing.Proxy.Take(crossing.Context, copy));

        AssertNothingHappened(crossing);
        Assert.Equal(2, reused.Borrow(crossing.Context));
    }

    [Fact]
    public void Argument_LentToADevice_CannotMove()
    {
        using var crossing = new CrossingFixture();
        PageBuffer pages = PageBuffer.Allocate(crossing.Context, 1);
        _ = pages.Lend(crossing.Context, LoanAccess.DeviceReads);

        Assert.Throws<OwnershipException>(() => crossing.Proxy.Exchange(crossing.Context, pages));

        AssertNothingHappened(crossing);
        pages.EndLoan(crossing.Context);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Arguments_WithOneThatCannotMove_GoBackToTheCaller(int badIndex)
    {
        using var crossing = new CrossingFixture();
        RRef<int> value = crossing.AllocateInt(7);
        RRefArray<byte> bytes = RRefArray<byte>.Allocate(badIndex == 1 ? crossing.StrangersContext : crossing.Context, 10);
        PageBuffer pages = PageBuffer.Allocate(badIndex == 2 ? crossing.StrangersContext : crossing.Context, 1);

        Assert.Throws<OwnershipException>(() => crossing.Proxy.TakeAll(crossing.Context, value, bytes, pages));

        AssertNothingHappened(crossing);
        Assert.Equal(7, value.Borrow(crossing.Context));
        Assert.Equal(2, crossing.BlocksOf(CrossingFixture.CallerId));
    }

    [Fact]
    public void Argument_OfACallThatThrows_StaysWithTheDeadForReclamation()
    {
        using var crossing = new CrossingFixture(new Callee { OnTake = (_, _) => throw new InvalidOperationException() });
        RRef<int> value = crossing.AllocateInt(7);

        Assert.Equal(Fault.CalleeFaulted, crossing.Proxy.Take(crossing.Context, value).Fault);

        Assert.Equal((0, 1), (crossing.BlocksOf(CrossingFixture.CallerId), crossing.BlocksOf(CrossingFixture.CalleeId)));
        Assert.Equal(1, crossing.Thread.Heap.Reclaim(CrossingFixture.CalleeId).Blocks);
    }

    [Fact]
    public void Argument_OfACallToTheDead_StaysWithTheCaller()
    {
        using var crossing = new CrossingFixture();
        crossing.Gate.Kill();
        RRef<int> value = crossing.AllocateInt(7);

        Assert.Equal(Fault.CalleeDead, crossing.Proxy.Take(crossing.Context, value).Fault);

        Assert.Equal(7, value.Borrow(crossing.Context));
    }

    [Fact]
    public void Result_Moved_IsTheCallers()
    {
        using var crossing = new CrossingFixture();

        RRef<int> made = crossing.Proxy.Make(crossing.Context).Value;

        Assert.Equal(0, made.Borrow(crossing.Context));
        Assert.Equal(0, crossing.BlocksOf(CrossingFixture.CalleeId));
    }

    [Fact]
    public void Result_ThatWasAnArgument_ComesBackAndTheOldReferenceIsGoodAgain()
    {
        using var crossing = new CrossingFixture();
        PageBuffer pages = PageBuffer.Allocate(crossing.Context, 1);

        PageBuffer back = crossing.Proxy.Exchange(crossing.Context, pages).Value;

        Assert.Equal(4096, back.GetLength(crossing.Context));
        Assert.Equal(1, crossing.BlocksOf(CrossingFixture.CallerId));
    }

    [Fact]
    public void Result_ThatTheCalleeDoesNotOwn_IsTheCalleesFault()
    {
        RRef<int> foreign = default;
        using var crossing = new CrossingFixture(new Callee { OnMake = (_, _) => foreign });
        foreign = RRef<int>.Allocate(crossing.StrangersContext);

        Reply<RRef<int>, CrossedError> reply = crossing.Proxy.Make(crossing.Context);

        Assert.Equal(Fault.CalleeFaulted, reply.Fault);
        Assert.True(reply.Value.IsNull);
        Assert.True(crossing.Gate.IsDead);
        Assert.Equal(1, crossing.BlocksOf(CrossingFixture.StrangerId));
    }

    [Fact]
    public void Result_OfTheContractsError_MovesNothing()
    {
        using var crossing = new CrossingFixture(new Callee { OnMake = (_, _) => CrossedError.Refused });

        Assert.Equal(CrossedError.Refused, crossing.Proxy.Make(crossing.Context).Error);
        Assert.False(crossing.Gate.IsDead);
    }

    private static void AssertNothingHappened(CrossingFixture crossing)
    {
        Assert.Equal(0, crossing.Callee.CallCount);
        Assert.False(crossing.Gate.IsDead);
        Assert.Equal(0, crossing.BlocksOf(CrossingFixture.CalleeId));
        Assert.Equal(CrossingFixture.CallerId, crossing.Context.Self.Value);
    }
}
