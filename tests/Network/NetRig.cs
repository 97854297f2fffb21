using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Drivers.E1000e;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Memory;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// A network controller, simulated or QEMU's, with the test at the other end of its wire, and generations of the driver for it, with as
/// much of the kernel around them as a restart needs.
/// </summary>
internal sealed class NetRig : IDisposable
{
    private const uint FirstDriver = 1000;
    private const string Address = "52:54:00:12:34:56";

    private readonly ExchangeHeapCache heapCache;
    private readonly World world;
    private readonly WorldFunction wired;
    private PciFunction? function;
    private E1000eDomain? domain;

    /// <summary>A simulated controller.</summary>
    /// <param name="options">The controller.</param>
    /// <param name="makeLink">Its wire; without, a cable whose other end is <see cref="Peer"/>.</param>
    /// <param name="station">Its address.</param>
    internal NetRig(E1000eOptions? options = null, Func<InlineScheduler, LinkPort>? makeLink = null, ulong station = Frames.Station)
    {
        Heap = new ExchangeHeap(256L << 20);
        heapCache = new ExchangeHeapCache(Heap);
        Wire = makeLink is null ? new WirePair() : null;
        LinkPort link = Wire?.First ?? makeLink!(Scheduler);
        Peer = Wire?.Second ?? link;
        options = (options ?? new E1000eOptions()) with { Address = station, Misprogrammed = Complaints.Add };
        var simulated = new NicWorld(Heap, Scheduler, options, link);
        Controller = simulated.Controller;
        world = simulated;
        wired = world.Functions[0];
        wired.Window.Faulted = fault => Faults.Add(fault);
        Scheduler.PollSteps.Add(world.Step);
    }

    private NetRig(ExchangeHeap heap)
    {
        Heap = heap;
        heapCache = new ExchangeHeapCache(Heap);
        var qemu = new QemuNicWorld(Heap, Scheduler, "net0", Address);
        Qemu = qemu;
        world = qemu;
        wired = world.Functions[0];
        Peer = qemu.Peer;
        Scheduler.PollSteps.Add(() =>
        {
            // Virtual time is paced by QEMU: a microsecond passes with a register read.
            _ = wired.Backend.ReadConfiguration(0);
            _ = world.Step();
            return true;
        });
    }

    internal InlineScheduler Scheduler { get; } = new();

    internal ExchangeHeap Heap { get; }

    /// <summary>The other end of the wire.</summary>
    internal LinkPort Peer { get; }

    internal WirePair? Wire { get; }

    internal QemuNicWorld? Qemu { get; }

    internal SimulatedE1000e? Controller { get; }

    internal WorldFunction Function => wired;

    internal List<string> Complaints { get; } = [];

    internal List<DmaFault> Faults { get; } = [];

    internal Dictionary<string, object> Settings { get; } = [];

    internal DeviceLoans Loans => new(wired.Window);

    internal uint Generation { get; private set; }

    internal TestServices? Services { get; private set; }

    internal ThreadContext? DriverThread { get; private set; }

    internal CallContext DriverContext => new(DriverThread!);

    internal INetDevice Provided => (INetDevice)Services!.Provided[typeof(INetDevice)];

    /// <summary>QEMU's controller.</summary>
    internal static NetRig OnQemu() => new(new ExchangeHeap(256L << 20));

    internal Reply<Unit, DomainError> Start()
    {
        Generation++;
        DriverThread = new ThreadContext(Scheduler, heapCache, executorId: 0, FirstDriver + Generation);
        function = new PciFunction(wired.Backend, wired.Window);
        Services = new TestServices { Generation = Generation, Device = function };
        foreach ((string name, object value) in Settings)
        {
            Services.Settings[name] = value;
        }

        domain = new E1000eDomain();
        return domain.Start(DriverContext, new DomainServices(Services));
    }

    internal NetRig Started()
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

    /// <summary>A client of the driver, which registers its pages as the driver's shadow would.</summary>
    internal NetClient Client() => new(new TestThread(Heap, Scheduler), new DriverCalls(this), Peer) { Owned = this };

    public void Dispose()
    {
        DriverThread?.Dispose();
        world.Dispose();
        Heap.Dispose();
    }

    /// <summary>Calls the driver as itself, and maps what is registered.</summary>
    private sealed class DriverCalls(NetRig rig) : INetDevice
    {
        public Reply<NetDeviceInfo, NetError> GetInfo(CallContext context) => rig.Provided.GetInfo(rig.DriverContext);

        public Reply<NetLink, NetError> GetLink(CallContext context) => rig.Provided.GetLink(rig.DriverContext);

        public Reply<NetStatistics, NetError> GetStatistics(CallContext context) => rig.Provided.GetStatistics(rig.DriverContext);

        public Reply<Unit, NetError> Register(CallContext context, ReadOnlySpan<ulong> pages, LoanAccess access)
        {
            foreach (ulong page in pages)
            {
                Assert.True(rig.Loans.Grant(page, access));
            }

            return rig.Provided.Register(rig.DriverContext, pages, access);
        }

        public Reply<Unit, NetError> Unregister(CallContext context, ReadOnlySpan<ulong> pages)
        {
            foreach (ulong page in pages)
            {
                rig.Loans.Revoke(page);
            }

            return rig.Provided.Unregister(rig.DriverContext, pages);
        }

        public Reply<Unit, NetError> SetReceiveFilter(CallContext context, ReceiveFilter filter, ReadOnlySpan<MacAddress> groups) =>
            rig.Provided.SetReceiveFilter(rig.DriverContext, filter, groups);

        public Reply<Unit, NetError> SetVlans(CallContext context, ReadOnlySpan<ushort> identifiers) =>
            rig.Provided.SetVlans(rig.DriverContext, identifiers);

        public Reply<int, NetError> Post(CallContext context, ReadOnlySpan<ulong> buffers, int lengthBytes) =>
            rig.Provided.Post(rig.DriverContext, buffers, lengthBytes);

        public Reply<int, NetError> Send(CallContext context, ReadOnlySpan<TransmitEntry> entries) =>
            rig.Provided.Send(rig.DriverContext, entries);

        public Reply<NetProgress, NetError> Poll(CallContext context, Span<ReceivedFrame> received) =>
            rig.Provided.Poll(rig.DriverContext, received);

        public Reply<Unit, NetError> SetSignal(CallContext context, KernelEvent signal) =>
            rig.Provided.SetSignal(rig.DriverContext, signal);

        public Reply<bool, NetError> Arm(CallContext context) => rig.Provided.Arm(rig.DriverContext);

        public Reply<Unit, NetError> Recall(CallContext context) => rig.Provided.Recall(rig.DriverContext);
    }
}
