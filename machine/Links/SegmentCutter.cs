using System.Buffers.Binary;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// Cuts a frame of TCP that its sender has left whole into the frames that a wire carries, as segmentation offload has it (VIRTIO 1.1
/// section 5.1.6.2.2): in place, each header right before its payload, over what has been delivered already.
/// </summary>
/// <remarks>What is cut keeps the state of a checksum that was left out, with the pseudo-header's sum for its own length.</remarks>
internal sealed class SegmentCutter
{
    /// <summary>Ethernet with a tag, IPv6 or IPv4 with options, TCP with options.</summary>
    private const int HeaderBytesMax = 18 + 60 + 60;
    private const int TcpHeaderBytesMin = 20;
    private const int ChecksumOffsetOfTcp = 16;
    private const byte FinAndPush = 0x09;
    private const byte WindowReduced = 0x80;

    private readonly byte[] header = new byte[HeaderBytesMax];
    private FrameState state;
    private int headerBytes;
    private int networkStart;
    private int offset;
    private int count;

    /// <summary>Whether frames are left.</summary>
    internal bool HasMore => headerBytes > 0;

    /// <summary>Begins with a frame; false when it is none that could be cut.</summary>
    internal bool TryBegin(ReadOnlySpan<byte> frame, in FrameState frameState)
    {
        int transport = frameState.ChecksumStart;
        if (!frameState.NeedsChecksum || frameState.ChecksumOffset != ChecksumOffsetOfTcp || frameState.SegmentBytes == 0
            || transport + TcpHeaderBytesMin > frame.Length)
        {
            return false;
        }

        bool isTagged = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == 0x8100;
        int start = isTagged ? 18 : 14;
        int total = transport + ((frame[transport + 12] >> 4) * 4);
        if (start + (frameState.IsIPv6 ? 40 : 20) > transport || total < transport + TcpHeaderBytesMin || total >= frame.Length
            || total > HeaderBytesMax)
        {
            return false;
        }

        (state, headerBytes, networkStart, offset, count) = (frameState, total, start, total, 0);
        frame[..total].CopyTo(header);
        return true;
    }

    /// <summary>Makes the next frame.</summary>
    /// <param name="whole">The memory of the frame that was begun with.</param>
    /// <param name="frameState">What is left to do for the one returned.</param>
    /// <param name="at">Where it begins.</param>
    internal ReadOnlySpan<byte> Next(Span<byte> whole, out FrameState frameState, out int at)
    {
        int payloadBytes = Math.Min(state.SegmentBytes, whole.Length - offset);
        bool isLast = offset + payloadBytes == whole.Length;
        at = offset - headerBytes;
        Span<byte> frame = whole.Slice(at, headerBytes + payloadBytes);
        header.AsSpan(0, headerBytes).CopyTo(frame);
        WriteNetwork(frame[networkStart..state.ChecksumStart], frame.Length - networkStart);
        WriteTransport(frame[state.ChecksumStart..], whole.Length - state.ChecksumStart, isLast);
        frameState = state;
        frameState.SegmentBytes = 0;
        offset += payloadBytes;
        count++;
        headerBytes = isLast ? 0 : headerBytes;
        return frame;
    }

    /// <summary>Forgets what is left.</summary>
    internal void Stop() => headerBytes = 0;

    private void WriteNetwork(Span<byte> network, int packetBytes)
    {
        if (state.IsIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(network[4..], (ushort)(packetBytes - 40));
            return;
        }

        ushort identification = BinaryPrimitives.ReadUInt16BigEndian(network[4..]);
        BinaryPrimitives.WriteUInt16BigEndian(network[2..], (ushort)packetBytes);
        BinaryPrimitives.WriteUInt16BigEndian(network[4..], (ushort)(identification + count));
        network.Slice(10, 2).Clear();
        InternetChecksum.Store(network[10..], (ushort)~InternetChecksum.Sum(network));
    }

    private void WriteTransport(Span<byte> segment, int wholeBytes, bool isLast)
    {
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], sequence + (uint)(count * state.SegmentBytes));
        segment[13] &= (byte)(isLast ? 0xFF : ~FinAndPush);
        segment[13] &= (byte)(count == 0 ? 0xFF : ~WindowReduced);

        // The sum has the length of the whole in it (RFC 1624 section 3): it is taken out, and the frame's own put in.
        Span<byte> field = segment.Slice(ChecksumOffsetOfTcp, 2);
        uint sum = System.Runtime.InteropServices.MemoryMarshal.Read<ushort>(field);
        sum += (ushort)~InternetChecksum.Network(wholeBytes) + (uint)InternetChecksum.Network(segment.Length);
        InternetChecksum.Store(field, InternetChecksum.Fold(sum));
    }
}
