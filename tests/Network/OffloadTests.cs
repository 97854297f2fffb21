using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// A stack leaves cutting and checksums to its controller, which leaves them to the link; another one's controller checks all of it.
/// </summary>
public sealed class OffloadTests
{
    private const int StreamBytes = 600_000;

    private static readonly IpAddress First = IpAddress.FromV4(10, 1, 0, 1);
    private static readonly IpAddress Second = IpAddress.FromV4(10, 1, 0, 2);

    private static readonly IpAddress FirstV6 = new(0xFD98_0000_0000_0000, 1);
    private static readonly IpAddress SecondV6 = new(0xFD98_0000_0000_0000, 2);

    [Theory]
    [InlineData(true, 0, false)]
    [InlineData(false, 0, false)]
    [InlineData(true, 17, false)]
    [InlineData(false, 17, false)]
    [InlineData(true, 0, true)]
    [InlineData(false, 0, true)]
    [InlineData(true, 17, true)]
    public void Stream_CutByTheDeviceOrTheLink_ArrivesWhole(bool isCutByLink, int writesPerDeath, bool isV6)
    {
        (IpAddress own, IpAddress other, int prefixBits) = isV6 ? (FirstV6, SecondV6, 64) : (First, Second, 24);
        var pair = new WirePair(capacity: 4_096);
        var link = new CuttingLink(pair.First) { Takes = isCutByLink };
        var faults = new CrashAtRing();
        using var sender = new WiredStack(_ => link, own, prefixBits, faults: faults);
        using var receiver = new WiredStack(_ => pair.Second, other, prefixBits, station: Frames.Other);
        TcpConnection connection = sender.Connect(other, WiredStack.EchoPort);
        Both(sender, receiver, () => connection.State == TcpState.Established, "the connection");
        faults.Every = writesPerDeath;
        byte[] data = Frames.Pattern(StreamBytes, seed: 9);
        byte[] back = new byte[StreamBytes];
        (int sent, int received) = (0, 0);
        Both(sender, receiver, Exchange, "the echo");
        Assert.Equal(data, back);
        Assert.Equal(isCutByLink, link.UncutCount > 0);
        Assert.Equal(writesPerDeath > 0, sender.Recoveries > 0);

        bool Exchange()
        {
            sent += connection.Send(sender.Context, data.AsSpan(sent), out _);
            received += connection.Receive(sender.Context, back.AsSpan(received), isPeek: false, out _);
            return received == StreamBytes;
        }
    }

    /// <summary>
    /// What a stream costs at the device: far fewer packets than there are segments on the wire, and a write to its tail for each of them
    /// at most. Of both versions alike.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stream_LeftToTheDevice_TakesFewPacketsAndRegisterWrites(bool isV6)
    {
        (IpAddress own, IpAddress other, int prefixBits) = isV6 ? (FirstV6, SecondV6, 64) : (First, Second, 24);
        var pair = new WirePair(capacity: 4_096);
        var counter = new CountingFaults();
        using var sender = new WiredStack(_ => pair.First, own, prefixBits, faults: counter);
        using var receiver = new WiredStack(_ => pair.Second, other, prefixBits, station: Frames.Other);
        TcpConnection connection = sender.Connect(other, WiredStack.EchoPort);
        Both(sender, receiver, () => connection.State == TcpState.Established, "the connection");
        long packets = sender.Stack.Interface(1).Counters.SentPackets;
        counter.TransmitTails = 0;
        byte[] data = new byte[1 << 16];
        (int sent, int received) = (0, 0);
        Both(sender, receiver, Exchange, "the echo");

        int segments = StreamBytes / 1_428;
        packets = sender.Stack.Interface(1).Counters.SentPackets - packets;
        Assert.True(packets < segments, $"{packets} packets with those that acknowledge, {segments} segments of data alone");
        Assert.InRange(counter.TransmitTails, 1, packets);

        bool Exchange()
        {
            sent += connection.Send(sender.Context, data.AsSpan(0, Math.Min(data.Length, StreamBytes - sent)), out _);
            received += connection.Receive(sender.Context, data, isPeek: false, out _);
            return received == StreamBytes;
        }
    }

    private static void Both(WiredStack first, WiredStack second, Func<bool> isDone, string what) => first.Until(
        () =>
        {
            second.Poll();
            return isDone();
        },
        what);

    private sealed class CountingFaults : E1000eFaults
    {
        private const int TransmitTail = 0x3818;

        internal long TransmitTails { get; set; }

        internal override void BeforeRegister(bool isWrite, int offsetBytes, uint value) =>
            TransmitTails += isWrite && offsetBytes == TransmitTail ? 1 : 0;
    }

    /// <summary>Does what Linux does behind a TAP interface: cuts frames and makes checksums before they leave for another machine.</summary>
    private sealed class CuttingLink(LinkPort inner) : GatheringLink
    {
        private readonly SegmentCutter cutter = new();

        internal required bool Takes { get; init; }

        internal int UncutCount { get; private set; }

        internal override bool TakesUnfinished => Takes;

        internal override bool TakesPieces => Takes;

        internal override void Send(ReadOnlySpan<byte> frame, in FrameState state)
        {
            byte[] whole = frame.ToArray();
            if (state.SegmentBytes == 0)
            {
                Finish(whole, in state);
                return;
            }

            UncutCount++;
            Assert.True(cutter.TryBegin(whole, in state));
            while (cutter.HasMore)
            {
                Finish(cutter.Next(whole, out FrameState left, out _).ToArray(), in left);
            }
        }

        internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state) => inner.TryPeek(out frame, out state);

        internal override void Take() => inner.Take();

        private void Finish(byte[] frame, in FrameState state)
        {
            if (state.NeedsChecksum)
            {
                Span<byte> segment = frame.AsSpan(state.ChecksumStart);
                BinaryPrimitives.WriteUInt16BigEndian(segment[state.ChecksumOffset..], (ushort)~Frames.Sum(segment));
            }

            int type = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12));
            Assert.True((type != 0x0800 && (type != 0x86DD || frame[20] != 6)) || Frames.IsRight(frame));
            inner.Send(frame, default);
        }
    }
}
