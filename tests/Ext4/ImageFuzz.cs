using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// Mutated images: whatever is on the disk, no operation throws or runs without end, and nothing is written but where
/// <see cref="WriteOracle"/> allows it.
/// </summary>
internal sealed class ImageFuzz
{
    /// <summary>Most without checksums, so that mutations reach the code behind them.</summary>
    internal static readonly string[][] Variants =
    [
        ["-b", "1024", "-O", "^has_journal,^metadata_csum"],
        ["-b", "4096", "-O", "^has_journal,^metadata_csum,^64bit"],
        ["-b", "1024", "-O", "^has_journal"],
        ["-b", "1024", "-O", "^metadata_csum", "-J", "size=1"],
        ["-b", "2048", "-I", "512", "-O", "^has_journal,^metadata_csum,uninit_bg"],
        ["-b", "1024", "-I", "128", "-O", "^has_journal,^metadata_csum,^dir_index"],
        ["-b", "1024", "-O", "^metadata_csum,orphan_file", "-J", "size=1"],
        ["-b", "1024", "-g", "1024", "-O", "^has_journal,^metadata_csum,^flex_bg,^resize_inode"],
    ];

    /// <summary>With maps of blocks and an index of two levels; larger, so that they are for long runs.</summary>
    internal static readonly string[][] DeepVariants =
    [
        ["-t", "ext2", "-b", "1024", "-O", "dir_index"],
        ["-t", "ext3", "-b", "1024", "-J", "size=1"],
    ];

    private const int WitnessCount = 4;
    private const int DeepNames = 450;
    private readonly byte[] original;
    private readonly List<uint> witnesses = [];
    private readonly List<int> interesting;
    private readonly byte[] image;

    internal ImageFuzz(string[] options)
    {
        bool hasJournal = options.Contains("-J");
        IsDeep = options.Contains("-t");
        using LinuxExt4 linux = LinuxExt4.Make(hasJournal ? 4 << 20 : 2 << 20, ["-N", "256", .. options]);
        original = Populate(linux.Read());
        interesting = [.. Enumerable.Range(0, original.Length).Where(index => original[index] != 0)];
        image = new byte[original.Length];
    }

    /// <summary>Whether it has a directory with two levels of index, which takes blocks of 1 KiB, and room.</summary>
    private bool IsDeep { get; }

    /// <summary>Images that mounted.</summary>
    internal int MountedCount { get; private set; }

    /// <summary>Images in which damage was found.</summary>
    internal int DamagedCount { get; private set; }

    /// <summary>One image, made from a seed.</summary>
    internal void Run(int seed)
    {
        var random = new Random(seed);
        original.CopyTo(image, 0);
        Mutate(random);
        var oracle = new WriteOracle(image, original, witnesses);
        bool isReplayed = (Read32(SuperblockSpec.Incompatible) & Features.IncompatRecover) != 0;
        using var rig = new Ext4Rig([.. image], cachePages: 512, isRecording: true);
        Exercise(rig, random);
        long violation = isReplayed ? -1 : oracle.FindViolation(rig.Device.Record, sectorBytes: 512);
        Assert.True(violation < 0, $"block {violation} was written\n{rig.Log}");
    }

    private uint Read32(int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(SuperblockSpec.OffsetBytes + offset));

    /// <summary>File data is zeroes, so that bytes that are not are of structures.</summary>
    private byte[] Populate(byte[] empty)
    {
        using Ext4Rig rig = Ext4Rig.Mounted(empty);
        ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
        for (int index = 0; index < 100; index++)
        {
            rig.MakeFile(folder, $"a file with a long name to fill blocks {index}");
        }

        for (int index = 0; index < WitnessCount; index++)
        {
            witnesses.Add((uint)rig.MakeFile(Ext4Rig.Root, $"witness {index}", new byte[30_000]));
        }

        ulong sparse = rig.MakeFile(Ext4Rig.Root, "sparse");
        for (uint index = 0; index < 100; index++)
        {
            rig.Write(sparse, index * 8192ul, new byte[1]);
        }

        ulong plain = rig.MakeFile(Ext4Rig.Root, "plain", new byte[20_000]);
        Reply<Unit, Errno> allocated = rig.Fs.Allocate(rig.Context, plain, 10_000, 100_000, AllocationModes.None);
        Assert.Equal(IsDeep ? Errno.NotSupported : Errno.None, allocated.Error); // only extents can be unwritten
        rig.Must(rig.Fs.SetExtendedAttribute(rig.Context, plain, "user.large"u8, Ext4Rig.Noise(400, 1), 0));
        rig.Must(rig.Fs.SetExtendedAttribute(rig.Context, sparse, "user.small"u8, "value"u8, 0));
        rig.Must(rig.Fs.SetExtendedAttribute(rig.Context, sparse, "user.second"u8, "value"u8, 0));
        rig.MakeSymbolicLink(Ext4Rig.Root, "link", "target");
        rig.MakeSymbolicLink(Ext4Rig.Root, "slow", new string('s', 200));
        rig.MakeDirectory(folder, "inner");
        MakeDeep(rig);
        rig.Unmount();
        return rig.Image;
    }

    /// <summary>A directory with an index of two levels: more names than 123 blocks of 1 KiB have room for.</summary>
    private void MakeDeep(Ext4Rig rig)
    {
        if (!IsDeep)
        {
            return;
        }

        ulong deep = rig.MakeDirectory(Ext4Rig.Root, "deep");
        ulong target = rig.LookupPath("plain");
        for (int index = 0; index < DeepNames; index++)
        {
            Assert.Equal(Errno.None, rig.TryLink(target, deep, $"{index}{new string('d', 230)}"));
        }
    }

    private void Mutate(Random random)
    {
        int count = 1 + random.Next(8);
        for (int index = 0; index < count; index++)
        {
            int at = random.Next(5) switch
            {
                0 => SuperblockSpec.OffsetBytes + random.Next(0x110),
                1 => random.Next(image.Length),
                _ => interesting[random.Next(interesting.Count)] + random.Next(4),
            };
            Change(random, Math.Min(at, image.Length - 4));
        }

        // What hides everything else is put back, most of the time.
        if (random.Next(10) > 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(1024 + SuperblockSpec.Magic), SuperblockSpec.MagicValue);
            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(1024 + SuperblockSpec.State), SuperblockSpec.StateValid);
        }

        DamageTests.SealSuperblock(image);
    }

    private void Change(Random random, int at)
    {
        switch (random.Next(5))
        {
            case 0:
                image[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                image[at] = (byte)random.Next(256);
                break;
            case 2:
                image[at] = (byte)(random.Next(2) * 255);
                break;
            case 3:
                int from = interesting[random.Next(interesting.Count)];
                image.AsSpan(Math.Min(from, image.Length - 4), 4).CopyTo(image.AsSpan(at));
                break;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), (uint)random.Next(4000));
                break;
        }
    }

    private void Exercise(Ext4Rig rig, Random random)
    {
        if (!rig.TryMount())
        {
            Assert.NotEmpty(rig.Services.Reports);
            return;
        }

        MountedCount++;
        long pagesBefore = rig.Cache.PagesRead;
        var walker = new FuzzWalk(rig, random, witnesses);
        walker.Run();
        _ = rig.Fs.Unmount(rig.Context);
        Assert.InRange(rig.Cache.PagesRead - pagesBefore, 0, 1_000_000);
        DamagedCount += rig.Log.Contains("is damaged", StringComparison.Ordinal) ? 1 : 0;
    }
}
