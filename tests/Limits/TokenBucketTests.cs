using RedLeafSharp.Kernel.Executors;
using Xunit;

namespace RedLeafSharp.Tests.Limits;

public sealed class TokenBucketTests
{
    [Fact]
    public void Spend_ExactlyTheBurst_IsAllowedAndOneMoreIsNot()
    {
        var bucket = new TokenBucket(perSecond: 10, burst: 100, nowMicros: 0);

        Assert.True(bucket.Spend(100, 0));
        Assert.False(bucket.Spend(1, 0));
    }

    [Fact]
    public void Spend_AfterAPause_HasWhatFlowedIn()
    {
        var bucket = new TokenBucket(perSecond: 10, burst: 100, nowMicros: 0);

        Assert.True(bucket.Spend(100, 0));
        Assert.True(bucket.Spend(10, 1_000_000));
        Assert.False(bucket.Spend(11, 2_000_000));
    }

    [Fact]
    public void Spend_AfterALongPause_HasNoMoreThanTheBurst()
    {
        var bucket = new TokenBucket(perSecond: 10, burst: 100, nowMicros: 0);

        Assert.False(bucket.Spend(101, 1_000_000_000));
    }
}
