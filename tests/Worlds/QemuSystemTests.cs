using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;
using RedLeafSharp.Tests.Systems;
using Xunit;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>The whole system on QEMU's disk: the same domain folders as everywhere.</summary>
public class QemuSystemTests
{
    private const string Yaml = """
        devices:
          - {name: disk0, model: qemu-nvme}
        domains:
          - {name: Nvme, device: disk0, restart: {standby: 2, restartsMax: 100, windowSeconds: 3600}}
          - {name: BlockShadow, shadows: Nvme}
          - {name: Ext4, use: {IBlockDevice: BlockShadow}}
          - {name: Personality, use: {IFileSystem: Ext4}}
        programs: [Programs]
        """;

    [FactNeeding(Need.Qemu | Need.E2fsprogs)]
    public void Files_WrittenOnQemusDiskWhileDriversDie_AreThereAndTheImageIsClean()
    {
        string image = Path.GetTempFileName();
        File.WriteAllBytes(image, new byte[32 << 20]);
        using (var system = new TestSystem(SystemDescription.Parse("test.yaml", Yaml), image, format: true, crashSites: true))
        {
            CrashInjector crashes = system.System.Crashes("Nvme");
            Assert.Equal((0, ""), system.Shell("seq 20000 > /big"));
            for (int death = 1; death <= 20; death++)
            {
                crashes.ArmAfter(death * 37);
                Assert.Equal((0, ""), system.Shell("cat /big > /copy && sync && cmp /big /copy"));
            }

            Assert.NotEmpty(system.System.Restarts);
            system.System.Shutdown();
        }

        (int status, string output) = Outside.Run("e2fsck", "-fn", image);
        File.Delete(image);
        Assert.True(status == 0, output);
    }
}
