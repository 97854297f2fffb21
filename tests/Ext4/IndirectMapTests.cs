using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// Files, directories and journals that an ext3 file system has made, after it has been turned into ext4 (tune2fs -O extents):
/// they keep their maps of blocks.
/// </summary>
public sealed class IndirectMapTests
{
    private const int NameCount = 700;

    /// <summary>Ends of the direct blocks and of the tables of each level, with blocks of 1 KiB: 256 numbers in a table.</summary>
    private static readonly long[] Places =
        [0, 5000, (12 * 1024) - 10, (12 + 256) * 1024 - 100, (12 + 256 + 65536) * 1024L - 3000, 80_000_000];

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Files_OfExt3_AreReadWhole()
    {
        using LinuxExt4 linux = MakeConverted();
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        Assert.DoesNotContain("indirect", rig.Log);
        Assert.False(rig.Must(rig.Fs.GetStatus(rig.Context)).IsReadOnly);
        ulong sparse = rig.LookupPath("sparse");
        foreach (long place in Places)
        {
            Assert.Equal(Piece(place), rig.Read(sparse, (ulong)place, Piece(place).Length));
        }

        Assert.Equal(new byte[100_000], rig.Read(sparse, 30_000_000, 100_000));
        Assert.Equal(Ext4Rig.Noise(3_000_000, 1), rig.ReadAll(rig.LookupPath("large")));
        Assert.Equal(new string('x', 300), rig.ReadSymbolicLink(rig.LookupPath("slow")));
        Assert.Equal(NameCount, rig.List(rig.LookupPath("folder")).Count);
        rig.LookupPath($"folder/file {NameCount - 1}");
        Assert.Equal(80_000_000ul / 1024 * 1024, rig.Must(rig.Fs.SeekData(rig.Context, sparse, 70_000_000)));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Files_OfExt3_ChangeAndGoAndLinuxReadsTheRest()
    {
        using LinuxExt4 linux = MakeConverted();
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        byte[] large = Ext4Rig.Noise(3_000_000, 1);
        ulong file = rig.LookupPath("large");
        rig.Write(file, 100_000, Ext4Rig.Noise(50_000, 2));
        Ext4Rig.Noise(50_000, 2).CopyTo(large, 100_000);
        rig.Write(file, 3_000_000, Ext4Rig.Noise(2_000_000, 3));
        large = [.. large, .. Ext4Rig.Noise(2_000_000, 3)];
        rig.Must(rig.Fs.Allocate(
            rig.Context, file, 10_000, 2_000_000, AllocationModes.PunchHole | AllocationModes.KeepSize));
        large.AsSpan(10_000, 2_000_000).Clear();
        Assert.Equal(Errno.NotSupported, rig.Fs.Allocate(rig.Context, file, 0, 6_000_000, AllocationModes.None).Error);
        Assert.Equal(Errno.NotSupported, rig.Fs.Allocate(rig.Context, file, 0, 1000, AllocationModes.ZeroRange).Error);
        Assert.Equal(large, rig.ReadAll(file));

        // Bytes in the holes of a sparse file make tables; cutting it takes them away again.
        ulong sparse = rig.LookupPath("sparse");
        rig.Write(sparse, 40_000_000, Piece(1));
        rig.Write(sparse, 78_000_000, Piece(2));
        rig.SetSize(sparse, 40_000_050);
        rig.SetSize(sparse, 90_000_000);
        Assert.Equal(Piece(1)[..50], rig.Read(sparse, 40_000_000, 50));
        Assert.Equal(new byte[1000], rig.Read(sparse, 78_000_000, 1000));
        ulong folder = rig.LookupPath("folder");
        for (int index = 0; index < NameCount; index++)
        {
            Assert.Equal(Errno.None, rig.TryUnlink(folder, $"file {index}"));
            rig.MakeFile(folder, $"another file {index}");
        }

        Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, "slow"));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        linux.WithMount(isReadOnly: true, mountPoint =>
        {
            Assert.Equal(large, File.ReadAllBytes(Path.Combine(mountPoint, "large")));
            Assert.Equal(NameCount, Directory.GetFiles(Path.Combine(mountPoint, "folder")).Length);
        });
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Files_OfExt3_AllRemoved_GiveEachBlockBack()
    {
        using LinuxExt4 linux = MakeConverted();
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        foreach (string name in new[] { "sparse", "large", "slow" })
        {
            Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, name));
        }

        ulong folder = rig.LookupPath("folder");
        rig.List(folder).ForEach(name => Assert.Equal(Errno.None, rig.TryUnlink(folder, name)));
        Assert.Equal(Errno.None, rig.TryRemoveDirectory(Ext4Rig.Root, "folder"));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    /// <summary>A number that leads to metadata, or behind the disk, must not be followed.</summary>
    [FactNeeding(Need.E2fsprogs)]
    public void Map_WithNumbersThatNoFileCanOwn_IsFoundToBeDamaged()
    {
        foreach (uint number in new[] { 3u, 4_000_000_000u })
        {
            using LinuxExt4 linux = LinuxExt4.Make(8 << 20, "-b", "1024", "-O", "^extents,^64bit,^metadata_csum");
            string source = Path.Combine(linux.Tree, "source");
            File.WriteAllBytes(source, Ext4Rig.Noise(100_000, 1));
            linux.Debug($"write {source} file", $"set_inode_field file block[IND] {number}");
            LinuxExt4.Must("tune2fs", "-O", "extents", linux.ImagePath);
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            ulong file = rig.LookupPath("file");
            Assert.Equal(12_288, rig.Read(file, 0, 12_288).Length);
            Assert.Equal(Errno.Corrupted, rig.Fs.Read(rig.Context, file, 12_288, new byte[100]).Error);
            Assert.Contains("its map of blocks has 1 from " + number, rig.Log);
        }
    }

    private static byte[] Piece(long place) => Ext4Rig.Noise(3000, (int)place);

    private static LinuxExt4 MakeConverted()
    {
        LinuxExt4 linux = LinuxExt4.Make(64 << 20, "-t", "ext3", "-b", "1024", "-N", "2048");
        linux.WithMount(isReadOnly: false, mountPoint =>
        {
            using (FileStream sparse = File.Create(Path.Combine(mountPoint, "sparse")))
            {
                foreach (long place in Places)
                {
                    sparse.Position = place;
                    sparse.Write(Piece(place));
                }
            }

            File.WriteAllBytes(Path.Combine(mountPoint, "large"), Ext4Rig.Noise(3_000_000, 1));
            File.CreateSymbolicLink(Path.Combine(mountPoint, "slow"), new string('x', 300));
            string folder = Directory.CreateDirectory(Path.Combine(mountPoint, "folder")).FullName;
            for (int index = 0; index < NameCount; index++)
            {
                File.WriteAllText(Path.Combine(folder, $"file {index}"), "");
            }
        });
        LinuxExt4.Must("tune2fs", "-O", "extents", linux.ImagePath);
        return linux;
    }
}
