using RedLeafSharp.Devices;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Supervision;
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
    private readonly NvmeDescription[] devices;
    private readonly List<World> worlds = [];
    private readonly ILogger log;

    internal Hardware(SystemDescription description, BootOptions options, ExchangeHeap heap, ExecutorGroup executors)
    {
        this.executors = executors;
        log = options.Log;
        devices = [.. description.Devices.Select((device, index) => Describe(device, options, isFirst: index == 0))];
        try
        {
            world = new SimulatedWorld(heap, executors, Of(description, isQemus: false));
            worlds.Add(world);
            foreach (NvmeDescription device in Of(description, isQemus: true))
            {
                worlds.Add(new QemuWorld(heap, executors, device));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new BootException($"disk {options.DiskPath ?? "in memory"}: {exception.Message}");
        }
    }

    /// <summary>The simulated devices, for experiments.</summary>
    internal SimulatedWorld World => world;

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
        executors.Executors[domain.Description.ExecutorIndex].AddPollStep(_ => controller?.Step() ?? owner.Step());
    }

    /// <summary>A device like the domain's, for its standbys to rehearse on; null when the domain has none.</summary>
    internal RehearsalStage? MakeStage(Domain domain) =>
        domain.Description.Device is { } name ? new RehearsalStage(devices.First(device => device.Name == name)) : null;

    public void Dispose() => worlds.ForEach(one => one.Dispose());

    private IReadOnlyList<NvmeDescription> Of(SystemDescription description, bool isQemus) =>
        [.. devices.Where((_, index) => description.Devices[index].IsQemus == isQemus)];

    private static NvmeDescription Describe(DeviceDescription device, BootOptions options, bool isFirst) => new()
    {
        Name = device.Name,
        ImagePath = isFirst ? options.DiskPath : null,
        MemoryBytes = options.MemoryDiskBytes,
        BlockBytes = device.BlockBytes,
        Deferral = device.IsDeferred ? new SeededDelay(options.Seed, DeferredStepsMax) : null,
    };

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
