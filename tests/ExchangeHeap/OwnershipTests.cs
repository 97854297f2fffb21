using RedLeafSharp.Memory;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.ExchangeHeaps;

/// <summary>Who may use a block, and when a reference is stale. Two threads stand for two domains on one executor.</summary>
public sealed class OwnershipTests : IDisposable
{
    private readonly ExchangeHeap heap = new(32L << 20);
    private readonly TestThread owner;
    private readonly TestThread other;

    public OwnershipTests()
    {
        owner = new TestThread(heap, domain: 100);
        other = new TestThread(heap, domain: 101);
    }

    public void Dispose()
    {
        owner.Dispose();
        other.Dispose();
        heap.Dispose();
    }

    [Fact]
    public void Allocate_Value_IsCleared()
    {
        RRef<long> first = RRef<long>.Allocate(owner.Context);
        first.BorrowMutable(owner.Context) = -1;
        RRef<long>.Free(owner.Context, ref first);
        RRef<long> second = RRef<long>.Allocate(owner.Context);
        Assert.Equal(0, second.Borrow(owner.Context));
    }

    [Fact]
    public void BorrowAs_WhatOnlyTheKernelMakes_IsRefused()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        pages.BorrowAs<ulong>(owner.Context).Fill(0x4141_4141_4141);

