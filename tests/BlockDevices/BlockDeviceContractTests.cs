using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.BlockDevices;

/// <summary>
/// What every block device must do. Inherited by the reference implementation, the driver, the shadow and their proxies.
/// </summary>
public abstract class BlockDeviceContractTests
{
    private const ulong PageBytes = PageBuffer.PageBytes;

    /// <summary>Bytes that do not repeat within a page, different for each seed.</summary>
    internal static byte[] Pattern(int lengthBytes, int seed)
    {
        var bytes = new byte[lengthBytes];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public void Geometry_OfAnyDevice_IsUsable()
    {
        using BlockDeviceRig rig = CreateRig();

        Assert.Contains(rig.Geometry.BlockBytes, new[] { 512, 4096 });
        Assert.True(rig.Geometry.BlockCount > 0);
        Assert.True(rig.Geometry.TransferBytesMax >= 4096 && rig.Geometry.TransferBytesMax % 4096 == 0);
        Assert.True(rig.Geometry.RequestsMax > 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(40)]
    public void Read_AfterWrite_ReturnsTheBytes(uint blockCount)
    {
        using BlockDeviceRig rig = CreateRig();
        byte[] data = Pattern((int)Math.Min(blockCount * rig.Geometry.BlockBytes, rig.Geometry.TransferBytesMax), 1);

        Assert.Equal(BlockError.None, rig.Write(5, data));

        Assert.Equal(data, rig.Read(5, (uint)(data.Length / rig.Geometry.BlockBytes)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(512)]
    [InlineData(2052)]
    [InlineData(4092)]
    public void Read_AfterWriteFromWithinAPage_ReturnsTheBytes(int offsetBytes)
    {
        using BlockDeviceRig rig = CreateRig();
        byte[] data = Pattern(12 * 4096, 2);

        Assert.Equal(BlockError.None, rig.Write(8, data, offsetBytes: offsetBytes));

        var back = new byte[data.Length];
        Assert.Equal(BlockError.None, rig.Read(8, back, offsetBytes: 4096 - offsetBytes));
        Assert.Equal(data, back);
    }

    [Fact]
    public void Transfer_OfTheMostBytes_ReturnsTheBytes()
    {
        using BlockDeviceRig rig = CreateRig();
        int length = Math.Min(rig.Geometry.TransferBytesMax, PageBuffer.PageCountMax * PageBuffer.PageBytes);
        byte[] data = Pattern(length, 3);

        Assert.Equal(BlockError.None, rig.Write(0, data));

        Assert.Equal(data, rig.Read(0, (uint)(length / rig.Geometry.BlockBytes)));
    }

    [Fact]
    public void Write_OfTheLastBlock_Succeeds()
    {
        using BlockDeviceRig rig = CreateRig();
        byte[] data = Pattern(rig.Geometry.BlockBytes, 4);

        Assert.Equal(BlockError.None, rig.Write(rig.Geometry.BlockCount - 1, data, BlockFlags.ForceUnitAccess));

        Assert.Equal(data, rig.Read(rig.Geometry.BlockCount - 1, 1));
    }

    [Fact]
    public void Write_BesideOtherBlocks_LeavesThemAlone()
    {
        using BlockDeviceRig rig = CreateRig();
        int blockBytes = rig.Geometry.BlockBytes;
        byte[] all = Pattern(3 * blockBytes, 5);
        rig.Write(20, all);
        byte[] middle = Pattern(blockBytes, 6);

        rig.Write(21, middle);

        middle.CopyTo(all, blockBytes);
        Assert.Equal(all, rig.Read(20, 3));
    }

    [Fact]
    public void Transfer_OverScatteredPages_KeepsTheirOrder()
    {
        using BlockDeviceRig rig = CreateRig();
        byte[] data = Pattern(4 * 4096, 7);
        Lent[] lent = [.. Enumerable.Range(0, 4).Select(i => rig.Lend(data.AsSpan(i * 4096, 4096), LoanAccess.DeviceReads))];
        ulong[] pages = [.. lent.Reverse().Select(one => one.Pages[0])];
        uint blockCount = (uint)(data.Length / rig.Geometry.BlockBytes);

        Assert.Equal(BlockError.None, rig.Run(rig.Request(BlockOperation.Write, 0, blockCount, 4), pages));

        Array.ForEach(lent, one => rig.Return(one, 0));
        byte[] expected = [.. data.Chunk(4096).Reverse().SelectMany(chunk => chunk)];
        Assert.Equal(expected, rig.Read(0, blockCount));
    }

    [Fact]
    public void WriteZeroes_OverData_ReadsAsZeroes()
    {
        using BlockDeviceRig rig = CreateRig();
        byte[] data = Pattern(8 * rig.Geometry.BlockBytes, 8);
        rig.Write(16, data);

        Assert.Equal(BlockError.None, rig.Run(rig.Request(BlockOperation.WriteZeroes, 18, 4, 0), []));

        data.AsSpan(2 * rig.Geometry.BlockBytes, 4 * rig.Geometry.BlockBytes).Clear();
        Assert.Equal(data, rig.Read(16, 8));
    }

    [Fact]
    public void Discard_OverData_LeavesZeroesOrTheData()
    {
        using BlockDeviceRig rig = CreateRig();
        byte[] data = Pattern(rig.Geometry.BlockBytes, 9);
        rig.Write(16, data);

        Assert.Equal(BlockError.None, rig.Run(rig.Request(BlockOperation.Discard, 16, 1, 0), []));

        byte[] back = rig.Read(16, 1);
        Assert.True(back.SequenceEqual(data) || back.SequenceEqual(new byte[data.Length]));
    }

    [Fact]
    public void Flush_WithNothingWritten_Succeeds()
    {
        using BlockDeviceRig rig = CreateRig();

        Assert.Equal(BlockError.None, rig.Flush());
    }

    [Theory]
    [InlineData(BlockOperation.Read, 0)]
    [InlineData(BlockOperation.Write, 0)]
    [InlineData(BlockOperation.WriteZeroes, 0)]
    [InlineData(BlockOperation.Read, 100)]
    [InlineData(BlockOperation.Write, long.MaxValue)]
    public void Request_BeyondTheEnd_CompletesWithOutOfRange(BlockOperation operation, long blocksBeyond)
    {
        using BlockDeviceRig rig = CreateRig();
        bool hasPages = operation != BlockOperation.WriteZeroes;
        Lent lent = rig.Lend(new byte[8192], LoanAccess.DeviceReads | LoanAccess.DeviceWrites);
        ulong firstBlock = rig.Geometry.BlockCount - 1 + (ulong)blocksBeyond;
        uint blockCount = (uint)(8192 / rig.Geometry.BlockBytes);

        BlockError error = rig.Run(
            rig.Request(operation, firstBlock, blockCount, hasPages ? 2 : 0), hasPages ? lent.Pages : []);

        Assert.Equal(BlockError.OutOfRange, error);
        rig.Return(lent, 0);
    }

    [Fact]
    public void Request_ThatIsMalformed_IsRefused()
    {
        using BlockDeviceRig rig = CreateRig();
        Lent lent = rig.Lend(new byte[3 * 4096], LoanAccess.DeviceReads);
        ulong page = lent.Pages[0];
        uint perPage = (uint)(4096 / rig.Geometry.BlockBytes);
        uint tooMany = (uint)(rig.Geometry.TransferBytesMax / rig.Geometry.BlockBytes) + 1;
        ulong[] many = [.. Enumerable.Range(0, PagesFor(rig, tooMany)).Select(i => page + ((ulong)i * PageBytes))];
        (BlockRequest Request, ulong[] Pages)[] malformed =
        [
            (rig.Request(BlockOperation.Write, 0, 0, 1), [page]),
            (rig.Request(BlockOperation.Write, 0, perPage, 0), []),
            (rig.Request(BlockOperation.Write, 0, perPage, 1), []),
            (rig.Request(BlockOperation.Write, 0, perPage, 2), [page, page + PageBytes]),
            (rig.Request(BlockOperation.Write, 0, perPage, 1), [page + 512]),
            (rig.Request(BlockOperation.Write, 0, perPage, 2), [page + 2, page + PageBytes]),
            (rig.Request(BlockOperation.Write, 0, 2 * perPage, 2), [page, page + PageBytes + 512]),
            (rig.Request(BlockOperation.Write, 0, tooMany, many.Length), many),
            (rig.Request(BlockOperation.Write, 0, uint.MaxValue, 1), [page]),
            (rig.Request(BlockOperation.Read, 0, perPage, -1), [page]),
            (rig.Request(BlockOperation.Read, 0, perPage, 1) with { FirstPage = 1 }, [page]),
            (rig.Request(BlockOperation.Read, 0, perPage, 1) with { FirstPage = -1 }, [page]),
            (rig.Request(BlockOperation.Flush, 0, 1, 0), []),
            (rig.Request(BlockOperation.Flush, 0, 0, 1), [page]),
            (rig.Request(BlockOperation.WriteZeroes, 0, 0, 0), []),
            (rig.Request(BlockOperation.Discard, 0, 1, 1), [page]),
            (rig.Request((BlockOperation)99, 0, 1, 0), []),
        ];

        Assert.All(malformed, one => Assert.Equal(BlockError.InvalidRequest, rig.Run(one.Request, one.Pages)));
        rig.Return(lent, 0);
    }

    [Fact]
    public void Submit_OfAMalformedRequestInABatch_TakesThoseBeforeIt()
    {
        using BlockDeviceRig rig = CreateRig();
        BlockRequest[] batch =
        [
            rig.Request(BlockOperation.WriteZeroes, 0, 1, 0),
            rig.Request(BlockOperation.WriteZeroes, 0, 0, 0),
            rig.Request(BlockOperation.WriteZeroes, 1, 1, 0),
        ];

        Assert.Equal(1, rig.Device.Submit(rig.Context, batch, []).Value);

        Assert.Equal(batch[0].Tag, Assert.Single(rig.Drain(1)).Tag);
        Assert.Equal(BlockError.InvalidRequest, rig.Device.Submit(rig.Context, batch.AsSpan(1), []).Error);
    }

    [Fact]
    public void Submit_OfMoreThanFits_TakesThePrefixAndLaterTheRest()
    {
        using BlockDeviceRig rig = CreateRig();
        BlockRequest[] batch =
        [
            .. Enumerable.Range(0, rig.Geometry.RequestsMax + 5)
                .Select(i => rig.Request(BlockOperation.WriteZeroes, (ulong)(i % 64), 1, 0)),
        ];

        int taken = rig.Device.Submit(rig.Context, batch, []).Value;

        Assert.Equal(rig.Geometry.RequestsMax, taken);
        List<BlockCompletion> completions = rig.Drain(taken);
        Assert.Equal(5, rig.Device.Submit(rig.Context, batch.AsSpan(taken), []).Value);
        completions.AddRange(rig.Drain(5));
        Assert.Equal(batch.Select(request => request.Tag), completions.Select(one => one.Tag).Order());
    }

    [Fact]
    public void Poll_WithNothingInFlight_DeliversNothing()
    {
        using BlockDeviceRig rig = CreateRig();

        Assert.Equal(0, rig.Device.Poll(rig.Context, new BlockCompletion[4]).Value);
        Assert.False(rig.Device.Wait(rig.Context, KernelEvent.Forever).Value);
    }

    [Fact]
    public void Poll_WithLittleRoom_DeliversTheRestLater()
    {
        using BlockDeviceRig rig = CreateRig();
        BlockRequest[] batch =
            [.. Enumerable.Range(0, 5).Select(i => rig.Request(BlockOperation.WriteZeroes, (ulong)i, 1, 0))];
        rig.Device.Submit(rig.Context, batch, []);
        var seen = new List<ulong>();
        var room = new BlockCompletion[2];

        for (int round = 0; round < 100 && seen.Count < 5; round++)
        {
            rig.Device.Wait(rig.Context, 1000);
            int count = rig.Device.Poll(rig.Context, room).Value;
            seen.AddRange(room[..count].Select(completion => completion.Tag));
        }

        Assert.Equal(batch.Select(request => request.Tag), seen.Order());
    }

    [Fact]
    public void Tag_OfAnyValue_ComesBack()
    {
        using BlockDeviceRig rig = CreateRig();
        ulong[] tags = [0, 1, ulong.MaxValue, 0x8000_0000_0000_0000];
        BlockRequest[] batch =
            [.. tags.Select(tag => rig.Request(BlockOperation.WriteZeroes, tag % 8, 1, 0) with { Tag = tag })];

        rig.Device.Submit(rig.Context, batch, []);

        Assert.Equal(tags.Order(), rig.Drain(4).Select(completion => completion.Tag).Order());
    }

    [Fact]
    public void Page_ThatIsNotLent_CompletesWithTransferError()
    {
        using BlockDeviceRig rig = CreateRig();
        PageBuffer page = PageBuffer.Allocate(rig.Context);
        ulong bus = page.GetBusAddress(rig.Context);
        uint perPage = (uint)(4096 / rig.Geometry.BlockBytes);

        Assert.Equal(BlockError.TransferError, rig.Run(rig.Request(BlockOperation.Write, 0, perPage, 1), [bus]));
        Assert.Equal(BlockError.TransferError, rig.Run(rig.Request(BlockOperation.Read, 0, perPage, 1), [0]));
        Assert.Equal(BlockError.TransferError, rig.Run(rig.Request(BlockOperation.Read, 0, perPage, 1), [1UL << 50]));

        PageBuffer.Free(rig.Context, ref page);
        Assert.Equal(BlockError.None, rig.Write(0, Pattern(4096, 1)));
    }

    [Fact]
    public void Page_LentForTheOtherDirection_CompletesWithTransferError()
    {
        using BlockDeviceRig rig = CreateRig();
        Lent lent = rig.Lend(new byte[4096], LoanAccess.DeviceReads);
        uint perPage = (uint)(4096 / rig.Geometry.BlockBytes);

        Assert.Equal(BlockError.TransferError, rig.Run(rig.Request(BlockOperation.Read, 0, perPage, 1), lent.Pages));

        rig.Return(lent, 0);
    }

    [Fact]
    public void Page_InSeveralRequestsAtOnce_IsReachedByAll()
    {
        using BlockDeviceRig rig = CreateRig();
        byte[] data = Pattern(4096, 10);
        Lent lent = rig.Lend(data, LoanAccess.DeviceReads);
        uint perPage = (uint)(4096 / rig.Geometry.BlockBytes);
        BlockRequest[] batch =
            [.. Enumerable.Range(0, 8).Select(i => rig.Request(BlockOperation.Write, (ulong)i * perPage, perPage, 1))];

        Assert.Equal(8, rig.Device.Submit(rig.Context, batch, lent.Pages).Value);

        Assert.All(rig.Drain(8), completion => Assert.Equal(BlockError.None, completion.Error));
        rig.Return(lent, 0);
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(data, rig.Read((ulong)i * perPage, perPage)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Operations_AtRandom_AgreeWithTheModel(int seed)
    {
        using BlockDeviceRig rig = CreateRig();

        new RandomBlockWorkload(rig, seed).Run(operationCount: 400);
    }

    internal abstract BlockDeviceRig CreateRig();

    private static int PagesFor(BlockDeviceRig rig, uint blockCount) =>
        BlockDeviceRig.PagesFor((int)blockCount * rig.Geometry.BlockBytes);
}
