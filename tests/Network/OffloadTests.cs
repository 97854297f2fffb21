using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;
using RedLeafSharp.Machine.Links;
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

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 17)]
    [InlineData(false, 17)]
    public void Stream_CutByTheDeviceOrTheLink_ArrivesWhole(bool isCutByLink, int writesPerDeath)
    {
        var pair = new WirePair(capacity: 4_096);
        var link = new CuttingLink(pair.First) { Takes = isCutByLink };
        var faults = new CrashAtRing();
        using var sender = new WiredStack(_ => link, First, 24, faults: faults);
        using var receiver = new WiredStack(_ => pair.Second, Second, 24, station: Frames.Other);
        TcpConnection connection = sender.Connect(Second, WiredStack.EchoPort);
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

    private static void Both(WiredStack first, WiredStack second, Func<bool> isDone, string what) => first.Until(
        () =>
        {
            second.Poll();
            return isDone();
        },
        what);

    /// <summary>Does what Linux does behind a TAP interface: cuts frames and makes checksums before they leave for another machine.</summary>
    private sealed class CuttingLink(LinkPort inner) : LinkPort
    {
        private readonly SegmentCutter cutter = new();

        internal required bool Takes { get; init; }

        internal int UncutCount { get; private set; }

        internal override bool TakesUnfinished => Takes;

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

            Assert.True(BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)) != 0x0800 || Frames.IsRight(frame));
            inner.Send(frame, default);
        }
    }
}
