using RedLeafSharp.Devices;
using RedLeafSharp.Memory;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.ExchangeHeaps;

/// <summary>What the domain may do that a loan names, and nobody else.</summary>
public sealed class BorrowerTests : IDisposable
{
    private const LoanAccess Reads = LoanAccess.DeviceReads;
    private const LoanAccess Both = LoanAccess.DeviceReads | LoanAccess.DeviceWrites;
    private const int Page = PageBuffer.PageBytes;

    private static readonly DomainId Borrower = new(200);

    private readonly ExchangeHeap heap = new(8L << 20);
    private readonly TestThread owner;
    private readonly TestThread borrower;
    private readonly TestThread stranger;
    private readonly DmaWindow window;
    private readonly DeviceLoans loans;

    public BorrowerTests()
    {
        owner = new TestThread(heap, domain: 100);
        borrower = new TestThread(heap, domain: Borrower.Value);
        stranger = new TestThread(heap, domain: 300);
        window = new DmaWindow(heap);
        loans = new DeviceLoans(window);
    }

    public void Dispose()
    {
        owner.Dispose();
        borrower.Dispose();
        stranger.Dispose();
        heap.Dispose();
    }

    [Fact]
    public void Grant_OwnerOrBorrowerCalls_Succeeds()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context, 2);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        Assert.Equal(pages.GetBusAddress(owner.Context), bus);
        Assert.True(MayGrant(owner, bus));
        Assert.True(MayGrant(borrower, bus));
        Assert.True(MayGrant(borrower, bus + (2 * Page) - 1));
    }

    [Fact]
    public void Grant_NeitherCalls_IsRefused()
    {
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, Reads, Borrower);
        Assert.False(MayGrant(stranger, bus));
        Assert.Equal(0, window.CountGranted());
    }

    [Fact]
    public void Grant_BorrowerFurtherDownTheChain_Succeeds()
    {
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, Reads, Borrower);
        var gate = new DomainGate(stranger.Context.Self.Value, "shadow", homeExecutorId: 0, isReentrant: true);
        CrossingFrame frame = Crossing.Enter(borrower.Context, gate, gate.Id);
        Assert.True(MayGrant(borrower, bus));
        _ = Crossing.Leave(borrower.Context, gate, frame);
    }

    /// <summary>The kernel is below every call, and nobody's id is 0.</summary>
    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    public void Grant_NobodyIsNamed_IsTheOwnersAlone(uint nobody)
    {
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, Reads, new DomainId(nobody));
        Assert.False(MayGrant(stranger, bus));
        Assert.True(MayGrant(owner, bus));
    }

    [Fact]
    public void Grant_MoreThanLent_IsRefusedToTheBorrowerToo()
    {
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, Reads, Borrower);
        Assert.False(MayGrant(borrower, bus, LoanAccess.DeviceWrites));
        Assert.False(MayGrant(borrower, bus, Both));
    }

    /// <summary>Bits that are no access must not become states of the loan.</summary>
    [Fact]
    public void Lend_UnknownAccess_NamesNobody()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        _ = pages.Lend(owner.Context, Reads, Borrower);
        pages.EndLoan(owner.Context);
        ulong bus = pages.Lend(owner.Context, (LoanAccess)0xff);
        Assert.False(MayGrant(borrower, bus));
    }

    [Fact]
    public void Borrower_UsesThePagesItself_Throws()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        _ = pages.Lend(owner.Context, Both, Borrower);

        Assert.Throws<OwnershipException>(() => pages.Borrow(borrower.Context).Length);
        Assert.Throws<OwnershipException>(() => pages.BorrowMutable(borrower.Context).Length);
        Assert.Throws<OwnershipException>(() => pages.GetBusAddress(borrower.Context));
        Assert.Throws<OwnershipException>(() => pages.Lend(borrower.Context, Reads));
        Assert.Throws<OwnershipException>(() => pages.Lend(borrower.Context, Reads, Borrower));
        Assert.Throws<OwnershipException>(() => pages.EndLoan(borrower.Context));
        Assert.Throws<OwnershipException>(() => pages.TryEndLoan(borrower.Context));
        Assert.Throws<OwnershipException>(() => PageBuffer.Free(borrower.Context, ref pages));
        Assert.False(Mover.TryMove(borrower, pages, Borrower.Value));
        Assert.False(Mover.TryMove(owner, pages, Borrower.Value));
    }

    [Fact]
    public void Lend_NamedAndLent_CannotBeLentAgain()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        _ = pages.Lend(owner.Context, Reads, Borrower);
        Assert.Throws<OwnershipException>(() => pages.Lend(owner.Context, Reads, stranger.Context.Self));
        Assert.Throws<OwnershipException>(() => pages.Lend(owner.Context, Reads));
        Assert.Throws<OwnershipException>(() => PageBuffer.Free(owner.Context, ref pages));
    }

    [Fact]
    public void Grant_LoanHasEnded_IsRefusedToTheBorrower()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        pages.EndLoan(owner.Context);
        Assert.False(MayGrant(borrower, bus));
    }

    [Fact]
    public void Grant_NextLoanOfTheSameOwner_IsRefusedToTheFormerBorrower()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        pages.EndLoan(owner.Context);
        _ = pages.Lend(owner.Context, Reads);
        Assert.False(MayGrant(borrower, bus));
        pages.EndLoan(owner.Context);
        _ = pages.Lend(owner.Context, Reads, stranger.Context.Self);
        Assert.False(MayGrant(borrower, bus));
        Assert.True(MayGrant(stranger, bus));
    }

    [Fact]
    public void Grant_PageHasAnotherOwner_IsRefusedToTheFormerBorrower()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        pages.EndLoan(owner.Context);
        Assert.True(Mover.TryMove(owner, pages, stranger.Context.Self.Value));
        _ = pages.Lend(stranger.Context, Reads);
        Assert.False(MayGrant(borrower, bus));
        Assert.False(MayGrant(owner, bus));
        Assert.True(MayGrant(stranger, bus));
    }

    /// <summary>Freed by its owner, or by the kernel while it is lent: the next owner's loan is its own.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Grant_PageWasFreedAndLentByTheNextOwner_IsRefusedToTheFormerBorrower(bool byKernel)
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        if (byKernel)
        {
            Assert.Equal(0, heap.Reclaim(100).QuarantinedBlocks);
        }
        else
        {
            pages.EndLoan(owner.Context);
            PageBuffer.Free(owner.Context, ref pages);
        }

        TestThread next = byKernel ? stranger : new TestThread(heap, domain: 400);
        next.Thread.Heap = owner.Thread.Heap;
        PageBuffer reused = default;
        while (reused.IsNull || reused.GetBusAddress(next.Context) != bus)
        {
            reused = PageBuffer.Allocate(next.Context);
        }

        _ = reused.Lend(next.Context, Reads);
        Assert.False(MayGrant(borrower, bus));
        Assert.True(MayGrant(next, bus));
    }

    [Fact]
    public void GrantAgain_FencedWhileTheBorrowerIsAway_Succeeds()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        As(borrower, () => Assert.True(loans.Grant(bus, Reads)));
        window.Fence();
        Assert.False(pages.TryEndLoan(owner.Context));
        As(stranger, () => Assert.False(loans.Grant(bus, Reads)));
        As(stranger, () => Assert.True(loans.GrantAgain(bus, Reads)));
    }

    [Fact]
    public void TryEndLoan_Mapped_IsFalseUntilRevoked()
    {
        PageBuffer pages = PageBuffer.Allocate(owner.Context, 4);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        As(borrower, () => Assert.True(loans.Grant(bus + (3 * Page), Reads)));
        Assert.False(pages.TryEndLoan(owner.Context));
        Assert.True(window.TryTranslate(bus + (3 * Page), Page, Reads, out _));
        Assert.True(MayGrant(borrower, bus));
        loans.Revoke(bus + (3 * Page));
        Assert.True(pages.TryEndLoan(owner.Context));
        Assert.Throws<OwnershipException>(() => pages.TryEndLoan(owner.Context));
        PageBuffer.Free(owner.Context, ref pages);
    }

    [Fact]
    public void Reclaim_BorrowersDeviceMaps_IsQuarantinedUntilRevoked()
    {
        ulong bus = PageBuffer.Allocate(owner.Context).Lend(owner.Context, Reads, Borrower);
        As(borrower, () => Assert.True(loans.Grant(bus, Reads)));
        Assert.Equal(1, heap.Reclaim(100).QuarantinedBlocks);
        loans.Revoke(bus);
        Assert.Equal(0, heap.Reclaim(100).QuarantinedBlocks);
    }

    /// <summary>An owner may ask in vain as often as it likes: what a shadow holds, it can always grant again.</summary>
    [Fact]
    public void GrantAgain_WhileTheOwnerTriesToEndTheLoan_IsNeverRefused()
    {
        const int Rounds = 100_000;
        heap.IsShared = true;
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        Assert.True(loans.Grant(bus, Reads));
        bool isOver = false;
        int ended = 0;
        var asking = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                ended += pages.TryEndLoan(owner.Context) ? 1 : 0;
            }
        });
        asking.Start();
        int refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            if (loans.GrantAgain(bus, Reads))
            {
                loans.Revoke(bus);
            }
            else
            {
                refused++;
            }
        }

        Volatile.Write(ref isOver, true);
        asking.Join();
        Assert.Equal((0, 0), (refused, ended));
    }

    /// <summary>Whatever the order in which the two executors come, a page is granted only while its loan names whoever had that done.</summary>
    [Fact]
    public void Grant_WhileTheOwnerNamesAnother_IsNeverTheOthers()
    {
        const int Rounds = 2_000_000;
        heap.IsShared = true;
        using var caller = new TestThread(heap, domain: 400);
        Nest(caller, depth: 100);
        PageBuffer pages = PageBuffer.Allocate(owner.Context);
        ulong bus = pages.Lend(owner.Context, Reads, Borrower);
        bool isOver = false;
        int granted = 0;
        int wrong = 0;
        uint named = Borrower.Value;
        var device = new Thread(() =>
        {
            ThreadContext.Current = caller.Thread;
            while (!Volatile.Read(ref isOver))
            {
                if (loans.Grant(bus, Reads))
                {
                    granted++;
                    wrong += Volatile.Read(ref named) == Borrower.Value ? 0 : 1;
                    loans.Revoke(bus);
                }
            }
        });
        device.Start();
        for (int round = 0; round < Rounds || Volatile.Read(ref granted) == 0; round++)
        {
            if (pages.TryEndLoan(owner.Context))
            {
                DomainId next = round % 2 == 0 ? Borrower : stranger.Context.Self;
                Volatile.Write(ref named, next.Value);
                _ = pages.Lend(owner.Context, Reads, next);
            }
        }

        Volatile.Write(ref isOver, true);
        device.Join();
        Assert.Equal(0, wrong);
    }

    /// <summary>Puts the borrower on top of a long chain: much can happen while somebody looks for it there.</summary>
    private static void Nest(TestThread caller, int depth)
    {
        for (int level = 1; level <= depth; level++)
        {
            uint domain = level == depth ? Borrower.Value : 400;
            var gate = new DomainGate(domain, "callee", homeExecutorId: 0, isReentrant: true);
            _ = Crossing.Enter(caller.Context, gate, gate.Id);
        }
    }

    private bool MayGrant(TestThread caller, ulong bus, LoanAccess access = LoanAccess.DeviceReads)
    {
        bool isGranted = false;
        As(caller, () => isGranted = loans.Grant(bus, access));
        if (isGranted)
        {
            loans.Revoke(bus);
        }

        return isGranted;
    }

    private static void As(TestThread caller, Action action)
    {
        ThreadContext.Current = caller.Thread;
        try
        {
            action();
        }
        finally
        {
            ThreadContext.Current = null;
        }
    }
}
