using RedLeafSharp.Devices;
using RedLeafSharp.Memory;
using RedLeafSharp.Native;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>
/// One NVMe disk whose controller is QEMU's device model, in a process of its own. An outside judge of driver and of the
/// simulated controller: somebody else's reading of the same specification.
/// </summary>
/// <remarks>
/// There is no IOMMU in this world: QEMU reaches all of the heap, and the function's window is kept up but asked by nobody.
/// </remarks>
internal sealed class QemuWorld : World
{
    private readonly QemuProcess process;
    private readonly QemuNvme function;
    private readonly int memoryDisk = -1;

    /// <param name="heap">The memory of QEMU's machine.</param>
    /// <param name="scheduler">Whose events interrupts are.</param>
    /// <param name="description">The disk. Deferral, cache and faults are the simulated controller's and ignored.</param>
    /// <param name="disturbance">What goes wrong below the controller; null for nothing.</param>
    /// <exception cref="IOException">QEMU is missing or refuses to start; the message is its own.</exception>
    internal QemuWorld(
        ExchangeHeap heap, Scheduler scheduler, NvmeDescription description, QemuDisturbance? disturbance = null)
    {
        string? imagePath = description.ImagePath;
        if (imagePath is null)
        {
            memoryDisk = Linux.MemfdCreate("redleaf-disk", Linux.MemfdCloseOnExec);
            if (memoryDisk < 0 || Linux.Truncate(memoryDisk, description.MemoryBytes) != 0)
            {
                throw new IOException($"no memory for a disk of {description.MemoryBytes} bytes");
            }

            imagePath = $"/proc/{Environment.ProcessId}/fd/{memoryDisk}";
        }

        try
        {
            process = new QemuProcess(heap, QemuProcess.Disk(imagePath, description, disturbance ?? new QemuDisturbance()));
        }
        catch
        {
            CloseMemoryDisk();
            throw;
        }

        try
        {
            function = new QemuNvme(process.Channel, heap, () => new KernelEvent(scheduler));
        }
        catch
        {
            process.Dispose();
            CloseMemoryDisk();
            throw;
        }

        var window = new DmaWindow(heap) { FunctionName = description.Name };
        Functions = [new WorldFunction(description.Name, function, window)];
    }

    internal override IReadOnlyList<WorldFunction> Functions { get; }

    internal override bool Step() => function.Step();

    /// <summary>Ends QEMU, as a crash of it would: the device has left the bus.</summary>
    internal void Kill() => process.Kill();

    public override void Dispose()
    {
        function.Reset();
        Functions[0].Window.Release();
        process.Dispose();
        CloseMemoryDisk();
    }

    private void CloseMemoryDisk()
    {
        if (memoryDisk >= 0)
        {
            _ = Linux.Close(memoryDisk);
        }
    }
}
