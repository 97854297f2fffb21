using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Commits, checkpoints and the ways in which they fail.</summary>
public sealed class JournalTests
{
    [FactNeeding(Need.E2fsprogs)]
    public void SyncFile_ManyTimes_LogIsEmptiedAndGoesRound()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        Journal journal = rig.Fs.Journal!;
        for (int index = 0; index < 600; index++)
        {
            ulong file = rig.MakeFile(Ext4Rig.Root, $"file {index}", Ext4Rig.Noise(500, index));
            rig.Must(rig.Fs.SyncFile(rig.Context, file, isDataOnly: false));
        }

        Assert.InRange(journal.CommitCount, 600, 700);
        Assert.InRange(journal.CheckpointCount, 2, 20);
        using (Ext4Rig copy = Ext4Rig.Mounted([.. rig.Image]))
        {
            Assert.Equal(Ext4Rig.Noise(500, 599), copy.ReadAll(copy.Lookup(Ext4Rig.Root, "file 599")));
        }

        rig.Unmount();
        LinuxExt4.MustBeClean(rig.Image);
        using LinuxExt4 linux = LinuxExt4.Of(rig.Image);
        Assert.DoesNotContain("needs_recovery", LinuxExt4.Must("dumpe2fs", "-h", linux.ImagePath));
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Sync_LogCannotBeWritten_EndsWritingAndTheNextMountKnows()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong kept = rig.MakeFile(Ext4Rig.Root, "kept", Ext4Rig.Noise(10_000, 1));
        rig.Must(rig.Fs.SyncFile(rig.Context, kept, isDataOnly: false));
        rig.MakeFile(Ext4Rig.Root, "lost", Ext4Rig.Noise(10_000, 2));
        rig.Device.Decide = request => request.Operation == BlockOperation.Flush ? BlockError.MediaError : BlockError.None;
        Assert.Equal(Errno.InputOutput, rig.Fs.Sync(rig.Context).Error);
        rig.Device.Decide = null;
        Assert.Equal(Errno.ReadOnlyFileSystem, rig.TryUnlink(Ext4Rig.Root, "kept"));
        Assert.Equal(Errno.InputOutput, rig.Fs.Sync(rig.Context).Error);
        Assert.Equal(Ext4Rig.Noise(10_000, 2), rig.ReadAll(rig.Lookup(Ext4Rig.Root, "lost")));
        rig.Unmount();
        Assert.Single(rig.Services.Reports, line => line.Contains("the journal could not be written"));
        using (Ext4Rig again = Ext4Rig.Mounted([.. rig.Image]))
        {
            Assert.Contains("mounted read-only: damage has been noted", again.Log);
            Assert.Equal(Ext4Rig.Noise(10_000, 1), again.ReadAll(again.Lookup(Ext4Rig.Root, "kept")));
            Assert.Equal(Errno.NoEntry, again.TryLookup(Ext4Rig.Root, "lost"));
        }

        using LinuxExt4 linux = LinuxExt4.Of(rig.Image);
        (int status, string output) = Outside.Run("e2fsck", "-fy", linux.ImagePath);
        Assert.True(status <= 1, output);
        LinuxExt4.MustBeClean(linux.Read());
    }

    /// <summary>Twelve thousand extents do not fit into one transaction: the file is on the list of orphans meanwhile.</summary>
    [FactNeeding(Need.E2fsprogs)]
    public void Unlink_OverSeveralTransactions_PowerCutLeavesAWhole()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", "1024");
        using Ext4Rig made = Ext4Rig.Mounted(linux.Read());
        ulong file = made.MakeFile(Ext4Rig.Root, "file");
        for (uint index = 0; index < 12_000; index++)
        {
            made.Write(file, index * 2048ul, "x"u8);
        }

        made.Unmount();
        byte[] before = [.. made.Image];
        using var rig = new Ext4Rig(made.Image, isRecording: true);
        Assert.True(rig.TryMount(), rig.Log);
        Assert.Equal(Errno.None, rig.TryUnlink(Ext4Rig.Root, "file"));
        Assert.InRange(rig.Fs.Journal!.CommitCount, 1, 100);
        rig.Must(rig.Fs.Sync(rig.Context));
        var cut = new PowerCut(before, rig.Device.Record);
        var random = new Random(4);
        bool hasOrphans = false;
        for (int sample = 0; sample < 12; sample++)
        {
            cut.MoveTo(rig.Device.Record.Count * sample / 11);
            using Ext4Rig copy = Ext4Rig.Mounted(cut.Sample(random));
            hasOrphans |= copy.Log.Contains("orphans: 1 files deleted");
            copy.Unmount();
            LinuxExt4.MustBeClean(copy.Image);
        }

        Assert.True(hasOrphans);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void Commit_BlockThatStartsWithTheMagicNumber_IsEscaped()
    {
        using LinuxExt4 linux = LinuxExt4.Make(16 << 20, "-b", "1024");
        byte[] before = linux.Read();
        using var rig = new Ext4Rig(before);
        Assert.True(rig.TryMount(), rig.Log);
        rig.MakeFile(Ext4Rig.Root, "file");
        Assert.Equal(Errno.None, rig.Cache.GetCleared(rig.Context, 15_000, out BlockBuffer buffer));
        new byte[] { 0xC0, 0x3B, 0x39, 0x98 }.CopyTo(rig.Fs.Journal!.Join(rig.Context, buffer));
        rig.Must(rig.Fs.Sync(rig.Context));
        byte[] cutOff = [.. rig.Image];
        using Ext4Rig copy = Ext4Rig.Mounted(cutOff);
        Assert.DoesNotContain("Error", copy.Log);
        Assert.Contains("1 transactions", copy.Log);
        Assert.Equal(new byte[] { 0xC0, 0x3B, 0x39, 0x98 }, copy.Image[(15_000 * 1024)..((15_000 * 1024) + 4)]);
    }
}
