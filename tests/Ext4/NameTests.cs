using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>What names can stand for, and how they change places.</summary>
public sealed class NameTests
{
    [FactNeeding(Need.E2fsprogs)]
    public void Rename_NoReplace_KeepsWhatIsThere()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        ulong one = rig.MakeFile(Ext4Rig.Root, "one");
        ulong two = rig.MakeFile(Ext4Rig.Root, "two");
        Assert.Equal(Errno.Exists, rig.TryRename(Ext4Rig.Root, "one", Ext4Rig.Root, "two", RenameFlags.NoReplace));
        Assert.Equal(Errno.Exists, rig.TryRename(Ext4Rig.Root, "one", Ext4Rig.Root, "one", RenameFlags.NoReplace));
        Assert.Equal(Errno.None, rig.TryRename(Ext4Rig.Root, "one", Ext4Rig.Root, "three", RenameFlags.NoReplace));
        Assert.Equal(one, rig.Lookup(Ext4Rig.Root, "three"));
        Assert.Equal(two, rig.Lookup(Ext4Rig.Root, "two"));
        RenameFlags both = RenameFlags.NoReplace | RenameFlags.Exchange;
        Assert.Equal(Errno.InvalidArgument, rig.TryRename(Ext4Rig.Root, "two", Ext4Rig.Root, "three", both));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Rename_Exchange_SwapsWhateverTheTypes()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        ulong left = rig.MakeDirectory(Ext4Rig.Root, "left");
        ulong right = rig.MakeDirectory(Ext4Rig.Root, "right");
        ulong folder = rig.MakeDirectory(left, "folder");
        ulong file = rig.MakeFile(right, "file", "content"u8);
        rig.MakeFile(folder, "inner");
        Assert.Equal(Errno.None, rig.TryRename(left, "folder", right, "file", RenameFlags.Exchange));
        Assert.Equal(file, rig.Lookup(left, "folder"));
        Assert.Equal(folder, rig.Lookup(right, "file"));
        Assert.Equal(2u, rig.Attributes(left).LinkCount);
        Assert.Equal(3u, rig.Attributes(right).LinkCount);
        Assert.Equal(right, rig.Lookup(folder, ".."));
        Assert.Equal(Errno.NoEntry, rig.TryRename(left, "folder", right, "nothing", RenameFlags.Exchange));
        Assert.Equal(Errno.InvalidArgument, rig.TryRename(Ext4Rig.Root, "right", folder, "inner", RenameFlags.Exchange));
        Assert.Equal(Errno.InvalidArgument, rig.TryRename(folder, "inner", Ext4Rig.Root, "right", RenameFlags.Exchange));
        Assert.Equal(Errno.None, rig.TryRename(Ext4Rig.Root, "left", right, "file", RenameFlags.Exchange));
        Assert.Equal(Errno.None, rig.TryRename(Ext4Rig.Root, "left", Ext4Rig.Root, "left", RenameFlags.Exchange));
        Assert.Equal(left, rig.LookupPath("right/file"));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Create_SpecialFiles_LinuxSeesThem()
    {
        (string Name, uint Mode, uint Device, string Seen)[] samples =
        [
            ("null", FileMode.CharacterDevice | 0x1B6, 0x103, "character special file 1,3"),
            ("disk", FileMode.BlockDevice | 0x180, (259 << 8) | (257 & 0xFF) | ((257 & ~0xFF) << 12), "block special file 259,257"),
        ];
        using LinuxExt4 linux = LinuxExt4.Empty();
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        foreach ((string name, uint mode, uint device, _) in samples)
        {
            rig.Must(rig.Fs.CreateDevice(rig.Context, Ext4Rig.Root, Encoding.UTF8.GetBytes(name), mode, device, 0, 0));
            Assert.Equal(device, rig.Attributes(rig.Lookup(Ext4Rig.Root, name)).DeviceNumber);
        }

        rig.MakeFile(Ext4Rig.Root, "fifo", mode: FileMode.Fifo | 0x1A4);
        rig.MakeFile(Ext4Rig.Root, "socket", mode: FileMode.Socket | 0x1A4);
        Assert.Equal(Errno.InvalidArgument, rig.Fs.Create(
            rig.Context, Ext4Rig.Root, "x"u8, FileMode.BlockDevice, 0, 0).Error);
        Assert.Equal(Errno.InvalidArgument, rig.Fs.CreateDevice(
            rig.Context, Ext4Rig.Root, "x"u8, FileMode.Regular, 1, 0, 0).Error);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        linux.WithMount(isReadOnly: true, mountPoint =>
        {
            foreach ((string name, _, _, string seen) in samples)
            {
                Assert.Equal(seen, LinuxExt4.Must("stat", "-c", "%F %Hr,%Lr", Path.Combine(mountPoint, name)).Trim());
            }

            Assert.Equal("fifo", LinuxExt4.Must("stat", "-c", "%F", Path.Combine(mountPoint, "fifo")).Trim());
            Assert.Equal("socket", LinuxExt4.Must("stat", "-c", "%F", Path.Combine(mountPoint, "socket")).Trim());
        });
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void GetAttributes_SpecialFilesOfLinux_HaveTheirNumbers()
    {
        using LinuxExt4 linux = LinuxExt4.Make(8 << 20);
        linux.WithMount(isReadOnly: false, mountPoint =>
        {
            LinuxExt4.Must("mknod", Path.Combine(mountPoint, "small"), "c", "5", "7");
            LinuxExt4.Must("mknod", Path.Combine(mountPoint, "large"), "b", "4000", "70000");
            LinuxExt4.Must("mkfifo", Path.Combine(mountPoint, "fifo"));
        });
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        FileAttributes small = rig.Attributes(rig.Lookup(Ext4Rig.Root, "small"));
        FileAttributes large = rig.Attributes(rig.Lookup(Ext4Rig.Root, "large"));
        Assert.Equal(0x507u, small.DeviceNumber);
        Assert.Equal((4000u << 8) | (70000 & 0xFF) | ((70000u & ~0xFFu) << 12), large.DeviceNumber);
        Assert.Equal(FileMode.Fifo, rig.Attributes(rig.Lookup(Ext4Rig.Root, "fifo")).Mode & FileMode.TypeMask);
        Assert.NotEqual(0L, small.CreationTime.Seconds);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Link_BeyondTheLimit_IsTooMany()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", "4096");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read(), cachePages: 4096);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        for (int index = 1; index < 65_000; index++)
        {
            Assert.Equal(Errno.None, rig.TryLink(file, Ext4Rig.Root, $"l{index}"));
        }

        Assert.Equal(Errno.TooManyLinks, rig.TryLink(file, Ext4Rig.Root, "one more"));
        Assert.Equal(65_000u, rig.Attributes(file).LinkCount);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void CreateSymbolicLink_AsLongAsItCanBe_LinuxReadsIt()
    {
        using LinuxExt4 linux = LinuxExt4.Empty();
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        string target = string.Concat(Enumerable.Repeat("abcdefg/", 512))[..4095];
        ulong link = rig.MakeSymbolicLink(Ext4Rig.Root, "link", target);
        Assert.Equal(target, rig.ReadSymbolicLink(link));
        Assert.Equal(Errno.NameTooLong, rig.Fs.CreateSymbolicLink(
            rig.Context, Ext4Rig.Root, "longer"u8, Encoding.UTF8.GetBytes(target + "x"), 0, 0).Error);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        linux.WithMount(isReadOnly: true, mountPoint =>
            Assert.Equal(target, new FileInfo(Path.Combine(mountPoint, "link")).LinkTarget));
    }
}
