using RedLeafSharp.Devices;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Memory;
using Serilog;

namespace RedLeafSharp.Kernel;

/// <summary>The machine of a system: its devices, who drives them, and the poll step that lets them work.</summary>
internal sealed class Hardware : IDisposable
{
    /// <summary>A deferred command takes 1 to this many rounds of the poll loop: enough that commands overtake each other.</summary>
    private const int DeferredStepsMax = 8;

    /// <summary>Refused accesses that are logged for one generation; a driver that goes on is only counted.</summary>
    private const int FaultLinesMax = 16;

    private readonly SimulatedWorld world;
    private readonly ExecutorGroup executors;
    private readonly NvmeDescription[] disks;
    private readonly Dictionary<string, NicWorld> networks = new(StringComparer.Ordinal);
    private readonly List<World> worlds = [];
    private readonly ILogger log;

    internal Hardware(SystemDescription description, BootOptions options, ExchangeHeap heap, ExecutorGroup executors)
    {
        this.executors = executors;
        log = options.Log;
        DeviceDescription[] described = [.. description.Devices.Where(device => !device.IsNetwork)];
        disks = [.. described.Select((device, index) => Describe(device, options, isFirst: index == 0))];
        try
        {
            world = new SimulatedWorld(heap, executors, [.. disks.Where((_, index) => !described[index].IsQemus)]);
            worlds.Add(world);
            foreach (NvmeDescription disk in disks.Where((_, index) => described[index].IsQemus))
            {
                worlds.Add(new QemuWorld(heap, executors, disk));
            }

            if (options.Simulation is { } simulated)
            {
                simulated.Simulation.NextDeviceMicros = FindNextDue;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new BootException($"disk {options.DiskPath ?? "in memory"}: {exception.Message}");
        }

        foreach (DeviceDescription device in description.Devices.Where(device => device.IsNetwork))
        {
            AddNetwork(device, options.Simulation, heap);
        }
    }

    /// <summary>The simulated devices, for experiments.</summary>
    internal SimulatedWorld World => world;

    /// <summary>The network controllers by name, for experiments.</summary>
    internal IReadOnlyDictionary<string, NicWorld> Networks => networks;

    /// <summary>The IOMMU tables of all simulated devices.</summary>
    internal IEnumerable<DmaWindow> Windows =>
        world.Functions.Concat(networks.Values.SelectMany(network => network.Functions)).Select(function => function.Window);

    /// <summary>Bytes that all simulated disks have read and written so far; may be asked from any thread.</summary>
    internal long TransferredBytes => world.Controllers.Sum(controller => controller.Controller.Health.TransferredBytes);

    /// <summary>Gives a domain the device that its description names.</summary>
    internal void Attach(Domain domain)
    {
        if (domain.Description.Device is not { } name)
        {
            return;
        }

        World owner = worlds.First(one => one.Functions.Any(function => function.Name == name));
        WorldFunction function = owner.Functions.First(one => one.Name == name);
        domain.Device = function.Backend;
        domain.Window = function.Window;
        var refusals = new Refusals(domain, function, log);
        function.Window.Faulted = refusals.Report;

        // Driver, shadow and device model know no locks: the device does its work on the driver's executor.
        SimulatedNvme? controller = world.Controllers.FirstOrDefault(one => one.Name == name);
        Executor executor = executors.Executors[domain.Description.ExecutorIndex];
        executor.AddPollStep(_ => controller?.Step() ?? owner.Step());
        if (networks.TryGetValue(name, out NicWorld? network) && network.Link.Descriptor >= 0)
        {
            executor.Watch(network.Link.Descriptor);
        }
    }

    /// <summary>A device like the domain's, for its standbys to rehearse on; null when the domain has none.</summary>
    internal RehearsalStage? MakeStage(Domain domain) => domain.Description.Device switch
    {
        null => null,
        string name when networks.TryGetValue(name, out NicWorld? network) => RehearsalStage.ForNetwork(network.Options),
        string name => RehearsalStage.ForDisk(disks.First(disk => disk.Name == name)),
    };

    public void Dispose() => worlds.ForEach(one => one.Dispose());

    private long FindNextDue()
    {
        long next = world.NextDueMicros;
        foreach (NicWorld network in networks.Values)
        {
            next = Math.Min(next, network.NextDueMicros);
        }

        return next;
    }

    private void AddNetwork(DeviceDescription device, SimulationOptions? simulation, ExchangeHeap heap)
    {
        var options = new E1000eOptions { Name = device.Name };
        options = options with { Address = device.Station == 0 ? options.Address + (ulong)networks.Count : device.Station };
        options = simulation?.PrepareNetwork(options) ?? options;
        try
        {
            var network = new NicWorld(heap, executors, options, simulation?.OpenLink(device.Name) ?? device.Link!.Open(executors));
            networks.Add(device.Name, network);
            worlds.Add(network);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new BootException($"network {device.Name}: {exception.Message}");
        }
    }

    private static NvmeDescription Describe(DeviceDescription device, BootOptions options, bool isFirst)
    {
        var disk = new NvmeDescription
        {
            Name = device.Name,
            ImagePath = isFirst ? options.DiskPath : null,
            MemoryBytes = options.MemoryDiskBytes,
            BlockBytes = device.BlockBytes,
            Deferral = device.IsDeferred ? new SeededDelay(options.Seed, DeferredStepsMax) : null,
        };
        return options.Simulation?.PrepareDisk(disk) ?? disk;
    }

    /// <summary>Accesses of one device that its IOMMU table refused.</summary>
    private sealed class Refusals(Domain driver, WorldFunction function, ILogger log)
    {
        private uint generation;
        private int count;

        internal void Report(DmaFault fault)
        {
            uint present = driver.Current?.Number ?? 0;
            (generation, count) = present == generation ? (generation, count + 1) : (present, 1);
            if (count <= FaultLinesMax)
            {
                log.ForContext("EventId", EventIds.DmaFault).Error(
                    "{Domain}.{Generation}: {Device} was refused {LengthBytes} bytes at bus address 0x{BusAddress:x} ({Access})",
                    driver.Name, generation, function.Name, fault.LengthBytes, fault.BusAddress, fault.Access);
            }
        }
    }
}
