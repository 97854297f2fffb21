using System.Buffers.Binary;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// Mutated journals: whatever is in the log, the mount ends, nothing throws, and no block is written but those that the
/// log's own records name. Without checksums every mutation reaches the code behind them.
/// </summary>
public sealed class JournalFuzzTests
{
    private const int Rounds = 1200;
    private const int LogBlocks = 60;

    [FactNeeding(Need.E2fsprogs)]
    public void Replay_MutatedLogWithoutChecksums_NeverThrows() => Fuzz(seed: 1, "-b", "1024", "-O", "^metadata_csum");

    [FactNeeding(Need.E2fsprogs)]
    public void Replay_MutatedLogWithChecksums_NeverThrows() => Fuzz(seed: 2, "-b", "1024");

    private static void Fuzz(int seed, params string[] options)
    {
        using LinuxExt4 linux = LinuxExt4.Make(8 << 20, options);
        var random = new Random(seed);
        byte[] content = Ext4Rig.Noise(20 * 1024, seed);
        JournalReplayTests.WriteSource(linux, content);
        string source = JournalReplayTests.Source(linux);
        string open = options.Length == 2 ? "jo -c" : "jo";
        linux.Debug(open, $"jw -b 7000,7001,7002,7003 {source}", "jw -r 7001,7002", $"jw -b 7001,7005,7006 {source}", "jc");
        byte[] original = linux.Read();
        int journal = JournalReplayTests.FindLogBlock(original, JournalSpec.SuperblockV2);
        byte[] image = new byte[original.Length];
        for (int round = 0; round < Rounds; round++)
        {
            original.CopyTo(image, 0);
            Mutate(image, random, journal);
            try
            {
                Exercise(image);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}", exception);
            }
        }
    }

    /// <summary>Mostly headers, tags and records: what lies behind them is file content to the journal.</summary>
    private static void Mutate(byte[] image, Random random, int journal)
    {
        int count = 1 + random.Next(5);
        for (int index = 0; index < count; index++)
        {
            int block = random.Next(3) == 0 ? 0 : random.Next(LogBlocks / 4);
            int at = journal + (block * 1024) + (random.Next(4) == 0 ? random.Next(1020) : random.Next(100));
            if (random.Next(2) == 0)
            {
                image[at] ^= (byte)(1 << random.Next(8));
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(at), random.Next(3) == 0 ? uint.MaxValue : (uint)random.Next(9000));
            }
        }

        SealJournalSuperblock(image.AsSpan(journal, JournalSpec.Superblock.Bytes), random);
    }

    private static void SealJournalSuperblock(Span<byte> superblock, Random random)
    {
        if (random.Next(10) > 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(superblock, JournalSpec.Magic);
            BinaryPrimitives.WriteUInt32BigEndian(superblock[JournalSpec.BlockType..], JournalSpec.SuperblockV2);
            superblock[JournalSpec.Superblock.Checksum..][..4].Clear();
            uint checksum = Checksum.Crc32C(~0u, superblock);
            BinaryPrimitives.WriteUInt32BigEndian(superblock[JournalSpec.Superblock.Checksum..], checksum);
        }
    }

    private static void Exercise(byte[] image)
    {
        using var rig = new Ext4Rig(image, cachePages: 512, isRecording: true);
        if (!rig.TryMount())
        {
            Assert.NotEmpty(rig.Services.Reports);
            return;
        }

        _ = rig.Fs.Create(rig.Context, Ext4Rig.Root, "new"u8, Ext4Rig.RegularMode, 0, 0);
        _ = rig.Fs.Sync(rig.Context);
        _ = rig.Fs.Unmount(rig.Context);
        Assert.InRange(rig.Cache.PagesRead, 0, 10_000);
        Assert.InRange(rig.Device.Record.Count, 0, 10_000);
    }
}
