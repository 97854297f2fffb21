using RedLeafSharp.Devices;
using RedLeafSharp.Memory;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.ExchangeHeaps;

/// <summary>What a device reaches and when, and what the owner may do meanwhile.</summary>
public sealed class LoanTests : IDisposable
{
    private const LoanAccess Both = LoanAccess.DeviceReads | LoanAccess.DeviceWrites;
    private const int Page = PageBuffer.PageBytes;

    private readonly ExchangeHeap heap = new(32L << 20);
    private readonly TestThread owner;
    private readonly DmaWindow window;
    private readonly DeviceLoans loans;

    public LoanTests()
    {
        owner = new TestThread(heap, domain: 100);
        window = new DmaWindow(heap);
        loans = new DeviceLoans(window);
    }

    public void Dispose()
    {
        owner.Dispose();
        heap.Dispose();
    }

    [Fact]
    public void Lend_Lent_CannotBeLentMovedOrFreed()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        pages.Lend(owner.Context, Both);

        Assert.Throws<OwnershipException>(() => pages.Lend(owner.Context, Both));
        Assert.Throws<OwnershipException>(() => PageBuffer.Free(owner.Context, ref pages));
        Assert.False(Mover.TryMove(owner, pages, 101));
        Assert.Equal(Page, pages.Borrow(owner.Context).Length);

