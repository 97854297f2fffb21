using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Disks that cannot be mounted, or not written: each is refused in one line that says what it is or lacks.</summary>
public sealed class RefusalTests
{
    private const int MiB = 1 << 20;

    /// <summary>Where the mark of a format is, the mark, and what is said.</summary>
    public static TheoryData<int, string, string> Formats() => new()
    {
        { 0, "XFSB", "it looks like XFS" },
        { 0x10040, "_BHRfS_M", "it looks like btrfs" },
        { 4086, "SWAPSPACE2", "it looks like swap space" },
        { 54, "FAT16   ", "it looks like FAT" },
        { 82, "FAT32   ", "it looks like FAT" },
        { 3, "NTFS    ", "it looks like NTFS" },
        { 512, "EFI PART", "it looks like a partition table (GPT)" },
        { 510, "U\u00AA", "it looks like a boot sector" },
        { 0, "", "the magic number at byte 1080 is 0x0000, not 0xef53" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Mount_AnotherFormat_IsRefusedByName(int offset, string mark, string expected)
    {
        byte[] image = new byte[MiB];
        Encoding.Latin1.GetBytes(mark).CopyTo(image, offset);
        MustRefuse(image, expected);
    }

    [Theory]
    [InlineData(512, "the disk has 512 bytes, expected at least 4096")]
    [InlineData(3584, "the disk has 3584 bytes")]
    [InlineData(4096, "the magic number at byte 1080")]
    public void Mount_TinyDisk_IsRefused(int bytes, string expected) => MustRefuse(new byte[bytes], expected);

    [FactNeeding(Need.E2fsprogs)]
    public void Mount_FeaturesThatMatter_AreRefusedByName()
    {
        foreach ((string feature, string name) in new[]
        {
            ("large_dir", "large_dir"), ("encrypt", "encrypt"), ("casefold", "casefold"), ("inline_data", "inline_data"), ("ea_inode", "ea_inode"),
            ("meta_bg,^resize_inode", "meta_bg"), ("mmp", "mmp"),
        })
        {
            using LinuxExt4 linux = LinuxExt4.Make(16 * MiB, "-O", feature);
            MustRefuse(linux.Read(), $"features that are not supported: {name}");
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Mount_FeaturesThatMatterToWriters_IsReadOnlyAndNamesThem()
    {
        foreach (string feature in new[] { "bigalloc", "quota", "project", "verity" })
        {
            using LinuxExt4 linux = LinuxExt4.Make(32 * MiB, "-O", feature);
            byte[] image = linux.Read();
            using Ext4Rig rig = Ext4Rig.Mounted([.. image]);
            Assert.Contains("mounted read-only: features that are not supported for writing: ", rig.Log);
            Assert.Contains(feature, rig.Log);
            Assert.Equal(["lost+found"], rig.List(Ext4Rig.Root));
            Assert.Equal(Errno.ReadOnlyFileSystem, rig.TryRemoveDirectory(Ext4Rig.Root, "lost+found"));
            rig.Unmount();
            Assert.Equal(image, rig.Image);
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Mount_CutOffImage_SaysHowMuchIsMissing()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 * MiB, "-b", "4096");
        MustRefuse(linux.Read()[..(4 * MiB)], "the image is cut off: 4096 blocks of 4096 bytes do not fit on 4194304 bytes");
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Mount_JournalOfNoise_IsRefusedAndNothingIsWritten()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 * MiB, "-b", "4096");
        linux.Debug("feature needs_recovery");
        byte[] image = linux.Read();
        int block = linux.Debug("bmap <8> 0").Split('\n').Select(line => int.TryParse(line, out int found) ? found : 0).Max();
        Ext4Rig.Noise(4096, 1).CopyTo(image, block * 4096);
        MustRefuse(image, "journal");
    }

    private static void MustRefuse(byte[] image, string reason)
    {
        byte[] before = [.. image];
        using var rig = new Ext4Rig(image);
        Assert.False(rig.TryMount());
        Assert.Contains(reason, Assert.Single(rig.Services.Reports));
        Assert.Equal(before, rig.Image);
    }
}
