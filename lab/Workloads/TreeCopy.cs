using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Machine.Media;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>A tree of files on ext4 over the shadowed disk is made, copied inside the system, and both trees are compared by their hashes.</summary>
internal sealed class TreeCopy : Workload
{
    private const long DiskBytes = 16L << 20;

    private static readonly SystemDescription WithRecovery = FileModel.Parse(hasRecovery: true);
    private static readonly SystemDescription WithoutRecovery = FileModel.Parse(hasRecovery: false);

    internal override WorkloadInfo Info { get; } = new(
        "tree-copy",
        "a tree of files on ext4 is copied inside the system, and each copy compared by its hash",
        [
            new OptionInfo("directories", "directories of the tree", 3, 1, 16),
            new OptionInfo("files", "files in each directory", 4, 1, 16),
            new OptionInfo("kibibytes", "the largest file", 24, 1, 64),
            PowerCutOption,
            FileSystemCheck.Option,
        ]);

    internal override DiskSnapshot Disk { get; } = DiskSnapshot.Empty(DiskBytes);

    internal override SystemDescription Describe(bool hasRecovery) => hasRecovery ? WithRecovery : WithoutRecovery;

    internal override RoundResult Run(WorkloadContext trial)
    {
        long start = trial.Simulation.NowMicros;
        RoundEnd end = RoundEnd.Hung;
        ulong digest = 0;
        trial.System!.RunInKernel("tree", context =>
        {
            var client = new TreeClient(trial, trial.System.Provided<IFileSystem>("Ext4"));
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
}
