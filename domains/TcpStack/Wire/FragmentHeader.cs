using System.Buffers.Binary;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>The fragment header of IPv6 (RFC 8200 section 4.5).</summary>
internal struct FragmentHeader
{
    internal const int LengthBytes = 8;

    /// <summary>Where the offset lies, for those who complain of it.</summary>
    internal const int OffsetOffset = 2;

    internal byte NextHeader;
    internal int OffsetBytes;
    internal bool MoreFragments;
    internal uint Identification;

    /// <summary>Whether it is all of a packet (RFC 6946).</summary>
    internal readonly bool IsAtomic => OffsetBytes == 0 && !MoreFragments;

    internal static bool TryParse(ReadOnlySpan<byte> bytes, out FragmentHeader header)
    {
        header = default;
        if (bytes.Length < LengthBytes)
        {
            return false;
        }

        int offset = BinaryPrimitives.ReadUInt16BigEndian(bytes[OffsetOffset..]);
        header.NextHeader = bytes[0];
        header.OffsetBytes = offset & 0xFFF8;
        header.MoreFragments = (offset & 1) != 0;
        header.Identification = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        return true;
    }

    /// <summary>Writes <see cref="LengthBytes"/> bytes.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(NextHeader << 8));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[OffsetOffset..], (ushort)(OffsetBytes | (MoreFragments ? 1 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Identification);
    }

    public override readonly string ToString() => $"fragment {Identification:x} at {OffsetBytes}{(MoreFragments ? "+" : "")}";
}
