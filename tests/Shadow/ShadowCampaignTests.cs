using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Shadow;

/// <summary>Long seeded runs with deaths at random sites, checked against a model.</summary>
public class ShadowCampaignTests
{
    [Theory]
    [InlineData(1, 20, 25_000)]
    [InlineData(2, 50, 25_000)]
    [InlineData(3, 300, 25_000)]
    [InlineData(4, 10, 25_000)]
    public void Operations_UnderRandomDeaths_AgreeWithTheModel(int seed, int oneIn, int operationCount)
    {
        using var thread = new TestThread();
        var random = new Random(seed);
        var driver = new CrashingDriver(thread.Heap, seed);
        BlockDeviceRig rig = ShadowRig.Client(thread, driver);
        driver.CrashesAt = _ => random.Next(oneIn) == 0;
        var workload = new RandomBlockWorkload(rig, seed);

        workload.Run(operationCount);

        ShadowStatistics statistics = rig.Statistics();
        Assert.Equal(operationCount, workload.CompletedCount);
        Assert.True(driver.Deaths > operationCount / oneIn / 4, $"{driver.Deaths} deaths");
        Assert.Equal(statistics.Accepted, statistics.Delivered);
        Assert.Equal(0, thread.Heap.CountAll().Blocks);
        Assert.Equal(0, driver.Window.FaultCount);
    }
}