        Assert.Throws<OwnershipException>(() => pages.BorrowAs<RRef<int>>(owner.Context).Length);
        Assert.Throws<OwnershipException>(() => pages.BorrowAs<Reply<int, TestError>>(owner.Context).Length);
        Assert.Throws<OwnershipException>(() => pages.BorrowAs<Cell<PageBuffer>>(owner.Context).Length);
        Assert.Throws<OwnershipException>(() => pages.BorrowAs<Wrapped>(owner.Context).Length);
        Assert.Throws<OwnershipException>(() => RRef<PageBuffer>.Allocate(owner.Context).IsNull);
        Assert.Throws<OwnershipException>(() => RRefArray<RRef<int>>.Allocate(owner.Context, 1).IsNull);
        Assert.Equal(170, pages.BorrowAs<Record>(owner.Context).Length);
    }

    [Fact]
    public void Allocate_BlockOfAnotherDomain_ShowsNoneOfItsBytes()
    {
        RRefArray<byte> secret = RRefArray<byte>.Allocate(owner.Context, RRefArray<byte>.LengthMax);
        secret.BorrowMutable(owner.Context).Fill(0xAA);
        RRefArray<byte>.Free(owner.Context, ref secret);
        PageBuffer pages = PageBuffer.Allocate(owner.Context, 3);
        pages.BorrowMutable(owner.Context).Fill(0xAA);
        PageBuffer.Free(owner.Context, ref pages);

        using var heir = new TestThread(heap, domain: 102);
        heir.Thread.Heap = owner.Thread.Heap;
        RRefArray<byte> array = RRefArray<byte>.Allocate(heir.Context, RRefArray<byte>.LengthMax);
        PageBuffer buffer = PageBuffer.Allocate(heir.Context, 4);
        Assert.False(array.Borrow(heir.Context).ContainsAnyExcept((byte)0));
        Assert.False(buffer.Borrow(heir.Context).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Free_Reference_IsEmptyAfterwards()
    {
        RRef<int> reference = RRef<int>.Allocate(owner.Context);
        RRef<int>.Free(owner.Context, ref reference);
        Assert.True(reference.IsNull);
    }

    [Fact]
    public void Borrow_EmptyReference_Throws() => Assert.Throws<NullReferenceException>(() => default(RRef<int>).Borrow(owner.Context));

    [Fact]
    public void Borrow_Foreign_Throws()
    {
        RRef<int> reference = RRef<int>.Allocate(owner.Context);
        Assert.Throws<OwnershipException>(() => reference.Borrow(other.Context));
        Assert.Throws<OwnershipException>(() => reference.BorrowMutable(other.Context));
    }

    [Fact]
    public void Free_Foreign_Throws()
    {
        RRef<int> reference = RRef<int>.Allocate(owner.Context);
        Assert.Throws<OwnershipException>(() => RRef<int>.Free(other.Context, ref reference));
        Assert.False(reference.IsNull);
        Assert.Equal(1, heap.Count(100).Blocks);
    }

    [Fact]
    public void Free_Twice_ThrowsAndTheBlockIsListedOnce()
    {
        RRef<int> reference = RRef<int>.Allocate(owner.Context);
        RRef<int> copy = reference;
        RRef<int>.Free(owner.Context, ref reference);
        Assert.Throws<OwnershipException>(() => RRef<int>.Free(owner.Context, ref copy));

        RRef<int> first = RRef<int>.Allocate(owner.Context);
        RRef<int> second = RRef<int>.Allocate(owner.Context);
        first.BorrowMutable(owner.Context) = 1;
        second.BorrowMutable(owner.Context) = 2;
        Assert.Equal(1, first.Borrow(owner.Context));
    }

    [Fact]
    public void Borrow_AfterFreeAndReuse_IsStale()
    {
        RRef<int> stale = RRef<int>.Allocate(owner.Context);
        RRef<int> freed = stale;
        RRef<int>.Free(owner.Context, ref freed);
        RRef<int> reused = RRef<int>.Allocate(owner.Context);

        Assert.Throws<OwnershipException>(() => stale.Borrow(owner.Context));
        Assert.Equal(0, reused.Borrow(owner.Context));
    }

    [Fact]
    public void Move_Owned_OnlyTheReceiverMayUseIt()
    {
        RRef<int> reference = RRef<int>.Allocate(owner.Context);
        Assert.True(Mover.TryMove(owner, reference, 101));

        Assert.Equal(0, reference.Borrow(other.Context));
        Assert.Throws<OwnershipException>(() => reference.Borrow(owner.Context));
        Assert.False(Mover.TryMove(owner, reference, 101));
    }

    [Fact]
    public void Move_Empty_IsAllowed() => Assert.True(Mover.TryMove(owner, default(PageBuffer), 101));

    [Fact]
    public void Cell_TakeAndPut_HoldsTheReferenceOnce()
    {
        var cell = default(Cell<RRef<int>>);
        RRef<int> reference = RRef<int>.Allocate(owner.Context);
        cell.Put(ref reference);
        Assert.True(reference.IsNull);
        Assert.Equal(0, cell.Content.Borrow(owner.Context));

        RRef<int> second = RRef<int>.Allocate(owner.Context);
        Assert.Throws<InvalidOperationException>(() => cell.Put(ref second));
        Assert.False(second.IsNull);

        Assert.False(cell.Take().IsNull);
        Assert.True(cell.IsEmpty);
        Assert.True(cell.Take().IsNull);
    }

    [Fact]
    public void Array_LengthBounds_AreChecked()
    {
        Assert.Equal(0, RRefArray<long>.Allocate(owner.Context, 0).Borrow(owner.Context).Length);
        Assert.Equal(270, RRefArray<long>.Allocate(owner.Context, 270).Borrow(owner.Context).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => RRefArray<long>.Allocate(owner.Context, 271));
        Assert.Throws<ArgumentOutOfRangeException>(() => RRefArray<long>.Allocate(owner.Context, -1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void Pages_AnyCount_AreAlignedAndWhole(int pageCount)
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context, pageCount);
        Assert.Equal(0u, pages.GetBusAddress(owner.Context) % PageBuffer.PageBytes);
        Assert.Equal(pageCount * PageBuffer.PageBytes, pages.GetLength(owner.Context));
        Assert.Equal(pageCount * PageBuffer.PageBytes, pages.Borrow(owner.Context).Length);
        Assert.Equal(pageCount * 512, pages.BorrowAs<long>(owner.Context).Length);
        pages.BorrowMutable(owner.Context)[^1] = 7;
        Assert.Equal(7, heap.BytesAt(pages.GetBusAddress(owner.Context), pageCount * PageBuffer.PageBytes)[^1]);
    }

    [Fact]
    public void AllocateBorrowFree_Repeated_AllocateNoManagedMemory()
    {
        CycleOnce(owner.Context);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1000; round++)
        {
            CycleOnce(owner.Context);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void CycleOnce(CallContext context)
    {
        RRef<long> value = RRef<long>.Allocate(context);
        value.BorrowMutable(context)++;
        RRefArray<byte> array = RRefArray<byte>.Allocate(context, 100);
        array.BorrowMutable(context)[0]++;
        PageBuffer pages = PageBuffer.Allocate(context);
        pages.BorrowMutable(context)[0]++;
        PageBuffer.Free(context, ref pages);
        RRefArray<byte>.Free(context, ref array);
        RRef<long>.Free(context, ref value);
    }

    private enum TestError
    {
        None = 0,
    }

    private readonly record struct Record(long Number, DayOfWeek Day, DomainId Domain, nint Address);

    private readonly record struct Wrapped(int Number, RRef<int> Hidden);
}
