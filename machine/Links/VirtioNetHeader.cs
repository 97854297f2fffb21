using System.Buffers.Binary;

namespace RedLeafSharp.Machine.Links;

/// <summary>
/// The header that goes before a frame at a TAP interface with IFF_VNET_HDR: struct virtio_net_hdr of linux/virtio_net.h (VIRTIO 1.1
/// section 5.1.6), without the count of buffers. Its numbers are the host's own byte order on TAP.
/// </summary>
internal struct VirtioNetHeader
{
    internal const int LengthBytes = 10;

    private const byte NeedsChecksum = 1;
    private const byte ChecksumValid = 2;
    private const byte SegmentNone = 0;
    private const byte SegmentTcp4 = 1;
    private const byte SegmentTcp6 = 4;

    private byte flags;
    private byte segmentation;
    private ushort headerBytes;
    private ushort segmentBytes;
    private ushort checksumStart;
    private ushort checksumOffset;

    internal static VirtioNetHeader From(in FrameState state) => new()
    {
        flags = state.NeedsChecksum ? NeedsChecksum : (byte)0,
        segmentation = state.SegmentBytes == 0 ? SegmentNone : state.IsIPv6 ? SegmentTcp6 : SegmentTcp4,
        headerBytes = state.HeaderBytes,
        segmentBytes = state.SegmentBytes,
        checksumStart = state.NeedsChecksum ? state.ChecksumStart : (ushort)0,
        checksumOffset = state.NeedsChecksum ? state.ChecksumOffset : (ushort)0,
    };

    internal static VirtioNetHeader Parse(ReadOnlySpan<byte> bytes) => new()
    {
        flags = bytes[0],
        segmentation = bytes[1],
        headerBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
        segmentBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
        checksumStart = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]),
        checksumOffset = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]),
    };

    internal readonly void Write(Span<byte> bytes)
    {
        bytes[0] = flags;
        bytes[1] = segmentation;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], headerBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], segmentBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], checksumStart);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], checksumOffset);
    }

    internal readonly FrameState ToState() => new()
    {
        NeedsChecksum = (flags & NeedsChecksum) != 0,
        IsChecksumValid = (flags & ChecksumValid) != 0,
        IsIPv6 = segmentation == SegmentTcp6,
        ChecksumStart = checksumStart,
        ChecksumOffset = checksumOffset,
        HeaderBytes = headerBytes,
        SegmentBytes = segmentBytes,
    };
}
