using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Pages of files that are lent: which they are, and that nothing else comes into them.</summary>
public sealed class LendingTests : IDisposable
{
    private const int Page = LendingRig.Page;

    private readonly LendingRig lender = LendingRig.Formatted(32 << 20);

    private Ext4Rig Rig => lender.Rig;

    public void Dispose() => lender.Dispose();

    [Theory]
    [InlineData(0, 1 << 20)]
    [InlineData(1234, 300_000)]
    [InlineData(4096, 4096)]
    [InlineData(4095, 2)]
    [InlineData(8191, 1)]
    [InlineData(300_000, int.MaxValue)]
    public void LendPages_Cached_RangesHaveTheFilesBytes(int offset, int length)
    {
        byte[] content = Ext4Rig.Noise((100 * Page) + 17, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        PageRange[] ranges = lender.Lend(file, (ulong)offset, length);
        Assert.Equal(content[offset..(int)Math.Min(content.Length, (long)offset + length)], lender.BytesOf(ranges));
        Assert.All(ranges, range => Assert.InRange(range.LengthBytes, 1, Page - (int)(range.BusAddress % Page)));
        lender.Map(ranges);
    }

    [Fact]
    public void LendPages_FewRanges_LendsAsManyPages()
    {
        byte[] content = Ext4Rig.Noise(10 * Page, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        var ranges = new PageRange[3];
        Assert.Equal(3, lender.TryLend(file, 100, content.Length, ranges).Value);
        Assert.Equal(content[100..(3 * Page)], lender.BytesOf(ranges));
        Assert.Equal(3, Rig.Cache.LentCount);
    }

    [Fact]
    public void LendPages_AtTheEnd_IsNothing()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(5000, 1));
        var ranges = new PageRange[4];
        Assert.Equal((Errno.None, 0), Answer(lender.TryLend(file, 5000, 10, ranges)));
        Assert.Equal((Errno.None, 0), Answer(lender.TryLend(file, ulong.MaxValue, 10, ranges)));
        Assert.Equal((Errno.None, 0), Answer(lender.TryLend(file, 0, 0, ranges)));
        Assert.Equal((Errno.None, 0), Answer(lender.TryLend(file, 0, 10, [])));
        Assert.Equal((Errno.None, 1), Answer(lender.TryLend(file, 4999, 10, ranges)));
    }

