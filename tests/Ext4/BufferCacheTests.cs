using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

public sealed class BufferCacheTests
{
    [Fact]
    public void Read_Cached_AllocatesNothing()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(1 << 20, 1));
        byte[] buffer = new byte[4096];
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int index = 0; index < 2000; index++)
            {
                _ = rig.Fs.Read(rig.Context, file, (ulong)(index % 256) * 4096, buffer);
                _ = rig.Fs.Write(rig.Context, file, (ulong)(index % 256) * 4096, buffer);
                _ = rig.Fs.Lookup(rig.Context, Ext4Rig.Root, "file"u8);
                _ = rig.Fs.GetAttributes(rig.Context, file);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Read_SequentialCold_GoesInLargeRequests()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(32 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(8 << 20, 1));
        rig.Unmount();
        using Ext4Rig second = Ext4Rig.Mounted(rig.Image);
        long before = second.Cache.RequestsSent;
        for (ulong offset = 0; offset < 8 << 20; offset += 4096)
        {
            second.Read(file, offset, 4096);
        }

        Assert.InRange(second.Cache.RequestsSent - before, 64, 90);
    }

    [Fact]
    public void Write_MoreThanTheCache_IsWrittenInLargeRequests()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(64 << 20, cachePages: 512);
        long before = rig.Cache.RequestsSent;
        byte[] content = Ext4Rig.Noise(32 << 20, 1);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", content);
        Assert.Equal(Errno.None, rig.Fs.Sync(rig.Context).Error);
        Assert.InRange(rig.Cache.RequestsSent - before, 256, 600);
        Assert.True(content.AsSpan().SequenceEqual(rig.ReadAll(file)));
    }

    [Fact]
    public void Read_DiskError_IsInputOutputAndPasses()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(100_000, 1));
        rig.Unmount();
        using Ext4Rig second = Ext4Rig.Mounted(rig.Image);
        second.Attributes(file);
        second.Device.Decide = _ => BlockError.MediaError;
        Assert.Equal(Errno.InputOutput, second.Fs.Read(second.Context, file, 0, new byte[10]).Error);
        second.Device.Decide = null;
        Assert.Equal(Ext4Rig.Noise(100_000, 1), second.ReadAll(file));
    }

    [Fact]
    public void Sync_WriteError_IsToldOnceAndEndsWritingForMetadata()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(100_000, 1));
        rig.Device.Decide = request => request.Operation == BlockOperation.Write ? BlockError.MediaError : BlockError.None;
        Assert.Equal(Errno.InputOutput, rig.Fs.Sync(rig.Context).Error);
        rig.Device.Decide = null;
        Assert.Equal(Errno.ReadOnlyFileSystem, rig.TryUnlink(Ext4Rig.Root, "file"));
        Assert.Single(rig.Services.Reports, line => line.Contains("could not be written"));
    }

    [Fact]
    public void Device_CompletesOutOfOrder_DataIsRight()
    {
        using var rig = new Ext4Rig(new byte[32 << 20], blockBytes: 4096, reorderSeed: 5);
        Assert.Equal(Errno.None, rig.Format());
        Assert.True(rig.TryMount(), rig.Log);
        ulong file = rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(5_000_000, 1));
        rig.Unmount();
        using Ext4Rig second = Ext4Rig.Mounted(rig.Image);
        Assert.Equal(Ext4Rig.Noise(5_000_000, 1), second.ReadAll(file));
    }

    [Fact]
    public void Unmount_Always_GivesEveryPageBack()
    {
        using Ext4Rig rig = Ext4Rig.Formatted(16 << 20);
        rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(1_000_000, 1));
        rig.Unmount();
        Assert.Equal(0, rig.Thread.Heap.Count(rig.Context.Self.Value).Blocks);
        Assert.Equal(Errno.NoDevice, rig.TryLookup(Ext4Rig.Root, "file"));
    }
}
