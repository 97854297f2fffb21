using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using Serilog.Core;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>
/// The lower half of the system, as real domains: NVMe driver and shadow, judged by what reads return. Alone in the process, since
/// one test looks at the memory of all of it.
/// </summary>
[CollectionDefinition(nameof(BlockStackTests), DisableParallelization = true)]
[Collection(nameof(BlockStackTests))]
public sealed class BlockStackTests
{
    private const int PageCount = 16;

    [Theory]
    [InlineData("")]
    [InlineData(", completion: deferred")]
    public void Crash_OnceInEachSite_LosesAndAltersNothing(string device)
    {
        using RedLeafSystem system = Boot(device, restartsMax: 100_000);
        CrashInjector crashes = system.Crashes("Nvme");
        Assert.True(crashes.SiteCount > 100, $"{crashes.SiteCount} sites");
        int struck = 0;
        system.RunInKernel("test", context =>
        {
            var disk = new DiskOracle(context, system.Provided<IBlockDevice>("BlockShadow"));
            for (int site = 0; site < crashes.SiteCount; site++)
            {
                // First under load; a site that is not reached there may be one of the driver's start, so then in a recovery.
                int before = system.Restarts.Count;
                crashes.ArmAt(site);
                disk.WriteAll(context, (byte)(site + 1));
                disk.VerifyAll(context);
                if (system.Restarts.Count == before)
                {
                    system.Kill("Nvme");
                    disk.WriteAll(context, (byte)(site + 2));
                    disk.VerifyAll(context);
                }

                struck += crashes.Disarm() ? 0 : 1;
            }

            disk.Dispose(context);
        });

        Assert.True(struck > crashes.SiteCount / 2, $"{struck} of {crashes.SiteCount} sites struck");
        AssertAllReclaimed(system);
        system.Shutdown();
    }

    [Fact]
    public void Crash_BeyondTheBudget_AnswersDeviceFailedFromThenOn()
    {
        using RedLeafSystem system = Boot(string.Empty, restartsMax: 2);
        CrashInjector crashes = system.Crashes("Nvme");
        system.RunInKernel("test", context =>
        {
            IBlockDevice shadow = system.Provided<IBlockDevice>("BlockShadow");
            var disk = new DiskOracle(context, shadow);
            var errors = new List<BlockError>();
            for (int round = 0; round < 4; round++)
            {
                crashes.ArmAfter(0);
                errors.Add(disk.TryFlush(context));
            }

            Assert.Equal([BlockError.None, BlockError.None, BlockError.DeviceFailed, BlockError.DeviceFailed], errors);
            disk.Dispose(context);
        });
        Assert.Equal(2, system.Restarts.Count);
    }

    [Fact]
    public void Crash_AThousandTimes_LeavesNothingBehind()
    {
        using RedLeafSystem system = Boot(string.Empty, restartsMax: 100_000);
        CrashInjector crashes = system.Crashes("Nvme");
        SystemCensus first = system.Census();
        var managedBytes = new List<long>();
        var residentBytes = new List<long>();
        for (int quarter = 1; quarter <= 4; quarter++)
        {
            system.RunInKernel("test", context =>
            {
                var disk = new DiskOracle(context, system.Provided<IBlockDevice>("BlockShadow"));
                for (int death = 0; system.Restarts.Count < quarter * 250; death++)
                {
                    crashes.ArmAfter(death * 7 % 300);
                    disk.WriteAll(context, (byte)death);
                    disk.VerifyAll(context);
                }

                crashes.Disarm();
                disk.Dispose(context);
            });
            AssertAllReclaimed(system);
            managedBytes.Add(GC.GetTotalMemory(forceFullCollection: true));
            residentBytes.Add(Environment.WorkingSet);
        }

        // The shadow and the driver hold after a thousand deaths, to the byte, what they held at first.
        Assert.Equal(first.BytesByDomain.Values.Order(), system.Census().BytesByDomain.Values.Order());
        Assert.True(managedBytes[3] < managedBytes[0] + (8 << 20), $"managed: {string.Join(", ", managedBytes)}");
        Assert.True(residentBytes[3] < residentBytes[0] + (96 << 20), $"resident: {string.Join(", ", residentBytes)}");
        system.Shutdown();
    }

    private static void AssertAllReclaimed(RedLeafSystem system)
    {
        Assert.True(system.WaitForReclaims(TimeSpan.FromSeconds(60)));
        Assert.NotEmpty(system.Reclaims);
        Assert.All(system.Reclaims, record => Assert.Equal((true, 0L, string.Empty), (record.IsCollected, record.ExchangeBytesLeft, record.Detail)));
        Assert.Equal(0, system.Census().UnattributedBytes);
    }

