using System.Diagnostics;
using RedLeafSharp.Bench.Harness;
using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Bench.Nvme;

/// <summary>How a request reaches the driver.</summary>
internal enum NvmePath
{
    /// <summary>An interface call.</summary>
    Direct,

    /// <summary>Through the driver's proxy.</summary>
    Proxy,

    /// <summary>Through the shadow's proxy, the shadow and the driver's proxy, with a grant and a revocation each time.</summary>
    Shadow,
}

/// <summary>
/// Domains as the loader makes them (from bytes, collectible) over a simulated controller, and a client that reads 4 KiB at
/// random block numbers.
/// </summary>
internal sealed class NvmeStack : IDisposable
{
    private const int PageBytes = 4096;
    private const int BlocksPerPage = PageBytes / 512;
    private const int DiskBytes = 1 << 20;
    private const uint ClientId = 101;
    private const uint ShadowId = 102;
    private const uint DriverId = 103;
    private static readonly Dictionary<string, long> Parameters = new() { ["queueDepth"] = 255 };

    private readonly ExchangeHeap heap = new(64L << 20);
    private readonly PollingScheduler scheduler = new();
    private readonly IMedium medium;
    private readonly SimulatedNvme device;
    private readonly ThreadContext client;
    private readonly IBlockDevice target;
    private readonly ulong[] pages = new ulong[128];
    private readonly BlockRequest[] requests = new BlockRequest[128];
    private readonly BlockCompletion[] completions = new BlockCompletion[128];
    private ulong randomState = 0x9e3779b97f4a7c15;

    /// <param name="path">How to reach the driver.</param>
    /// <param name="copies">Whether the device moves data.</param>
    /// <param name="isStepped">Whether the device works in steps of its own, so that the driver's time can be told apart.</param>
    /// <param name="faults">Hooks, for counting register accesses.</param>
    /// <param name="hasSafepoints">Whether the domains are rewritten, as the kernel does it; false to see what that costs.</param>
    /// <param name="hasFaultSites">Whether faults could be injected into the driver; none is.</param>
    internal NvmeStack(
        NvmePath path, bool copies, bool isStepped = false, NvmeFaults? faults = null, bool hasSafepoints = true, bool hasFaultSites = false)
    {
        medium = copies ? new MemoryMedium(DiskBytes) : new NullMedium(DiskBytes);
        var window = new DmaWindow(heap);
        var options = new SimulatedNvmeOptions { Deferral = isStepped ? new FixedDelay(0) : null, Faults = faults };
        device = new SimulatedNvme(options, medium, window, scheduler);
        scheduler.Step = () => device.Step();
        var cache = new ExchangeHeapCache(heap);
        client = new ThreadContext(scheduler, cache, executorId: 0, path == NvmePath.Direct ? DriverId : ClientId);
        var loans = new DeviceLoans(window);
        var driverServices = new MeasuredServices(new PciFunction(device, window), null, null, Parameters);
        IBlockDevice driver = MeasuredDomain.Start<IBlockDevice>(
            "Nvme", DriverId, scheduler, cache, driverServices, hasSafepoints, hasFaultSites);
        target = path == NvmePath.Direct ? driver : new BlockDeviceProxy(driver, new DomainGate(DriverId, "driver", 0, false));
        if (path == NvmePath.Shadow)
        {
            var services = new MeasuredServices(null, loans, target, Parameters);
            IBlockDevice shadow = MeasuredDomain.Start<IBlockDevice>("BlockShadow", ShadowId, scheduler, cache, services, hasSafepoints);
            target = new BlockDeviceProxy(shadow, new DomainGate(ShadowId, "shadow", 0, false));
        }

        for (int index = 0; index < pages.Length; index++)
        {
            pages[index] = PageBuffer.Allocate(Context).Lend(Context, LoanAccess.DeviceWrites);
            if (path != NvmePath.Shadow)
            {
                loans.Grant(pages[index], LoanAccess.DeviceWrites);
            }

            requests[index] = new BlockRequest
            {
                Tag = (ulong)index,
                BlockCount = BlocksPerPage,
                FirstPage = index,
                PageCount = 1,
            };
        }
    }

    private CallContext Context => new(client);

    /// <summary>Nanoseconds per request, everything included.</summary>
    internal double Measure(int depth, int count)
    {
        long start = Stopwatch.GetTimestamp();
        for (int done = 0; done < count; done += depth)
        {
            Draw(depth);
            Submit(depth);
            Poll(depth);
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
    }

    /// <summary>Nanoseconds per request in the driver alone; for a stepped device.</summary>
    internal double MeasureDriver(int depth, int count)
    {
        long clock = ClockCost.MeasureTicks();
        long ticks = 0;
        for (int done = 0; done < count; done += depth)
        {
            Draw(depth);
            long before = Stopwatch.GetTimestamp();
            Submit(depth);
            long submitted = Stopwatch.GetTimestamp();
            while (device.Step())
            {
            }

            long served = Stopwatch.GetTimestamp();
            Poll(depth);
            ticks += submitted - before + Stopwatch.GetTimestamp() - served - (2 * clock);
        }

        return ticks * (1e9 / Stopwatch.Frequency) / count;
    }

    internal double MeasureAllocations(int depth, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Measure(depth, count);
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / count;
    }

    public void Dispose()
    {
        device.Reset();
        client.Dispose();
        medium.Dispose();
        heap.Dispose();
    }

    private void Draw(int depth)
    {
        for (int index = 0; index < depth; index++)
        {
            randomState ^= randomState >> 12;
            randomState ^= randomState << 25;
            randomState ^= randomState >> 27;
            requests[index].FirstBlock = randomState * 0x2545f4914f6cdd1d % (DiskBytes / PageBytes) * BlocksPerPage;
        }
    }

    private void Submit(int depth)
    {
        if (target.Submit(Context, requests.AsSpan(0, depth), pages).Value != depth)
        {
            throw new InvalidOperationException("the driver did not take a batch");
        }
    }

    private void Poll(int depth)
    {
        int left = depth;
        while (left > 0)
        {
            Reply<int, BlockError> polled = target.Poll(Context, completions);
            foreach (BlockCompletion completion in completions.AsSpan(0, polled.Value))
            {
                if (completion.Error != BlockError.None)
                {
                    throw new InvalidOperationException($"a request failed: {completion.Error}");
                }
            }

            left -= polled.IsOk ? polled.Value : throw new InvalidOperationException($"poll: {polled}");
        }
    }
}
