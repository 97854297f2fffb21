using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>What fsync, fdatasync and time commit, and what they leave.</summary>
public sealed class SyncTests
{
    private const long IntervalMicros = 5_000_000;

    [Fact]
    public void SyncFile_OfDataOnly_CommitsNothingWhenOnlyBytesAndTimesHaveChanged()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(10_000, 1));
        Assert.Equal(1, Commits(rig, file, isDataOnly: true));
        rig.Write(file, 500, Ext4Rig.Noise(5000, 2));
        Assert.Equal(0, Commits(rig, file, isDataOnly: true));
        rig.Must(rig.Fs.SetAttributes(rig.Context, file, new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = 0x180 }));
        Assert.Equal(0, Commits(rig, file, isDataOnly: true));
        Assert.Equal(1, Commits(rig, file, isDataOnly: false));
        Assert.Equal(0, Commits(rig, file, isDataOnly: false));

        // The bytes are in their place although nothing has been committed: a copy of the disk has them.
        rig.Write(file, 1000, Ext4Rig.Noise(300, 3));
        Assert.Equal(0, Commits(rig, file, isDataOnly: true));
        using Ext4Rig copy = Ext4Rig.Mounted([.. rig.Image]);
        Assert.Equal(Ext4Rig.Noise(300, 3), copy.Read(copy.Lookup(Ext4Rig.Root, "file"), 1000, 300));
    }

    [Fact]
    public void SyncFile_OfDataOnly_CommitsWhatIsNeededToReadTheData()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(20_000, 1));
        Assert.Equal(1, Commits(rig, file, isDataOnly: true));
        Action[] changes =
        [
            () => rig.Write(file, 20_000, Ext4Rig.Noise(100, 2)),
            () => rig.SetSize(file, 15_000),
            () => rig.Must(rig.Fs.Allocate(rig.Context, file, 40_000, 10_000, AllocationModes.KeepSize)),
            () => rig.Must(rig.Fs.Allocate(rig.Context, file, 4096, 4096, AllocationModes.PunchHole | AllocationModes.KeepSize)),
            () => rig.Write(file, 4096, Ext4Rig.Noise(4096, 3)),
            () => rig.Must(rig.Fs.Allocate(rig.Context, file, 8192, 4096, AllocationModes.ZeroRange | AllocationModes.KeepSize)),
        ];
        foreach (Action change in changes)
        {
            change();
            Assert.Equal(1, Commits(rig, file, isDataOnly: true));
            Assert.Equal(0, Commits(rig, file, isDataOnly: true));
        }

        // A directory's names are its data.
        rig.MakeFile(Ext4Rig.Root, "other");
        Assert.Equal(1, Commits(rig, Ext4Rig.Root, isDataOnly: true));
    }

    [Fact]
    public void SyncFile_InodeHasLeftMemoryMeanwhile_StillCommitsItsChange()
    {
        const int Pages = 4096;
        using Ext4Rig rig = Ext4Rig.Formatted(64 << 20, cachePages: Pages);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", "content"u8);
        for (int index = 0; index < Ext4Limits.CachedInodes(Pages) + 100; index++)
        {
            rig.MakeFile(Ext4Rig.Root, $"file {index}");
        }

        rig.Must(rig.Fs.SyncFile(rig.Context, file, isDataOnly: true));
        using Ext4Rig copy = Ext4Rig.Mounted([.. rig.Image]);
        Assert.Equal("content"u8.ToArray(), copy.ReadAll(copy.Lookup(Ext4Rig.Root, "file")));
    }

    [Fact]
    public void Timer_TransactionIsFiveSecondsOld_IsCommittedThoughNobodyCalls()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        Journal journal = rig.Fs.Journal!;
        rig.Must(rig.Fs.Sync(rig.Context));
        var timer = new CommitTimer(rig.Fs);
        KernelEvent begins = KernelEvent.Create(rig.Context);
        Assert.Equal(KernelEvent.Forever, timer.DoDue(rig.Context, begins).Value);
        Assert.False(begins.IsSignaled);
        rig.MakeFile(Ext4Rig.Root, "file");
        Assert.True(begins.IsSignaled);

        begins.IsSignaled = false;
        rig.Thread.Scheduler.Advance(2_000_000);
        Assert.InRange(timer.DoDue(rig.Context, begins).Value, 2_900_000, 3_000_000);
        rig.MakeFile(Ext4Rig.Root, "another file");
        Assert.False(begins.IsSignaled);
        long before = journal.CommitCount;
        rig.Thread.Scheduler.Advance(3_000_000);
        Assert.Equal(KernelEvent.Forever, timer.DoDue(rig.Context, begins).Value);
        Assert.Equal(before + 1, journal.CommitCount);
        using Ext4Rig copy = Ext4Rig.Mounted([.. rig.Image]);
        copy.Lookup(Ext4Rig.Root, "another file");
    }

    [Fact]
    public void Timer_TransactionWasCommittedMeanwhile_LooksAtTheNextInItsOwnTime()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        Journal journal = rig.Fs.Journal!;
        var timer = new CommitTimer(rig.Fs);
        KernelEvent begins = KernelEvent.Create(rig.Context);
        rig.MakeFile(Ext4Rig.Root, "file");
        timer.DoDue(rig.Context, begins);
        rig.Thread.Scheduler.Advance(4_000_000);
        rig.Must(rig.Fs.Sync(rig.Context));
        rig.MakeFile(Ext4Rig.Root, "another file");
        long before = journal.CommitCount;
        rig.Thread.Scheduler.Advance(1_000_000);
        Assert.InRange(timer.DoDue(rig.Context, begins).Value, 3_900_000, 4_000_000);
        Assert.Equal(before, journal.CommitCount);
        rig.Unmount();
        Assert.False(timer.DoDue(rig.Context, begins).IsOk);
    }

    [Fact]
    public void Timer_DataCannotBeWritten_IsToldByTheNextSync()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        var timer = new CommitTimer(rig.Fs);
        KernelEvent begins = KernelEvent.Create(rig.Context);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(36_864, 1));
        rig.Must(rig.Fs.Sync(rig.Context));
        rig.Write(file, 0, Ext4Rig.Noise(36_864, 2));
        rig.Device.Decide = request => request.Operation == BlockOperation.Write && request.BlockCount == 72
            ? BlockError.MediaError : BlockError.None;
        rig.Thread.Scheduler.Advance(IntervalMicros);
        Assert.Equal(KernelEvent.Forever, timer.DoDue(rig.Context, begins).Value);
        rig.Device.Decide = null;
        Assert.Equal(Errno.InputOutput, rig.Fs.SyncFile(rig.Context, file, isDataOnly: true).Error);
        Assert.Equal(Errno.None, rig.Fs.SyncFile(rig.Context, file, isDataOnly: true).Error);
    }

    private static long Commits(Ext4Rig rig, ulong file, bool isDataOnly)
    {
        long before = rig.Fs.Journal!.CommitCount;
        rig.Must(rig.Fs.SyncFile(rig.Context, file, isDataOnly));
        return rig.Fs.Journal.CommitCount - before;
    }
}