    private static RedLeafSystem Boot(string device, int restartsMax) => RedLeafSystem.Boot(
        SystemDescription.Parse("test.yaml", $$$"""
            devices:
              - {name: disk0, model: nvme{{{device}}} }
            domains:
              - {name: Nvme, device: disk0, restart: {restartsMax: {{{restartsMax}}}, windowSeconds: 3600, youngMicros: 0, standby: 4}}
              - {name: BlockShadow, shadows: Nvme}
            """),
        new BootOptions
        {
            DomainsFolder = TestSystem.DomainsFolder,
            MemoryDiskBytes = 16L << 20,
            CrashSites = true,
            Log = Logger.None,
            Seed = 3,
        });

    /// <summary>Writes and reads pages through a block device and knows what they must hold.</summary>
    private sealed class DiskOracle
    {
        private readonly IBlockDevice device;
        private readonly Cell<PageBuffer>[] pages = new Cell<PageBuffer>[PageCount];
        private readonly BlockRequest[] requests = new BlockRequest[PageCount];
        private readonly BlockCompletion[] completions = new BlockCompletion[PageCount];
        private readonly ulong[] addresses = new ulong[PageCount];
        private readonly int blocksPerPage;
        private byte written;

        internal DiskOracle(CallContext context, IBlockDevice device)
        {
            this.device = device;
            blocksPerPage = PageBuffer.PageBytes / device.GetGeometry(context).Value.BlockBytes;
            for (int page = 0; page < PageCount; page++)
            {
                PageBuffer buffer = PageBuffer.Allocate(context);
                pages[page].Put(ref buffer);
            }
        }

        internal void WriteAll(CallContext context, byte value)
        {
            written = value;
            for (int page = 0; page < PageCount; page++)
            {
                pages[page].Content.BorrowMutable(context).Fill((byte)(value + page));
            }

            Transfer(context, BlockOperation.Write, LoanAccess.DeviceReads);
            Assert.Equal(BlockError.None, TryFlush(context));
        }

        internal void VerifyAll(CallContext context)
        {
            foreach (ref Cell<PageBuffer> page in pages.AsSpan())
            {
                page.Content.BorrowMutable(context).Fill(0xEE);
            }

            Transfer(context, BlockOperation.Read, LoanAccess.DeviceWrites);
            for (int page = 0; page < PageCount; page++)
            {
                Assert.Equal(-1, pages[page].Content.Borrow(context).IndexOfAnyExcept((byte)(written + page)));
            }
        }

        internal BlockError TryFlush(CallContext context)
        {
            requests[0] = new BlockRequest { Tag = 77, Operation = BlockOperation.Flush };
            Reply<int, BlockError> taken = device.Submit(context, requests.AsSpan(0, 1), []);
            return taken.IsOk ? Drain(context, 1)[0].Error : taken.Error;
        }

        internal void Dispose(CallContext context)
        {
            foreach (ref Cell<PageBuffer> cell in pages.AsSpan())
            {
                PageBuffer page = cell.Take();
                PageBuffer.Free(context, ref page);
            }
        }

        private void Transfer(CallContext context, BlockOperation operation, LoanAccess access)
        {
            for (int page = 0; page < PageCount; page++)
            {
                addresses[page] = pages[page].Content.Lend(context, access);
                requests[page] = new BlockRequest
                {
                    Tag = (ulong)page,
                    FirstBlock = (ulong)(page * blocksPerPage),
                    BlockCount = (uint)blocksPerPage,
                    FirstPage = page,
                    PageCount = 1,
                    Operation = operation,
                };
            }

            Reply<int, BlockError> taken = device.Submit(context, requests, addresses);
            Assert.Equal(PageCount, taken.Value);
            BlockCompletion[] ends = Drain(context, PageCount);
            Assert.Equal(Enumerable.Range(0, PageCount).Select(tag => (ulong)tag), ends.Select(end => end.Tag).Order());
            Assert.All(ends, end => Assert.Equal(BlockError.None, end.Error));
            foreach (ref Cell<PageBuffer> page in pages.AsSpan())
            {
                page.Content.EndLoan(context);
            }
        }

        private BlockCompletion[] Drain(CallContext context, int count)
        {
            int done = 0;
            while (done < count)
            {
                Reply<int, BlockError> polled = device.Poll(context, completions.AsSpan(done));
                Assert.True(polled.IsOk, polled.ToString());
                done += polled.Value;
                if (polled.Value == 0)
                {
                    Reply<bool, BlockError> waited = device.Wait(context, 1_000_000);
                    Assert.True(waited.IsOk, waited.ToString());
                }
            }

            return completions[..count];
        }
    }
}
