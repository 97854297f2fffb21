using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>A file system, two domains that call it, and a device that reads what is lent to the first of them.</summary>
internal sealed class LendingRig : IDisposable
{
    internal const int Page = PageBuffer.PageBytes;
    private const uint FirstCaller = 200;

    private readonly TestThread[] inside = new TestThread[2];
    private readonly TestThread[] outside = new TestThread[2];
    private readonly DmaWindow window;
    private readonly DeviceLoans loans;

    internal LendingRig(Ext4Rig rig)
    {
        Rig = rig;
        window = new DmaWindow(rig.Thread.Heap);
        loans = new DeviceLoans(window);
        for (uint caller = 0; caller < 2; caller++)
        {
            inside[caller] = new TestThread(rig.Thread.Heap, rig.Thread.Scheduler, FirstCaller + caller);
            outside[caller] = new TestThread(rig.Thread.Heap, domain: FirstCaller + caller);
            inside[caller].Thread.Heap = rig.Thread.Thread.Heap;
            uint fileSystem = rig.Context.Self.Value;
            var gate = new DomainGate(fileSystem, "ext4", homeExecutorId: 0, isReentrant: true);
            _ = Crossing.Enter(inside[caller].Context, gate, gate.Id);
        }

        ThreadContext.Current = rig.Thread.Thread;
    }

    internal static LendingRig Formatted(long sizeBytes, int cachePages = 512) => new(Ext4Rig.Formatted(sizeBytes, cachePages));

    internal Ext4Rig Rig { get; }

    internal int MappedCount => window.CountGranted();

    /// <summary>In the file system, called by the first or the second of the others.</summary>
    internal CallContext Context(int caller = 0) => inside[caller].Context;

    internal Reply<int, Errno> TryLend(ulong inode, ulong offset, int lengthBytes, PageRange[] ranges, int caller = 0) =>
        Rig.Fs.LendPages(Context(caller), inode, offset, lengthBytes, ranges);

    internal PageRange[] Lend(ulong inode, ulong offset, int lengthBytes, int caller = 0)
    {
        var ranges = new PageRange[2048];
        return ranges[..Rig.Must(TryLend(inode, offset, lengthBytes, ranges, caller))];
    }

    internal Errno TryReturn(ReadOnlySpan<PageRange> ranges, int caller = 0) => Rig.Fs.ReturnPages(Context(caller), ranges).Error;

    internal void Return(params PageRange[] ranges) => Assert.Equal(Errno.None, TryReturn(ranges));

    internal void Map(params PageRange[] ranges) =>
        Assert.All(ranges, range => Assert.True(TryMap(range), $"0x{range.BusAddress:x} is not granted"));

    /// <summary>As the stack does for whoever calls it.</summary>
    internal bool TryMap(PageRange range, int caller = 0)
    {
        ThreadContext.Current = outside[caller].Thread;
        bool isGranted = loans.Grant(range.BusAddress, LoanAccess.DeviceReads);
        ThreadContext.Current = Rig.Thread.Thread;
        return isGranted;
    }

    internal void Unmap(params PageRange[] ranges) => Array.ForEach(ranges, range => loans.Revoke(range.BusAddress));

    /// <summary>What a device reads, if it may.</summary>
    internal byte[] BytesOf(params PageRange[] ranges) =>
        [.. ranges.SelectMany(range => Rig.Thread.Heap.BytesAt(range.BusAddress, range.LengthBytes).ToArray())];

    /// <summary>Has every frame of the cache that can be used for something be used for something else.</summary>
    internal void UseCache(string name)
    {
        int pages = 2 * Rig.Cache.PageCountMax;
        ulong file = Rig.MakeFile(Ext4Rig.Root, name, Ext4Rig.Noise(pages * Page, 99));
        Assert.Equal(Errno.None, Rig.Fs.Sync(Rig.Context).Error);
        Assert.Equal(Ext4Rig.Noise(pages * Page, 99), Rig.ReadAll(file));
    }

    public void Dispose()
    {
        ThreadContext.Current = null;
        Array.ForEach(inside, thread => thread.Dispose());
        Array.ForEach(outside, thread => thread.Dispose());
        Rig.Dispose();
    }
}
