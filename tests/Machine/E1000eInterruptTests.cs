using RedLeafSharp.Tests.Support;
using Xunit;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Tests.Machine;

/// <summary>Interrupt causes, their masks and messages (section 7.4).</summary>
public class E1000eInterruptTests
{
    private const uint ReceiveCause = Spec.CauseReceiveQueue0;
    private const uint TransmitCause = Spec.CauseTransmitQueue0;

    /// <summary>IVAR: receive queue 0 to vector 0, transmit queue 0 to vector 1.</summary>
    private const uint Apart = Spec.VectorValid | ((Spec.VectorValid | 1) << 8);

    /// <summary>256 microseconds between two messages.</summary>
    private const uint Interval = 1_000;

    [Fact]
    public void Cause_WithoutMsix_IsClearedByReading()
    {
        using var rig = new E1000eRig();
        Assert.Equal((Spec.CauseLinkChange | Spec.CauseAsserted, 0u), ReadTwice(rig, mask: Spec.CauseLinkChange));
    }

    [FactNeeding(Need.Qemu)]
    public void Cause_WithoutMsixOnQemu_IsClearedByReading()
    {
        using E1000eRig rig = E1000eRig.OnQemu();
        Assert.Equal((Spec.CauseLinkChange | Spec.CauseAsserted, 0u), ReadTwice(rig, mask: Spec.CauseLinkChange));
    }

    /// <summary>With MSI-X, it is so while a cause is both set and unmasked; else who reads must write.</summary>
    [Theory]
    [InlineData(Spec.CauseLinkChange, true)]
    [InlineData(ReceiveCause, false)]
    [InlineData(0, true)]
    public void Cause_WithMsix_IsClearedByReadingWhereItIsUnmasked(uint mask, bool isCleared)
    {
        using var rig = new E1000eRig();
        _ = rig.Interrupt(0);
        (uint first, uint second) = ReadTwice(rig, mask);
        Assert.Equal(Spec.CauseLinkChange, first & Spec.CauseLinkChange);
        Assert.Equal(isCleared, second == 0);
    }

    [Fact]
    public void Throttle_ThatIsTakenOff_LetsMessagesThrough()
    {
        using E1000eRig rig = Prepared(autoClear: ReceiveCause);
        rig.Scheduler.Advance(1_000_000);
        rig[Spec.VectorThrottling] = Interval;
        rig[Spec.InterruptCauseSet] = ReceiveCause;
        Assert.True(rig.IsSignaled(0));
        rig[Spec.InterruptMaskSet] = ReceiveCause;
        rig[Spec.InterruptCauseSet] = ReceiveCause;
        Assert.False(rig.IsSignaled(0));

        rig[Spec.VectorThrottling] = 0;
        rig.Steps();
        Assert.True(rig.IsSignaled(0));
        rig[Spec.InterruptMaskSet] = ReceiveCause;
        rig[Spec.InterruptCauseSet] = ReceiveCause;
        Assert.True(rig.IsSignaled(0));
    }

    /// <summary>EIAC clears and masks when the message is sent, not before (section 10.2.4.7).</summary>
    [Fact]
    public void Message_ThatIsThrottled_LeavesItsCauseUntilItIsSent()
    {
        using E1000eRig rig = Throttled();
        Assert.Equal(ReceiveCause, rig[Spec.InterruptCauseSet] & ReceiveCause);
        Assert.Equal(ReceiveCause, rig[Spec.InterruptMaskSet] & ReceiveCause);
        rig.Scheduler.Advance(1_000);
        rig.Steps();
        Assert.True(rig.IsSignaled(0));
        Assert.Equal(0u, rig[Spec.InterruptCauseSet] & ReceiveCause);
        Assert.Equal(0u, rig[Spec.InterruptMaskSet] & ReceiveCause);
    }

    [Fact]
    public void Message_WhoseCauseIsMaskedWhileItIsThrottled_IsNotSent()
    {
        using E1000eRig rig = Throttled();
        rig[Spec.InterruptMaskClear] = ReceiveCause;
        rig.Scheduler.Advance(1_000);
        rig.Steps();
        Assert.False(rig.IsSignaled(0));
        rig[Spec.InterruptMaskSet] = ReceiveCause;
        Assert.True(rig.IsSignaled(0));
    }

    [Fact]
    public void Cause_ThatStaysSet_IsToldOnce()
    {
        using E1000eRig rig = Prepared(autoClear: 0);
        rig[Spec.InterruptCauseSet] = ReceiveCause;
        Assert.True(rig.IsSignaled(0));
        rig[Spec.InterruptCauseSet] = TransmitCause;
        Assert.False(rig.IsSignaled(0));
        Assert.True(rig.IsSignaled(1));

        rig[Spec.InterruptCauseRead] = ReceiveCause;
        rig[Spec.InterruptCauseSet] = ReceiveCause;
        Assert.True(rig.IsSignaled(0));
        rig[Spec.InterruptMaskClear] = ReceiveCause;
        rig[Spec.InterruptMaskSet] = ReceiveCause;
        Assert.True(rig.IsSignaled(0));
        Assert.False(rig.IsSignaled(1));
    }

    /// <summary>CTRL_EXT.EIAME: a message masks its causes that are in IAM.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Message_MasksItsCauses_WhereItIsAskedTo(bool isAsked)
    {
        using E1000eRig rig = Prepared(autoClear: 0);
        rig[Spec.AutoMask] = ReceiveCause;
        rig[Spec.ExtendedControl] = isAsked ? Spec.ExtendedAutoMaskOnVector : 0;
        rig[Spec.InterruptCauseSet] = ReceiveCause;
        Assert.True(rig.IsSignaled(0));
        Assert.Equal(isAsked ? TransmitCause : TransmitCause | ReceiveCause, rig[Spec.InterruptMaskSet]);
    }

    private static (uint First, uint Second) ReadTwice(E1000eRig rig, uint mask)
    {
        rig[Spec.InterruptMaskSet] = mask;
        rig[Spec.InterruptCauseSet] = Spec.CauseLinkChange;
        return (rig[Spec.InterruptCauseRead], rig[Spec.InterruptCauseRead]);
    }

    private static E1000eRig Prepared(uint autoClear)
    {
        var rig = new E1000eRig();
        _ = rig.Interrupt(0);
        _ = rig.Interrupt(1);
        rig[Spec.VectorAllocation] = Apart;
        rig[Spec.AutoClear] = autoClear;
        rig[Spec.InterruptMaskSet] = ReceiveCause | TransmitCause;
        return rig;
    }

    /// <summary>A second message waits for its time.</summary>
    private static E1000eRig Throttled()
    {
        E1000eRig rig = Prepared(autoClear: ReceiveCause);
        rig[Spec.VectorThrottling] = Interval;
        rig[Spec.InterruptCauseSet] = ReceiveCause;
        Assert.True(rig.IsSignaled(0));
        rig[Spec.InterruptMaskSet] = ReceiveCause;
        rig[Spec.InterruptCauseSet] = ReceiveCause;
        Assert.False(rig.IsSignaled(0));
        return rig;
    }
}
