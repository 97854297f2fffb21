using RedLeafSharp.Devices;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
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

    private readonly SimulatedWorld world;
    private readonly ILogger log;

    internal Hardware(SystemDescription description, BootOptions options, ExchangeHeap heap, ExecutorGroup executors)
    {
        log = options.Log;
        NvmeDescription[] devices = [.. description.Devices.Select((device, index) => Describe(device, options, isFirst: index == 0))];
        try
        {
            world = new SimulatedWorld(heap, executors, devices);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BootException($"disk {options.DiskPath ?? "in memory"}: {exception.Message}");
        }

        executors.Executors[0].AddPollStep(_ => world.Step());
    }

    /// <summary>The devices, for experiments.</summary>
    internal SimulatedWorld World => world;

    /// <summary>Bytes that all disks have read and written so far; may be asked from any thread.</summary>
    internal long TransferredBytes => world.Controllers.Sum(controller => controller.Controller.Health.TransferredBytes);

    /// <summary>Gives a domain the device that its description names.</summary>
    internal void Attach(Domain domain)
    {
        if (domain.Description.Device is not { } name)
        {
            return;
        }

        WorldFunction function = world.Functions.First(one => one.Name == name);
        domain.Device = function.Backend;
        domain.Window = function.Window;
        function.Window.Faulted = fault => Report(domain, function, fault);
    }

    public void Dispose() => world.Dispose();

    private static NvmeDescription Describe(DeviceDescription device, BootOptions options, bool isFirst) => new()
    {
        Name = device.Name,
        ImagePath = isFirst ? options.DiskPath : null,
        MemoryBytes = options.MemoryDiskBytes,
        BlockBytes = device.BlockBytes,
        Deferral = device.IsDeferred ? new SeededDelay(options.Seed, DeferredStepsMax) : null,
    };

    private void Report(Domain driver, WorldFunction function, in DmaFault fault) =>
        log.ForContext("EventId", EventIds.DmaFault).Error(
            "{Domain}.{Generation}: {Device} was refused {LengthBytes} bytes at bus address 0x{BusAddress:x} ({Access})",
            driver.Name, driver.Current?.Number ?? 0, function.Name, fault.LengthBytes, fault.BusAddress, fault.Access);
}
