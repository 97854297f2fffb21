using RedLeafSharp.Memory;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.ExchangeHeaps;

/// <summary>Nothing is lost and nothing is given out twice: over exhaustion, reclaim, and caches that share a pool.</summary>
public sealed class HeapCensusTests : IDisposable
{
    private readonly ExchangeHeap heap = new(16L << 20);

    public void Dispose() => heap.Dispose();

    [Fact]
    public void Allocate_UntilFull_FailsCleanlyAndRecovers()
    {
        using var owner = new TestThread(heap, domain: 100);
        var pages = new List<PageBuffer>();
        while (PageBuffer.TryAllocate(owner.Context, 64, out PageBuffer each))
        {
            pages.Add(each);
        }

        // Slab 0 is never used; a slab holds three blocks of 64 pages.
        Assert.Equal(15 * 3, pages.Count);
        Assert.Throws<ExchangeHeapFullException>(() => PageBuffer.Allocate(owner.Context, 64));
        Assert.Throws<ExchangeHeapFullException>(() => RRef<int>.Allocate(owner.Context));

        PageBuffer last = pages[^1];
        PageBuffer.Free(owner.Context, ref last);
        Assert.True(PageBuffer.TryAllocate(owner.Context, 64, out _));
    }

    [Fact]
    public void Allocate_OneLargeBlock_LeavesRoomForOtherClasses()
    {
        using var owner = new TestThread(heap, domain: 100);
        _ = PageBuffer.Allocate(owner.Context, 64);
        _ = PageBuffer.Allocate(owner.Context, 16);
        _ = PageBuffer.Allocate(owner.Context, 1);
        _ = RRef<int>.Allocate(owner.Context);
        Assert.Equal(4, heap.Count(100).Blocks);
    }

    /// <summary>A file's pages are taken one by one and read in a row: a prefetcher has to find them in a row, too.</summary>
    [Fact]
    public void Allocate_PagesOneByOne_AreNeighboursUpwards()
    {
        using var owner = new TestThread(heap, domain: 100);
        int count = 3 * SizeClasses.TransferBlocks(SizeClasses.FirstPageClass);
        ulong[] fresh = TakePages();
        heap.Reclaim(100);
        ulong[] again = TakePages();
        Assert.All(Enumerable.Range(1, fresh.Length - 1), each => Assert.Equal(fresh[each - 1] + 4096, fresh[each]));
        Assert.All(Enumerable.Range(1, again.Length - 1), each => Assert.Equal(again[each - 1] + 4096, again[each]));

        ulong[] TakePages() => [.. Enumerable.Range(0, count).Select(_ => PageBuffer.Allocate(owner.Context).GetBusAddress(owner.Context))];
    }

    [Fact]
    public void Free_ByOneExecutor_FeedsTheOther()
    {
        using var first = new TestThread(heap, domain: 100);
        using var second = new TestThread(heap, domain: 101);
        int all = 0;
        while (PageBuffer.TryAllocate(first.Context, 1, out _))
        {
            all++;
        }

        Assert.False(PageBuffer.TryAllocate(second.Context, 1, out _));
        heap.Reclaim(100);
        int again = 0;
        while (PageBuffer.TryAllocate(second.Context, 1, out _))
        {
            again++;
        }

        Assert.Equal(all, again);
    }

    [Fact]
    public void Free_MoreThanACacheKeeps_ReachesTheOtherExecutor()
    {
        using var first = new TestThread(heap, domain: 100);
        using var second = new TestThread(heap, domain: 101);
        var taken = new List<PageBuffer>();
        while (PageBuffer.TryAllocate(first.Context, 64, out PageBuffer each))
        {
            taken.Add(each);
        }

        foreach (PageBuffer each in taken)
        {
            PageBuffer reference = each;
            PageBuffer.Free(first.Context, ref reference);
        }

        int got = 0;
        while (PageBuffer.TryAllocate(second.Context, 64, out _))
        {
            got++;
        }

        Assert.InRange(got, taken.Count - SizeClasses.CacheBlocksMax(SizeClasses.ForPages(64)), taken.Count);
    }

    [Fact]
    public void Reclaim_OneOwner_IsExactToTheByteAndSparesTheOthers()
    {
        using var dead = new TestThread(heap, domain: 100);
        using var alive = new TestThread(heap, domain: 101);
        RRef<long> kept = RRef<long>.Allocate(alive.Context);
        kept.BorrowMutable(alive.Context) = 42;
        _ = RRef<long>.Allocate(dead.Context);
        _ = RRefArray<byte>.Allocate(dead.Context, 2000);
        _ = PageBuffer.Allocate(dead.Context, 3);
        Assert.Equal(new Census { Blocks = 3, Bytes = 48 + 2160 + (4 * 4096) }, heap.Count(100));

        Census reclaimed = heap.Reclaim(100);

        Assert.Equal((3, 0), (reclaimed.Blocks, reclaimed.QuarantinedBlocks));
        Assert.Equal(default, heap.Count(100));
        Assert.Equal(new Census { Blocks = 1, Bytes = 48 }, heap.CountAll());
        Assert.Equal(42, kept.Borrow(alive.Context));
    }

    [Fact]
    public void Reclaim_ReferencesOfTheDead_AreStale()
    {
        using var owner = new TestThread(heap, domain: 100);
        RRef<int> stale = RRef<int>.Allocate(owner.Context);
        heap.Reclaim(100);
        Assert.Throws<OwnershipException>(() => stale.Borrow(owner.Context));
    }

    [Fact]
    public void Count_AfterDispose_FindsNothing()
    {
        var own = new ExchangeHeap(4L << 20);
        using var owner = new TestThread(own, domain: 100);
        _ = RRef<int>.Allocate(owner.Context);
        own.Dispose();
        Assert.Equal(default, own.CountAll());
    }

    [Theory]
    [InlineData(0)]
    [InlineData((1L << 21) - 1)]
    [InlineData(1L << 36)]
    [InlineData(long.MaxValue)]
    public void ExchangeHeap_ImpossibleCapacity_IsRefused(long capacityBytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExchangeHeap(capacityBytes));

    [Theory]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(16ul << 20, 1)]
    [InlineData((16ul << 20) - 1, 2)]
    [InlineData(0ul, -1)]
    public void BytesAt_OutOfRange_Throws(ulong busAddress, int lengthBytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => heap.BytesAt(busAddress, lengthBytes).Length);

    [Fact]
    public void Allocate_TwoThreadsWithTheirCaches_NoBlockIsGivenTwice()
    {
        const int Rounds = 20_000;
        using var shared = new ExchangeHeap(64L << 20);
        int[] mixed = new int[2];
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(index => new Thread(() =>
        {
            using var owner = new TestThread(shared, domain: 100 + (uint)index);
            var held = new RRef<long>[700];
            for (int round = 0; round < Rounds; round++)
            {
                ref RRef<long> slot = ref held[round * 31 % held.Length];
                if (!slot.IsNull)
                {
                    mixed[index] += slot.Borrow(owner.Context) == (round * 31 % held.Length) + (index << 20) ? 0 : 1;
                    RRef<long>.Free(owner.Context, ref slot);
                }

                // Allocates more at one time and frees more at another, so that caches refill and spill.
                if (round / 700 % 3 != 2)
                {
                    slot = RRef<long>.Allocate(owner.Context);
                    slot.BorrowMutable(owner.Context) = (round * 31 % held.Length) + (index << 20);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal([0, 0], mixed);
        shared.Reclaim(100);
        shared.Reclaim(101);
        Assert.Equal(default, shared.CountAll());
    }
}
