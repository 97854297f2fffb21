using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Drivers;
using RedLeafSharp.Tests.Shadow;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>Random requests on QEMU's controller, each checked against a model, while the driver may die.</summary>
internal static class QemuRun
{
    private const int OperationsPerLine = 50_000;

    /// <summary>Shadow and driver on QEMU; the driver crashes at one in so many register accesses, never for 0.</summary>
    internal static QemuFigures Execute(int operations, int seed, int accessesPerCrash, TextWriter? progress = null)
    {
        var faults = new ScriptedFaults();
        var description = new NvmeDescription { Name = "disk0", MemoryBytes = 16 << 20 };
        using var rig = new NvmeRig((heap, scheduler) => new FaultyWorld(new QemuWorld(heap, scheduler, description), faults));
        NvmeStack stack = NvmeStack.Over(rig);
        var random = new Random(seed);
        if (accessesPerCrash > 0)
        {
            faults.Before = faults.After = (_, _, _) =>
            {
                if (random.Next(accessesPerCrash) == 0)
                {
                    throw new PlantedCrashException();
                }
            };
        }

        var workload = new RandomBlockWorkload(stack.Client, seed)
        {
            BeforeOperation = done =>
            {
                if (done % OperationsPerLine == 0 && done > 0)
                {
                    progress?.WriteLine($"{done} operations, {stack.Link.Deaths} deaths of the driver");
                }
            },
        };
        workload.Run(operations);
        faults.Before = faults.After = null;
        ShadowStatistics statistics = stack.Client.Statistics();
        rig.Bury();
        return new QemuFigures(workload.CompletedCount, stack.Link.Deaths, (long)statistics.Replayed, rig.Heap.CountAll().Blocks);
    }
}

/// <summary>What a run on QEMU has done.</summary>
/// <param name="Operations">Requests completed, with the right data.</param>
/// <param name="Deaths">Deaths of the driver.</param>
/// <param name="Replayed">Requests that the shadow submitted again.</param>
/// <param name="BlocksLeft">Blocks of the exchange heap that are still held at the end; 0 unless something leaks.</param>
internal sealed record QemuFigures(int Operations, int Deaths, long Replayed, long BlocksLeft);
