using System.Buffers.Binary;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Journals that e2fsprogs and Linux have written, replayed here and by e2fsprogs: every block must be the same.</summary>
public sealed class JournalReplayTests
{
    private static readonly string[][] Variants =
    [
        ["-b", "1024"],
        ["-b", "4096"],
        ["-b", "2048", "-O", "^64bit"],
        ["-b", "1024", "-O", "^metadata_csum"],
        ["-b", "4096", "-O", "^metadata_csum,^64bit"],
    ];

    private static readonly string[][] OrphanFileVariants =
    [
        ["-b", "1024", "-O", "orphan_file"],
        ["-b", "4096", "-O", "orphan_file,metadata_csum_seed"],
        ["-b", "4096", "-O", "orphan_file,^metadata_csum"],
    ];

    [FactNeeding(Need.E2fsprogs)]
    public void Replay_GeneratedJournals_EveryBlockIsAsByE2fsprogs()
    {
        for (int seed = 0; seed < 24; seed++)
        {
            string[] options = Variants[seed % Variants.Length];
            using LinuxExt4 linux = LinuxExt4.Make(24 << 20, options);
            var random = new Random(seed);

            // Without metadata_csum debugfs writes checksums of version 1, and those of revoke blocks otherwise than Linux.
            int version = options.Any(option => option.Contains("^metadata_csum")) ? 1 : 1 + (seed % 3);
            Generate(linux, random, version);
            byte[] dirty = linux.Read();
            linux.Debug("jr");
            byte[] expected = linux.Read();
            using var rig = new Ext4Rig([.. dirty]);
            Assert.True(rig.TryMount(), $"seed {seed}: {rig.Log}");
            Assert.Contains("journal replayed", rig.Log);
            rig.Unmount();
            MustBeTheSame(expected, rig.Image, $"seed {seed}, version {version}");
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Replay_TornCommits_EndsBeforeThem()
    {
        using LinuxExt4 linux = LinuxExt4.Make(24 << 20, "-b", "1024");
        byte[] source = Ext4Rig.Noise(2048, 3);
        WriteSource(linux, source);
        linux.Debug("jo -c", $"jw -b 9000,9001 {Source(linux)}", "jc");
        byte[] whole = linux.Read();
        int commit = FindLogBlock(whole, JournalSpec.CommitBlock);
        foreach (int offset in new[] { 0, 8, JournalSpec.CommitChecksum, 0x31 })
        {
            byte[] torn = [.. whole];
            torn[commit + offset] ^= 0xFF;
            using Ext4Rig rig = Ext4Rig.Mounted(torn);
            Assert.Contains("journal replayed: 0 transactions", rig.Log);
            Assert.DoesNotContain("Error", rig.Log);
            rig.Unmount();
            Assert.Equal(new byte[2048], rig.Image[(9000 * 1024)..(9002 * 1024)]);
            LinuxExt4.MustBeClean(rig.Image);
        }
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Replay_CommittedBlockDamaged_MountsReadOnlyAndSaysWhich()
    {
        using LinuxExt4 linux = LinuxExt4.Make(24 << 20, "-b", "1024");
        WriteSource(linux, Ext4Rig.Noise(2048, 3));
        linux.Debug("jo -c", $"jw -b 9000,9001 {Source(linux)}", "jc");
        byte[] image = linux.Read();
        image[FindLogBlock(image, JournalSpec.CommitBlock) - 1024 + 77] ^= 1;
        using Ext4Rig rig = Ext4Rig.Mounted(image);
        Assert.Contains("transaction 1 of the journal has a wrong checksum of block 9001", rig.Log);
        Assert.Contains("mounted read-only: damage has been noted", rig.Log);
        Assert.Equal(new byte[1024], rig.Image[(9000 * 1024)..(9001 * 1024)]);
    }

    /// <summary>One checksum for a whole transaction, as jbd2 had before metadata_csum.</summary>
    [FactNeeding(Need.E2fsprogs)]
    public void Replay_ChecksumOfVersion1_IsVerified()
    {
        using LinuxExt4 linux = LinuxExt4.Make(24 << 20, "-b", "1024", "-O", "^metadata_csum");
        byte[] source = Ext4Rig.Noise(3072, 3);
        WriteSource(linux, source);
        linux.Debug("jo -c", $"jw -b 9000,9001,9002 {Source(linux)}", "jc");
        byte[] image = linux.Read();
        int commit = FindLogBlock(image, JournalSpec.CommitBlock);
        Assert.Equal([1, 4], image[(commit + JournalSpec.CommitChecksumType)..(commit + JournalSpec.CommitChecksumSize + 1)]);
        using Ext4Rig whole = Ext4Rig.Mounted([.. image]);
        Assert.DoesNotContain("Error", whole.Log);
        Assert.Equal(source, whole.Image[(9000 * 1024)..(9003 * 1024)]);

        image[commit - 1024 + 77] ^= 1;
        using Ext4Rig damaged = Ext4Rig.Mounted(image);

        Assert.Contains("transaction 1 of the journal has a wrong checksum", damaged.Log);
        Assert.Equal(new byte[1024], damaged.Image[(9000 * 1024)..(9001 * 1024)]);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Mount_ReadOnlyWithDirtyJournal_IsRefusedAndWritesNothing()
    {
        using LinuxExt4 linux = LinuxExt4.Make(24 << 20, "-b", "1024");
        WriteSource(linux, Ext4Rig.Noise(1024, 3));
        linux.Debug("jo -c", $"jw -b 9000 {Source(linux)}", "jc");
        byte[] image = linux.Read();
        using var rig = new Ext4Rig([.. image]);
        Assert.False(rig.TryMount(isReadOnly: true));
        Assert.Contains("the journal is not clean: mount it for writing", rig.Log);
        Assert.Equal(image, rig.Image);
    }

    /// <summary>A copy of the disk under a mounted file system is what a power cut leaves.</summary>
    [FactNeeding(Need.LoopMount | Need.E2fsprogs)]
    public void Mount_SnapshotOfALinuxMount_IsReplayedToWhatE2fsckMakesOfIt()
    {
        foreach (string[] options in Variants.Concat(OrphanFileVariants))
        {
            using LinuxExt4 linux = LinuxExt4.Make(32 << 20, options);
            byte[] dirty = [];
            linux.WithMount(isReadOnly: false, mountPoint =>
            {
                for (int index = 0; index < 300; index++)
                {
                    File.WriteAllText(Path.Combine(mountPoint, $"file {index}"), new string('x', index * 50));
                }

                LinuxExt4.Must("sync", "-f", mountPoint);
                using FileStream open = File.Create(Path.Combine(mountPoint, "unlinked"));
                open.Write(Ext4Rig.Noise(300_000, 5));
                File.Delete(Path.Combine(mountPoint, "unlinked"));
                for (int index = 0; index < 300; index += 2)
                {
                    File.Delete(Path.Combine(mountPoint, $"file {index}"));
                }

                LinuxExt4.Must("sync", "-f", mountPoint);
                dirty = linux.Read();
            });
            using Ext4Rig rig = Ext4Rig.Mounted(dirty);
            Assert.Contains("orphans: 1 files deleted", rig.Log);
            Assert.Equal(new string('x', 299 * 50), System.Text.Encoding.UTF8.GetString(rig.ReadAll(rig.LookupPath("file 299"))));
            Assert.Equal(151, rig.List(Ext4Rig.Root).Count);
            rig.Unmount();
            LinuxExt4.MustBeClean(rig.Image);
        }
    }

    internal static int FindLogBlock(byte[] image, uint type)
    {
        byte[] header = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(header, JournalSpec.Magic);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), type);
        return image.AsSpan().IndexOf(header);
    }

    internal static string Source(LinuxExt4 linux) => Path.Combine(linux.Tree, "blocks");

    internal static void WriteSource(LinuxExt4 linux, byte[] content) => File.WriteAllBytes(Source(linux), content);

    /// <summary>Transactions over free blocks; some blocks begin with the journal's magic number, some are revoked.</summary>
    internal static void Generate(LinuxExt4 linux, Random random, int version)
    {
        var commands = new List<string> { version == 3 ? "jo -c" : version == 2 ? "jo -c -v 2" : "jo" };
        byte[] content = Ext4Rig.Noise(40 * 4096, random.Next());
        for (int index = 0; index < content.Length; index += 3 * 1024)
        {
            BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(index), JournalSpec.Magic);
        }

        WriteSource(linux, content);
        int transactions = 1 + random.Next(12);
        for (int transaction = 0; transaction < transactions; transaction++)
        {
            IEnumerable<int> blocks = Enumerable.Range(0, 1 + random.Next(10)).Select(_ => 5500 + random.Next(40)).Distinct();
            string list = string.Join(',', blocks);
            commands.Add(random.Next(4) == 0 ? $"jw -r {list}" : $"jw -b {list} {Source(linux)}");
        }

        commands.Add("jc");
        linux.Debug([.. commands]);
    }

    /// <summary>All but what says who has mounted it when: the superblock, and that of the journal.</summary>
    private static void MustBeTheSame(byte[] expected, byte[] found, string what)
    {
        int journal = FindLogBlock(expected, JournalSpec.SuperblockV2);
        for (int at = 0; at < expected.Length; at += 1024)
        {
            bool isSame = at == 1024 || at == journal || expected.AsSpan(at, 1024).SequenceEqual(found.AsSpan(at, 1024));
            Assert.True(isSame, $"{what}: the disks differ at byte {at}");
        }
    }
}
