using System.Diagnostics;
using RedLeafSharp.Bench.Harness;
using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Bench.Network;

/// <summary>How frames reach the driver.</summary>
internal enum NetPath
{
    /// <summary>An interface call.</summary>
    Direct,

    /// <summary>Through the driver's proxy.</summary>
    Proxy,

    /// <summary>Through the shadow's proxy, the shadow and the driver's proxy.</summary>
    Shadow,
}

/// <summary>
/// The E1000e driver as the loader makes it (rewritten, collectible) over a simulated controller, and a client that swaps addresses and
/// ports of each frame and sends it back.
/// </summary>
internal sealed class ForwardStack : IDisposable
{
    internal const int RoundFrames = 256;
    private const int PagesPerRun = 64;
    private const int BufferBytes = 2176;
    private const int BuffersPerRun = PagesPerRun * PageBuffer.PageBytes / BufferBytes;
    private const int RunCount = 16;
    private const uint ClientId = 101;
    private const uint ShadowId = 102;
    private const uint DriverId = 103;

    /// <summary>Rings as large as the C peer's.</summary>
    private static readonly Dictionary<string, long> Parameters = new() { ["receiveEntries"] = 512, ["transmitEntries"] = 512 };

    private readonly ExchangeHeap heap = new(64L << 20);
    private readonly PollingScheduler scheduler = new();
    private readonly EndlessLink link = new();
    private readonly SimulatedE1000e device;
    private readonly ThreadContext client;
    private readonly INetDevice target;
    private readonly Cell<PageBuffer>[] runs = new Cell<PageBuffer>[RunCount];
    private readonly ulong[] addresses = new ulong[RunCount];
    private readonly ulong[] free = new ulong[RunCount * BuffersPerRun];
    private readonly ReceivedFrame[] received = new ReceivedFrame[NetDeviceInfo.BatchFrames];
    private readonly ulong[] sent = new ulong[NetDeviceInfo.BatchFrames];
    private readonly ReceiveBuffer[] posting = new ReceiveBuffer[NetDeviceInfo.BatchFrames];
    private readonly TransmitFrame[] frames = new TransmitFrame[NetDeviceInfo.BatchFrames];
    private readonly FrameSegment[] segments = new FrameSegment[NetDeviceInfo.BatchFrames];
    private int freeCount;
    private int wantedCount;

    /// <param name="path">How frames reach the driver.</param>
    /// <param name="hasSafepoints">Whether the domains are rewritten, as the kernel does it; false to see what that costs.</param>
    /// <param name="hasFaultSites">Whether faults could be injected into the driver; none is.</param>
    internal ForwardStack(NetPath path, bool hasSafepoints = true, bool hasFaultSites = false)
    {
        var window = new DmaWindow(heap);
        device = new SimulatedE1000e(new E1000eOptions { IsDeferred = true }, link, window, scheduler);
        var cache = new ExchangeHeapCache(heap);
        client = new ThreadContext(scheduler, cache, executorId: 0, path == NetPath.Direct ? DriverId : ClientId);
        var loans = new DeviceLoans(window);
        var driverServices = new MeasuredServices(new PciFunction(device, window), null, null, Parameters);
        INetDevice driver = MeasuredDomain.Start<INetDevice>("E1000e", DriverId, scheduler, cache, driverServices, hasSafepoints, hasFaultSites);
        target = path == NetPath.Direct ? driver : new NetDeviceProxy(driver, new DomainGate(DriverId, "driver", 0, false));
        if (path == NetPath.Shadow)
        {
            var services = new MeasuredServices(null, loans, target, Parameters);
            INetDevice shadow = MeasuredDomain.Start<INetDevice>("NetShadow", ShadowId, scheduler, cache, services, hasSafepoints);
            target = new NetDeviceProxy(shadow, new DomainGate(ShadowId, "shadow", 0, false));
        }

        for (int index = 0; index < frames.Length; index++)
        {
            frames[index] = new TransmitFrame { FirstSegment = index, SegmentCount = 1 };
        }

        AddBuffers(path == NetPath.Shadow ? null : loans);
        wantedCount = target.GetInfo(Context).Value.ReceiveBuffersMax;
        Post();
    }

    private CallContext Context => new(client);

