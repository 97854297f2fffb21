using FsCheck;
using FsCheck.Fluent;
using RedLeafSharp.Devices;
using RedLeafSharp.Memory;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.ExchangeHeaps;

/// <summary>
/// Random work of several owners against a model of a dozen lines: who owns which block, of which size, lent and granted or
/// not. After each step the census of every owner is that of the model.
/// </summary>
public sealed class HeapModelTests
{
    private const int Owners = 3;
    private const uint FirstOwner = 100;

    [Fact]
    public void Heap_RandomWork_AgreesWithTheModel() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60),
            Prop.ForAll(Steps().ToArbitrary(), steps =>
            {
                using var world = new World();
                foreach ((int kind, int pick, int owner) in steps)
                {
                    world.Do(kind, pick, owner);
                    world.CheckCensus();
                }
            }));

    private static Gen<(int Kind, int Pick, int Owner)[]> Steps() =>
        Gen.Choose(0, 9)
            .SelectMany(_ => Gen.Choose(0, 1000), (kind, pick) => (kind, pick))
            .SelectMany(_ => Gen.Choose(0, Owners - 1), (step, owner) => (step.kind, step.pick, owner))
            .ArrayOf(120);

    private sealed class Block
    {
        internal PageBuffer Pages;
        internal int Owner;
        internal int Bytes;
        internal ulong Bus;
        internal byte Mark;
        internal bool IsLent;
        internal int Borrower;
        internal int Grants;
    }

    private sealed class World : IDisposable
    {
        private readonly ExchangeHeap heap = new(8L << 20);
        private readonly TestThread[] owners;
        private readonly DmaWindow window;
        private readonly DeviceLoans loans;
        private readonly List<Block> model = [];
        private byte nextMark;

        internal World()
        {
            owners = [.. Enumerable.Range(0, Owners).Select(index => new TestThread(heap, domain: FirstOwner + (uint)index))];
            window = new DmaWindow(heap);
            loans = new DeviceLoans(window);
        }

        internal void Do(int kind, int pick, int owner)
        {
            if (kind < 3)
            {
                Allocate(owner, 1 + (pick % 20));
            }
            else if (kind == 9 && pick % 8 == 0)
            {
                Reclaim(owner);
            }
            else if (model.Count > 0)
            {
                Work(kind, model[pick % model.Count], owner);
            }
        }

        internal void CheckCensus()
        {
            for (int owner = 0; owner < Owners; owner++)
            {
                Census census = heap.Count(FirstOwner + (uint)owner);
                Block[] mine = [.. model.Where(block => block.Owner == owner)];
                Assert.Equal((mine.Length, mine.Sum(block => (long)block.Bytes)), (census.Blocks, census.Bytes));
            }

            Assert.Equal(model.Count, heap.CountAll().Blocks);
        }

        public void Dispose()
        {
            Array.ForEach(owners, owner => owner.Dispose());
            ThreadContext.Current = null;
            heap.Dispose();
        }

        private void Allocate(int owner, int pageCount)
        {
            if (!PageBuffer.TryAllocate(owners[owner].Context, pageCount, out PageBuffer pages))
            {
                return;
            }

            Span<byte> bytes = pages.BorrowMutable(owners[owner].Context);
            Assert.False(bytes.ContainsAnyExcept((byte)0));
            bytes.Fill(++nextMark);
            model.Add(new Block
            {
                Pages = pages,
                Owner = owner,
                Bytes = SizeClasses.PayloadBytes(SizeClasses.ForPages(pageCount)),
                Bus = pages.GetBusAddress(owners[owner].Context),
                Mark = nextMark,
            });
        }

        private void Work(int kind, Block block, int other)
        {
            TestThread owner = owners[block.Owner];
            Assert.False(block.Pages.Borrow(owner.Context).ContainsAnyExcept(block.Mark));
            switch (kind)
            {
                case 3 or 4:
                    Expect(!block.IsLent, () => PageBuffer.Free(owner.Context, ref block.Pages), () => model.Remove(block));
                    break;
                case 5:
                    Assert.Equal(!block.IsLent, Mover.TryMove(owner, block.Pages, FirstOwner + (uint)other));
                    block.Owner = block.IsLent ? block.Owner : other;
                    break;
                case 6:
                    Expect(!block.IsLent, () => Lend(block, owner, other), () => (block.IsLent, block.Borrower) = (true, other));
                    break;
                case 7:
                    Grant(block, other);
                    break;
                case 8:
                    loans.Revoke(block.Bus);
                    block.Grants = Math.Max(block.Grants - 1, 0);
                    break;
                default:
                    Expect(block is { IsLent: true, Grants: 0 }, () => block.Pages.EndLoan(owner.Context), () => block.IsLent = false);
                    TryEndLoan(block, owner);
                    break;
            }

            Assert.Equal(block.Grants > 0, window.TryTranslate(block.Bus, 1, LoanAccess.DeviceReads, out _));
        }

        /// <summary>Names another owner, or nobody when that is the owner itself.</summary>
        private static void Lend(Block block, TestThread owner, int other)
        {
            _ = other == block.Owner
                ? block.Pages.Lend(owner.Context, LoanAccess.DeviceReads)
                : block.Pages.Lend(owner.Context, LoanAccess.DeviceReads, new DomainId(FirstOwner + (uint)other));
        }

        private void Grant(Block block, int caller)
        {
            ThreadContext.Current = owners[caller].Thread;
            bool isLegal = block.IsLent && (caller == block.Owner || caller == block.Borrower);
            Assert.Equal(isLegal, loans.Grant(block.Bus, LoanAccess.DeviceReads));
            block.Grants += isLegal ? 1 : 0;
        }

        private static void TryEndLoan(Block block, TestThread owner)
        {
            if (block.IsLent)
            {
                Assert.Equal(block.Grants == 0, block.Pages.TryEndLoan(owner.Context));
                block.IsLent = block.Grants > 0;
            }
        }

        private void Reclaim(int owner)
        {
            Census census = heap.Reclaim(FirstOwner + (uint)owner);
            int quarantined = model.Count(block => block.Owner == owner && block.Grants > 0);
            model.RemoveAll(block => block.Owner == owner && block.Grants == 0);
            Assert.Equal(quarantined, census.QuarantinedBlocks);
        }

        private static void Expect(bool isLegal, Action action, Action effect)
        {
            if (isLegal)
            {
                action();
                effect();
            }
            else
            {
                Assert.Throws<OwnershipException>(action);
            }
        }
    }
}