    [Fact]
    public void LendPages_NoRegularFileOrLength_IsReadsError()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(5000, 1));
        ulong link = Rig.MakeSymbolicLink(Ext4Rig.Root, "link", "file");
        var ranges = new PageRange[4];
        Assert.Equal(Errno.IsDirectory, lender.TryLend(Ext4Rig.Root, 0, 10, ranges).Error);
        Assert.Equal(Errno.InvalidArgument, lender.TryLend(link, 0, 10, ranges).Error);
        Assert.Equal(Rig.Fs.Read(Rig.Context, 4_000_000, 0, new byte[1]).Error, lender.TryLend(4_000_000, 0, 10, ranges).Error);
        Assert.Equal(Errno.InvalidArgument, lender.TryLend(file, 0, -1, ranges).Error);
        Rig.Unmount();
        Assert.Equal(Errno.NoDevice, lender.TryLend(file, 0, 10, ranges).Error);
        Assert.Equal(Errno.NoDevice, lender.TryReturn(ranges));
    }

    [Fact]
    public void LendPages_Hole_StopsBeforeIt()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(2 * Page, 1));
        Rig.Write(file, 5 * Page, Ext4Rig.Noise(Page, 2));
        Assert.Equal(Errno.None, Rig.Fs.Allocate(Rig.Context, file, 6 * Page, 2 * Page, AllocationModes.None).Error);
        Rig.Write(file, 8 * Page, Ext4Rig.Noise(Page, 3));
        var ranges = new PageRange[20];
        Assert.Equal((Errno.None, 2), Answer(lender.TryLend(file, 0, 100_000, ranges)));
        Assert.Equal(Errno.NotSupported, lender.TryLend(file, (2 * Page) + 5, 100_000, ranges).Error);
        Assert.Equal((Errno.None, 1), Answer(lender.TryLend(file, 5 * Page, 100_000, ranges)));
        Assert.Equal(Errno.NotSupported, lender.TryLend(file, 6 * Page, 100_000, ranges).Error);
        Assert.Equal((Errno.None, 1), Answer(lender.TryLend(file, 8 * Page, 100_000, ranges)));
    }

    [Fact]
    public void LendPages_Cold_GoesInLargeRequests()
    {
        byte[] content = Ext4Rig.Noise(4 << 20, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        Rig.Unmount();
        using var second = new LendingRig(Ext4Rig.Mounted(Rig.Image, cachePages: 2048));
        long before = second.Rig.Cache.RequestsSent;
        for (int offset = 0; offset < content.Length; offset += Page)
        {
            PageRange[] ranges = second.Lend(file, (ulong)offset, Page);
            Assert.Equal(content[offset..(offset + Page)], second.BytesOf(ranges));
            second.Return(ranges);
        }

        Assert.InRange(second.Rig.Cache.RequestsSent - before, 32, 50);
    }

    [Fact]
    public void LendPages_DiskError_IsInputOutput()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(100_000, 1));
        Rig.Unmount();
        using var second = new LendingRig(Ext4Rig.Mounted(Rig.Image));
        second.Rig.Attributes(file);
        second.Rig.Device.Decide = _ => BlockError.MediaError;
        Assert.Equal(Errno.InputOutput, second.TryLend(file, 0, 10, new PageRange[1]).Error);
        second.Rig.Device.Decide = null;
        Assert.Equal(Ext4Rig.Noise(100_000, 1), second.BytesOf(second.Lend(file, 0, 100_000)));
    }

    [Fact]
    public void LendPages_WrittenSinceItWasReadLast_MovesTheTimeOfAccess()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(5000, 1));
        Rig.Thread.Scheduler.Advance(3_000_000);
        Rig.Write(file, 0, [1]);
        Rig.Thread.Scheduler.Advance(3_000_000);
        long before = Rig.Attributes(file).AccessTime.Seconds;
        _ = lender.TryLend(file, 5000, 0, new PageRange[1]);
        Assert.Equal(before, Rig.Attributes(file).AccessTime.Seconds);
        _ = lender.TryLend(file, 0, 10, new PageRange[1]);
        Assert.NotEqual(before, Rig.Attributes(file).AccessTime.Seconds);
    }

    [FactNeeding(Need.E2fsprogs)]
    public void LendPages_SeveralBlocksInAPage_IsNotSupported()
    {
        using LinuxExt4 linux = LinuxExt4.Make(8 << 20, "-b", "1024");
        using var small = new LendingRig(Ext4Rig.Mounted(linux.Read()));
        ulong file = small.Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(5000, 1));
        Assert.Equal(Errno.NotSupported, small.TryLend(file, 0, 10, new PageRange[1]).Error);
        Assert.Equal((Errno.None, 0), Answer(small.TryLend(file, 5000, 10, new PageRange[1])));
    }

    [Fact]
    public void LendPages_ToOneDomain_MayBeGrantedByItAlone()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(Page, 1));
        PageRange range = lender.Lend(file, 0, Page)[0];
        Assert.False(lender.TryMap(range, caller: 1));
        Assert.True(lender.TryMap(range));
    }

    [Fact]
    public void LendPages_LentToAnother_IsNotSupportedUntilReturnedAndUnmapped()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(Page, 1));
        PageRange[] ranges = lender.Lend(file, 0, Page);
        lender.Map(ranges);
        var others = new PageRange[1];
        Assert.Equal(Errno.NotSupported, lender.TryLend(file, 0, Page, others, caller: 1).Error);
        lender.Return(ranges);
        Assert.Equal(Errno.NotSupported, lender.TryLend(file, 0, Page, others, caller: 1).Error);
        lender.Unmap(ranges);
        Assert.Equal((Errno.None, 1), Answer(lender.TryLend(file, 0, Page, others, caller: 1)));
        Assert.False(lender.TryMap(others[0]));
        Assert.True(lender.TryMap(others[0], caller: 1));
        Assert.Equal(Errno.InvalidArgument, lender.TryReturn(ranges));
    }

    [Fact]
    public void ReturnPages_WhatTheCallerDoesNotHave_IsInvalidAndDoesNoHarm()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(2 * Page, 1));
        Assert.Equal(Errno.InvalidArgument, lender.TryReturn([new PageRange { BusAddress = 5 << 20 }]));
        PageRange[] ranges = lender.Lend(file, 0, 2 * Page);
        Assert.Equal(ranges, lender.Lend(file, 0, 2 * Page));
        foreach (ulong wrong in new ulong[] { 0, 1, 1 << 20, ulong.MaxValue, ranges[0].BusAddress + (1ul << 44) })
        {
            Assert.Equal(Errno.InvalidArgument, lender.TryReturn([new PageRange { BusAddress = wrong, LengthBytes = Page }]));
        }

        Assert.Equal(Errno.InvalidArgument, lender.TryReturn(ranges, caller: 1));
        lender.Return(ranges);
        lender.Return(ranges);
        Assert.Equal(Errno.InvalidArgument, lender.TryReturn(ranges));
        Assert.Equal(ranges, lender.Lend(file, 0, 2 * Page));
        lender.UseCache("pressure");
        Assert.Equal(Ext4Rig.Noise(2 * Page, 1), lender.BytesOf(ranges));
    }

    /// <summary>Returned but mapped, or mapped by nobody but not returned: both keep what is in the page.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pressure_WhileLent_ChangesNoByte(bool isMapped)
    {
        byte[] content = Ext4Rig.Noise(100 * Page, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        PageRange[] ranges = Hold(file, 100, isMapped);
        lender.UseCache("pressure");
        Assert.Equal(content, lender.BytesOf(ranges));
        Assert.Equal(content, Rig.ReadAll(file));
        LetGo(ranges, isMapped);
        lender.UseCache("more");
        Assert.Equal(0, Rig.Cache.LentCount);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Truncate_AndTheBlocksAreAnothers_ChangesNoByte(bool isMapped, bool isDeleted)
    {
        byte[] content = Ext4Rig.Noise(60 * Page, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        PageRange[] ranges = Hold(file, 60, isMapped);
        Free(file, isDeleted);
        Assert.Equal(Errno.None, Rig.Fs.Sync(Rig.Context).Error);
        for (int index = 0; Rig.Fs.GetStatus(Rig.Context).Value.AvailableBlockCount > 400; index++)
        {
            Rig.MakeFile(Ext4Rig.Root, $"new {index}", Ext4Rig.Noise(50 * Page, index));
        }

        Assert.Equal(content, lender.BytesOf(ranges));
        Assert.Equal(Ext4Rig.Noise(50 * Page, 0), Rig.ReadAll(Rig.Lookup(Ext4Rig.Root, "new 0")));
        LetGo(ranges, isMapped);
        byte[] buffer = new byte[50 * Page];
        for (int index = 0; index < 30; index++)
        {
            _ = Rig.Fs.Read(Rig.Context, Rig.Lookup(Ext4Rig.Root, $"new {index}"), 0, buffer);
        }

        Assert.Equal(0, Rig.Cache.LentCount);
    }

    [Fact]
    public void Write_WhileLent_IsInThePage()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(2 * Page, 1));
        PageRange[] ranges = Hold(file, 2, isMapped: true);
        Rig.Write(file, 100, Ext4Rig.Noise(Page, 2));
        Assert.Equal(Rig.ReadAll(file), lender.BytesOf(ranges));
        Assert.Equal(Ext4Rig.Noise(Page, 2), lender.BytesOf(ranges)[100..(100 + Page)]);
    }

    /// <summary>The disk reads the page, too, and a driver below may not keep it: when that is over it is still lent.</summary>
    [Fact]
    public void Sync_LentAndDirty_IsWrittenAndStaysLent()
    {
        byte[] content = Ext4Rig.Noise(50 * Page, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        PageRange[] ranges = Hold(file, 50, isMapped: true);
        Assert.True(Rig.Cache.DirtyCount >= 50);
        Assert.Equal(Errno.None, Rig.Fs.Sync(Rig.Context).Error);
        Assert.Equal(50, lender.MappedCount);
        Assert.True(lender.TryMap(ranges[7]));
        lender.Unmap(ranges[7]);
        using Ext4Rig copy = Ext4Rig.Mounted([.. Rig.Image]);
        Assert.Equal(content, copy.ReadAll(file));
    }

    [Fact]
    public void Unmount_WhileLent_GivesBackTheOthers()
    {
        byte[] content = Ext4Rig.Noise(50 * Page, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        PageRange[] ranges = Hold(file, 20, isMapped: true);
        _ = Hold(file, 25, isMapped: false);
        uint owner = Rig.Context.Self.Value;
        Rig.Unmount();
        Assert.Equal(25, Rig.Thread.Heap.Count(owner).Blocks);
        Assert.Equal(20, Rig.Thread.Heap.Reclaim(owner).QuarantinedBlocks);
        Assert.Equal(content[..(20 * Page)], lender.BytesOf(ranges));
        lender.Unmap(ranges);
        Assert.Equal(0, Rig.Thread.Heap.Reclaim(owner).QuarantinedBlocks);
        Assert.Equal(0, Rig.Thread.Heap.Count(owner).Blocks);
        using Ext4Rig again = Ext4Rig.Mounted(Rig.Image);
        Assert.Equal(content, again.ReadAll(file));
    }

    [Fact]
    public void Unmount_ReturnedAndUnmapped_GivesEveryPageBack()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(50 * Page, 1));
        PageRange[] ranges = Hold(file, 50, isMapped: true);
        lender.Unmap(ranges);
        Rig.Unmount();
        Assert.Equal(0, Rig.Thread.Heap.Count(Rig.Context.Self.Value).Blocks);
    }

    [Fact]
    public void LendPages_MoreThanAQuarterOfTheCache_StopsAndLeavesRoom()
    {
        byte[] content = Ext4Rig.Noise(1000 * Page, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        PageRange[] ranges = lender.Lend(file, 0, content.Length);
        Assert.Equal(Rig.Cache.PageCountMax / 4, ranges.Length);
        Assert.Equal(ranges.Length, Rig.Cache.LentCount);
        lender.Map(ranges);
        Assert.Equal(Errno.NotSupported, lender.TryLend(file, 500 * Page, Page, new PageRange[1]).Error);
        Assert.Equal((Errno.None, 1), Answer(lender.TryLend(file, 5 * Page, Page, new PageRange[1])));
        for (int index = 0; index < 200; index++)
        {
            Rig.MakeDirectory(Ext4Rig.Root, $"directory {index}");
        }

        lender.UseCache("pressure");
        Assert.Equal(content[..(ranges.Length * Page)], lender.BytesOf(ranges));
        lender.Return(ranges);
        lender.Unmap(ranges);
        PageRange[] others = lender.Lend(file, 500 * Page, 64 * Page);
        Assert.Equal(content[(500 * Page)..((500 + others.Length) * Page)], lender.BytesOf(others));
        Assert.True(others.Length > 8, $"{others.Length} pages");
    }

    /// <summary>A file of any size can be sent that way, as long as what has been sent is returned.</summary>
    [Fact]
    public void LendPages_FileLargerThanTheCache_GoesOn()
    {
        byte[] content = Ext4Rig.Noise(1500 * Page, 1);
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", content);
        for (int round = 0; round < 3; round++)
        {
            int offset = 0;
            while (offset < content.Length)
            {
                PageRange[] ranges = lender.Lend(file, (ulong)offset, 16 * Page);
                byte[] bytes = lender.BytesOf(ranges);
                Assert.Equal(content[offset..(offset + bytes.Length)], bytes);
                lender.Map(ranges);
                lender.Return(ranges);
                lender.Unmap(ranges);
                offset += bytes.Length;
            }
        }
    }

    [Fact]
    public void LendPages_LentBefore_AllocatesNothing()
    {
        ulong file = Rig.MakeFile(Ext4Rig.Root, "file", Ext4Rig.Noise(100 * Page, 1));
        var ranges = new PageRange[100];
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int index = 0; index < 200; index++)
            {
                int count = lender.TryLend(file, 0, 100 * Page, ranges).Value;
                _ = lender.TryReturn(ranges.AsSpan(0, count));
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static (Errno Error, int Count) Answer(Reply<int, Errno> reply) => reply.IsOk ? (Errno.None, reply.Value) : (reply.Error, 0);

    /// <summary>Has pages of a file mapped and returned, or lent and not.</summary>
    private PageRange[] Hold(ulong file, int pages, bool isMapped)
    {
        PageRange[] ranges = lender.Lend(file, 0, pages * Page);
        Assert.Equal(pages, ranges.Length);
        if (isMapped)
        {
            lender.Map(ranges);
            lender.Return(ranges);
        }

        return ranges;
    }

    private void LetGo(PageRange[] ranges, bool isMapped)
    {
        if (isMapped)
        {
            lender.Unmap(ranges);
        }
        else
        {
            lender.Return(ranges);
        }
    }

    private void Free(ulong file, bool isDeleted)
    {
        if (isDeleted)
        {
            Assert.Equal(Errno.None, Rig.TryUnlink(Ext4Rig.Root, "file"));
        }
        else
        {
            Rig.SetSize(file, 0);
        }
    }
}
