using RedLeafSharp.Machine.Media;
using RedLeafSharp.Tests.Ext4;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.PowerCuts;

/// <summary>How much is explored.</summary>
internal sealed record ExplorerOptions
{
    /// <summary>Media at each moment at which the power is cut.</summary>
    internal int StatesPerCut { get; init; } = 8;

    /// <summary>One in so many of the media is replayed with further power cuts.</summary>
    internal int StatesPerCutReplay { get; init; } = 4;

    /// <summary>Power cuts in a row while the journal is replayed.</summary>
    internal int ReplayCutsMax { get; init; } = 3;

    /// <summary>One in so many is judged by e2fsck -fn after replay here, and replayed by e2fsck itself; 0 for none.</summary>
    internal int StatesPerJudgement { get; init; } = 1;
}

/// <summary>What has been explored.</summary>
internal sealed class ExplorerFigures
{
    internal int Workloads { get; set; }

    internal int Refused { get; set; }

    internal int Cuts { get; set; }

    internal int States { get; set; }

    internal int ReplayCuts { get; set; }

    internal int Judged { get; set; }

    public override string ToString() =>
        $"{Workloads} workloads ({Refused} operations refused), {Cuts} moments, {States} disks, {ReplayCuts} cuts in replay, {Judged} judged by e2fsck";
}

/// <summary>Cuts the power at every barrier and operation of a workload, mounts what may be left, and has it judged.</summary>
internal sealed class PowerCutExplorer(ExplorerOptions options, int seed) : IDisposable
{
    /// <summary>In memory if there is such a place: e2fsck makes each image durable.</summary>
    private const string MemoryFolder = "/dev/shm";

    /// <summary>The superblock, whose checksum lies in its second sector: nothing but its copies helps when it is torn.</summary>
    private const long SuperblockStart = 1024;
    private const long SuperblockEnd = 2048;

    private readonly TestThread thread = new();
    private readonly Random random = new(seed);
    private readonly string image = Path.Combine(
        Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath(), $"redleaf-powercut-{Guid.NewGuid():n}.img");

    internal ExplorerFigures Figures { get; } = new();

    /// <summary>Carries out a workload on a disk and explores it.</summary>
    /// <returns>What is wrong; empty when nothing is.</returns>
    internal string Explore(byte[] disk, ModelTree start, Workload workload)
    {
        WorkloadTrace trace = WorkloadRun.Record(disk, start, workload.Operations, thread);
        Figures.Workloads++;
        Figures.Refused += trace.Refused;
        string problem = Explore(trace, Moments(trace));
        return problem.Length == 0 ? "" : $"{workload} (seed {seed})\n{problem}";
    }

    /// <summary>The moments before each barrier, and those at which an operation has returned.</summary>
    internal static IEnumerable<int> Moments(WorkloadTrace trace) =>
        CrashStates.Barriers(trace.Events).Concat(trace.Ends).Distinct().Order();

    public void Dispose()
    {
        thread.Dispose();
        File.Delete(image);
    }

    /// <summary>Cuts the power at these events.</summary>
    internal string Explore(WorkloadTrace trace, IEnumerable<int> moments)
    {
        var oracle = new TreeOracle(trace.Model, trace.Ends);
        var states = new CrashStates(trace.Before, trace.Events, IsTearable);
        foreach (int moment in moments)
        {
            Figures.Cuts++;
            states.MoveTo(moment);
            foreach (CrashState state in states.Take(options.StatesPerCut, random))
            {
                string problem = Check(state.Medium, oracle, moment);
                if (problem.Length > 0)
                {
                    return $"power cut at {state.Description}: {problem}";
                }
            }
        }

        return "";
    }

    private static bool IsTearable(long offset, long length) => offset >= SuperblockEnd || offset + length <= SuperblockStart;

    private string Check(byte[] disk, TreeOracle oracle, int moment)
    {
        Figures.States++;
        bool isJudged = options.StatesPerJudgement > 0 && Figures.States % options.StatesPerJudgement == 0;
        if (isJudged && Repair(disk) is { Length: > 0 } unrepairable)
        {
            return unrepairable;
        }

        for (int cut = 0; cut < options.ReplayCutsMax && Figures.States % options.StatesPerCutReplay == 0; cut++)
        {
            disk = CutReplay(disk);
        }

        using var rig = new Ext4Rig(disk, cachePages: 512, sharedThread: thread);
        if (!rig.TryMount() || rig.Must(rig.Fs.GetStatus(rig.Context)).IsReadOnly)
        {
            return $"cannot be mounted for writing: {rig.Log}";
        }

        string problem = oracle.Judge(TreeSnapshot.Take(rig), moment);
        rig.Unmount();
        return problem.Length > 0 ? problem
            : rig.Log.Contains("Error", StringComparison.Ordinal) ? rig.Log
            : isJudged ? MustBeClean(rig.Image)
            : "";
    }

    /// <summary>The power fails again while the journal is replayed.</summary>
    private byte[] CutReplay(byte[] disk)
    {
        using var rig = new Ext4Rig([.. disk], cachePages: 512, isRecording: true, sharedThread: thread);
        Assert.True(rig.TryMount(), rig.Log);
        List<MediumEvent> events = WorkloadRun.Convert(rig.Device.Record, out _);
        if (events.Count == 0)
        {
            return disk;
        }

        Figures.ReplayCuts++;
        var states = CrashStates.Over(disk, events, IsTearable);
        states.MoveTo(random.Next(1, events.Count + 1));
        CrashState[] some = [.. states.Take(4, random)];
        return some[random.Next(some.Length)].Medium;
    }

    /// <summary>What e2fsck makes of the disk by itself: it replays the journal and must find nothing else to do.</summary>
    private string Repair(byte[] disk)
    {
        Figures.Judged++;
        (int status, string output) = E2fsck("-fp", disk);
        return status <= 1 ? "" : $"e2fsck -fp: {status}\n{output}";
    }

    private string MustBeClean(byte[] disk)
    {
        (int status, string output) = E2fsck("-fn", disk);
        return status == 0 ? "" : $"e2fsck -fn: {status}\n{output}";
    }

    private (int Status, string Output) E2fsck(string mode, byte[] disk)
    {
        using (FileStream file = File.OpenWrite(image))
        {
            file.Write(disk);
        }

        return Outside.Run("e2fsck", mode, image);
    }
}