        pages.EndLoan(owner.Context);
        Assert.True(Mover.TryMove(owner, pages, 101));
    }

    [Fact]
    public void EndLoan_Granted_ThrowsUntilRevoked()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both));
        Assert.Throws<OwnershipException>(() => pages.EndLoan(owner.Context));
        loans.Revoke(bus);
        pages.EndLoan(owner.Context);
        Assert.Throws<OwnershipException>(() => pages.EndLoan(owner.Context));
    }

    [Theory]
    [InlineData(LoanAccess.DeviceReads, LoanAccess.DeviceWrites)]
    [InlineData(LoanAccess.DeviceWrites, LoanAccess.DeviceReads)]
    [InlineData(LoanAccess.DeviceReads, Both)]
    public void Grant_MoreThanLent_IsRefused(LoanAccess lent, LoanAccess wanted)
    {
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, lent);
        Assert.False(loans.Grant(bus, wanted));
        Assert.True(loans.Grant(bus, lent));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(1ul << 20)]
    [InlineData(32ul << 20)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 4095)]
    public void Grant_NoLentPage_IsRefused(ulong bus) => Assert.False(loans.Grant(bus, LoanAccess.DeviceReads));

    [Fact]
    public void Grant_NotLent_IsRefused()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        Assert.False(loans.Grant(pages.GetBusAddress(owner.Context), LoanAccess.DeviceReads));
    }

    [Fact]
    public void Translate_Granted_ReachesExactlyThePage()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context, 4);
        ulong bus = pages.Lend(owner.Context, LoanAccess.DeviceWrites);
        Assert.True(loans.Grant(bus + Page, LoanAccess.DeviceWrites));

        Assert.True(window.TryTranslate(bus + Page, Page, LoanAccess.DeviceWrites, out Span<byte> bytes));
        bytes[^1] = 9;
        Assert.Equal(9, pages.Borrow(owner.Context)[(2 * Page) - 1]);

        Assert.True(window.TryTranslate(bus + (2 * Page) - 1, 1, LoanAccess.DeviceWrites, out _));
        Assert.False(window.TryTranslate(bus + (2 * Page) - 1, 2, LoanAccess.DeviceWrites, out _));
        Assert.False(window.TryTranslate(bus + Page - 1, 2, LoanAccess.DeviceWrites, out _));
        Assert.False(window.TryTranslate(bus + Page, Page, LoanAccess.DeviceReads, out _));
        Assert.Equal(3, window.FaultCount);
    }

    [Fact]
    public void Translate_SeveralGrantedPages_IsOneRange()
    {
        ulong bus = PageBuffer.Allocate(owner.Context, 2).Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both) && loans.Grant(bus + Page, LoanAccess.DeviceReads));
        Assert.True(window.TryTranslate(bus + 1, (2 * Page) - 1, LoanAccess.DeviceReads, out _));
        Assert.False(window.TryTranslate(bus + 1, (2 * Page) - 1, LoanAccess.DeviceWrites, out _));
    }

    [Theory]
    [InlineData(0ul, 1)]
    [InlineData((1ul << 20) + 4096, 0)]
    [InlineData((1ul << 20) + 4096, -1)]
    [InlineData((1ul << 20) + 4096, int.MinValue)]
    [InlineData((32ul << 20) - 1, 2)]
    [InlineData(32ul << 20, 1)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(ulong.MaxValue, 2)]
    [InlineData(ulong.MaxValue - 1, int.MaxValue)]
    [InlineData(1ul << 63, 4096)]
    public void Translate_OutOfRange_IsAReportedFault(ulong bus, int lengthBytes)
    {
        DmaFault? reported = null;
        window.Faulted = fault => reported = fault;
        Assert.False(window.TryTranslate(bus, lengthBytes, LoanAccess.DeviceReads, out _));
        Assert.Equal(new DmaFault(window.FunctionName, bus, lengthBytes, LoanAccess.DeviceReads), reported);
    }

    [Fact]
    public void Fence_Granted_DeviceReachesNothingAndOwnerStillWaits()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both));
        window.Fence();

        Assert.False(window.TryTranslate(bus, 1, LoanAccess.DeviceReads, out _));
        Assert.Throws<OwnershipException>(() => pages.EndLoan(owner.Context));
        Assert.True(loans.Grant(bus, Both));
        Assert.True(window.TryTranslate(bus, 1, LoanAccess.DeviceReads, out _));
        loans.Revoke(bus);
        pages.EndLoan(owner.Context);
    }

    [Theory]
    [InlineData(65_534)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(131_070)]
    public void Fence_EpochWraps_OldMappingsStayDead(int fences)
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context, 2);
        ulong bus = pages.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both) && loans.Grant(bus + Page, Both));
        for (int fence = 0; fence < fences; fence++)
        {
            window.Fence();
        }

        Assert.False(window.TryTranslate(bus, 1, LoanAccess.DeviceReads, out _));
        loans.Revoke(bus);
        Assert.Throws<OwnershipException>(() => pages.EndLoan(owner.Context));
        loans.Revoke(bus + Page);
        pages.EndLoan(owner.Context);
    }

    [Fact]
    public void Fence_RingOfADeadDriver_LeavesNothingToTheNextOwner()
    {
        using var driver = new TestThread(heap, domain: 200);
        driver.Thread.Heap = owner.Thread.Heap;
        PageBuffer ring = PageBuffer.Allocate(driver.Context, 4);
        ulong bus = ring.GetBusAddress(driver.Context);
        Assert.True(window.Map(bus, Both));
        window.Fence();
        Assert.Equal(0, heap.Reclaim(200).QuarantinedBlocks);

        PageBuffer reused = default;
        while (reused.IsNull || reused.GetBusAddress(owner.Context) != bus)
        {
            reused = PageBuffer.Allocate(owner.Context, 4);

        }

        reused.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both));
        loans.Revoke(bus);
        reused.EndLoan(owner.Context);
    }

    [Fact]
    public void Release_Granted_OwnerCanEndTheLoan()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context, 2);
        ulong bus = pages.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus + Page, Both));
        window.Release();
        pages.EndLoan(owner.Context);
        Assert.False(window.TryTranslate(bus + Page, 1, LoanAccess.DeviceReads, out _));
    }

    /// <summary>A heap outlives devices that come and go.</summary>
    [Fact]
    public void RemoveWindow_IsAskedNoMore()
    {
        var asked = new CountingWindow();
        heap.AddWindow(asked);
        PageBuffer page = PageBuffer.Allocate(owner.Context);
        _ = page.Lend(owner.Context, Both);
        page.EndLoan(owner.Context);
        heap.RemoveWindow(asked);
        _ = page.Lend(owner.Context, Both);
        page.EndLoan(owner.Context);
        Assert.Equal(1, asked.Count);
    }

    [Fact]
    public void EndLoan_GrantedToTwoDevices_ThrowsUntilBothAreRevoked()
    {
        var second = new DmaWindow(heap);
        var secondLoans = new DeviceLoans(second);
        PageBuffer pages = PageBuffer.Allocate(owner.Context, 2);
        ulong bus = pages.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both) && secondLoans.Grant(bus + Page, Both));

        loans.Revoke(bus);
        Assert.Throws<OwnershipException>(() => pages.EndLoan(owner.Context));
        Assert.True(second.TryTranslate(bus + Page, 1, LoanAccess.DeviceWrites, out _));
        secondLoans.Revoke(bus + Page);
        pages.EndLoan(owner.Context);
    }

    [Fact]
    public void Reclaim_GrantedToTwoDevices_IsQuarantinedUntilBothAreRevoked()
    {
        var secondLoans = new DeviceLoans(new DmaWindow(heap));
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both) && secondLoans.Grant(bus, Both));

        loans.Revoke(bus);
        Assert.Equal(1, heap.Reclaim(100).QuarantinedBlocks);
        secondLoans.Revoke(bus);
        Assert.Equal(0, heap.Reclaim(100).QuarantinedBlocks);
    }

    [Fact]
    public void Release_OfOneDevice_LeavesTheOtherItsPages()
    {
        var second = new DmaWindow(heap);
        var secondLoans = new DeviceLoans(second);
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both) && secondLoans.Grant(bus, Both));

        window.Release();
        Assert.Throws<OwnershipException>(() => pages.EndLoan(owner.Context));
        secondLoans.Revoke(bus);
        pages.EndLoan(owner.Context);
    }

    [Fact]
    public void Unmap_OfAGrantedPage_DoesNothing()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both));

        window.Unmap(bus);

        Assert.True(window.TryTranslate(bus, 1, Both, out _));
        Assert.Throws<OwnershipException>(() => pages.EndLoan(owner.Context));
    }

    [Fact]
    public void Map_LentPage_IsRefused()
    {
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, Both);
        Assert.False(window.Map(bus, Both));
    }

    [Fact]
    public void EndLoan_OfARing_Throws()
    {
        PageBuffer ring = PageBuffer.Allocate(owner.Context);
        Assert.True(window.Map(ring.GetBusAddress(owner.Context), Both));
        Assert.Throws<OwnershipException>(() => ring.EndLoan(owner.Context));
        Assert.Throws<OwnershipException>(() => PageBuffer.Free(owner.Context, ref ring));
    }

    [Fact]
    public void Grant_OfWhatSomebodyElseHasLent_IsRefused()
    {
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, Both);
        using var other = new TestThread(heap, domain: 200);
        ThreadContext.Current = other.Thread;
        try
        {
            Assert.False(loans.Grant(bus, Both));
            Assert.False(loans.GrantAgain(bus, Both));
            ThreadContext.Current = owner.Thread;
            Assert.True(loans.Grant(bus, Both));
            window.Fence();
            ThreadContext.Current = other.Thread;
            Assert.False(loans.Grant(bus, Both));
            Assert.True(loans.GrantAgain(bus, Both));
            loans.Revoke(bus);
            Assert.False(loans.GrantAgain(bus, Both));
        }
        finally
        {
            ThreadContext.Current = null;
        }
    }

    /// <summary>Whatever the order in which the two executors come, what has been granted is lent until it is revoked.</summary>
    [Fact]
    public void Grant_WhileAnotherExecutorEndsTheLoan_OneOfTheTwoIsRefused()
    {
        const int Rounds = 20_000;
        heap.IsShared = true;
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Both);
        bool isOver = false;
        int ends = 0;
        int wrong = 0;
        var device = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                if (loans.Grant(bus, Both))
                {
                    int before = Volatile.Read(ref ends);
                    Thread.SpinWait(10);
                    wrong += Volatile.Read(ref ends) == before ? 0 : 1;
                    loans.Revoke(bus);
                }
            }
        });
        device.Start();
        for (int round = 0; round < Rounds; round++)
        {
            try
            {
                pages.EndLoan(owner.Context);
                Volatile.Write(ref ends, ends + 1);
                pages.Lend(owner.Context, Both);
            }
            catch (OwnershipException)
            {
            }
        }

        Volatile.Write(ref isOver, true);
        device.Join();
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Reclaim_LentAndGranted_IsQuarantinedUntilRevoked()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Both);
        Assert.True(loans.Grant(bus, Both));
        PageBuffer lentOnly = PageBuffer.Allocate(owner.Context);
        lentOnly.Lend(owner.Context, Both);

        Census first = heap.Reclaim(100);
        Assert.Equal((2, 1), (first.Blocks, first.QuarantinedBlocks));
        Assert.Equal(1, heap.Count(100).Blocks);

        loans.Revoke(bus);
        Assert.Equal(0, heap.Reclaim(100).QuarantinedBlocks);
        Assert.Equal(default, heap.CountAll());
    }

    private sealed class CountingWindow : IPageWindow
    {
        internal int Count { get; private set; }

        public bool MapsAny(int firstPage, int pageCount)
        {
            Count++;
            return false;
        }
    }
}
