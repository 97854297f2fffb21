using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>Random file operations, each compared with files in memory; at the end every file is read back.</summary>
internal sealed class FileModel : FileSystemWorkload
{
    internal override WorkloadInfo Info { get; } = new(
        "file-model",
        "random file operations on ext4 over the shadowed disk, compared with files in memory",
        [
            new OptionInfo("operations", "file operations", 100, 1, WorkloadLimits.OperationsMax),
            PowerCutOption,
            FileSystemCheck.Option,
            new OptionInfo("names", "names that files may have; fewer meet more often", 12, 2, WorkloadLimits.FilesMax),
        ]);

    internal override RoundResult Run(WorkloadContext trial) => RunClient(trial, "files", context =>
    {
        var client = new FileClient(trial, Files(trial));
        return (client.Run(context), client.Digest);
    });
}
