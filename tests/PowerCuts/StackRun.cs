using RedLeafSharp.Machine.Media;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Tests.Drivers;
using RedLeafSharp.Tests.Ext4;
using RedLeafSharp.Tests.Shadow;
using Xunit;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>
/// A workload on file system, shadow, driver and simulated controller, whose medium is recorded, while the driver crashes at
/// random register accesses: the power can then be cut in the middle of a recovery.
/// </summary>
internal static class StackRun
{
    private const int AccessesPerCrash = 40;

    /// <summary>Events after a crash in which the shadow replays what was in flight.</summary>
    private const int RecoveryEvents = 5;

    /// <summary>Carries out the workload.</summary>
    /// <param name="disk">The disk before the mount.</param>
    /// <param name="start">The tree on it.</param>
    /// <param name="workload">The operations.</param>
    /// <param name="seed">Where the driver crashes.</param>
    /// <param name="moments">Where to cut the power: around each crash, and behind it while requests are replayed.</param>
    internal static WorkloadTrace Record(byte[] disk, ModelTree start, Workload workload, int seed, out int[] moments)
    {
        var trace = new MediumTrace();
        using var memory = new MemoryMedium(disk.Length);
        memory.Write(0, disk);
        var faults = new ScriptedFaults();
        using var nvme = new NvmeRig(new SimulatedNvmeOptions { Faults = faults }, new RecordingMedium(memory, trace));
        NvmeStack stack = NvmeStack.Over(nvme);
        using var rig = new Ext4Rig(stack.Client);
        Assert.True(rig.TryMount(), rig.Log);
        var random = new Random(seed);
        var crashes = new List<int>();
        faults.Before = faults.After = (_, _, _) =>
        {
            if (random.Next(AccessesPerCrash) == 0)
            {
                crashes.Add(trace.Events.Count);
                throw new PlantedCrashException();
            }
        };

        var model = new TreeModel(start);
        var run = new WorkloadRun(rig, model, () => trace.Events.Count);
        run.Execute(workload.Operations);
        Assert.Equal(crashes.Count, stack.Link.Deaths);
        moments = [.. crashes.SelectMany(crash => Enumerable.Range(crash, RecoveryEvents))
            .Where(moment => moment <= trace.Events.Count).Distinct().Order()];
        return new WorkloadTrace(disk, trace.Events, run.Ends, model, run.Refused);
    }
}
