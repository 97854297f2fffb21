using System.Buffers.Binary;
using RedLeafSharp.Machine.Links;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// What a switch's access port does (IEEE 802.1Q): the device has tagged frames of one VLAN, whoever is behind the other link has them
/// without tags. Linux's own VLAN links are not in every kernel.
/// </summary>
internal sealed class AccessPort(LinkPort behind, ushort identifier) : LinkPort
{
    private const int AddressBytes = 12;
    private const int TagBytes = 4;
    private const ushort TagType = 0x8100;

    private readonly byte[] buffer = new byte[1 << 17];

    internal override bool IsUp => behind.IsUp;

    internal override bool TakesUnfinished => behind.TakesUnfinished;

    internal override int Descriptor => behind.Descriptor;

    /// <summary>Frames that were not of the VLAN.</summary>
    internal int ForeignCount { get; private set; }

    internal override void Send(ReadOnlySpan<byte> frame, in FrameState state)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(frame[AddressBytes..]) != TagType
            || (BinaryPrimitives.ReadUInt16BigEndian(frame[(AddressBytes + 2)..]) & 0xFFF) != identifier)
        {
            ForeignCount++;
            return;
        }

        frame[..AddressBytes].CopyTo(buffer);
        frame[(AddressBytes + TagBytes)..].CopyTo(buffer.AsSpan(AddressBytes));
        FrameState shifted = Shifted(in state, -TagBytes);
        behind.Send(buffer.AsSpan(0, frame.Length - TagBytes), in shifted);
    }

    internal override bool TryPeek(out ReadOnlySpan<byte> frame, out FrameState state)
    {
        bool isThere = behind.TryPeek(out ReadOnlySpan<byte> plain, out FrameState own);
        frame = default;
        state = own;
        if (isThere)
        {
            plain[..AddressBytes].CopyTo(buffer);
            BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(AddressBytes), TagType);
            BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(AddressBytes + 2), identifier);
            plain[AddressBytes..].CopyTo(buffer.AsSpan(AddressBytes + TagBytes));
            frame = buffer.AsSpan(0, plain.Length + TagBytes);
            state = Shifted(in own, TagBytes);
        }

        return isThere;
    }

    internal override void Take() => behind.Take();

    public override void Dispose() => behind.Dispose();

    private static FrameState Shifted(in FrameState state, int bytes)
    {
        FrameState shifted = state;
        shifted.ChecksumStart = (ushort)(state.NeedsChecksum ? state.ChecksumStart + bytes : state.ChecksumStart);
        shifted.HeaderBytes = (ushort)(state.SegmentBytes > 0 ? state.HeaderBytes + bytes : state.HeaderBytes);
        return shifted;
    }
}
