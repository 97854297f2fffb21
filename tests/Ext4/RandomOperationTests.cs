using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Random operations beside a model in memory; both must agree at every step, and e2fsck at the end.</summary>
public sealed class RandomOperationTests
{
    [FactNeeding(Need.E2fsprogs)]
    public void Operations_Random_AgreeWithModel()
    {
        for (int seed = 1; seed <= 6; seed++)
        {
            using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", seed % 2 == 0 ? "1024" : "4096");
            Run(linux.Read(), seed, steps: 3000);
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Operations_RandomOnOwnFormatWithSmallCache_AgreeWithModel()
    {
        using var rig = new Ext4Rig(new byte[24 << 20]);
        rig.Format();
        Run(rig.Image, seed: 77, steps: 6000);
    }

    private static void Run(byte[] image, int seed, int steps)
    {
        using Ext4Rig rig = Ext4Rig.Mounted(image, cachePages: 512);
        var walk = new RandomWalk(rig, seed);
        for (int step = 0; step < steps; step++)
        {
            walk.Step();
        }

        walk.CheckAll();
        rig.Unmount();
        Assert.DoesNotContain(rig.Services.Reports, line => line.StartsWith("Error", StringComparison.Ordinal));
        LinuxExt4.MustBeClean(rig.Image);
        using Ext4Rig again = Ext4Rig.Mounted(rig.Image);
        walk.MoveTo(again);
        walk.CheckAll();
    }
}
