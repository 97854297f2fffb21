using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>What every network device must do; inherited by the driver on each of its devices, and by what stands above it.</summary>
public abstract class NetDeviceContractTests
{
    private const int FrameBytesMin = 60;
    private const TransmitOffloads Cut =
        TransmitOffloads.Segmentation | TransmitOffloads.TcpChecksum | TransmitOffloads.IPv4Checksum;

    internal abstract NetClient CreateClient(params (string Name, object Value)[] settings);

    [Fact]
    public void Info_OfAnyDevice_MakesSense()
    {
        using NetClient client = CreateClient();
        Assert.Equal(new MacAddress(Frames.Station), client.Info.Address);
        Assert.Equal(1500, client.Info.MtuBytes);
        Assert.InRange(client.Info.ReceiveBufferBytes, 1518, 4096);
        Assert.True(client.Info.ReceiveBuffersMax >= NetDeviceInfo.BatchFrames);
        Assert.True(client.Info.EntriesMax >= NetDeviceInfo.BatchFrames);
        NetLink link = client.Device.GetLink(client.Context).Value;
        Assert.True(link is { IsUp: true, IsFullDuplex: true, MegabitsPerSecond: 1000 });
    }

    [Theory]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(1000)]
    [InlineData(1514)]
    public void Frame_Sent_ArrivesAtTheOtherEnd(int lengthBytes)
    {
        using NetClient client = CreateClient();
        byte[] frame = Frames.Plain(lengthBytes, 1, Frames.Other);
        client.Send(frame);
        Assert.Equal(frame, client.PeerTakes());
    }

    [Fact]
    public void Frame_InManyPieces_ArrivesWhole()
    {
        using NetClient client = CreateClient();
        byte[] frame = Frames.Plain(1400, 2, Frames.Other);
        client.Send(frame, pieceBytes: 100);
        Assert.Equal(frame, client.PeerTakes());
    }

    [Theory]
    [InlineData(60)]
    [InlineData(1514)]
    public void Frame_FromTheOtherEnd_IsDelivered(int lengthBytes)
    {
        using NetClient client = CreateClient();
        Assert.Equal(4, client.Post(0, 4));
        byte[] frame = Frames.Plain(lengthBytes, 3);
        client.PeerSends(frame);
        Arrival arrival = client.Receive();
        Assert.Equal(frame, arrival.Bytes);
    }

    [Fact]
    public void Frames_InBatches_KeepTheirOrderBothWays()
    {
        using NetClient client = CreateClient();
        for (int batch = 0; batch < 20; batch++)
        {
            byte[][] frames = [.. Enumerable.Range(0, 32).Select(each => Frames.Plain(60 + (37 * each), (batch * 32) + each))];
            Assert.Equal(32, client.Post(0, 32));
            foreach (byte[] frame in frames)
            {
                client.PeerSends(frame);
            }

            client.Await(() => client.Arrivals.Count == 32, $"batch {batch}");
            Assert.All(frames.Zip(client.Arrivals), pair => Assert.Equal(pair.First, pair.Second.Bytes));
            client.Arrivals.Clear();
            Assert.Equal(32, client.SendBatch(frames));
            Assert.All(frames, frame => Assert.Equal(frame, client.PeerTakes()));
            client.Await(() => client.Sent.Count == 32, $"the frames of batch {batch}");
            client.Sent.Clear();
        }
    }

    [Theory]
    [InlineData(ReceiveFilter.None, false, false, false)]
    [InlineData(ReceiveFilter.Broadcast, true, false, false)]
    [InlineData(ReceiveFilter.AllMulticast | ReceiveFilter.Broadcast, true, true, false)]
    [InlineData(ReceiveFilter.Promiscuous, true, true, true)]
    public void Filter_LetsThrough_WhatItNames(ReceiveFilter filter, bool broadcast, bool multicast, bool others)
    {
        using NetClient client = CreateClient();
        Assert.True(client.Device.SetReceiveFilter(client.Context, filter, []).IsOk);
        client.Post(0, 8);
        client.PeerSends(Frames.Plain(100, 1, MacAddress.Broadcast.Value));
        client.PeerSends(Frames.Plain(100, 2, 0x01005E010203));
        client.PeerSends(Frames.Plain(100, 3, Frames.Other));
        client.PeerSends(Frames.Plain(100, 4));
        int expected = 1 + (broadcast ? 1 : 0) + (multicast ? 1 : 0) + (others ? 1 : 0);
        client.Await(() => client.Arrivals.Count >= expected, "the frames that pass");
        byte[] last = Frames.Plain(100, 5);
        client.PeerSends(last);
        client.Await(() => client.Arrivals.Count > expected, "the last frame");
        Assert.Equal(last, client.Arrivals[expected].Bytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void Groups_ThatAreNamed_AreDelivered(int count)
    {
        using NetClient client = CreateClient();
        MacAddress[] groups = [.. Enumerable.Range(0, count).Select(each => new MacAddress(0x01005E000000 + ((ulong)each * 4099)))];
        Assert.True(client.Device.SetReceiveFilter(client.Context, ReceiveFilter.None, groups).IsOk);
        client.Post(0, 64);
        foreach (MacAddress group in groups)
        {
            client.PeerSends(Frames.Plain(80, (int)(group.Value % 1000), group.Value));
        }

        client.PeerSends(Frames.Plain(80, 1, 0x3333FF778899));
        client.PeerSends(Frames.Plain(80, 2));
        client.Await(() => client.Arrivals.Count > count, "all groups");
        Assert.Equal(count + 1, client.Arrivals.Count);
        Assert.True(client.Device.SetReceiveFilter(client.Context, ReceiveFilter.None, [new MacAddress(2)]).Error == NetError.InvalidArgument);
    }

    [Fact]
    public void Tag_OfAReceivedFrame_IsTakenOutAndTold()
    {
        using NetClient client = CreateClient();
        client.Post(0, 8);
        byte[] payload = Frames.Pattern(200, 1);
        client.PeerSends(Frames.Ethernet(Frames.Station, 0x88B5, payload, tag: 0x6064));
        Arrival arrival = client.Receive();
        Assert.Equal(Frames.Ethernet(Frames.Station, 0x88B5, payload), arrival.Bytes);
        Assert.Equal(ReceiveFlags.VlanRemoved, arrival.Frame.Flags & ReceiveFlags.VlanRemoved);
        Assert.Equal(0x6064, arrival.Frame.VlanTag);
    }

    [Fact]
    public void Vlans_ThatAreNotNamed_AreDropped()
    {
        using NetClient client = CreateClient();
        client.Post(0, 8);
        Assert.True(client.Device.SetVlans(client.Context, [100, 4094]).IsOk);
        Assert.Equal(NetError.InvalidArgument, client.Device.SetVlans(client.Context, [4095]).Error);
        foreach (int tag in (int[])[100, 101, 4094, 1, 0xE000])
        {
            client.PeerSends(Frames.Ethernet(Frames.Station, 0x88B5, Frames.Pattern(100, tag), tag));
        }

        client.PeerSends(Frames.Plain(100, 7));
        client.Await(() => client.Arrivals.Count == 4, "two tagged frames, one with a priority only, and one without");
        Assert.Equal([100, 4094, 0xE000], client.Arrivals.Take(3).Select(arrival => (int)arrival.Frame.VlanTag));
    }

    [Fact]
    public void Tag_OfAFrameToSend_IsInserted()
    {
        using NetClient client = CreateClient();
        byte[] payload = Frames.Pattern(300, 4);
        client.Send(
            Frames.Ethernet(Frames.Station, 0x88B5, payload),
            new FrameOffload { Kinds = TransmitOffloads.Vlan, VlanTag = 0xA0FF });
        Assert.Equal(Frames.Ethernet(Frames.Station, 0x88B5, payload, tag: 0xA0FF), client.PeerTakes());
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Checksums_LeftToTheDevice_AreRight(bool isIPv6, bool isTcp)
    {
        using NetClient client = CreateClient();
        foreach (int length in (int[])[26, 27, 1000, 1001])
        {
            byte[] payload = Frames.Pattern(length, length);
            client.Send(Frames.Ip(isIPv6, isTcp, payload, isFinished: false), Headers(isIPv6, isTcp));
            byte[] arrived = client.PeerTakes();
            Assert.Equal(Frames.Ip(isIPv6, isTcp, payload, isFinished: true), arrived);
            Assert.True(Frames.IsRight(arrived));
        }
    }

    [Theory]
    [InlineData(false, 1460, 10_000)]
    [InlineData(false, 1460, 1461)]
    [InlineData(false, 1000, 64_000)]
    [InlineData(true, 1440, 10_000)]
    [InlineData(true, 536, 5_360)]
    public void Payload_ThatIsToBeCut_ArrivesAsRightSegments(bool isIPv6, int segmentBytes, int payloadBytes)
    {
        using NetClient client = CreateClient();
        byte[] payload = Frames.Pattern(payloadBytes, segmentBytes);
        FrameOffload frame = Headers(isIPv6, isTcp: true);
        frame.Kinds |= isIPv6 ? TransmitOffloads.Segmentation : Cut;
        frame.SegmentBytes = (ushort)segmentBytes;
        client.Send(Frames.Ip(isIPv6, isTcp: true, payload, isFinished: false, isCut: true), frame, pieceBytes: 4096);
        int header = isIPv6 ? 74 : 54;
        var gathered = new List<byte>();
        for (int piece = 0; gathered.Count < payloadBytes; piece++)
        {
            byte[] arrived = client.PeerTakes();
            Assert.True(Frames.IsRight(arrived), $"checksums of piece {piece}");
            Assert.Equal(0xFFFF_F000 + (uint)gathered.Count, BinaryPrimitives.ReadUInt32BigEndian(arrived.AsSpan(header - 16)));
            int pieceBytes = Math.Min(segmentBytes, payloadBytes - gathered.Count);
            Assert.Equal(Math.Max(header + pieceBytes, FrameBytesMin), arrived.Length);
            gathered.AddRange(arrived[header..(header + pieceBytes)]);
            Assert.Equal(gathered.Count == payloadBytes ? 0x19 : 0x10, arrived[header - 7]);
            Assert.True(isIPv6 || BinaryPrimitives.ReadUInt16BigEndian(arrived.AsSpan(18)) == (ushort)(0xFFFE + piece));
        }

        Assert.Equal(payload, gathered);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Checksums_OfReceivedFrames_AreJudged(bool isIPv6, bool isTcp)
    {
        using NetClient client = CreateClient();
        client.Post(0, 8);
        byte[] frame = Frames.Ip(isIPv6, isTcp, Frames.Pattern(333, 1), isFinished: true);
        client.PeerSends(frame);
        ReceiveFlags good = client.Receive().Frame.Flags;
        Assert.Equal(ReceiveFlags.TransportChecksumGood, good & (ReceiveFlags.TransportChecksumGood | ReceiveFlags.ChecksumBad));
        Assert.Equal(isIPv6 ? ReceiveFlags.None : ReceiveFlags.IPv4ChecksumGood, good & ReceiveFlags.IPv4ChecksumGood);
        frame[^1] ^= 1;
        client.PeerSends(frame);
        Arrival bad = client.Receive();
        Assert.Equal(frame, bad.Bytes);
        Assert.Equal(ReceiveFlags.ChecksumBad, bad.Frame.Flags & (ReceiveFlags.TransportChecksumGood | ReceiveFlags.ChecksumBad));
    }

    [Fact]
    public void Buffers_AndFrames_AreGivenBackByRecall()
    {
        using NetClient client = CreateClient();
        Assert.Equal(20, client.Post(0, 20));
        client.PeerSends(Frames.Plain(100, 1));
        client.Await(() => client.Arrivals.Count == 1, "a frame");
        Assert.True(client.Device.Recall(client.Context).IsOk);
        client.Await(() => client.Arrivals.Count == 20, "the other buffers");
        Assert.All(client.Arrivals.Skip(1), arrival => Assert.Equal(ReceiveFlags.Unfilled, arrival.Frame.Flags));
        Assert.Equal(20, client.Arrivals.Count);
        client.Arrivals.Clear();
        Assert.Equal(4, client.Post(20, 4));
        byte[] frame = Frames.Plain(500, 2);
        client.PeerSends(frame);
        Assert.Equal(frame, client.Receive().Bytes);
        client.Send(frame);
        Assert.Equal(frame, client.PeerTakes());
    }

    [Fact]
    public void Signal_AfterArming_ComesWithAFrameAndOnlyThen()
    {
        using NetClient client = CreateClient();
        Assert.True(client.Info.HasInterrupts);
        client.Post(0, 8);
        for (int round = 0; round < 3; round++)
        {
            client.Await(() => client.Device.Arm(client.Context) is { IsOk: true, Value: false }, "nothing to poll for");
            client.Signal.IsSignaled = false;
            Assert.Equal(WaitResult.TimedOut, client.Signal.Wait(client.Context, 100));
            byte[] frame = Frames.Plain(100, round);
            client.PeerSends(frame);
            Assert.Equal(WaitResult.Signaled, client.Signal.Wait(client.Context, 20_000_000));
            Assert.Equal(frame, client.Receive().Bytes);
        }
    }

    [Fact]
    public void Device_WithoutInterrupts_RefusesToArm()
    {
        using NetClient client = CreateClient(("completion", "polled"));
        Assert.False(client.Info.HasInterrupts);
        Assert.Equal(NetError.NotSupported, client.Device.Arm(client.Context).Error);
        client.Post(0, 8);
        byte[] frame = Frames.Plain(100, 1);
        client.PeerSends(frame);
        Assert.Equal(frame, client.Receive().Bytes);
    }

    [Fact]
    public void Frame_ThatIsMalformed_IsNotTaken()
    {
        using NetClient client = CreateClient();
        TransmitEntry[] good = client.Place(Frames.Plain(100, 1, Frames.Other), pieceBytes: 60);
        TransmitEntry bad = good[0] with { LengthBytes = 0 };
        Assert.Equal(NetError.InvalidFrame, client.Submit(bad).Error);
        Assert.Equal(NetError.InvalidFrame, client.Submit(good[0]).Error);
        Assert.Equal(2, client.Submit([.. good, bad]).Value);
        Assert.Equal(2, client.Submit([.. good, good[0]]).Value);
        Assert.Equal(0, client.Submit().Value);
        Assert.Equal(NetError.InvalidFrame, client.Device.Post(client.Context, [0], client.Info.ReceiveBufferBytes - 1).Error);
        client.PeerTakes();
        client.PeerTakes();
        client.Await(() => client.Sent.Count == 2, "both frames");
    }

    [Fact]
    public void Buffers_BeyondTheLimit_AreNotTaken()
    {
        using NetClient client = CreateClient(("receiveEntries", 64));
        int taken = client.Post(0, client.BufferCount);
        Assert.Equal(client.Info.ReceiveBuffersMax, taken);
        Assert.Equal(0, client.Post(taken, 1));
    }

    [Fact]
    public void Frames_LongerThanABuffer_TakeSeveral()
    {
        using NetClient client = CreateClient(("mtuBytes", 9000));
        client.Post(0, 32);
        byte[] frame = Frames.Plain(9014, 1);
        client.PeerSends(frame);
        client.Await(() => client.Arrivals.Count == 5, "five pieces");
        Assert.Equal(frame, client.Arrivals.SelectMany(arrival => arrival.Bytes));
        Assert.Equal(
            [true, true, true, true, false],
            client.Arrivals.Select(arrival => arrival.Frame.Flags.HasFlag(ReceiveFlags.Continues)));
        client.Send(frame);
        Assert.Equal(frame, client.PeerTakes());
    }

    [Fact]
    public void Statistics_CountWhatPassed()
    {
        using NetClient client = CreateClient();
        client.Post(0, 8);
        client.PeerSends(Frames.Plain(200, 1));
        client.PeerSends(Frames.Plain(300, 2));
        client.Await(() => client.Arrivals.Count == 2, "two frames");
        client.Send(Frames.Plain(400, 3, Frames.Other));
        NetStatistics statistics = client.Device.GetStatistics(client.Context).Value;
        Assert.Equal((2, 500), (statistics.ReceivedFrames, statistics.ReceivedBytes));
        Assert.Equal((1, 400), (statistics.SentFrames, statistics.SentBytes));
    }

    private static FrameOffload Headers(bool isIPv6, bool isTcp) => new()
    {
        Kinds = (isTcp ? TransmitOffloads.TcpChecksum : TransmitOffloads.UdpChecksum)
            | (isIPv6 ? TransmitOffloads.IPv6 : TransmitOffloads.IPv4Checksum),
        LinkHeaderBytes = 14,
        NetworkHeaderBytes = (ushort)(isIPv6 ? 40 : 20),
        TransportHeaderBytes = (byte)(isTcp ? 20 : 8),
    };
}
