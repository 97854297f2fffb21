using RedLeafSharp.Lab.Trials;

namespace RedLeafSharp.Lab.Workloads;

/// <summary>A tree of files is made, copied inside the system, and both trees are compared by their hashes.</summary>
internal sealed class TreeCopy : FileSystemWorkload
{
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

    internal override RoundResult Run(WorkloadContext trial) => RunClient(trial, "tree", context =>
    {
        var client = new TreeClient(trial, Files(trial));
        return (client.Run(context), client.Digest);
    });
}
