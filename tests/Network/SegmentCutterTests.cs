using System.Buffers.Binary;
using RedLeafSharp.Machine.Links;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>Frames that Linux hands over uncut at a TAP interface, cut for a device.</summary>
public sealed class SegmentCutterTests
{
    private const int SegmentBytes = 1_000;

    [Theory]
    [InlineData(false, -1)]
    [InlineData(true, -1)]
    [InlineData(false, 0x2007)]
    public void Frame_Uncut_BecomesFramesThatAreRightAndHaveAllItsPayload(bool isIPv6, int tag)
    {
        byte[] payload = Frames.Pattern(4_321, seed: 5);
        List<byte[]> pieces = Cut(isIPv6, payload, tag);
        int header = pieces[0].Length - SegmentBytes;
        Assert.Equal(5, pieces.Count);
        Assert.All(pieces, piece => Assert.True(Frames.IsRight(WithoutTag(piece, tag))));
        Assert.Equal(payload, pieces.SelectMany(piece => piece[header..]));
    }

    [Fact]
    public void Pieces_CountUpTheirNumbersAndOnlyTheLastPushes()
    {
        List<byte[]> pieces = Cut(isIPv6: false, Frames.Pattern(3_000, seed: 6), tag: -1);
        Assert.Equal([0xFFFF_F000, 0xFFFF_F3E8, 0xFFFF_F7D0], pieces.Select(piece => BinaryPrimitives.ReadUInt32BigEndian(piece.AsSpan(38))));
        Assert.Equal([0xFFFE, 0xFFFF, 0], pieces.Select(piece => (int)BinaryPrimitives.ReadUInt16BigEndian(piece.AsSpan(18))));
        Assert.Equal([0x10, 0x10, 0x19], pieces.Select(piece => (int)piece[47]));
    }

    [Fact]
    public void Frame_WhoseHeadersDoNotFit_IsNotBegun()
    {
        byte[] frame = Frames.Ip(isIPv6: false, isTcp: true, [], isFinished: false);
        FrameState state = State(isIPv6: false, tag: -1);
        var cutter = new SegmentCutter();
        Assert.False(cutter.TryBegin(frame, in state));
        Assert.False(cutter.TryBegin(frame.AsSpan(0, 40), in state));
        state.ChecksumStart = 20;
        Assert.False(cutter.TryBegin(Frames.Ip(isIPv6: false, isTcp: true, new byte[3_000], isFinished: false), in state));
        Assert.False(cutter.HasMore);
    }

    private static FrameState State(bool isIPv6, int tag) => new()
    {
        NeedsChecksum = true,
        IsIPv6 = isIPv6,
        ChecksumStart = (ushort)(14 + (tag < 0 ? 0 : 4) + (isIPv6 ? 40 : 20)),
        ChecksumOffset = 16,
        SegmentBytes = SegmentBytes,
    };

    /// <summary>The frames, with the checksums that were left out.</summary>
    private static List<byte[]> Cut(bool isIPv6, byte[] payload, int tag)
    {
        byte[] whole = Frames.Ip(isIPv6, isTcp: true, payload, isFinished: false, tag: tag);
        var cutter = new SegmentCutter();
        FrameState state = State(isIPv6, tag);
        Assert.True(cutter.TryBegin(whole, in state));
        var pieces = new List<byte[]>();
        while (cutter.HasMore)
        {
            byte[] piece = cutter.Next(whole, out FrameState left, out _).ToArray();
            Assert.Equal(0, left.SegmentBytes);
            Span<byte> segment = piece.AsSpan(left.ChecksumStart);
            BinaryPrimitives.WriteUInt16BigEndian(segment[left.ChecksumOffset..], (ushort)~Frames.Sum(segment));
            pieces.Add(piece);
        }

        return pieces;
    }

    private static byte[] WithoutTag(byte[] frame, int tag) => tag < 0 ? frame : [.. frame[..12], .. frame[16..]];
}
