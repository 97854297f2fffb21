using RedLeafSharp.Contracts;
using RedLeafSharp.Devices;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Shadow;

/// <summary>The shadow keeps the contract over a driver that does not die.</summary>
public class BlockShadowContractTests : BlockDeviceContractTests
{
    internal override BlockDeviceRig CreateRig()
    {
        var thread = new TestThread();
        return ShadowRig.Client(thread, new CrashingDriver(thread.Heap));
    }
}

/// <summary>The shadow keeps the contract over a driver that dies at one in six of the sites that it passes.</summary>
public class BlockShadowOverCrashesTests : BlockDeviceContractTests
{
    internal override BlockDeviceRig CreateRig()
    {
        var thread = new TestThread();
        var random = new Random(1);
        var driver = new CrashingDriver(thread.Heap) { CrashesAt = _ => random.Next(6) == 0 };
        return ShadowRig.Client(thread, driver);
    }
}

/// <summary>What the shadow does about each way in which a driver can fail.</summary>
public class BlockShadowTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Driver_DyingAtASite_IsNotNoticedAbove(int site)
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        var once = new HashSet<CrashSite> { (CrashSite)site, CrashSite.BeforePoll };
        driver.CrashesAt = once.Remove;
        byte[] data = BlockDeviceContractTests.Pattern(8192, site);

        Assert.Equal(BlockError.None, rig.Write(7, data));

        Assert.Equal(data, driver.Content[(7 * 512)..((7 * 512) + 8192)]);
        Assert.Equal(data, rig.Read(7, 16));
        Assert.Empty(once);
        Assert.True(rig.Statistics().Replayed >= 1);
    }

    [Fact]
    public void Driver_DyingSeveralTimesDuringReplay_IsReplacedUntilOneHolds()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        int left = 7;
        driver.CrashesAt = site => site is CrashSite.AfterSubmit or CrashSite.Geometry or CrashSite.Start && left-- > 0;

        Assert.Equal(BlockError.None, rig.Write(0, BlockDeviceContractTests.Pattern(4096, 1)));

        Assert.Equal(7, driver.Deaths);
        Assert.False(rig.Statistics().HasGivenUp);
    }

    [Fact]
    public void Budget_Spent_FailsWhatIsInFlightAndAllLater()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap) { Budget = 2 };
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        Lent lent = rig.Lend(new byte[4096], LoanAccess.DeviceReads);
        BlockRequest[] batch =
            [.. Enumerable.Range(0, 5).Select(i => rig.Request(BlockOperation.Write, (ulong)(i % 3) * 8, 8, 1))];
        rig.Device.Submit(rig.Context, batch, lent.Pages);
        driver.CrashesAt = site => site is CrashSite.BeforePoll or CrashSite.BeforeSubmit;

        List<BlockCompletion> completions = rig.Drain(5);

        Assert.Equal(batch.Select(request => request.Tag), completions.Select(completion => completion.Tag).Order());
        Assert.All(completions, completion => Assert.Equal(BlockError.DeviceFailed, completion.Error));
        Assert.Equal(BlockError.DeviceFailed, rig.Device.Submit(rig.Context, batch, lent.Pages).Error);
        Assert.Equal(0, rig.Device.Poll(rig.Context, new BlockCompletion[1]).Value);
        Assert.False(rig.Device.Wait(rig.Context, KernelEvent.Forever).Value);
        rig.Return(lent, 0);
    }

    [Fact]
    public void Driver_ThatNeverSurvivesItsStart_IsGivenUpAfterABound()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        driver.CrashesAt = _ => true;

        Assert.Equal(BlockError.DeviceFailed, rig.Flush());

        Assert.InRange(driver.Deaths, 2, 100);
    }

    [Fact]
    public void Writes_OfTheSameBlock_EndInTheirOrderAcrossACrash()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap, seed: 5);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        Lent[] lent = [.. Enumerable.Range(1, 20).Select(i =>
            rig.Lend(Enumerable.Repeat((byte)i, 512).ToArray(), LoanAccess.DeviceReads))];
        BlockRequest[] batch = [.. Enumerable.Range(0, 20).Select(i =>
            rig.Request(BlockOperation.Write, 9, 1, 1) with { FirstPage = i })];
        var random = new Random(1);
        driver.CrashesAt = _ => random.Next(3) == 0;

        Assert.Equal(20, rig.Device.Submit(rig.Context, batch, lent.Select(one => one.Pages[0]).ToArray()).Value);

        Assert.Equal(batch.Select(request => request.Tag), rig.Drain(20).Select(completion => completion.Tag));
        Assert.All(driver.Content[(9 * 512)..(10 * 512)], value => Assert.Equal(20, value));
        Assert.Equal(19, rig.Statistics().Held);
        Array.ForEach(lent, one => rig.Return(one, 0));
    }

    [Fact]
    public void Read_BeforeAWriteOfTheSameBlock_SeesTheOldDataAcrossACrash()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        byte[] old = BlockDeviceContractTests.Pattern(512, 1);
        rig.Write(3, old);
        Lent read = rig.Lend(new byte[512], LoanAccess.DeviceWrites);
        Lent write = rig.Lend(BlockDeviceContractTests.Pattern(512, 2), LoanAccess.DeviceReads);
        int polls = 0;
        driver.CrashesAt = site => site == CrashSite.AfterPoll && ++polls == 1;

        rig.Device.Submit(
            rig.Context,
            [
                rig.Request(BlockOperation.Read, 3, 1, 1),
                rig.Request(BlockOperation.Write, 3, 1, 1) with { FirstPage = 1 },
            ],
            [read.Pages[0], write.Pages[0]]);
        rig.Drain(2);

        Assert.Equal(old, rig.Return(read, 512));
        rig.Return(write, 0);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("twice")]
    [InlineData("too many")]
    [InlineData("negative")]
    public void Driver_ThatLiesAboutCompletions_IsReplacedAndNothingIsLost(string lie)
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        bool hasLied = false;
        driver.PollLie = (completions, count) =>
        {
            if (hasLied || count == 0)
            {
                return count;
            }

            hasLied = true;
            completions[^1] = lie == "unknown" ? new BlockCompletion { Tag = 77 } : completions[0];
            return lie switch { "too many" => completions.Length + 1, "negative" => -3, _ => completions.Length };
        };
        BlockRequest[] batch =
            [.. Enumerable.Range(0, 4).Select(i => rig.Request(BlockOperation.WriteZeroes, (ulong)i, 1, 0))];
        rig.Device.Submit(rig.Context, batch, []);

        List<BlockCompletion> completions = rig.Drain(4);

        Assert.Equal(batch.Select(request => request.Tag), completions.Select(completion => completion.Tag).Order());
        Assert.Equal(1, rig.Statistics().Recoveries);
        Assert.Equal(1, rig.Statistics().Ignored);
    }

    [Fact]
    public void Driver_ThatTakesMoreThanItWasOffered_IsReplaced()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        driver.SubmitLie = (reply, offered) => driver.Generation == 1 ? offered + 1 : reply;

        Assert.Equal(BlockError.None, rig.Write(0, BlockDeviceContractTests.Pattern(512, 1)));

        Assert.Equal(2u, driver.Generation);
    }

    [Fact]
    public void Driver_ThatTakesNothing_IsReplacedAfterTheTimeOut()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        driver.SubmitLie = (reply, _) =>
        {
            if (driver.Generation == 1)
            {
                driver.Device.Reset();
                return 0;
            }

            return reply;
        };

        Assert.Equal(BlockError.None, rig.Write(0, BlockDeviceContractTests.Pattern(512, 1)));

        Assert.Equal(2u, driver.Generation);
    }

    [Fact]
    public void Driver_ThatForgetsARequest_IsReplacedAfterTheTimeOut()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        BlockRequest request = rig.Request(BlockOperation.WriteZeroes, 0, 1, 0);
        rig.Device.Submit(rig.Context, [request], []);
        driver.Device.Reset();

        Assert.Equal(request.Tag, Assert.Single(rig.Drain(1)).Tag);

        Assert.Equal(2u, driver.Generation);
    }

    [Fact]
    public void Request_GivenUpByTheDriver_IsTriedAgain()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        int left = 3;
        driver.Device.Decide = _ => left-- > 0 ? BlockError.Aborted : BlockError.None;

        Assert.Equal(BlockError.None, rig.Write(0, BlockDeviceContractTests.Pattern(512, 1)));

        Assert.Equal(3, rig.Statistics().Retried);
        Assert.Equal(0, driver.Deaths);
    }

    [Fact]
    public void Request_GivenUpByTheDriverForEver_EndsWithAborted()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        driver.Device.Decide = _ => BlockError.Aborted;

        Assert.Equal(BlockError.Aborted, rig.Write(0, BlockDeviceContractTests.Pattern(512, 1)));
    }

    [Fact]
    public void Device_OfAnotherSizeAfterARestart_CountsAsFailed()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        driver.Content = new byte[driver.Content.Length / 2];
        driver.CrashesAt = site => site == CrashSite.BeforeSubmit && driver.Generation == 1;

        Assert.Equal(BlockError.DeviceFailed, rig.Flush());
    }

    [Fact]
    public void Error_OfTheMedium_IsPassedOn()
    {
        using var thread = new TestThread();
        var driver = new CrashingDriver(thread.Heap);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        driver.Device.Decide = request => request.FirstBlock == 4 ? BlockError.MediaError : BlockError.None;

        Assert.Equal(BlockError.MediaError, rig.Read(4, new byte[512]));
        Assert.Equal(BlockError.None, rig.Read(5, new byte[512]));
    }

    [Fact]
    public void Loans_AfterEveryCompletion_CanBeEnded()
    {
        using var thread = new TestThread();
        var random = new Random(2);
        var driver = new CrashingDriver(thread.Heap) { CrashesAt = _ => random.Next(6) == 0 };
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(BlockError.None, rig.Write((ulong)i, BlockDeviceContractTests.Pattern(8192, i), offsetBytes: 512));
        }

        Assert.Equal(0, thread.Heap.CountAll().Blocks);
        Assert.Equal(0, driver.Window.FaultCount);
    }

    [Fact]
    public void Operations_WithoutCrashes_AllocateNothing()
    {
        using var thread = new TestThread();
        var device = new NullDriver();
        TestServices services = ShadowRig.Start(thread, device, new DeviceLoans(new DmaWindow(thread.Heap)));
        var shadow = (IBlockDevice)services.Provided[typeof(IBlockDevice)];
        var requests = new BlockRequest[32];
        var completions = new BlockCompletion[32];
        for (int i = 0; i < requests.Length; i++)
        {
            requests[i] = new BlockRequest { Tag = (ulong)i, Operation = BlockOperation.WriteZeroes, FirstBlock = (ulong)(i / 2), BlockCount = 1 };
        }

        long Round()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int left = shadow.Submit(thread.Context, requests, []).Value;
            while (left > 0)
            {
                shadow.Wait(thread.Context, 1000);
                left -= shadow.Poll(thread.Context, completions).Value;
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Round();
        Assert.Equal(0, Round());
    }
}