    /// <summary>Nanoseconds a frame, everything included.</summary>
    internal double Measure(int batch, int count)
    {
        int done = 0;
        long start = Stopwatch.GetTimestamp();
        while (done < count)
        {
            _ = device.Step();
            done += ForwardRound(batch);
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / done;
    }

    /// <summary>Nanoseconds a frame without the controller.</summary>
    internal double MeasureDriver(int batch, int count)
    {
        long clock = ClockCost.MeasureTicks();
        long ticks = 0;
        int done = 0;
        while (done < count)
        {
            _ = device.Step();
            long before = Stopwatch.GetTimestamp();
            done += ForwardRound(batch);
            ticks += Stopwatch.GetTimestamp() - before - clock;
        }

        return ticks * (1e9 / Stopwatch.Frequency) / done;
    }

    internal double MeasureAllocations(int batch, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = Measure(batch, count);
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / count;
    }

    public void Dispose()
    {
        device.Reset();
        client.Dispose();
        heap.Dispose();
    }

    /// <summary>A buffer's tag has the number of its run and its place there.</summary>
    private static int RunOf(ulong tag) => (int)(tag >> 32);

    private static int OffsetOf(ulong tag) => (int)(uint)tag;

    private ulong AddressOf(ulong tag) => addresses[RunOf(tag)] + (uint)tag;

    private int ForwardRound(int batch)
    {
        int done = 0;
        for (int index = 0; index < RoundFrames / batch; index++)
        {
            done += Forward(batch);
        }

        return done;
    }

    private int Forward(int batch)
    {
        NetProgress progress = target.Poll(Context, received.AsSpan(0, batch), sent.AsSpan(0, batch)).Value;
        for (int index = 0; index < progress.SentCount; index++)
        {
            free[freeCount++] = sent[index];
        }

        for (int index = 0; index < progress.ReceivedCount; index++)
        {
            ulong tag = received[index].Tag;
            int run = RunOf(tag);
            FrameHeaders.Swap(runs[run].Content.BorrowMutable(Context).Slice(OffsetOf(tag), EndlessLink.FrameBytes));
            frames[index].Tag = tag;
            segments[index] = new FrameSegment { BusAddress = AddressOf(tag), LengthBytes = received[index].LengthBytes };
        }

        int count = progress.ReceivedCount;
        int taken = count > 0 ? target.Send(Context, frames.AsSpan(0, count), segments.AsSpan(0, count)).Value : 0;
        for (int index = taken; index < count; index++)
        {
            free[freeCount++] = frames[index].Tag;
        }

        wantedCount += count;
        Post();
        return taken;
    }

    /// <summary>Gives the device buffers for those that it has filled.</summary>
    private void Post()
    {
        while (wantedCount > 0)
        {
            int count = Math.Min(wantedCount, posting.Length);
            for (int index = 0; index < count; index++)
            {
                ulong tag = free[--freeCount];
                posting[index] = new ReceiveBuffer { Tag = tag, BusAddress = AddressOf(tag), LengthBytes = BufferBytes };
            }

            int taken = target.Post(Context, posting.AsSpan(0, count)).Value;
            wantedCount -= taken;
            for (int index = taken; index < count; index++)
            {
                free[freeCount++] = posting[index].Tag;
            }

            if (taken < count)
            {
                return;
            }
        }
    }

    private void AddBuffers(DeviceLoans? loans)
    {
        ulong[] pages = new ulong[PagesPerRun];
        for (int run = 0; run < RunCount; run++)
        {
            PageBuffer buffer = PageBuffer.Allocate(Context, PagesPerRun);
            addresses[run] = buffer.Lend(Context, LoanAccess.DeviceReads | LoanAccess.DeviceWrites);
            runs[run].Put(ref buffer);
            for (int page = 0; page < PagesPerRun; page++)
            {
                pages[page] = addresses[run] + ((ulong)page * PageBuffer.PageBytes);
                _ = loans?.Grant(pages[page], LoanAccess.DeviceReads | LoanAccess.DeviceWrites);
            }

            _ = target.Register(Context, pages, LoanAccess.DeviceReads | LoanAccess.DeviceWrites);
            for (int index = 0; index < BuffersPerRun; index++)
            {
                free[freeCount++] = ((ulong)run << 32) | (uint)(index * BufferBytes);
            }
        }
    }
}
