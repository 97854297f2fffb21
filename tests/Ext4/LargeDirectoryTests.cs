using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

public sealed class LargeDirectoryTests
{
    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Directory_ManyEntries_LinuxFindsEachByName()
    {
        const int Count = 12_000;
        foreach (string hash in new[] { "half_md4", "tea", "legacy" })
        {
            // 1 KiB blocks: the index gets its second level.
            using LinuxExt4 linux = LinuxExt4.Make(64 << 20, "-b", "1024", "-N", "16384");
            LinuxExt4.Must("tune2fs", "-E", "hash_alg=" + hash, linux.ImagePath);
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
            for (int index = 0; index < Count; index++)
            {
                rig.MakeFile(folder, Name(index));
            }

            for (int index = 0; index < Count; index += 3)
            {
                Assert.Equal(Errno.None, rig.TryUnlink(folder, Name(index)));
            }

            IEnumerable<string> kept = Enumerable.Range(0, Count).Where(index => index % 3 != 0).Select(Name);
            Assert.Equal(kept.Order(), rig.List(folder).Order());
            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
            linux.Write(rig.Image);
            Assert.Contains("Indirect levels: 1", linux.Debug("htree_dump /folder"));
            linux.WithMount(isReadOnly: true, mountPoint =>
            {
                for (int index = 0; index < Count; index++)
                {
                    Assert.Equal(index % 3 != 0, File.Exists(Path.Combine(mountPoint, "folder", Name(index))));
                }
            });
        }
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Directory_OfLinuxWithManyEntries_EachIsFoundHere()
    {
        const int Count = 6000;
        using LinuxExt4 linux = LinuxExt4.Make(64 << 20, "-N", "16384");
        linux.WithMount(isReadOnly: false, mountPoint =>
        {
            string folder = Directory.CreateDirectory(Path.Combine(mountPoint, "folder")).FullName;
            for (int index = 0; index < Count; index++)
            {
                File.WriteAllText(Path.Combine(folder, Name(index)), "x");
            }
        });
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong inode = rig.LookupPath("folder");
        for (int index = 0; index < Count; index++)
        {
            rig.Lookup(inode, Name(index));
        }

        Assert.Equal(Errno.NoEntry, rig.TryLookup(inode, "nothing"));
        for (int index = Count; index < 2 * Count; index++)
        {
            rig.MakeFile(inode, Name(index));
        }

        Assert.Equal(2 * Count, rig.List(inode).Count);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Directory_ManySubdirectories_CountsUpToTheLimit()
    {
        using LinuxExt4 linux = LinuxExt4.Make(600 << 20, "-b", "4096", "-N", "70000");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read(), cachePages: 32768);
        ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
        for (int index = 0; index < 65_100; index++)
        {
            rig.MakeDirectory(folder, Name(index));
        }

        Assert.Equal(1u, rig.Attributes(folder).LinkCount);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Directory_NamesOf255Bytes_AreKept()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        for (int index = 0; index < 200; index++)
        {
            rig.MakeFile(Ext4Rig.Root, index.ToString("D3") + new string('é', 126));
        }

        Assert.Equal(201, rig.List(Ext4Rig.Root).Count);
        Assert.Equal(Errno.NameTooLong, rig.TryLookup(Ext4Rig.Root, new string('x', 256)));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    private static string Name(int index) => $"entry-{index * 7919}-\u00fc{(index % 5 == 0 ? new string('z', 40) : "")}";
}
