namespace RedLeafSharp.Tests.Boot;

/// <summary>Valid files that the fuzzer of the parsers begins with: together they use every field.</summary>
internal static class FuzzSeeds
{
    private const string FullManifest = """
        name: Everything
        entry: RedLeafSharp.Drivers.Nvme.NvmeDomain
        assembly: Domain.dll
        provides: [IBlockDevice, IBackgroundWork]
        requires: ["IFileSystem"]
        device: pci
        limits:
          callMilliseconds: 1000
          cpuPercent: 50
          cpuBurstMilliseconds: 100
          allocatedMebibytesPerSecond: 16
          allocatedBurstMebibytes: 32
          exchangeMebibytes: 16
          exchangeBlocks: 1024
        """;

    private const string Programs = """
        name: Tools
        programs: {sh: A.Shell, "cat": A.Cat, 'ls': A.List}
        """;

    /// <summary>Three of them.</summary>
    internal static readonly string[] SystemFiles =
    [
        """
        executors: 2
        exchangeHeapMebibytes: 256
        trust: [key.pub.pem, "other.pem"]
        policy: signed
        devices:
          - {name: disk0, model: nvme, blockBytes: 4096, completion: deferred}
          - name: nic0
            model: e1000e
            link: user
            publish: ["8080:80", "127.0.0.1:2222:22"]
            reach: ["53", "80"]
            pcap: /tmp/frames.pcap
            address: 02:52:4c:00:00:07
        domains:
          - name: Nvme
            device: disk0
            settings: {depth: "8"}
            restart: {restartsMax: 5, windowSeconds: 10, youngMicros: 100, backOffMicros: 20, backOffMicrosMax: 40, standby: 2}
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, folder: ./Ext4, use: {IBlockDevice: BlockShadow}, executor: 0}
        programs: [Programs, ./More]
        """,
        """
        devices: [{name: d, model: qemu-nvme}]
        domains: [{name: N, folder: Nvme, device: d}, {name: S, folder: BlockShadow, shadows: N}]
        """,
        """
        # a comment
        domains:
        - name: Tmpfs
        - name: TcpStack
          settings:
            routes: |
              default=10.0.2.2
            links: >-
              eth0=NetShadow
        - name: Personality
          use:
            IFileSystem: [Tmpfs]
            ISocketStack: TcpStack
        """,
    ];

    /// <summary>Our own domains' and two that use what they do not.</summary>
    internal static string[] Manifests(string domainsFolder) =>
    [
        FullManifest, Programs,
        .. Directory.GetFiles(domainsFolder, "domain.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText),
    ];
}
