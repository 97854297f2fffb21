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
        TransmitEntry[] frame = client.Place(Frames.Plain(100, 1, Frames.Other));
        Assert.Equal(1, client.Submit(frame).Value);
        Assert.True(client.Device.Arm(client.Context).IsOk);
        rig.Scheduler.Advance(LongMicros);
        Assert.True(client.Device.Arm(client.Context).IsOk);
        Assert.Equal(1, client.Device.GetStatistics(client.Context).Value.Resets);
        client.Await(() => client.Sent.Count == 1, "the frame to be given back");
    }

    /// <summary>Once is enough: what the device wrote is not believed a second time.</summary>
    [Theory]
    [InlineData(DescriptorFault.WrongLength)]
    [InlineData(DescriptorFault.Lost)]
    internal void Device_ThatWritesADescriptorWronglyOnce_IsResetOnceAndReceivesAgain(DescriptorFault fault)
    {
        var rig = new NetRig(new E1000eOptions { Faults = new FirstReceived(fault) });
        using NetClient client = rig.Started().Client();
        Assert.Equal(8, client.Post(0, 8));
        client.PeerSends(Frames.Plain(100, 0));
        client.PeerSends(Frames.Plain(100, 1));
        ResetBy(rig, client, () => Assert.True(client.Device.Arm(client.Context).IsOk));

        client.PeerSends(Frames.Plain(100, 2));
        client.Await(() => client.Arrivals.Exists(arrival => arrival.Bytes.AsSpan().SequenceEqual(Frames.Plain(100, 2))), "the next frame");
        Assert.Equal(1, client.Device.GetStatistics(client.Context).Value.Resets);
    }

    [Fact]
    public void Device_WhoseReceiverHangs_IsResetWhenFramesAreMissed()
    {
        var rig = new NetRig(new E1000eOptions { Faults = new FirstReceived(DescriptorFault.Stall) });
        using NetClient client = rig.Started().Client();
        Assert.Equal(8, client.Post(0, 8));
        client.PeerSends(Frames.Plain(100, 0));
        client.PeerSends(Frames.Plain(100, 1));
        ResetBy(rig, client, () =>
        {
            rig.Scheduler.Advance(LongMicros);
            Assert.True(client.Device.Arm(client.Context).IsOk);
        });

        client.PeerSends(Frames.Plain(100, 2));
        Assert.Equal(Frames.Plain(100, 2), client.Receive().Bytes);
        Assert.Equal(1, client.Device.GetStatistics(client.Context).Value.Resets);
    }

    /// <summary>What was counted before it was seen to receive says nothing of later.</summary>
    [Fact]
    public void Device_ThatOnceHadNoBuffersAndWasThenIdle_IsNotReset()
    {
        var rig = new NetRig();
        using NetClient client = rig.Started().Client();
        Assert.Equal(2, client.Post(0, 2));
        for (int frame = 0; frame < 3; frame++)
        {
            client.PeerSends(Frames.Plain(100, frame));
        }

        client.Await(() => client.Arrivals.Count == 2, "two frames");
        Assert.Equal(8, client.Post(2, 8));
        client.Await(() => client.Arrivals.Count == 3, "the third frame");
        for (int round = 0; round < 3; round++)
        {
            Assert.True(client.Device.Arm(client.Context).IsOk);
            rig.Scheduler.Advance(LongMicros);
        }

        Assert.Equal(0, client.Device.GetStatistics(client.Context).Value.Resets);
    }

    [Fact]
    public void Device_WhoseReceiverHangsAfterAFrame_IsReset()
    {
        var rig = new NetRig(new E1000eOptions { Faults = new FirstReceived(DescriptorFault.Stall, number: 1) });
        using NetClient client = rig.Started().Client();
        Assert.Equal(8, client.Post(0, 8));
        client.PeerSends(Frames.Plain(100, 0));
        Assert.Equal(Frames.Plain(100, 0), client.Receive().Bytes);
        int sent = 1;
        ResetBy(rig, client, () =>
        {
            client.PeerSends(Frames.Plain(100, sent++));
            rig.Scheduler.Advance(500_000);
            Assert.True(client.Device.Arm(client.Context).IsOk);
        });
        Assert.InRange(sent, 1, 8);
    }

    [Fact]
    public void Device_OfWhichOneReadGetsLost_StaysInUse()
    {
        var faults = new LostReads();
        var rig = new NetRig(new E1000eOptions { Faults = faults });
        using NetClient client = rig.Started().Client();
        Assert.Equal(8, client.Post(0, 8));
        faults.Count = 1;
        Assert.True(client.Device.Arm(client.Context).IsOk);

        client.PeerSends(Frames.Plain(100, 0));
        Assert.Equal(Frames.Plain(100, 0), client.Receive().Bytes);
        Assert.Equal(0, client.Device.GetStatistics(client.Context).Value.Resets);
    }

    /// <summary>Whoever polls as long as it is told to must come to an end.</summary>
    [Fact]
    public void Device_ThatHasLeftTheBus_GivesEverythingBackAndAsksForNoMorePolls()
    {
        var faults = new LostReads();
        var rig = new NetRig(new E1000eOptions { Faults = faults });
        using NetClient client = rig.Started().Client();
        Assert.Equal(8, client.Post(0, 8));
        faults.Count = int.MaxValue;
        Reply<bool, NetError> armed = client.Device.Arm(client.Context);
        for (int polls = 0; armed is { IsOk: true, Value: true }; polls++)
        {
            Assert.InRange(polls, 0, 16);
            _ = client.Poll();
            armed = client.Device.Arm(client.Context);
        }

        Assert.Equal(NetError.DeviceFailed, armed.Error);
        Assert.Equal(8, client.Arrivals.Count);
    }

    /// <summary>TXDCTL.GRAN: thresholds count descriptors, not cache lines.</summary>
    [Fact]
    public void Start_SetsThresholdsInDescriptors()
    {
        using NetRig rig = new NetRig().Started();

        Assert.Equal(0x0141_0000u, rig.Function.Backend.GetBar(0)!.Read32(E1000eSpec.TransmitDescriptorControl));
    }

    [Fact]
    public void Start_WithADamagedConfigurationMemory_Fails()
    {
        using var rig = new NetRig(new E1000eOptions { Faults = new DamagedEeprom() });

        Assert.Equal(DomainError.DeviceUnusable, rig.Start().Error);
    }

    private static void ResetBy(NetRig rig, NetClient client, Action look)
    {
        for (int round = 0; client.Device.GetStatistics(client.Context).Value.Resets == 0; round++)
        {
            Assert.InRange(round, 0, 100);
            foreach (Func<bool> step in rig.Scheduler.PollSteps)
            {
                _ = step();
            }

            _ = client.Poll();
            look();
        }
    }

    /// <summary>Its first frame is never written back.</summary>
    private sealed class StalledTransmitter : E1000eFaults
    {
        internal override WriteBackFault OnWriteBack(bool isReceive, long number) =>
            new(!isReceive && number == 0 ? DescriptorFault.Stall : DescriptorFault.None);
    }

    /// <summary>Something is wrong with the descriptor of the first frame that it receives, or of a later one.</summary>
    private sealed class FirstReceived(DescriptorFault fault, long number = 0) : E1000eFaults
    {
        internal override WriteBackFault OnWriteBack(bool isReceive, long index) =>
            new(isReceive && index == number ? fault : DescriptorFault.None);
    }

    /// <summary>Reads of STATUS get lost.</summary>
    private sealed class LostReads : E1000eFaults
    {
        internal int Count { get; set; }

        internal override uint OnRead(int offsetBytes, uint value)
        {
            bool isLost = Count > 0 && (offsetBytes == E1000eSpec.Status || Count > 1);
            Count -= isLost ? 1 : 0;
            return isLost ? uint.MaxValue : value;
        }
    }

    private sealed class DamagedEeprom : E1000eFaults
    {
        internal override ushort OnEepromRead(int word) => (ushort)(word == 1 ? 0x0100 : 0);
    }
}
