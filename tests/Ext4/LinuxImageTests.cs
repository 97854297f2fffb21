using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Images that Linux has made are read, changed, and given back.</summary>
public sealed class LinuxImageTests
{
    private const long MiB = 1 << 20;

    public static readonly string[][] Variants =
    [
        [],
        ["-b", "4096"],
        ["-b", "2048"],
        ["-b", "1024"],
        ["-I", "128"],
        ["-O", "^metadata_csum"],
        ["-O", "^metadata_csum,uninit_bg"],
        ["-O", "^64bit"],
        ["-O", "^has_journal"],
        ["-O", "^dir_index"],
        ["-O", "metadata_csum_seed,orphan_file"],
        ["-b", "4096", "-O", "sparse_super2,^flex_bg,^resize_inode"],
        ["-I", "512", "-b", "4096", "-O", "orphan_file"],
        ["-O", "fast_commit", "-J", "size=4"],
        ["-b", "4096", "-O", "^dir_nlink,^extra_isize,^huge_file,^large_file"],
        ["-b", "1024", "-O", "^extent,^64bit"],
        ["-t", "ext3"],
        ["-t", "ext3", "-b", "4096", "-I", "128"],
        ["-t", "ext2", "-b", "1024"],
        ["-t", "ext2", "-b", "4096", "-O", "^dir_index,^filetype"],
    ];

    [FactNeeding(Need.E2fsprogs)]
    public void Mount_EveryVariant_ReadsWhatDebugfsWrote()
    {
        foreach (string[] options in Variants)
        {
            using LinuxExt4 linux = LinuxExt4.Make(32 * MiB, options);
            string file = Path.Combine(linux.Tree, "source");
            byte[] content = Ext4Rig.Noise(3_000_000, 7);
            File.WriteAllBytes(file, content);
            string slow = new('x', 200);
            linux.Debug("mkdir folder", $"write {file} folder/target", "symlink fast abc", $"symlink slow {slow}");
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            Assert.Equal(content, rig.ReadAll(rig.LookupPath("folder/target")));
            Assert.Equal("abc", rig.ReadSymbolicLink(rig.LookupPath("fast")));
            Assert.Equal(new string('x', 200), rig.ReadSymbolicLink(rig.LookupPath("slow")));
            Assert.Equal(["fast", "folder", "lost+found", "slow"], rig.List(Ext4Rig.Root).Order());
            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Write_EveryVariant_E2fsckFindsNothingAndDebugfsReads()
    {
        foreach (string[] options in Variants)
        {
            using LinuxExt4 linux = LinuxExt4.Make(32 * MiB, options);
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            byte[] content = Ext4Rig.Noise(2_500_000, 9);
            ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
            for (int index = 0; index < 400; index++)
            {
                rig.MakeFile(folder, $"a file with a rather long name {index}", Encoding.UTF8.GetBytes($"content {index}"));
            }

            rig.MakeFile(Ext4Rig.Root, "large", content);
            rig.MakeSymbolicLink(Ext4Rig.Root, "fast", "abc");
            rig.MakeSymbolicLink(Ext4Rig.Root, "slow", new string('y', 300));
            Assert.Equal(Errno.None, rig.TryUnlink(folder, "a file with a rather long name 77"));
            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
            linux.Write(rig.Image);
            string copy = Path.Combine(linux.Tree, "copy");
            linux.Debug($"dump large {copy}");
            Assert.Equal(content, File.ReadAllBytes(copy));
            Assert.Contains("content 399", linux.Debug("cat \"folder/a file with a rather long name 399\""));
        }
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Change_EveryVariant_LinuxReadsTheSameTree()
    {
        foreach (string[] options in Variants)
        {
            using LinuxExt4 linux = LinuxExt4.Make(32 * MiB, options);
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            var walk = new RandomWalk(rig, seed: options.Length + 1);
            for (int step = 0; step < 500; step++)
            {
                walk.Step();
            }

            walk.CheckAll();
            ulong huge = rig.MakeFile(Ext4Rig.Root, "huge");
            rig.Write(huge, 3L << 30, "end"u8);
            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
            linux.Write(rig.Image);
            linux.WithMount(isReadOnly: true, mountPoint => walk.CompareWith(mountPoint));
        }
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Mount_TreeOfLinux_IsReadWhole()
    {
        using LinuxExt4 linux = LinuxExt4.Make(128 * MiB);
        linux.WithMount(isReadOnly: false, mountPoint => LinuxExt4.Must(
            "cp", "-a", Path.GetDirectoryName(typeof(object).Assembly.Location)!, Path.Combine(mountPoint, "tree")));
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        string source = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        foreach (string path in Directory.EnumerateFiles(source))
        {
            Assert.Equal(File.ReadAllBytes(path), rig.ReadAll(rig.LookupPath("tree/" + Path.GetFileName(path))));
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Write_WholeTree_LinuxReadsTheSame()
    {
        string source = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        using Ext4Rig rig = Ext4Rig.Formatted(128 * MiB);
        ulong tree = rig.MakeDirectory(Ext4Rig.Root, "tree");
        foreach (string path in Directory.EnumerateFiles(source))
        {
            rig.MakeFile(tree, Path.GetFileName(path), File.ReadAllBytes(path));
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        using LinuxExt4 linux = LinuxExt4.Of(rig.Image);
        linux.WithMount(isReadOnly: true, mountPoint =>
            LinuxExt4.Must("diff", "-r", source, Path.Combine(mountPoint, "tree")));
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Mount_SparseAndUnwrittenFiles_ReadAsZeroes()
    {
        using LinuxExt4 linux = LinuxExt4.Make(64 * MiB);
        linux.WithMount(isReadOnly: false, mountPoint =>
        {
            string sparse = Path.Combine(mountPoint, "sparse");
            LinuxExt4.Must("dd", "if=/dev/zero", "of=" + sparse, "bs=1", "count=0", "seek=50000000");
            LinuxExt4.Must("dd", "if=/dev/urandom", "of=" + sparse, "bs=1000", "count=1", "seek=40000", "conv=notrunc");
            LinuxExt4.Must("fallocate", "-l", "5000000", Path.Combine(mountPoint, "reserved"));
        });
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong reserved = rig.LookupPath("reserved");
        Assert.Equal(new byte[5_000_000], rig.ReadAll(reserved));
        rig.Write(reserved, 1_000_001, Ext4Rig.Noise(10_000, 4));
        byte[] expected = new byte[5_000_000];
        Ext4Rig.Noise(10_000, 4).CopyTo(expected, 1_000_001);
        Assert.Equal(expected, rig.ReadAll(reserved));
        Assert.Equal(50_000_000ul, rig.Attributes(rig.LookupPath("sparse")).SizeBytes);
        Assert.False(rig.Read(rig.LookupPath("sparse"), 40_000_000, 1000).AsSpan().IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(new byte[1_000_000], rig.Read(rig.LookupPath("sparse"), 10_000_000, 1_000_000));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        linux.WithMount(isReadOnly: true, mountPoint =>
            Assert.Equal(expected, File.ReadAllBytes(Path.Combine(mountPoint, "reserved"))));
    }
}
