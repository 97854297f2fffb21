using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>
/// The header of an Ethernet frame (IEEE 802.3 section 3.1.1), with one VLAN tag if there is one (IEEE 802.1Q section 9).
/// </summary>
internal struct EthernetHeader
{
    internal const int LengthBytes = 14;
    internal const int TagBytes = 4;

    internal const ushort TypeIpv4 = 0x0800;
    internal const ushort TypeArp = 0x0806;
    internal const ushort TypeVlan = 0x8100;
    internal const ushort TypeIpv6 = 0x86DD;

    internal MacAddress Destination;
    internal MacAddress Source;
    internal ushort Type;

    /// <summary>Whether there is a tag.</summary>
    internal bool HasTag;

    /// <summary>Priority, DEI and identifier.</summary>
    internal ushort Tag;

    /// <summary>Bytes of this header, tag included.</summary>
    internal readonly int HeaderBytes => HasTag ? LengthBytes + TagBytes : LengthBytes;

    /// <summary>Reads the header; false when the frame is too short.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> frame, out EthernetHeader header)
    {
        header = default;
        if (frame.Length < LengthBytes)
        {
            return false;
        }

        header.Destination = MacAddress.From(frame);
        header.Source = MacAddress.From(frame[6..]);
        header.Type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        if (header.Type != TypeVlan)
        {
            return true;
        }

        if (frame.Length < LengthBytes + TagBytes)
        {
            return false;
        }

        header.HasTag = true;
        header.Tag = BinaryPrimitives.ReadUInt16BigEndian(frame[14..]);
        header.Type = BinaryPrimitives.ReadUInt16BigEndian(frame[16..]);
        return true;
    }

    /// <summary>Writes <see cref="HeaderBytes"/> bytes.</summary>
    internal readonly void Write(Span<byte> frame)
    {
        Destination.CopyTo(frame);
        Source.CopyTo(frame[6..]);
        Span<byte> rest = frame[12..];
        if (HasTag)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, TypeVlan);
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], Tag);
            rest = rest[4..];
        }

        BinaryPrimitives.WriteUInt16BigEndian(rest, Type);
    }

    public override readonly string ToString() => $"{Source} > {Destination} type {Type:x4}";
}
