using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>A simulated NVMe disk, as a system file describes it.</summary>
internal sealed record NvmeDescription
{
    /// <summary>Names the function.</summary>
    internal required string Name { get; init; }

    /// <summary>The image that holds the disk; null for a disk in memory of <see cref="MemoryBytes"/>.</summary>
    internal string? ImagePath { get; init; }

    /// <summary>Size of a disk in memory.</summary>
    internal long MemoryBytes { get; init; } = 64L << 20;

    /// <summary>Makes the medium, in place of what the members above say; null for none.</summary>
    internal Func<IMedium>? OpenMedium { get; init; }

    /// <summary>
    /// Tells the time in microseconds, if delays are to be of time. Null: they are of steps.
    /// </summary>
    internal Func<long>? Clock { get; init; }

    /// <summary>Whether the disk moves data at all; false only for measurements.</summary>
    internal bool MovesData { get; init; } = true;

    internal bool IsReadOnly { get; init; }

    /// <summary>Bytes in a logical block: 512 or 4,096.</summary>
    internal int BlockBytes { get; init; } = 512;

    /// <summary>Null: commands are carried out in the doorbell write. Else in later steps, as the policy says.</summary>
    internal CompletionPolicy? Deferral { get; init; }

    /// <summary>Blocks of a modelled volatile cache, whose content a power cut loses; 0 for none.</summary>
    internal int CacheBlocks { get; init; }

    internal NvmeFaults? Faults { get; init; }
}

/// <summary>A world whose devices are models in this process.</summary>
internal sealed class SimulatedWorld : World
{
    private readonly List<WorldFunction> functions = [];
    private readonly List<SimulatedNvme> controllers = [];
    private readonly List<IMedium> media = [];

    /// <param name="heap">The memory that devices reach through their windows.</param>
    /// <param name="scheduler">Whose events interrupts are.</param>
    /// <param name="descriptions">The devices.</param>
    /// <exception cref="IOException">An image cannot be opened, is locked by another machine, or is empty.</exception>
    /// <exception cref="UnauthorizedAccessException">The rights to an image are missing.</exception>
    internal SimulatedWorld(ExchangeHeap heap, Scheduler scheduler, IReadOnlyList<NvmeDescription> descriptions)
    {
        try
        {
            foreach (NvmeDescription description in descriptions)
            {
                Add(heap, scheduler, description);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal override IReadOnlyList<WorldFunction> Functions => functions;

    /// <summary>The controllers, for experiments; in the order of <see cref="Functions"/>.</summary>
    internal IReadOnlyList<SimulatedNvme> Controllers => controllers;

    internal override bool Step()
    {
        bool hasWorked = false;
        foreach (SimulatedNvme controller in controllers)
        {
            hasWorked |= controller.Step();
        }

        return hasWorked;
    }

    public override void Dispose()
    {
        foreach (WorldFunction function in functions)
        {
            function.Backend.Reset();
            function.Window.Release();
        }

        foreach (IMedium medium in media)
        {
            _ = medium.Flush();
            medium.Dispose();
        }

        functions.Clear();
        controllers.Clear();
        media.Clear();
    }

    /// <summary>When a command becomes due, by the clocks of the devices that have one; the end of time if none does.</summary>
    internal long NextDueMicros => controllers.Min(controller => (long?)controller.Controller.NextDue) ?? long.MaxValue;

    private static IMedium Open(NvmeDescription description) =>
        description.OpenMedium is { } open ? open()
            : description.ImagePath is { } path ? new FileMedium(path, description.IsReadOnly)
            : description.MovesData ? new MemoryMedium(description.MemoryBytes)
            : new NullMedium(description.MemoryBytes);

    private void Add(ExchangeHeap heap, Scheduler scheduler, NvmeDescription description)
    {
        IMedium medium = Open(description);
        if (description.CacheBlocks > 0)
        {
            medium = new VolatileCache(medium, description.BlockBytes, description.CacheBlocks);
        }

        media.Add(medium);
        if (medium.LengthBytes < description.BlockBytes)
        {
            throw new IOException($"{medium.LengthBytes} bytes are less than one block of {description.BlockBytes}");
        }

        var window = new DmaWindow(heap) { FunctionName = description.Name };
        var options = new SimulatedNvmeOptions
        {
            Name = description.Name,
            SerialNumber = $"RL-{description.Name}",
            BlockBytes = description.BlockBytes,
            Deferral = description.Deferral,
            Clock = description.Clock,
            Faults = description.Faults,
        };
        var controller = new SimulatedNvme(options, medium, window, scheduler);
        controllers.Add(controller);
        functions.Add(new WorldFunction(description.Name, controller, window));
    }
}
