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

    /// <summary>Buffers are posted by so many, whatever the batch; the peer in C posts with each batch, where that costs one store.</summary>
    private const int PostedAtOnce = 2 * NetDeviceInfo.BatchFrames;

    /// <summary>As many as both rings can hold.</summary>
    private const int RunCount = 9;
    private const int BufferCount = RunCount * BuffersPerRun;
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

    /// <summary>
    /// All buffers in the order of their way round: the device receives into them and sends them in turn, and gives them back in that order
    /// both times, so each keeps its place, and only the borders between those free, posted and being sent move.
    /// </summary>
    private readonly ulong[] round = new ulong[BufferCount];
    private readonly ReceivedFrame[] received = new ReceivedFrame[NetDeviceInfo.BatchFrames];
    private readonly TransmitEntry[] entries = new TransmitEntry[NetDeviceInfo.BatchFrames];
    private int postNext;
    private int receiveNext;
    private int freeCount = BufferCount;
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
        NetProgress progress = target.Poll(Context, received.AsSpan(0, batch)).Value;
        freeCount += progress.SentCount;
        int count = progress.ReceivedCount;
        if (count > 0)
        {
            Turn(received.AsSpan(0, count));
            Send(entries.AsSpan(0, count));
            wantedCount += count;
        }

        if (wantedCount >= PostedAtOnce)
        {
            Post();
        }

        return count;
    }

    /// <summary>Has received frames go back to where they came from.</summary>
    private void Turn(ReadOnlySpan<ReceivedFrame> frames)
    {
        int index = 0;
        while (index < frames.Length)
        {
            int run = receiveNext / BuffersPerRun;
            int first = receiveNext % BuffersPerRun;
            int end = index + Math.Min(frames.Length - index, BuffersPerRun - first);
            int offset = first * BufferBytes;
            receiveNext += end - index;
            receiveNext = receiveNext == BufferCount ? 0 : receiveNext;
            Span<byte> bytes = runs[run].Content.BorrowMutable(Context);
            ulong address = addresses[run];
            for (; index < end; index++, offset += BufferBytes)
            {
                FrameHeaders.Swap(bytes.Slice(offset, EndlessLink.FrameBytes));
                ref TransmitEntry entry = ref entries[index];
                entry.BusAddress = address + (uint)offset;
                entry.LengthBytes = frames[index].LengthBytes;
                entry.Flags = EntryFlags.None;
            }
        }
    }

    private void Send(ReadOnlySpan<TransmitEntry> frames)
    {
        int taken = target.Send(Context, frames).Value;
        while (taken < frames.Length)
        {
            _ = device.Step();
            freeCount += target.Poll(Context, []).Value.SentCount;
            taken += target.Send(Context, frames[taken..]).Value;
        }
    }

    /// <summary>Gives the device buffers for those that it has filled.</summary>
    private void Post()
    {
        while (wantedCount > 0 && freeCount > 0)
        {
            int count = Math.Min(Math.Min(wantedCount, freeCount), Math.Min(PostedAtOnce, BufferCount - postNext));
            int taken = target.Post(Context, round.AsSpan(postNext, count), BufferBytes).Value;
            wantedCount -= taken;
            freeCount -= taken;
            postNext += taken;
            postNext = postNext == BufferCount ? 0 : postNext;
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
                round[(run * BuffersPerRun) + index] = addresses[run] + (uint)(index * BufferBytes);
            }
        }
    }
}
