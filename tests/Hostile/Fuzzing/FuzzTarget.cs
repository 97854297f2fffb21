namespace RedLeafSharp.Tests.Hostile.Fuzzing;

/// <summary>A domain of ours that mutants are made of, and the smallest system in which one can be made to work.</summary>
/// <param name="Folder">Its folder, and its name in the system file.</param>
/// <param name="Assembly">Its file.</param>
/// <param name="Yaml">The system file; null for the built-in system, with a shell in the place of an exerciser.</param>
internal sealed record FuzzTarget(string Folder, string Assembly, string? Yaml)
{
    /// <summary>What an exerciser says when all that it asked for was done.</summary>
    internal const string Worked = "worked";

    private const string BlockYaml = """
        exchangeHeapMebibytes: 64
        devices: [{name: disk0, model: nvme}]
        domains:
          - {name: Nvme, device: disk0, restart: {restartsMax: 3, windowSeconds: 3600, youngMicros: 0, standby: 0}}
          - {name: BlockShadow, shadows: Nvme}
          - {name: BlockExerciser, use: {IBlockDevice: BlockShadow}}
        """;

    private const string NetYaml = """
        exchangeHeapMebibytes: 64
        devices: [{name: n, model: e1000e, link: none}]
        domains:
          - {name: E1000e, device: n, restart: {restartsMax: 3, windowSeconds: 3600, youngMicros: 0, standby: 0}}
          - {name: NetShadow, shadows: E1000e}
          - {name: NetExerciser, use: {INetDevice: NetShadow}}
        """;

    private const string TmpfsYaml = """
        exchangeHeapMebibytes: 64
        domains:
          - {name: Tmpfs}
          - {name: FileExerciser, use: {IFileSystem: Tmpfs}}
        """;

    private const string Ext4Yaml = """
        exchangeHeapMebibytes: 256
        devices: [{name: disk0, model: nvme}]
        domains:
          - {name: Nvme, device: disk0}
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}}
          - {name: FileExerciser, use: {IFileSystem: Ext4}}
        """;

    /// <summary>Domains of a hundred methods, between which the seeds go round.</summary>
    private static readonly FuzzTarget[] Small =
    [
        new("Nvme", "RedLeafSharp.Drivers.Nvme.dll", BlockYaml),
        new("BlockShadow", "RedLeafSharp.Domains.BlockShadow.dll", BlockYaml),
        new("E1000e", "RedLeafSharp.Drivers.E1000e.dll", NetYaml),
        new("NetShadow", "RedLeafSharp.Domains.NetShadow.dll", NetYaml),
        new("Tmpfs", "RedLeafSharp.Domains.Tmpfs.dll", TmpfsYaml),
    ];

    /// <summary>Of a thousand methods: one mutant takes as long as ten of the others.</summary>
    private static readonly FuzzTarget[] Large =
    [
        new("Ext4", "RedLeafSharp.Domains.Ext4.dll", Ext4Yaml),
        new("Personality", "RedLeafSharp.Posix.Personality.dll", null),
        new("Programs", "RedLeafSharp.Posix.Programs.dll", null),
    ];

    /// <summary>One seed in so many goes to a large domain.</summary>
    private const int LargeEvery = 64;

    internal static IEnumerable<FuzzTarget> All => [.. Small, .. Large];

    internal static FuzzTarget Of(int seed) => seed % LargeEvery == LargeEvery - 1
        ? Large[seed / LargeEvery % Large.Length]
        : Small[seed % Small.Length];
}
