using Xunit;

namespace RedLeafSharp.Tests.Rewriting;

public sealed class FaultTriggerTests
{
    private readonly FaultTrigger trigger = new();

    [Fact]
    public void Hit_NoTrigger_DoesNothing() => FaultTrigger.Hit(null, 1);

    [Fact]
    public void ArmAfter_ThreeHits_FiresAtTheThirdAndOnce()
    {
        trigger.ArmAfter(3);
        FaultTrigger.Hit(trigger, 10);
        FaultTrigger.Hit(trigger, 11);

        Assert.Equal(12, Assert.Throws<InjectedFaultException>(() => FaultTrigger.Hit(trigger, 12)).Site);

        Assert.Equal(new FaultFiring(12, 3), trigger.LastFiring);
        Assert.False(trigger.IsArmed);
        FaultTrigger.Hit(trigger, 13);
        Assert.Equal(1, trigger.FiringCount);
    }

    [Fact]
    public void ArmAt_SecondOccurrence_CountsOnlyThatSite()
    {
        trigger.ArmAt(5, occurrence: 2);
        FaultTrigger.Hit(trigger, 5);
        FaultTrigger.Hit(trigger, 6);
        Assert.Throws<InjectedFaultException>(() => FaultTrigger.Hit(trigger, 5));
        Assert.Equal(new FaultFiring(5, 3), trigger.LastFiring);
    }

    [Fact]
    public void ArmAt_SiteZero_IsASiteLikeOthers()
    {
        trigger.ArmAt(0);
        FaultTrigger.Hit(trigger, 1);
        Assert.Throws<InjectedFaultException>(() => FaultTrigger.Hit(trigger, 0));
    }

    [Fact]
    public void Disarm_Armed_TakesItBack()
    {
        trigger.ArmAfter(1);
        Assert.True(trigger.Disarm());
        Assert.False(trigger.Disarm());
        FaultTrigger.Hit(trigger, 1);
        Assert.Null(trigger.LastFiring);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void ArmAfter_NoHits_IsRefused(long hits) => Assert.Throws<ArgumentOutOfRangeException>(() => trigger.ArmAfter(hits));

    [Fact]
    public void ArmAfter_FromAnotherThreadWhileHitting_FiresOncePerArming()
    {
        const int Armings = 200;
        int caught = 0;
        var isDone = false;
        var domain = new Thread(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                try
                {
                    FaultTrigger.Hit(trigger, 1);
                }
                catch (InjectedFaultException)
                {
                    caught++;
                }
            }
        });
        domain.Start();
        for (int arming = 1; arming <= Armings; arming++)
        {
            trigger.ArmAfter(7);
            Assert.True(SpinWait.SpinUntil(() => trigger.FiringCount == arming, TimeSpan.FromMinutes(1)));
        }

        Volatile.Write(ref isDone, true);
        domain.Join();
        Assert.Equal((Armings, Armings), (caught, trigger.FiringCount));
    }
}
