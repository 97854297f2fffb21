using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Drivers.Nvme;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Drivers;

/// <summary>
/// A controller, simulated or of another world, and generations of the driver for it, with as much of the kernel around them as a restart
/// needs: fence, reset, revoke, reclaim.
/// </summary>
internal sealed class NvmeRig : IDisposable
{
    private const uint FirstDriver = 1000;

    private readonly DmaWindow window;
    private readonly ExchangeHeapCache heapCache;
    private readonly IPciFunctionBackend backend;
    private readonly World? world;
    private readonly SimulatedNvme? device;
    private readonly IMedium? medium;
    private readonly bool ownsMedium;
    private PciFunction? function;
    private NvmeDomain? domain;

    internal NvmeRig(SimulatedNvmeOptions? options = null, IMedium? medium = null, ExchangeHeap? heap = null)
    {
        Heap = heap ?? new ExchangeHeap(512L << 20);
        heapCache = new ExchangeHeapCache(Heap);
        ownsMedium = medium is null;
        this.medium = medium ?? new MemoryMedium(16 << 20);
        window = new DmaWindow(Heap);
        device = new SimulatedNvme(options ?? new SimulatedNvmeOptions(), this.medium, window, Scheduler);
        backend = device;
        Loans = new DeviceLoans(window);
        Scheduler.PollSteps.Add(() => Device.Step());
    }

    /// <param name="createWorld">
    /// Makes the world whose first function is driven. Virtual time is paced by it: a microsecond passes with a register
    /// read, so that the driver's time-outs are longer than they say, never shorter.
    /// </param>
    internal NvmeRig(Func<ExchangeHeap, Scheduler, World> createWorld)
    {
        Heap = new ExchangeHeap(512L << 20);
        heapCache = new ExchangeHeapCache(Heap);
        world = createWorld(Heap, Scheduler);
        window = world.Functions[0].Window;
        backend = world.Functions[0].Backend;
        Loans = new DeviceLoans(window);
        Scheduler.PollSteps.Add(() =>
        {
            _ = backend.ReadConfiguration(0);
            _ = world.Step();
            return true;
        });
    }

    internal InlineScheduler Scheduler { get; } = new();

    internal ExchangeHeap Heap { get; }

    internal SimulatedNvme Device => device ?? throw new InvalidOperationException("the device is not a simulated one");

    internal DmaWindow Window => window;

    internal DeviceLoans Loans { get; }

    internal Dictionary<string, object> Settings { get; } = [];

    internal uint Generation { get; private set; }

    internal TestServices? Services { get; private set; }

    /// <summary>The driver's own thread context: what it allocates is its own.</summary>
    internal ThreadContext? DriverThread { get; private set; }

    internal CallContext DriverContext => new(DriverThread!);

    /// <summary>The block device of the present generation, as the driver provided it.</summary>
    internal IBlockDevice Provided => (IBlockDevice)Services!.Provided[typeof(IBlockDevice)];

    /// <summary>Starts the next generation; throws what it throws.</summary>
    internal Reply<Unit, DomainError> Start()
    {
        Generation++;
        DriverThread = new ThreadContext(Scheduler, heapCache, executorId: 0, FirstDriver + Generation);
        function = new PciFunction(backend, window);
        Services = new TestServices { Generation = Generation, Device = function };
        foreach ((string name, object value) in Settings)
        {
            Services.Settings[name] = value;
        }

        domain = new NvmeDomain();
        return domain.Start(DriverContext, new DomainServices(Services));
    }

    internal NvmeRig Started()
    {
        Assert.True(Start().IsOk, string.Join("; ", Services!.Reports));
        return this;
    }

    internal Reply<Unit, DomainError> Stop() => domain!.Stop(DriverContext);

    /// <summary>What the kernel does with a dead driver.</summary>
    internal void Bury()
    {
        function?.Fence();
        Heap.Reclaim(FirstDriver + Generation);
        DriverThread?.Dispose();
        DriverThread = null;
    }

    /// <summary>A client that calls the driver directly, on the driver's thread, and grants what it lends.</summary>
    internal BlockDeviceRig Client(bool ownsRig = false) =>
        new(new TestThread(Heap, Scheduler), new DriverCalls(this), Loans) { Owned = ownsRig ? this : null };

    public void Dispose()
    {
        DriverThread?.Dispose();
        world?.Dispose();
        Heap.Dispose();
        if (ownsMedium)
        {
            medium?.Dispose();
        }
    }

    /// <summary>Calls the driver as itself: in place of the proxy, which switches the domain.</summary>
    private sealed class DriverCalls(NvmeRig rig) : IBlockDevice
    {
        public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) =>
            rig.Provided.GetGeometry(rig.DriverContext);

        public Reply<int, BlockError> Submit(CallContext context, ReadOnlySpan<BlockRequest> requests, ReadOnlySpan<ulong> pages) =>
            rig.Provided.Submit(rig.DriverContext, requests, pages);

        public Reply<int, BlockError> Poll(CallContext context, Span<BlockCompletion> completions) =>
            rig.Provided.Poll(rig.DriverContext, completions);

        public Reply<bool, BlockError> Wait(CallContext context, long timeoutMicros) =>
            rig.Provided.Wait(rig.DriverContext, timeoutMicros);
    }
}
