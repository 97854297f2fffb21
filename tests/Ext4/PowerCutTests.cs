using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// The power is cut at a moment drawn from a seed, in the middle of work and of replay. After the mount every file that was
/// synced is there, and e2fsck finds nothing; neither when it has replayed the journal itself.
/// </summary>
public sealed class PowerCutTests
{
    private const int Steps = 260;

    [FactNeeding(Need.E2fsprogs)]
    public void PowerCut_OwnFormat_SyncedFilesAreThereAndE2fsckFindsNothing()
    {
        using var rig = new Ext4Rig(new byte[12 << 20]);
        Assert.Equal(Errno.None, rig.Format());
        Explore(rig.Image, seed: 1, samples: 150, judged: 25);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void PowerCut_SmallBlocksOfLinux_SyncedFilesAreThereAndE2fsckFindsNothing()
    {
        using LinuxExt4 linux = LinuxExt4.Make(12 << 20, "-b", "1024");
        Explore(linux.Read(), seed: 2, samples: 150, judged: 25);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void PowerCut_WithoutChecksums_SyncedFilesAreThereAndE2fsckFindsNothing()
    {
        using LinuxExt4 linux = LinuxExt4.Make(12 << 20, "-b", "1024", "-O", "^metadata_csum,^64bit");
        Explore(linux.Read(), seed: 3, samples: 100, judged: 20);
    }

    private static void Explore(byte[] before, int seed, int samples, int judged)
    {
        using var rig = new Ext4Rig([.. before], isRecording: true);
        Assert.True(rig.TryMount(), rig.Log);
        var work = new SyncedWork(rig, seed);
        for (int step = 0; step < Steps; step++)
        {
            work.Step();
        }

        Assert.True(work.SyncedCount > Steps / 8, $"only {work.SyncedCount} files were synced");
        var random = new Random(seed);
        int[] moments = [.. Enumerable.Range(0, samples).Select(_ => random.Next(1, rig.Device.Record.Count + 1)).Order()];
        var cut = new PowerCut(before, rig.Device.Record);
        for (int index = 0; index < moments.Length; index++)
        {
            cut.MoveTo(moments[index]);
            byte[] disk = cut.Sample(random);
            string what = $"seed {seed}, request {moments[index]} of {rig.Device.Record.Count}";
            bool isJudged = index % (samples / judged) == 0;
            if (isJudged)
            {
                MustBeRepairable(disk, what);
            }

            byte[] mounted = index % 3 == 0 ? CutReplay(disk, random) : disk;
            Check(mounted, work, moments[index], what, isJudged);
        }
    }

    /// <summary>The power fails again while the journal is replayed.</summary>
    private static byte[] CutReplay(byte[] disk, Random random)
    {
        using var rig = new Ext4Rig([.. disk], isRecording: true);
        Assert.True(rig.TryMount(), rig.Log);
        var cut = new PowerCut(disk, rig.Device.Record);
        cut.MoveTo(random.Next(1, rig.Device.Record.Count + 1));
        return cut.Sample(random);
    }

    private static void Check(byte[] disk, SyncedWork work, int moment, string what, bool isJudged)
    {
        using var rig = new Ext4Rig(disk);
        Assert.True(rig.TryMount(), $"{what}: {rig.Log}");
        Assert.False(rig.Must(rig.Fs.GetStatus(rig.Context)).IsReadOnly, $"{what}: {rig.Log}");
        foreach ((string name, byte[] content) in work.SyncedBefore(moment))
        {
            Assert.True(rig.TryLookup(Ext4Rig.Root, name) == Errno.None, $"{what}: {name} is lost\n{rig.Log}");
            bool isRight = content.AsSpan().SequenceEqual(rig.ReadAll(rig.Lookup(Ext4Rig.Root, name)));
            Assert.True(isRight, $"{what}: {name} has another content\n{rig.Log}");
        }

        foreach ((string name, byte[] content) in work.RemovedBefore(moment))
        {
            bool isRight = rig.TryLookup(Ext4Rig.Root, name) == Errno.NoEntry
                || content.AsSpan().SequenceEqual(rig.ReadAll(rig.Lookup(Ext4Rig.Root, name)));
            Assert.True(isRight, $"{what}: {name} is there, but with what came after it was removed\n{rig.Log}");
        }

        rig.Unmount();
        Assert.DoesNotContain("Error", rig.Log);
        if (isJudged)
        {
            LinuxExt4.MustBeClean(rig.Image);
        }
    }

    private static void MustBeRepairable(byte[] disk, string what)
    {
        using LinuxExt4 linux = LinuxExt4.Of(disk);
        (int status, string output) = Outside.Run("e2fsck", "-fp", linux.ImagePath);
        Assert.True(status <= 1, $"{what}: e2fsck -fp: {status}\n{output}");
        LinuxExt4.MustBeClean(linux.Read());
    }

    /// <summary>Files that are written once and synced, amid files that come, change and go.</summary>
    private sealed class SyncedWork(Ext4Rig rig, int seed)
    {
        private readonly Random random = new(seed);
        private readonly List<(string Name, byte[] Content, int Moment)> synced = [];
        private readonly List<(string Name, byte[] Content, int Moment)> removed = [];
        private readonly List<(string Name, ulong Inode)> others = [];
        private readonly List<ulong> held = [];
        private int number;

        internal int SyncedCount => synced.Count;

        internal IEnumerable<(string Name, byte[] Content)> SyncedBefore(int moment) =>
            synced.Where(file => file.Moment <= moment).Select(file => (file.Name, file.Content));

        /// <summary>Files that were synced and then removed: they are whole or gone.</summary>
        internal IEnumerable<(string Name, byte[] Content)> RemovedBefore(int moment) =>
            removed.Where(file => file.Moment <= moment).Select(file => (file.Name, file.Content));

        internal void Step()
        {
            switch (random.Next(11))
            {
                case <= 2:
                    Sync();
                    break;
                case 10 when synced.Count > 4:
                    RemoveSynced();
                    break;
                case <= 4:
                    string name = $"other {number++} {new string('x', random.Next(80))}";
                    ulong inode = rig.MakeFile(Ext4Rig.Root, name, Ext4Rig.Noise(random.Next(30_000), number));
                    others.Add((name, inode));
                    break;
                case 5 when others.Count > 0:
                    rig.Write(Any().Inode, (ulong)random.Next(100_000), Ext4Rig.Noise(random.Next(9000), number));
                    break;
                case 6 when others.Count > 0:
                    rig.SetSize(Any().Inode, (ulong)random.Next(40_000));
                    break;
                case 7 when others.Count > 0:
                    (string old, ulong moved) = Any();
                    others.Remove((old, moved));
                    Assert.Equal(Errno.None, rig.TryRename(Ext4Rig.Root, old, Ext4Rig.Root, $"renamed {number}"));
                    others.Add(($"renamed {number++}", moved));
                    break;
                case 8 when random.Next(3) == 0:
                    MakeAndRemoveTree();
                    break;
                default:
                    Remove();
                    break;
            }
        }

        private void Sync()
        {
            string name = $"synced {number++}";
            byte[] content = Ext4Rig.Noise(random.Next(20_000), number);
            ulong inode = rig.MakeFile(Ext4Rig.Root, name, content);
            rig.Must(rig.Fs.SyncFile(rig.Context, inode, isDataOnly: false));
            synced.Add((name, content, rig.Device.Record.Count));
        }

        /// <summary>The next file takes the blocks, if it can, and is written to the disk before the removal is committed.</summary>
        private void RemoveSynced()
        {
            int index = random.Next(synced.Count);
            removed.Add((synced[index].Name, synced[index].Content, rig.Device.Record.Count));
            Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, synced[index].Name));
            synced.RemoveAt(index);
            Sync();
        }

        /// <summary>Blocks of metadata become free, some of which were in the log, and become file data afterwards.</summary>
        private void MakeAndRemoveTree()
        {
            ulong directory = rig.MakeDirectory(Ext4Rig.Root, "directory");
            for (int index = 0; index < 60; index++)
            {
                rig.MakeFile(directory, $"{index} {new string('y', 200)}");
            }

            rig.Must(rig.Fs.Sync(rig.Context));
            for (int index = 0; index < 60; index++)
            {
                Assert.Equal(Errno.None, rig.TryUnlink(directory, $"{index} {new string('y', 200)}"));
            }

            Assert.Equal(Errno.None, rig.TryRemoveDirectory(Ext4Rig.Root, "directory"));
            Sync();
            Sync();
        }

        private void Remove()
        {
            if (others.Count == 0)
            {
                return;
            }

            (string name, ulong inode) = Any();
            others.Remove((name, inode));
            if (random.Next(3) == 0 && held.Count < 20)
            {
                rig.Must(rig.Fs.Hold(rig.Context, inode));
                held.Add(inode);
            }
            else if (held.Count > 0)
            {
                rig.Must(rig.Fs.Release(rig.Context, held[^1]));
                held.RemoveAt(held.Count - 1);
            }

            Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, name));
        }

        private (string Name, ulong Inode) Any() => others[random.Next(others.Count)];
    }
}
