using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Tests.Ext4;

public sealed class FileTests
{
    [FactNeeding(Need.E2fsprogs)]
    public void Unlink_HeldFile_LivesUntilReleased()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong free = rig.Must(rig.Fs.GetStatus(rig.Context)).FreeBlockCount;
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(100_000, 1));
        rig.Must(rig.Fs.Hold(rig.Context, file));
        rig.Must(rig.Fs.Hold(rig.Context, file));
        Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, "file"));
        Assert.Equal(Errno.NoEntry, rig.TryLookup(Ext4Rig.Root, "file"));
        rig.Write(file, 100_000, Ext4Rig.Noise(50_000, 2));
        rig.Must(rig.Fs.Release(rig.Context, file));
        Assert.Equal(150_000, rig.ReadAll(file).Length);
        rig.Must(rig.Fs.Release(rig.Context, file));
        Assert.Equal(Errno.NoEntry, rig.Fs.GetAttributes(rig.Context, file).Error);
        Assert.Equal(free, rig.Must(rig.Fs.GetStatus(rig.Context)).FreeBlockCount);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Unmount_WithHeldOrphans_FreesThem()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(100_000, 1));
        ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
        rig.Must(rig.Fs.Hold(rig.Context, file));
        rig.Must(rig.Fs.Hold(rig.Context, folder));
        Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, "file"));
        Assert.Equal(Errno.None, rig.TryRemoveDirectory(Ext4Rig.Root, "folder"));
        Assert.Equal(Errno.NoEntry, rig.Fs.Create(rig.Context, folder, "x"u8, Ext4Rig.RegularMode, 0, 0).Error);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Write_FullDisk_EndsWithNoSpaceAndStaysConsistent()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        byte[] data = Ext4Rig.Noise(100_000, 1);
        ulong size = 0;
        Reply<int, Errno> reply;
        while ((reply = rig.Fs.Write(rig.Context, file, size, data)).IsOk)
        {
            size += (ulong)reply.Value;
        }

        Assert.Equal(Errno.NoSpace, reply.Error);
        Assert.Equal(size, rig.Attributes(file).SizeBytes);
        FileSystemStatus status = rig.Must(rig.Fs.GetStatus(rig.Context));
        Assert.InRange(status.FreeBlockCount, 1ul, status.BlockCount / 50);
        Assert.Equal(0ul, status.AvailableBlockCount);
        Assert.Equal(Errno.NoSpace, rig.Fs.Create(rig.Context, Ext4Rig.Root, "d"u8, Ext4Rig.DirectoryMode, 0, 0).Error);
        rig.MakeFile(Ext4Rig.Root, "empty");
        Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, "file"));
        rig.MakeDirectory(Ext4Rig.Root, "d");
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Create_NoInodesLeft_EndsWithNoSpace()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(2 << 20);
        Errno error = Errno.None;
        for (int index = 0; index < 2000 && error == Errno.None; index++)
        {
            byte[] name = Encoding.UTF8.GetBytes($"f{index}");
            error = rig.Fs.Create(rig.Context, Ext4Rig.Root, name, Ext4Rig.RegularMode, 0, 0).Error;
        }

        Assert.Equal(Errno.NoSpace, error);
        Assert.Equal(0ul, rig.Must(rig.Fs.GetStatus(rig.Context)).FreeInodeCount);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Write_AlternatingBlocks_ExtentTreeGrowsAndShrinks()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(64 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        ulong other = rig.MakeFile(Ext4Rig.Root, "other");
        for (uint index = 0; index < 3000; index++)
        {
            // Backwards on one file, forwards on the other, with a hole after each block.
            rig.Write(file, (3000 - index) * 8192ul, BitConverter.GetBytes(index));
            rig.Write(other, index * 8192ul, BitConverter.GetBytes(index));
        }

        for (uint index = 0; index < 3000; index++)
        {
            Assert.Equal(BitConverter.GetBytes(index), rig.Read(file, (3000 - index) * 8192ul, 4));
            Assert.Equal(BitConverter.GetBytes(index), rig.Read(other, index * 8192ul, 4));
        }

        Assert.Equal(Errno.None, rig.Fs.Sync(rig.Context).Error);
        rig.SetSize(other, 8192 * 3);
        Assert.Equal(3u * 8, rig.Attributes(other).SectorCount);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void SetSize_ShrinkThenGrow_ReadsZeroes()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(10_000, 1));
        rig.SetSize(file, 5_001);
        rig.SetSize(file, 20_000);
        byte[] expected = new byte[20_000];
        Ext4Rig.Noise(10_000, 1).AsSpan(0, 5_001).CopyTo(expected);
        Assert.Equal(expected, rig.ReadAll(file));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [Fact]
    public void Write_FarBehindTheEnd_LeavesAHole()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        rig.Write(file, 10ul << 40, "far"u8);
        Assert.Equal((10ul << 40) + 3, rig.Attributes(file).SizeBytes);
        Assert.Equal(8ul, rig.Attributes(file).SectorCount);
        Assert.Equal(new byte[5000], rig.Read(file, 5ul << 40, 5000));
        Assert.Equal("far"u8.ToArray(), rig.Read(file, 10ul << 40, 100));
        Assert.Equal(Errno.FileTooLarge, rig.Fs.Write(rig.Context, file, ulong.MaxValue - 1, "x"u8).Error);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void SetAttributes_Times_LinuxSeesTheSame()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        long[] seconds = [0, -1, -2_000_000_000, 1_700_000_000, 4_000_000_000, 15_000_000_000];
        foreach (long second in seconds)
        {
            ulong file = rig.MakeFile(Ext4Rig.Root, $"t{second}");
            rig.Must(rig.Fs.SetAttributes(rig.Context, file, new FileAttributesChange
            {
                Fields = FileAttributeFields.ModificationTime | FileAttributeFields.AccessTime | FileAttributeFields.Mode
                    | FileAttributeFields.UserId | FileAttributeFields.GroupId,
                ModificationTime = new FileTime { Seconds = second, Nanoseconds = 123_456_789 },
                AccessTime = new FileTime { Seconds = second, Nanoseconds = 1 },
                Mode = 0x9ED,
                UserId = 70_000,
                GroupId = 100_000,
            }));
            Assert.Equal(second, rig.Attributes(file).ModificationTime.Seconds);
            Assert.Equal(123_456_789u, rig.Attributes(file).ModificationTime.Nanoseconds);
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        using LinuxExt4 linux = LinuxExt4.Of(rig.Image);
        linux.WithMount(isReadOnly: true, mountPoint =>
        {
            foreach (long second in seconds)
            {
                string stat = LinuxExt4.Must("stat", "-c", "%.9Y %.9X %a %u %g", Path.Combine(mountPoint, $"t{second}"));
                string fraction = second < 0 ? "" : $"{second}.123456789 {second}.000000001 ";
                Assert.Contains(fraction + (second < 0 ? " " : "") + "4755 70000 100000", stat);
            }
        });
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Create_EveryType_ListsAndDescribesIt()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        uint[] types = [FileMode.Regular, FileMode.Directory, FileMode.Fifo, FileMode.Socket];
        foreach (uint type in types)
        {
            rig.MakeFile(Ext4Rig.Root, $"{type:x}", mode: type | 0x180);
            Assert.Equal(type | 0x180, rig.Attributes(rig.Lookup(Ext4Rig.Root, $"{type:x}")).Mode);
        }

        Assert.Equal(Errno.Exists, rig.Fs.Create(rig.Context, Ext4Rig.Root, "8000"u8, Ext4Rig.RegularMode, 0, 0).Error);
        Assert.Equal(Errno.Exists, rig.Fs.Create(rig.Context, Ext4Rig.Root, ".."u8, Ext4Rig.RegularMode, 0, 0).Error);
        Assert.Equal(Errno.IsDirectory, rig.TryUnlink(Ext4Rig.Root, "4000"));
        Assert.Equal(Errno.NotDirectory, rig.TryRemoveDirectory(Ext4Rig.Root, "8000"));
        Assert.Equal(Errno.NotPermitted, rig.TryLink(rig.Lookup(Ext4Rig.Root, "4000"), Ext4Rig.Root, "l"));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Unlink_FileWithAttributes_FreesTheirBlock()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20);
        string value = Path.Combine(linux.Tree, "value");
        File.WriteAllBytes(value, Ext4Rig.Noise(600, 1));
        linux.Debug($"write {value} file", $"ea_set -f {value} file user.large");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        FileAttributes before = rig.Attributes(rig.Lookup(Ext4Rig.Root, "file"));
        Assert.True(before.SectorCount > 2);
        rig.Write(before.Inode, 5000, "more"u8);
        Assert.Equal(Errno.None, rig.Fs.Sync(rig.Context).Error);
        linux.Write(rig.Image);
        Assert.Contains("user.large", linux.Debug("ea_list file"));
        Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, "file"));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }
}
