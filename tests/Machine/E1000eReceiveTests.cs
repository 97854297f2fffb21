using System.Buffers.Binary;
using RedLeafSharp.Tests.Network;
using Xunit;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Tests.Machine;

/// <summary>What the controller takes from the wire, and how it counts it.</summary>
public class E1000eReceiveTests
{
    private const ulong Broadcast = 0xFFFF_FFFF_FFFF;
    private const ulong Group = 0x01005E112233;
    private const uint SmallBuffers = 3u << Spec.ReceiveBufferSizeShift;
    private const uint CanonicalEnable = 1u << 19;

    /// <summary>A ring that a frame can never fit must not keep those behind it waiting.</summary>
    [Fact]
    public void Frame_ThatNeedsMoreBuffersThanTheRingHolds_IsMissed()
    {
        using var rig = new E1000eRig();
        rig.StartReceive(SmallBuffers | Spec.ReceiveLongPackets, entries: 8);
        rig.Post(7);
        rig.Peer.Send(Frames.Plain(2_000, 1), default);
        rig.Peer.Send(Frames.Plain(100, 2), default);
        rig.Steps();

        Assert.True(rig.TryTakeReceived(out _, out int lengthBytes, out _));
        Assert.Equal(100, lengthBytes);
        Assert.Equal(1u, rig[Spec.MissedPackets]);
        Assert.NotEqual(0u, rig[Spec.InterruptCauseSet] & Spec.CauseReceiveOverrun);
    }

    [Fact]
    public void Frame_ForWhichThereAreTooFewBuffers_Waits()
    {
        using var rig = new E1000eRig();
        rig.StartReceive(SmallBuffers | Spec.ReceiveLongPackets, entries: 8);
        rig.Post(3);
        rig.Peer.Send(Frames.Plain(1_700, 1), default);
        rig.Steps();
        Assert.False(rig.TryTakeReceived(out _, out _, out _));
        rig.Post(4);
        rig.Steps();

        Assert.True(rig.TryTakeReceived(out _, out _, out _));
        Assert.Equal(0u, rig[Spec.MissedPackets]);
    }

    [Fact]
    public void Checksums_BehindATagOfTheRegistersType_AreInspected()
    {
        using var rig = new E1000eRig();
        rig[Spec.VlanEtherType] = 0x88A8;
        rig[Spec.ReceiveChecksum] = Spec.ChecksumIp | Spec.ChecksumTransport;
        rig.StartReceive(0);
        rig.Post(1);
        byte[] frame = Frames.Ip(isIPv6: false, isTcp: true, Frames.Pattern(80, 1), isFinished: true, tag: 7);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x88A8);
        rig.Peer.Send(frame, default);
        rig.Steps();

