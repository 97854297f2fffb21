using System.Buffers.Binary;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// Mutated images: whatever is on the disk, no operation throws or runs without end. Without metadata_csum every mutation
/// reaches the code behind the checksums.
/// </summary>
public sealed class FuzzTests
{
    private const int Rounds = 2600;

    [FactNeeding(Need.E2fsprogs)]
    public void Operations_MutatedMetadataWithoutChecksums_NeverThrow() => Fuzz(seed: 1, "-b", "1024", "-O", "^metadata_csum");

    [FactNeeding(Need.E2fsprogs)]
    public void Operations_MutatedLargeBlocksWithoutChecksums_NeverThrow() =>
        Fuzz(seed: 2, "-b", "4096", "-O", "^metadata_csum,^64bit");

    [FactNeeding(Need.E2fsprogs)]
    public void Operations_MutatedMetadataWithChecksums_NeverThrow() => Fuzz(seed: 3, "-b", "1024");

    private static void Fuzz(int seed, params string[] options)
    {
        using LinuxExt4 linux = LinuxExt4.Make(2 << 20, ["-O", "^has_journal", "-N", "256", .. options]);
        byte[] original = Populate(linux.Read());
        List<int> interesting = FindMetadata(original);
        var random = new Random(seed);
        byte[] image = new byte[original.Length];
        for (int round = 0; round < Rounds; round++)
        {
            original.CopyTo(image, 0);
            Mutate(image, random, interesting);
            try
            {
                Exercise(image, random);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}", exception);
            }
        }
    }

    private static byte[] Populate(byte[] image)
    {
        using Ext4Rig rig = Ext4Rig.Mounted(image);
        ulong folder = rig.MakeDirectory(Ext4Rig.Root, "folder");
        for (int index = 0; index < 100; index++)
        {
            rig.MakeFile(folder, $"a file with a long name to fill blocks {index}");
        }

        ulong sparse = rig.MakeFile(Ext4Rig.Root, "sparse");
        for (uint index = 0; index < 100; index++)
        {
            rig.Write(sparse, index * 8192ul, "x"u8);
        }

        rig.MakeFile(Ext4Rig.Root, "plain", Ext4Rig.Noise(20_000, 1));
        rig.MakeSymbolicLink(Ext4Rig.Root, "link", "target");
        rig.MakeDirectory(folder, "inner");
        rig.Unmount();
        return rig.Image;
    }

    /// <summary>Bytes that are not zero, but for file content: that is where structures are.</summary>
    private static List<int> FindMetadata(byte[] image)
    {
        int content = image.AsSpan().IndexOf(Ext4Rig.Noise(20_000, 1).AsSpan(0, 100));
        return
        [
            .. Enumerable.Range(0, image.Length)
                .Where(index => image[index] != 0 && (index < content || index > content + 20_000)),
        ];
    }

    private static void Mutate(byte[] image, Random random, List<int> interesting)
    {
        int count = 1 + random.Next(8);
        for (int index = 0; index < count; index++)
        {
            int at = random.Next(4) switch
            {
                0 => SuperblockSpec.OffsetBytes + random.Next(0x110),
                1 => random.Next(image.Length),
                _ => interesting[random.Next(interesting.Count)] + random.Next(4),
            };
            at = Math.Min(at, image.Length - 4);
            switch (random.Next(4))
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
                default:
                    BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), (uint)random.Next(2000));
                    break;
            }
        }

        // What hides everything else is put back, most of the time.
        if (random.Next(10) > 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(1024 + SuperblockSpec.Magic), SuperblockSpec.MagicValue);
            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(1024 + SuperblockSpec.State), SuperblockSpec.StateValid);
        }

        DamageTests.SealSuperblock(image);
    }

    private static void Exercise(byte[] image, Random random)
    {
        using var rig = new Ext4Rig(image, cachePages: 512);
        if (!rig.TryMount())
        {
            Assert.NotEmpty(rig.Services.Reports);
            return;
        }

        long bytesBefore = rig.Cache.PagesRead;
        var walker = new FuzzWalk(rig, random);
        walker.Run();
        _ = rig.Fs.Unmount(rig.Context);
        Assert.InRange(rig.Cache.PagesRead - bytesBefore, 0, 1_000_000);
    }
}
