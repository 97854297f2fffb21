using RedLeafSharp.Cli.Fuse;
using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Fuse;

/// <summary>
/// A system whose files are mounted at a folder of the host, and whose disk driver is crashed every 100 ms. The test's own process
/// serves the mount, so only other processes may touch it: a page fault here could wait for a thread that waits for this one.
/// </summary>
internal sealed class MountedSystem : IDisposable
{
    private static readonly TimeSpan CrashPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>A disk command passes some tens of points of the driver's code: a crash strikes in one of the next two or three.</summary>
    private const int CrashHitsMax = 100;
    private const int EndAttemptsMax = 30;

    /// <summary>The smallest cache, so that the disk is used, and commands that are in flight when the driver crashes.</summary>
    private static readonly SystemDescription Description = SystemDescription.Parse("test.yaml", """
        devices:
          - {name: disk0, model: nvme, completion: deferred}
        domains:
          - {name: Nvme, device: disk0, restart: {restartsMax: 1000000, windowSeconds: 3600, youngMicros: 0, standby: 4}}
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}, settings: {cachePages: "512"}}
          - {name: Personality, use: {IFileSystem: Ext4}}
        programs: [Programs]
        """);

    private readonly TemporaryFolder folder = new();
    private readonly TestSystem booted;
    private readonly FuseBridge bridge;
    private readonly Timer crashes;

    internal MountedSystem(long diskBytes)
    {
        Image = Path.Combine(folder.Path, "disk.img");
        MountPoint = Directory.CreateDirectory(Path.Combine(folder.Path, "mnt")).FullName;
        using (FileStream file = File.Create(Image))
        {
            file.SetLength(diskBytes);
        }

        booted = new TestSystem(Description, disk: Image, format: true, crashSites: true);
        bridge = FuseBridge.Mount(booted.System, MountPoint);
        CrashInjector injector = booted.System.Crashes("Nvme");
        var random = new Random(5);
        crashes = new Timer(_ => injector.ArmAfter(random.Next(CrashHitsMax)), null, CrashPeriod, CrashPeriod);
    }

    internal string Image { get; }

    internal string MountPoint { get; }

    /// <summary>Beside the mount, on the host.</summary>
    internal string HostFolder => folder.Path;

    /// <summary>Runs a script of bash in the mount, which is $MNT, with the folder of the host as $HOST; it must end with status 0.</summary>
    internal string Run(string script)
    {
        string text = $"set -euo pipefail; export HOST={folder.Path} MNT={MountPoint} HOME={folder.Path}; cd $MNT; {script}";
        (int status, string output) = Outside.Run("timeout", "100", "bash", "-c", text);
        Assert.True(status == 0, $"status {status}: {output}");
        return output;
    }

    /// <summary>Ends the mount orderly: the driver has crashed, nobody noticed, and the image is clean.</summary>
    internal void End()
    {
        // Which point the driver crashes at is drawn anew each period, and may be one that it does not come to within it.
        for (int attempt = 0; attempt < EndAttemptsMax && booted.System.Restarts.Count == 0; attempt++)
        {
            Run("for round in $(seq 10); do echo $round > last; sync last; sleep 0.05; done; rm last");
        }

        Assert.NotEmpty(booted.System.Restarts);
        bridge.Unmount();
        crashes.Dispose();
        booted.System.Crashes("Nvme").Disarm();
        booted.System.Shutdown();
        (int status, string output) = Outside.Run("e2fsck", "-fn", Image);
        Assert.True(status == 0, output);
    }

    public void Dispose()
    {
        crashes.Dispose();
        bridge.Dispose();
        booted.Dispose();
        folder.Dispose();
    }
}