        Assert.True(rig.TryTakeReceived(out uint status, out _, out _));
        Assert.Equal(Spec.ReceiveTcpChecked | Spec.ReceiveIpChecked, status & (Spec.ReceiveTcpChecked | Spec.ReceiveIpChecked));
    }

    /// <summary>All multicast frames do not include broadcast ones (section 7.1.1).</summary>
    [Theory]
    [InlineData(Spec.ReceiveMulticastPromiscuous, false)]
    [InlineData(Spec.ReceiveBroadcast, true)]
    [InlineData(0, false)]
    public void Broadcast_IsTakenWhereItIsAskedFor(uint control, bool isTaken)
    {
        using var rig = new E1000eRig();
        rig.StartReceive(control);
        rig.Post(1);
        rig.Peer.Send(Frames.Plain(100, 1, Broadcast), default);
        rig.Steps();

        Assert.Equal(isTaken, rig.TryTakeReceived(out _, out _, out _));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(CanonicalEnable, false)]
    [InlineData(CanonicalEnable | (1u << 20), true)]
    public void Tag_WithItsFormatBit_IsTakenWhereItIsAskedFor(uint control, bool isTaken)
    {
        using var rig = new E1000eRig();
        rig[Spec.VlanFilterTable] = 1u << 7;
        rig.StartReceive(control | Spec.ReceiveVlanFilter);
        rig.Post(1);
        rig.Peer.Send(Frames.Ethernet(Frames.Station, 0x88B5, new byte[50], tag: 0x1007), default);
        rig.Steps();

        Assert.Equal(isTaken, rig.TryTakeReceived(out _, out _, out _));
    }

    /// <summary>Octets and lengths are counted as on the wire: with what pads a frame, and with a tag that is taken out.</summary>
    [Fact]
    public void Octets_AreCountedAsOnTheWire()
    {
        using var rig = new E1000eRig();
        rig[Spec.Control] = Spec.ControlSetLinkUp | Spec.ControlVlanMode;
        rig.StartReceive(0);
        rig.Post(2);
        rig.Peer.Send(Frames.Plain(42, 1), default);
        rig.Peer.Send(Frames.Ethernet(Frames.Station, 0x88B5, new byte[106], tag: 7), default);
        rig.Steps();

        Assert.True(rig.TryTakeReceived(out _, out _, out _));
        Assert.True(rig.TryTakeReceived(out _, out int lengthBytes, out int tag));
        Assert.Equal((120, 7), (lengthBytes, tag));
        Assert.Equal(64u + 128u, rig[Spec.TotalOctetsReceived]);
        Assert.Equal(64u + 128u, rig[Spec.GoodOctetsReceived]);
        Assert.Equal((1u, 0u, 1u), (rig[Spec.Received64], rig[Spec.Received64 + 4], rig[Spec.Received64 + 8]));
    }

    /// <summary>Frames for other stations are nobody's error.</summary>
    [Fact]
    public void Oversize_IsCountedOfFramesForThisStation()
    {
        using var rig = new E1000eRig();
        rig.StartReceive(0);
        rig.Post(2);
        rig.Peer.Send(Frames.Plain(2_000, 1, Frames.Other), default);
        rig.Peer.Send(Frames.Plain(2_000, 1, Group), default);
        rig.Peer.Send(Frames.Plain(2_000, 1), default);
        rig.Steps();

        Assert.Equal(1u, rig[Spec.Oversize]);
        Assert.Equal(3u, rig[Spec.TotalReceived]);
    }

    /// <summary>What finds no place while nothing is to be received is not missed.</summary>
    [Fact]
    public void Overruns_WhileTheReceiverIsOff_AreNotCounted()
    {
        using var rig = new E1000eRig();
        for (int frame = 0; frame < 10_000; frame++)
        {
            rig.Peer.Send(Frames.Plain(60, 1), default);
        }

        rig.Steps();
        rig.StartReceive(0);
        rig.Steps();

        Assert.Equal(0u, rig[Spec.MissedPackets]);
        Assert.Equal(0u, rig[Spec.InterruptCauseSet] & Spec.CauseReceiveOverrun);
    }

    /// <summary>CTRL.SLU, and the power of the transceiver.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Link_ThatTheDriverHasTakenDown_CarriesNothing(bool isPoweredDown)
    {
        using var rig = new E1000eRig();
        rig.StartReceive(0);
        rig.Post(2);
        rig.StartTransmit();
        SetLink(rig, isPoweredDown, isUp: false);
        rig.Peer.Send(Frames.Plain(100, 1), default);
        rig.Submit(SentDescriptor.Data(rig.Place(Frames.Plain(100, 2)), 100, SentDescriptor.EndOfPacket));
        rig.Steps();
        Assert.Null(rig.TakeAtPeer());
        SetLink(rig, isPoweredDown, isUp: true);
        rig.Steps();
        Assert.False(rig.TryTakeReceived(out _, out _, out _));

        rig.Peer.Send(Frames.Plain(100, 3), default);
        rig.Submit(SentDescriptor.Data(rig.Place(Frames.Plain(100, 4)), 100, SentDescriptor.EndOfPacket));
        rig.Steps();
        Assert.Equal(Frames.Plain(100, 4), rig.TakeAtPeer());
        Assert.True(rig.TryTakeReceived(out _, out _, out _));
    }

    private static void SetLink(E1000eRig rig, bool isByPower, bool isUp)
    {
        if (isByPower)
        {
            rig[Spec.MdiControl] = Spec.MdiWrite | (1u << 21) | (isUp ? 0x1140u : 0x1940u);
        }
        else
        {
            rig[Spec.Control] = isUp ? Spec.ControlSetLinkUp : 0;
        }
    }
}
