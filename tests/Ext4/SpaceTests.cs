using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Space in files: reserved, punched out, looked for; with Linux on the other side.</summary>
public sealed class SpaceTests
{
    private const AllocationModes Punch = AllocationModes.PunchHole | AllocationModes.KeepSize;

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Seek_FileOfLinux_FindsTheSameEdges()
    {
        foreach (string blockBytes in new[] { "1024", "4096" })
        {
            using LinuxExt4 linux = LinuxExt4.Make(32 << 20, "-b", blockBytes);
            List<long> expected = [];
            linux.WithMount(isReadOnly: false, mountPoint =>
            {
                string file = Path.Combine(mountPoint, "file");
                LinuxFile.Allocate(file, 0, 0, 1_000_000);
                using (FileStream stream = File.OpenWrite(file))
                {
                    foreach (int at in new[] { 100_000, 101_000, 300_000, 900_000, 1_500_000 })
                    {
                        stream.Position = at;
                        stream.Write(Ext4Rig.Noise(20_000, at));
                    }

                    stream.SetLength(2_000_000);
                    stream.Flush(flushToDisk: true);
                }

                LinuxFile.Allocate(file, (int)Punch, 305_000, 10_000);
            });

            // Pages that are in memory count as data, whatever is on the disk: looked at after a new mount.
            linux.WithMount(isReadOnly: true, mountPoint => expected = LinuxFile.Edges(Path.Combine(mountPoint, "file")));
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
            Assert.Equal(expected, Edges(rig, rig.Lookup(Ext4Rig.Root, "file")));
            Assert.True(expected.Count >= 10);
        }
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Change_Random_AgreesWithModelAndLinux()
    {
        for (int seed = 1; seed <= 4; seed++)
        {
            using LinuxExt4 linux = LinuxExt4.Make(24 << 20, "-b", seed % 2 == 0 ? "4096" : "1024");
            using Ext4Rig rig = Ext4Rig.Mounted(linux.Read(), cachePages: 512);
            var random = new Random(seed);
            ulong file = rig.MakeFile(Ext4Rig.Root, "file");
            byte[] model = new byte[3_000_000];
            int size = 0;
            for (int step = 0; step < 1500; step++)
            {
                Step(rig, file, random, model, ref size);
            }

            Assert.True(model.AsSpan(0, size).SequenceEqual(rig.ReadAll(file)));
            List<long> edges = Edges(rig, file);
            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
            linux.Write(rig.Image);
            linux.WithMount(isReadOnly: true, mountPoint =>
            {
                // First, since what has been read is in memory and counts as data.
                Assert.Equal(edges, LinuxFile.Edges(Path.Combine(mountPoint, "file")));
                Assert.True(model.AsSpan(0, size).SequenceEqual(File.ReadAllBytes(Path.Combine(mountPoint, "file"))));
            });
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Allocate_MoreThanThereIs_ChangesNothing()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(8 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(10_000, 1));
        FileSystemStatus before = rig.Must(rig.Fs.GetStatus(rig.Context));
        Assert.Equal(Errno.NoSpace, TryAllocate(rig, file, 0, 1ul << 40, AllocationModes.None));
        Assert.Equal(Errno.NoSpace, TryAllocate(rig, file, 5000, before.FreeBlockCount * 4096, AllocationModes.KeepSize));
        Assert.Equal(Errno.FileTooLarge, TryAllocate(rig, file, ulong.MaxValue - 10, 20, AllocationModes.None));
        Assert.Equal(Errno.FileTooLarge, TryAllocate(rig, file, 1ul << 44, 1, Punch));
        Assert.Equal(Errno.InvalidArgument, TryAllocate(rig, file, 0, 0, AllocationModes.None));
        Assert.Equal(Errno.NotSupported, TryAllocate(rig, file, 0, 10, AllocationModes.PunchHole));
        Assert.Equal(Errno.NotSupported, TryAllocate(rig, file, 0, 4096, (AllocationModes)8));
        Assert.Equal(before.FreeBlockCount, rig.Must(rig.Fs.GetStatus(rig.Context)).FreeBlockCount);
        Assert.Equal(10_000ul, rig.Attributes(file).SizeBytes);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Write_ReservedSpaceOfFullDisk_Succeeds()
    {
        using LinuxExt4 linux = LinuxExt4.Make(8 << 20, "-b", "1024");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        Assert.Equal(Errno.None, TryAllocate(rig, file, 0, 2_000_000, AllocationModes.KeepSize));
        Assert.Equal(0ul, rig.Attributes(file).SizeBytes);
        FillUp(rig);
        for (ulong at = 1024; at < 2_000_000; at += 4096)
        {
            rig.Write(file, at, "x"u8);
        }

        for (ulong at = 1024; at < 1_000_000; at += 16384)
        {
            Assert.Equal(Errno.None, TryAllocate(rig, file, at, 1024, Punch));
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Punch_EveryOtherBlock_MakesADeepTreeThatShrinksAgain()
    {
        using LinuxExt4 linux = LinuxExt4.Make(48 << 20, "-b", "1024");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read(), cachePages: 4096);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        Assert.Equal(Errno.None, TryAllocate(rig, file, 0, 16 << 20, AllocationModes.None));
        for (ulong at = 0; at < 16 << 20; at += 2048)
        {
            Assert.Equal(Errno.None, TryAllocate(rig, file, at, 1024, Punch));
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        Assert.Contains(" 2/ 2 ", linux.Debug("extents file"));
        using Ext4Rig again = Ext4Rig.Mounted(rig.Image, cachePages: 4096);
        for (ulong at = 2048; at < 16 << 20; at += 2048)
        {
            Assert.Equal(Errno.None, TryAllocate(again, file, at - 1024, 1024, Punch));
        }

        again.SetSize(file, 1000);
        Assert.True(again.Attributes(file).SectorCount <= 4);
        again.Unmount();
        LinuxExt4.MustBeClean(again.Image);
    }

    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Write_SparseFileOfATerabyte_TakesAFewBlocks()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", "4096");
        using Ext4Rig rig = Ext4Rig.Mounted(linux.Read());
        ulong file = rig.MakeFile(Ext4Rig.Root, "file");
        ulong last = ((ulong)uint.MaxValue << 12) - 1;
        rig.Write(file, (1ul << 40) - 5, "12345"u8);
        rig.Write(file, last, "x"u8);
        Assert.Equal(last + 1, rig.Attributes(file).SizeBytes);
        Assert.Equal(1, rig.Fs.Write(rig.Context, file, last, "xy"u8).Value);
        Assert.Equal(Errno.FileTooLarge, rig.Fs.Write(rig.Context, file, last + 1, "y"u8).Error);
        Assert.Equal((1ul << 40) - 4096, rig.Must(rig.Fs.SeekData(rig.Context, file, 0)));
        Assert.Equal(1ul << 40, rig.Must(rig.Fs.SeekHole(rig.Context, file, (1ul << 40) - 1)));
        Assert.Equal(last - 4095, rig.Must(rig.Fs.SeekData(rig.Context, file, 1ul << 40)));
        Assert.Equal(Errno.NoDeviceOrAddress, rig.Fs.SeekHole(rig.Context, file, last + 1).Error);
        rig.SetSize(file, 1ul << 40);
        Assert.Equal(8ul, rig.Attributes(file).SectorCount);
        Assert.Equal(Errno.NoDeviceOrAddress, rig.Fs.SeekData(rig.Context, file, ulong.MaxValue).Error);
        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        linux.Write(rig.Image);
        linux.WithMount(isReadOnly: true, mountPoint =>
            Assert.Equal([(1L << 40) - 4096, 1L << 40], LinuxFile.Edges(Path.Combine(mountPoint, "file"))));
    }

    private static Errno TryAllocate(Ext4Rig rig, ulong file, ulong offset, ulong length, AllocationModes modes) =>
        rig.Fs.Allocate(rig.Context, file, offset, length, modes).Error;

    private static List<long> Edges(Ext4Rig rig, ulong file)
    {
        var edges = new List<long>();
        ulong at = 0;
        while (rig.Fs.SeekData(rig.Context, file, at) is { IsOk: true } data)
        {
            at = rig.Must(rig.Fs.SeekHole(rig.Context, file, data.Value));
            edges.AddRange([(long)data.Value, (long)at]);
        }

        return edges;
    }

    private static void FillUp(Ext4Rig rig)
    {
        ulong filler = rig.MakeFile(Ext4Rig.Root, "filler");
        byte[] data = new byte[100_000];
        for (ulong size = 0; rig.Fs.Write(rig.Context, filler, size, data) is { IsOk: true } reply;)
        {
            size += (ulong)reply.Value;
        }
    }

    private static void Step(Ext4Rig rig, ulong file, Random random, byte[] model, ref int size)
    {
        int offset = random.Next(model.Length);
        int length = 1 + random.Next(Math.Min(model.Length - offset, random.Next(6) == 0 ? 400_000 : 9000));
        int end = offset + length;
        Errno error;
        switch (random.Next(6))
        {
            case 0:
                bool keepsSize = random.Next(2) == 0;
                error = TryAllocate(rig, file, (ulong)offset, (ulong)length, keepsSize ? AllocationModes.KeepSize : 0);
                size = keepsSize ? size : Math.Max(size, end);
                break;
            case 1:
                error = TryAllocate(rig, file, (ulong)offset, (ulong)length, Punch);
                model.AsSpan(offset, length).Clear();
                break;
            case 2:
                error = TryAllocate(rig, file, (ulong)offset, (ulong)length, AllocationModes.ZeroRange);
                model.AsSpan(offset, length).Clear();
                size = Math.Max(size, end);
                break;
            case 3 when random.Next(4) == 0:
                rig.SetSize(file, (ulong)offset);
                model.AsSpan(offset).Clear();
                size = offset;
                return;
            default:
                byte[] data = Ext4Rig.Noise(length, random.Next());
                rig.Write(file, (ulong)offset, data);
                data.CopyTo(model, offset);
                size = Math.Max(size, end);
                return;
        }

        Assert.Equal(Errno.None, error);
    }
}
