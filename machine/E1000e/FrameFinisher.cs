using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RedLeafSharp.Machine.Links;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>
/// Does to a gathered frame what its descriptors ask for: checksums, cutting of TCP payload (section 7.3), a VLAN tag, padding;
/// and sends it. Where the link takes frames unfinished, checksum and cutting are left to it; of a frame that the link is to cut, the
/// last bytes may be left where they lie, in the tail.
/// </summary>
internal sealed class FrameFinisher(
    LinkPort link, ReceiveFilters filters, E1000eStatistics statistics, E1000eOptions options, FramePieces tail)
{
    private const int TagTypeOfLinks = 0x8100;

    private readonly byte[] piece = new byte[E1000eLimits.WireBytesMax + Spec.TagBytes];

    /// <summary>TCTL.PSP: short frames are padded.</summary>
    internal bool IsPadding { get; set; }

    /// <inheritdoc cref="TransmitRing.IsLinkOn"/>
    internal bool IsLinkOn { get; set; } = true;

    /// <summary>Sends one frame.</summary>
    /// <param name="buffer">Room for a tag, then the frame.</param>
    /// <param name="lengthBytes">Length of the frame.</param>
    /// <param name="context">The last context descriptor.</param>
    /// <param name="popts">Which checksums are asked for.</param>
    /// <param name="isCut">Whether segmentation is asked for.</param>
    /// <param name="tag">The VLAN tag to insert; negative for none.</param>
    internal void Send(Span<byte> buffer, int lengthBytes, in TransmitContext context, byte popts, bool isCut, int tag)
    {
        Span<byte> frame = buffer.Slice(Spec.TagBytes, lengthBytes);
        if (isCut)
        {
            SendPieces(buffer, lengthBytes, in context, popts, tag);
            return;
        }

        if (lengthBytes > E1000eLimits.WireBytesMax)
        {
            options.Diagnose($"a frame of {lengthBytes} bytes is longer than the link allows");
            return;
        }

        FrameState state = default;
        if ((popts & Spec.OptionIpChecksum) != 0)
        {
            Insert(frame, context.IpStart, context.IpOffset, context.IpEnd);
        }

        if ((popts & Spec.OptionTransportChecksum) != 0)
        {
            if (link.TakesUnfinished && context.SumsRest(lengthBytes))
            {
                state = Unfinished(in context, tag);
            }
            else
            {
                Insert(frame, context.TransportStart, context.TransportOffset, context.TransportEnd, context.IsTcp);
            }
        }

        Emit(buffer, lengthBytes, in state, tag);
    }

    /// <summary>
    /// Puts the checksum of a part of the frame in. One that lies beyond the frame is not inserted, as of a frame that is shorter than its
    /// headers (8254x manual, table 3-14).
    /// </summary>
    internal void Insert(Span<byte> frame, int start, int offset, int end, bool isTcp = true)
    {
        int stop = end == 0 ? frame.Length : Math.Min(end + 1, frame.Length);
        if (start >= stop || offset + 2 > frame.Length)
        {
            options.Diagnose("a checksum lies outside its frame");
            return;
        }

        ushort sum = (ushort)~InternetChecksum.Sum(frame[start..stop]);
        InternetChecksum.Store(frame[offset..], sum == 0 && !isTcp ? (ushort)0xFFFF : sum);
    }

    private static FrameState Unfinished(in TransmitContext context, int tag)
    {
        int shift = tag < 0 ? 0 : Spec.TagBytes;
        return new FrameState
        {
            NeedsChecksum = true,
            IsIPv6 = !context.IsIPv4,
            ChecksumStart = (ushort)(context.TransportStart + shift),
            ChecksumOffset = (ushort)(context.TransportOffset - context.TransportStart),
        };
    }

    /// <summary>Inserts the tag and pads; the frame lies behind room for the tag.</summary>
    private void Emit(Span<byte> buffer, int lengthBytes, in FrameState state, int tag)
    {
        Span<byte> frame = buffer.Slice(Spec.TagBytes, lengthBytes);
        if (tag >= 0)
        {
            buffer.Slice(Spec.TagBytes, 12).CopyTo(buffer);
            frame = buffer[..(lengthBytes + Spec.TagBytes)];
            BinaryPrimitives.WriteUInt16BigEndian(frame[12..], (ushort)filters.EtherType);
            BinaryPrimitives.WriteUInt16BigEndian(frame[14..], (ushort)tag);
        }

        if (frame.Length < Spec.FrameBytesMin && IsPadding && state.SegmentBytes == 0)
        {
            Gather(frame);
            int start = tag < 0 ? Spec.TagBytes : 0;
            buffer[(start + frame.Length)..(start + Spec.FrameBytesMin)].Clear();
            frame = buffer.Slice(start, Spec.FrameBytesMin);
        }

        Count(frame, in state);
        if (IsLinkOn && link.IsUp)
        {
            if (tail.Count > 0)
            {
                link.Send(frame[..^tail.LengthBytes], tail, in state);
            }
            else
            {
                link.Send(frame, in state);
            }
        }
    }

    /// <summary>Takes in what of the frame has been left where it lies.</summary>
    private void Gather(Span<byte> frame)
    {
        if (tail.Count > 0)
        {
            tail.TakeFront(frame[^tail.LengthBytes..]);
        }
    }

    /// <summary>Counts a frame, or those that the link will cut it into.</summary>
    private void Count(ReadOnlySpan<byte> frame, in FrameState state)
    {
        if (state.SegmentBytes == 0)
        {
            CountAlike(frame, frame.Length, 1);
            return;
        }

        (int fullCount, int restBytes) = Math.DivRem(frame.Length - state.HeaderBytes, state.SegmentBytes);
        CountAlike(frame, state.HeaderBytes + state.SegmentBytes, (uint)fullCount);
        if (restBytes > 0)
        {
            CountAlike(frame, state.HeaderBytes + restBytes, 1);
        }
    }

    private void CountAlike(ReadOnlySpan<byte> frame, int lengthBytes, uint count)
    {
        int onWire = Math.Max(lengthBytes, IsPadding ? Spec.FrameBytesMin : 0) + Spec.LinkChecksumBytes;
        int octets = onWire * (int)count;
        statistics.Count(Spec.TotalSent, count);
        statistics.Count(Spec.GoodSent, count);
        statistics.CountOctets(Spec.TotalOctetsSent, octets);
        statistics.CountOctets(Spec.GoodOctetsSent, octets);
        statistics.CountLength(Spec.Sent64, onWire, count);
        if ((frame[0] & 1) != 0)
        {
            statistics.Count(frame[..6].IndexOfAnyExcept((byte)0xFF) < 0 ? Spec.BroadcastSent : Spec.MulticastSent, count);
        }
    }

    private void SendPieces(Span<byte> buffer, int lengthBytes, in TransmitContext context, byte popts, int tag)
    {
        Span<byte> frame = buffer.Slice(Spec.TagBytes, lengthBytes);
        int header = context.HeaderBytes;
        int transport = context.TransportStart;
        if (context.SegmentBytes == 0 || header < transport + 20 || header > frame.Length || context.IpStart + 20 > transport
            || header + context.SegmentBytes > E1000eLimits.WireBytesMax || context.TransportOffset != transport + 16
            || !context.IsTcp)
        {
            options.Diagnose("segmentation with headers or a segment size that make no sense");
            return;
        }

        statistics.Count(Spec.SegmentationsSent);
        if (link.TakesUnfinished && (popts & Spec.OptionTransportChecksum) != 0 && (tag < 0 || filters.EtherType == TagTypeOfLinks))
        {
            SendUncut(buffer, lengthBytes, in context, tag);
            return;
        }

        Gather(frame);
        int identification = BinaryPrimitives.ReadUInt16BigEndian(frame[(context.IpStart + 4)..]);
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(frame[(transport + 4)..]);
        byte flags = frame[transport + 13];
        for (int offset = header; offset < frame.Length; offset += context.SegmentBytes)
        {
            int count = Math.Min(context.SegmentBytes, frame.Length - offset);
            Span<byte> own = piece.AsSpan(Spec.TagBytes, header + count);
            frame[..header].CopyTo(own);
            frame.Slice(offset, count).CopyTo(own[header..]);
            SetIpLength(own, in context, identification++);
            BinaryPrimitives.WriteUInt32BigEndian(own[(transport + 4)..], sequence + (uint)(offset - header));
            own[transport + 13] = (byte)(offset + count == frame.Length ? flags : flags & ~0x09);
            AddLength(own, in context, header - transport + count);
            if ((popts & Spec.OptionIpChecksum) != 0 && context.IsIPv4)
            {
                Insert(own, context.IpStart, context.IpOffset, context.IpEnd);
            }

            if ((popts & Spec.OptionTransportChecksum) != 0)
            {
                Insert(own, transport, context.TransportOffset, context.TransportEnd);
            }

            Emit(piece, own.Length, default, tag);
        }
    }

    /// <summary>The link cuts: it wants lengths and the pseudo-header's sum of the whole packet.</summary>
    private void SendUncut(Span<byte> buffer, int lengthBytes, in TransmitContext context, int tag)
    {
        Span<byte> frame = buffer.Slice(Spec.TagBytes, lengthBytes);
        SetIpLength(frame, in context, BinaryPrimitives.ReadUInt16BigEndian(frame[(context.IpStart + 4)..]));
        AddLength(frame, in context, frame.Length - context.TransportStart);
        if (context.IsIPv4)
        {
            if (context.IpOffset + 2 <= frame.Length)
            {
                frame.Slice(context.IpOffset, 2).Clear();
            }

            Insert(frame, context.IpStart, context.IpOffset, context.IpEnd);
        }

        FrameState state = Unfinished(in context, tag);
        state.HeaderBytes = (ushort)(context.HeaderBytes + (tag < 0 ? 0 : Spec.TagBytes));
        state.SegmentBytes = lengthBytes - context.HeaderBytes > context.SegmentBytes ? context.SegmentBytes : (ushort)0;
        Emit(buffer, lengthBytes, in state, tag);
    }

    private static void SetIpLength(Span<byte> frame, in TransmitContext context, int identification)
    {
        Span<byte> packet = frame[context.IpStart..];
        if (context.IsIPv4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)Math.Min(packet.Length, ushort.MaxValue));
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)identification);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)Math.Min(packet.Length - 40, ushort.MaxValue));
        }
    }

    /// <summary>The driver's pseudo-header sum leaves the length out, which differs from piece to piece (section 7.3.4).</summary>
    private static void AddLength(Span<byte> frame, in TransmitContext context, int transportBytes)
    {
        Span<byte> field = frame.Slice(context.TransportOffset, 2);
        uint sum = MemoryMarshal.Read<ushort>(field);
        InternetChecksum.Store(field, InternetChecksum.Fold(sum + InternetChecksum.Network(transportBytes)));
    }
}
