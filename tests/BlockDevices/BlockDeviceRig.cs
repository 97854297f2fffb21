using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.BlockDevices;

/// <summary>
/// A client of a block device: buffers that it lends, requests one at a time or in batches, completions by tag.
/// </summary>
internal sealed class BlockDeviceRig : IDisposable
{
    private readonly DeviceLoans? loans;
    private ulong lastTag;

    /// <param name="thread">The client's thread.</param>
    /// <param name="device">What is tested.</param>
    /// <param name="loans">For a driver: grants to its device, as its shadow would.</param>
    internal BlockDeviceRig(TestThread thread, IBlockDevice device, DeviceLoans? loans = null)
    {
        Thread = thread;
        Device = device;
        this.loans = loans;
        Geometry = device.GetGeometry(Context).Value;
    }

    /// <summary>What is disposed of with the client: the device's world, if it must not outlive a test.</summary>
    internal IDisposable? Owned { get; init; }

    internal TestThread Thread { get; }

    internal IBlockDevice Device { get; }

    internal BlockGeometry Geometry { get; }

    internal CallContext Context => Thread.Context;

    /// <summary>Lends a fresh buffer that holds <paramref name="content"/>; returns its bus address.</summary>
    internal Lent Lend(ReadOnlySpan<byte> content, LoanAccess access, int offsetBytes = 0)
    {
        int pageCount = Math.Max(1, PagesFor(offsetBytes + content.Length));
        PageBuffer buffer = PageBuffer.Allocate(Context, pageCount);
        content.CopyTo(buffer.BorrowMutable(Context)[offsetBytes..]);
        ulong bus = buffer.Lend(Context, access);
        var pages = new ulong[pageCount];
        for (int index = 0; index < pageCount; index++)
        {
            pages[index] = index == 0 ? bus + (ulong)offsetBytes : bus + (ulong)(index * PageBuffer.PageBytes);
            Assert.True(loans?.Grant(pages[index], access) ?? true);
        }

        var lent = new Lent(pages, offsetBytes);
        lent.Buffer.Put(ref buffer);
        return lent;
    }

    /// <summary>Ends the loan and frees the buffer; returns what was in it.</summary>
    internal byte[] Return(Lent lent, int lengthBytes)
    {
        if (loans is not null)
        {
            Array.ForEach(lent.Pages, loans.Revoke);
        }

        PageBuffer buffer = lent.Buffer.Take();
        byte[] content = buffer.Borrow(Context).Slice(lent.OffsetBytes, lengthBytes).ToArray();
        buffer.EndLoan(Context);
        PageBuffer.Free(Context, ref buffer);
        return content;
    }

    internal BlockError Write(ulong firstBlock, ReadOnlySpan<byte> data, BlockFlags flags = BlockFlags.None, int offsetBytes = 0)
    {
        Lent lent = Lend(data, LoanAccess.DeviceReads, offsetBytes);
        BlockError error = Run(Request(BlockOperation.Write, firstBlock, BlocksIn(data.Length), lent.Pages.Length, flags), lent.Pages);
        Return(lent, 0);
        return error;
    }

    internal BlockError Read(ulong firstBlock, Span<byte> data, int offsetBytes = 0)
    {
        Lent lent = Lend(data, LoanAccess.DeviceWrites, offsetBytes);
        BlockError error = Run(Request(BlockOperation.Read, firstBlock, BlocksIn(data.Length), lent.Pages.Length), lent.Pages);
        Return(lent, data.Length).CopyTo(data);
        return error;
    }

    internal byte[] Read(ulong firstBlock, uint blockCount)
    {
        var data = new byte[blockCount * Geometry.BlockBytes];
        Assert.Equal(BlockError.None, Read(firstBlock, data));
        return data;
    }

    internal BlockError Flush() => Run(Request(BlockOperation.Flush, 0, 0, 0), []);

    internal BlockRequest Request(
        BlockOperation operation, ulong firstBlock, uint blockCount, int pageCount, BlockFlags flags = BlockFlags.None) => new()
        {
            Tag = ++lastTag,
            Operation = operation,
            Flags = flags,
            FirstBlock = firstBlock,
            BlockCount = blockCount,
            PageCount = pageCount,
        };

    /// <summary>Runs one request to its end; a refusal of the device is returned like an error of the request.</summary>
    internal BlockError Run(BlockRequest request, ReadOnlySpan<ulong> pages)
    {
        Reply<int, BlockError> taken = Device.Submit(Context, [request], pages);
        if (!taken.IsOk)
        {
            Assert.False(taken.IsFault, taken.ToString());
            return taken.Error;
        }

        Assert.Equal(1, taken.Value);
        BlockCompletion completion = Assert.Single(Drain(1));
        Assert.Equal(request.Tag, completion.Tag);
        return completion.Error;
    }

    /// <summary>Waits and polls until <paramref name="count"/> completions are there.</summary>
    internal List<BlockCompletion> Drain(int count)
    {
        var all = new List<BlockCompletion>();
        var some = new BlockCompletion[16];
        while (all.Count < count)
        {
            Reply<bool, BlockError> ready = Device.Wait(Context, 10_000_000);
            Assert.True(ready is { IsOk: true, Value: true }, $"{ready}, {all.Count} of {count} completions so far");
            Reply<int, BlockError> polled = Device.Poll(Context, some);
            Assert.True(polled.IsOk, polled.ToString());
            all.AddRange(some[..polled.Value]);
        }

        return all;
    }

    public void Dispose()
    {
        Thread.Dispose();
        Owned?.Dispose();
    }

    internal static int PagesFor(int lengthBytes) => (lengthBytes + PageBuffer.PageBytes - 1) / PageBuffer.PageBytes;

    private uint BlocksIn(int lengthBytes) => (uint)(lengthBytes / Geometry.BlockBytes);
}

/// <summary>A buffer on loan.</summary>
/// <param name="Pages">Bus addresses, one a page.</param>
/// <param name="OffsetBytes">Where in the first page the data start.</param>
internal sealed record Lent(ulong[] Pages, int OffsetBytes)
{
    internal Cell<PageBuffer> Buffer;
}
