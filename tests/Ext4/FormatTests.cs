using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

public sealed class FormatTests
{
    private const long MiB = 1 << 20;

    [FactNeeding(Need.E2fsprogs)]
    public void Format_AllSizes_E2fsckFindsNothing()
    {
        foreach (long size in new[] { 2 * MiB, 5 * MiB, 8 * MiB, 64 * MiB, (129 * MiB) + 12345, 512 * MiB })
        {
            byte[] image = new byte[size];
            using (var rig = new Ext4Rig(image))
            {
                Assert.Equal(Errno.None, rig.Format("label"));
            }

            LinuxExt4.MustBeClean(image);
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Format_DirtyDisk_NothingOfTheOldContentMatters()
    {
        byte[] image = Ext4Rig.Noise((int)(32 * MiB), seed: 1);
        using var rig = new Ext4Rig(image);
        Assert.Equal(Errno.None, rig.Format());
        LinuxExt4.MustBeClean(image);
        Assert.True(rig.TryMount(), rig.Log);
        for (int index = 0; index < 300; index++)
        {
            rig.MakeFile(Ext4Rig.Root, $"file{index}", Ext4Rig.Noise(100, index));
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Format_WithLabel_Dumpe2fsShowsTheFeaturesOfDebian()
    {
        using var rig = new Ext4Rig(new byte[64 * MiB]);
        rig.Format("red leaf");
        using LinuxExt4 linux = LinuxExt4.Of(rig.Image);
        string dump = LinuxExt4.Must("dumpe2fs", "-h", linux.ImagePath);
        Assert.Contains("Filesystem volume name:   red leaf", dump);
        Assert.Contains(
            "has_journal ext_attr dir_index filetype extent 64bit flex_bg sparse_super large_file huge_file dir_nlink "
            + "extra_isize metadata_csum",
            dump);
        Assert.Contains("Filesystem state:         clean", dump);
    }

    [Fact]
    public void Format_DiskTooSmall_SaysSo()
    {
        using var rig = new Ext4Rig(new byte[512 * 1024]);
        Assert.Equal(Errno.NoSpace, rig.Format());
        Assert.Contains("too small", rig.Log);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Format_ThenLinuxWrites_BothSidesAgree()
    {
        using var rig = new Ext4Rig(new byte[64 * MiB]);
        rig.Format();
        using LinuxExt4 linux = LinuxExt4.Of(rig.Image);
        linux.WithMount(isReadOnly: false, mountPoint =>
        {
            Directory.CreateDirectory(Path.Combine(mountPoint, "a/b"));
            File.WriteAllBytes(Path.Combine(mountPoint, "a/b/file"), Ext4Rig.Noise(300_000, 3));
        });
        using Ext4Rig second = Ext4Rig.Mounted(linux.Read());
        Assert.Equal(Ext4Rig.Noise(300_000, 3), second.ReadAll(second.LookupPath("a/b/file")));
        second.Unmount();
        LinuxExt4.MustBeClean(second.Image);
    }
}
