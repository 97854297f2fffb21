using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>A workload of files on ext4 over the shadowed disk, which e2fsck may judge at the end.</summary>
internal abstract class FileSystemWorkload : Workload
{
    private const long DiskBytes = 16L << 20;

    private static readonly SystemDescription WithRecovery = Parse(hasRecovery: true);
    private static readonly SystemDescription WithoutRecovery = Parse(hasRecovery: false);

    /// <summary>The file system is made by the trial: a disk in memory is formatted at boot.</summary>
    internal override DiskSnapshot? Disk { get; } = DiskSnapshot.Empty(DiskBytes);

    internal override SystemDescription Describe(bool hasRecovery) => hasRecovery ? WithRecovery : WithoutRecovery;

    internal override IReadOnlyList<Violation> Inspect(WorkloadContext trial, DiskSnapshot disk) =>
        trial.Option(FileSystemCheck.Option.Name) > 0 ? FileSystemCheck.Judge(disk) : [];

    /// <summary>The file system of the trial's system.</summary>
    protected static IFileSystem Files(WorkloadContext trial) => trial.System!.Provided<IFileSystem>("Ext4");

    private static SystemDescription Parse(bool hasRecovery) => SystemDescription.Parse("files", $$"""
        exchangeHeapMebibytes: 32
        devices:
          - {name: disk0, model: nvme, completion: deferred}
        domains:
          - {name: Nvme, device: disk0, restart: {{RestartPolicy(hasRecovery)}}, settings: {queueDepth: 32} }
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}, settings: {cachePages: 256} }
        """);
}
