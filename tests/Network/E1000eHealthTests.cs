using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.E1000e;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>When the driver takes its device for stuck, and when not.</summary>
public sealed class E1000eHealthTests
{
    private const long LongMicros = 10_000_000;

    [Fact]
    public void Device_ThatWasIdleForLong_IsNotResetAtItsNextFrame()
    {
        var rig = new NetRig();
        using NetClient client = rig.Started().Client();
        for (int round = 0; round < 4; round++)
        {
            Assert.True(client.Device.Arm(client.Context).IsOk);
            rig.Scheduler.Advance(LongMicros);
            client.Send(Frames.Plain(100, round, Frames.Other));
            Assert.True(client.Device.Arm(client.Context).IsOk);
            client.Await(() => client.Sent.Count == round + 1, "the frame to be sent");
        }

        Assert.Equal(0, client.Device.GetStatistics(client.Context).Value.Resets);
        Assert.Empty(rig.Complaints);
    }

    [Fact]
    public void Device_ThatFinishesNothingForLong_IsReset()
    {
        var rig = new NetRig(new E1000eOptions { Faults = new StalledTransmitter() });
        using NetClient client = rig.Started().Client();
        (TransmitFrame frame, FrameSegment[] segments) = client.Place(Frames.Plain(100, 1, Frames.Other));
        Assert.Equal(1, client.Device.Send(client.Context, [frame], segments).Value);
        Assert.True(client.Device.Arm(client.Context).IsOk);
        rig.Scheduler.Advance(LongMicros);
        Assert.True(client.Device.Arm(client.Context).IsOk);
        Assert.Equal(1, client.Device.GetStatistics(client.Context).Value.Resets);
        client.Await(() => client.Sent.Count == 1, "the frame to be given back");
    }

    /// <summary>Its first frame is never written back.</summary>
    private sealed class StalledTransmitter : E1000eFaults
    {
        internal override DescriptorFault OnWriteBack(bool isReceive, long number) =>
            !isReceive && number == 0 ? DescriptorFault.Stall : DescriptorFault.None;
    }
}
