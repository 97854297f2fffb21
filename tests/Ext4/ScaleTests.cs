using System.Globalization;
using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Much of everything: names, bytes, and none left of either.</summary>
public sealed class ScaleTests
{
    [FactNeeding(Need.E2fsprogs)]
    public void Directory_OfHundredThousandFiles_IsFoundWholeAndCanGo()
    {
        const int Count = 100_000;
        using LinuxExt4 linux = LinuxExt4.Make(64 << 20, "-N", "101000");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read(), cachePages: 8192);
        ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
        for (int index = 0; index < Count; index++)
        {
            rig.MakeFile(folder, Name(index));
        }

        rig.Must(rig.Fs.Sync(rig.Context));
        for (int index = 0; index < Count; index += 7)
        {
            rig.Lookup(folder, Name(index));
            Assert.Equal(Errno.NoEntry, rig.TryLookup(folder, Name(Count + index)));
        }

        Assert.Equal(Count, rig.List(folder, bufferBytes: 65536).Distinct().Count());
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        string freeInodes = LinuxExt4.Must("dumpe2fs", "-h", linux.ImagePath).Split('\n').Single(line => line.StartsWith("Free inodes:", StringComparison.Ordinal));
        ulong inodes = rig.Must(MountAgain(rig).Fs.GetStatus(rig.Context)).FreeInodeCount;
        Assert.Equal(inodes, ulong.Parse(freeInodes["Free inodes:".Length..], CultureInfo.InvariantCulture));

        for (int index = 0; index < Count; index++)
        {
            Assert.Equal(Errno.None, rig.TryUnlink(folder, Name(index)));
        }

        Assert.Equal(Errno.None, rig.TryRemoveDirectory(Ext4Rig.Root, "folder"));
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Disk_FullOfBytesAndThenOfNames_SaysSoAndWorksAgainAfterwards()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", "1024", "-N", "256", "-m", "0");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong data = rig.MakeFile(Ext4Rig.Root, "data");
        ulong size = FillWithBytes(rig, data);
        Assert.True(size > 8 << 20, $"{size} bytes fit");
        Assert.Equal(Errno.NoSpace, rig.Fs.Allocate(rig.Context, data, size, 1 << 20, AllocationModes.None).Error);
        Assert.Equal(size, rig.Attributes(data).SizeBytes);

        // Without room for a block there may be room for names, in blocks that are there; in the end there is none.
        int made = 0;
        Errno error = Errno.None;
        while (error == Errno.None && made < 1000)
        {
            error = rig.Fs.Create(rig.Context, Ext4Rig.Root, Encoding.ASCII.GetBytes(Name(made)), Ext4Rig.RegularMode, 0, 0).Error;
            made += error == Errno.None ? 1 : 0;
        }

        Assert.Equal(Errno.NoSpace, error);
        Assert.Equal(Errno.NoSpace, rig.Fs.Create(rig.Context, Ext4Rig.Root, "folder"u8, Ext4Rig.DirectoryMode, 0, 0).Error);
        byte[] target = Encoding.ASCII.GetBytes(new string('t', 200));
        Assert.Equal(Errno.NoSpace, rig.Fs.CreateSymbolicLink(rig.Context, Ext4Rig.Root, "link"u8, target, 0, 0).Error);
        Assert.Equal(Errno.NoSpace, rig.Fs.SetExtendedAttribute(rig.Context, data, "user.large"u8, new byte[900], default).Error);
        Assert.Equal(Errno.None, rig.TryRename(Ext4Rig.Root, "data", Ext4Rig.Root, "date"));
        rig.Must(rig.Fs.Sync(rig.Context));
        using (Ext4Rig copy = Ext4Rig.Mounted([.. rig.Image]))
        {
            copy.Unmount();
            LinuxExt4.MustBeClean(copy.Image);
        }

        for (int index = 0; index < made; index++)
        {
            Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, Name(index)));
        }

        rig.SetSize(data, 0);
        rig.MakeDirectory(Ext4Rig.Root, "folder");
        Assert.InRange(FillWithBytes(rig, data), size - 65536, size + 65536);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void File_OfOneTerabyte_HasBytesAtItsEndAndHolesElsewhere()
    {
        const ulong Terabyte = 1ul << 40;
        using LinuxExt4 linux = LinuxExt4.Make(32 << 20, "-b", "4096");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        rig.SetSize(file, Terabyte);
        rig.Write(file, Terabyte - 5, "bytes"u8);
        rig.Write(file, (Terabyte / 2) + 1, "middle"u8);
        Assert.Equal(new byte[4096], rig.Read(file, Terabyte / 4, 4096));
        Assert.Equal("bytes"u8.ToArray(), rig.Read(file, Terabyte - 5, 100));
        Assert.Equal(Terabyte / 2, rig.Must(rig.Fs.SeekData(rig.Context, file, 0)));
        Assert.Equal((Terabyte / 2) + 4096, rig.Must(rig.Fs.SeekHole(rig.Context, file, Terabyte / 2)));
        Assert.Equal(Terabyte - 4096, rig.Must(rig.Fs.SeekData(rig.Context, file, (Terabyte / 2) + 4096)));
        Assert.Equal(16u, rig.Attributes(file).SectorCount);

        // The largest file of blocks of 4 KiB, and one byte more (ext4_max_size of Linux).
        ulong sizeMax = (ulong)uint.MaxValue << 12;
        rig.SetSize(file, sizeMax);
        rig.Write(file, sizeMax - 1, "x"u8);
        Assert.Equal(Errno.FileTooLarge, rig.Fs.Write(rig.Context, file, sizeMax, "x"u8).Error);
        Assert.Equal(Errno.FileTooLarge, rig.Fs.Write(rig.Context, file, long.MaxValue, "x"u8).Error);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        Assert.Contains($"Size: {sizeMax}", linux.Debug("stat /file"));
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Names_Of255Bytes_FillAnIndexAndAreFound()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", "1024", "-N", "2048");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
        string[] names = [.. Enumerable.Range(0, 1000).Select(index => Name(index).PadRight(255, 'n'))];
        foreach (string name in names)
        {
            rig.MakeFile(folder, name);
        }

        Assert.Equal(Errno.NameTooLong, rig.TryLookup(folder, names[0] + "n"));
        Assert.Equal(Errno.NameTooLong, rig.Fs.Create(rig.Context, folder, new byte[256].AsSpan(), Ext4Rig.RegularMode, 0, 0).Error);
        Assert.Equal(Errno.NameTooLong, rig.TryRename(folder, names[0], folder, names[0] + "n"));
        Assert.Equal(names.Order(), rig.List(folder).Order());
        for (int index = 0; index < names.Length; index += 2)
        {
            Assert.Equal(Errno.None, rig.TryRename(folder, names[index], Ext4Rig.Root, names[index]));
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        Assert.Contains(names[1], linux.Debug("ls -p /folder"));
    }

    private static Ext4Rig MountAgain(Ext4Rig rig)
    {
        Assert.True(rig.TryMount(), rig.Log);
        return rig;
    }

    private static ulong FillWithBytes(Ext4Rig rig, ulong file)
    {
        byte[] piece = Ext4Rig.Noise(65536, 1);
        ulong size = 0;
        while (true)
        {
            Reply<int, Errno> written = rig.Fs.Write(rig.Context, file, size, piece);
            if (!written.IsOk)
            {
                Assert.Equal(Errno.NoSpace, written.Error);
                return size;
            }

            size += (ulong)written.Value;
        }
    }

    private static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"file{index}");
}
