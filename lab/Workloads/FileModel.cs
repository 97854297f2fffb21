using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>
/// Random file operations on ext4 over the shadowed disk, each compared with files in memory; at the end every file is read back.
/// </summary>
internal sealed class FileModel : Workload
{
    private const long DiskBytes = 16L << 20;

    private static readonly SystemDescription WithRecovery = Parse(hasRecovery: true);
    private static readonly SystemDescription WithoutRecovery = Parse(hasRecovery: false);

    internal override WorkloadInfo Info { get; } = new(
        "file-model",
        "random file operations on ext4 over the shadowed disk, compared with files in memory",
        [
            new OptionInfo("operations", "file operations", 100, 1, WorkloadLimits.OperationsMax),
            PowerCutOption,
            FileSystemCheck.Option,
            new OptionInfo("names", "names that files may have; fewer meet more often", 12, 2, WorkloadLimits.FilesMax),
        ]);

    /// <summary>The file system is made by the trial: a disk in memory is formatted at boot.</summary>
    internal override DiskSnapshot Disk { get; } = DiskSnapshot.Empty(DiskBytes);

    internal override SystemDescription Describe(bool hasRecovery) => hasRecovery ? WithRecovery : WithoutRecovery;

    internal override RoundResult Run(WorkloadContext trial)
    {
        long start = trial.Simulation.NowMicros;
        RoundEnd end = RoundEnd.Hung;
        ulong digest = 0;
        trial.System!.RunInKernel("files", context =>
        {
            var client = new FileClient(trial, trial.System.Provided<Contracts.IFileSystem>("Ext4"));
            end = client.Run(context);
            digest = client.Digest;
        });
        return new RoundResult
        {
            End = end,
            Done = trial.Done,
            Failed = trial.Failed,
            Digest = digest,
            Violations = [.. trial.Violations],
            Micros = trial.Simulation.NowMicros - start,
            LongestGapMicros = trial.LongestGapMicros,
        };
    }

    internal override IReadOnlyList<Violation> Inspect(WorkloadContext trial, DiskSnapshot disk) =>
        trial.Option(FileSystemCheck.Option.Name) > 0 ? FileSystemCheck.Judge(disk) : [];

    internal static SystemDescription Parse(bool hasRecovery) => SystemDescription.Parse("file-model", $$"""
        exchangeHeapMebibytes: 32
        devices:
          - {name: disk0, model: nvme, completion: deferred}
        domains:
          - {name: Nvme, device: disk0, restart: {{RestartPolicy(hasRecovery)}}, settings: {queueDepth: 32} }
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}, settings: {cachePages: 256} }
        """);
}
