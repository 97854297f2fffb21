using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>The header of an IPv4 packet (RFC 791 section 3.1). Options are skipped, not interpreted.</summary>
internal struct Ipv4Header
{
    internal const int LengthBytes = 20;
    internal const int LengthBytesMax = 60;
    internal const int PacketBytesMax = 65_535;
    internal const int TotalBytesOffset = 2;
    internal const int IdentificationOffset = 4;
    internal const int ChecksumOffset = 10;
    internal const int SourceOffset = 12;

    internal const byte ProtocolIcmp = 1;
    internal const byte ProtocolIgmp = 2;
    internal const byte ProtocolTcp = 6;
    internal const byte ProtocolUdp = 17;

    /// <summary>Version 4, and a length of five words, in the first word.</summary>
    private const uint VersionAndLength = 0x4500_0000;
    private const ushort DontFragmentBit = 0x4000;
    private const ushort MoreFragmentsBit = 0x2000;
    private const ushort OffsetMask = 0x1FFF;

    /// <summary>Bytes of this header, options included.</summary>
    internal int HeaderBytes;

    /// <summary>Bytes of the packet, header included.</summary>
    internal int TotalBytes;

    internal byte TypeOfService;
    internal ushort Identification;
    internal bool DontFragment;
    internal bool MoreFragments;
    internal int FragmentOffsetBytes;
    internal byte TimeToLive;
    internal byte Protocol;
    internal IpAddress Source;
    internal IpAddress Destination;

    internal readonly bool IsFragment => MoreFragments || FragmentOffsetBytes != 0;

    internal readonly int PayloadBytes => TotalBytes - HeaderBytes;

    /// <summary>
    /// Completes a header that a program has made: length and checksum, and the identification and the source unless it has put them there.
    /// </summary>
    internal static void Complete(Span<byte> header, int totalBytes, ushort identification, IpAddress source)
    {
        BinaryPrimitives.WriteUInt16BigEndian(header[TotalBytesOffset..], (ushort)totalBytes);
        if (BinaryPrimitives.ReadUInt16BigEndian(header[IdentificationOffset..]) == 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header[IdentificationOffset..], identification);
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(header[SourceOffset..]) == 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(header[SourceOffset..], source.V4);
        }

        header.Slice(ChecksumOffset, sizeof(ushort)).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header[ChecksumOffset..], InternetChecksum.Complement(InternetChecksum.Sum(header)));
    }

    /// <summary>Reads the header; false unless lengths agree, the whole packet is there and the checksum is right.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out Ipv4Header header)
    {
        header = default;
        if (bytes.Length < LengthBytes || bytes[0] >> 4 != 4)
        {
            return false;
        }

        int headerBytes = (bytes[0] & 15) * 4;
        int totalBytes = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (headerBytes < LengthBytes || totalBytes < headerBytes || totalBytes > bytes.Length
            || !InternetChecksum.IsIntact(InternetChecksum.Sum(bytes[..headerBytes])))
        {
            return false;
        }

        ushort fragment = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        header.HeaderBytes = headerBytes;
        header.TotalBytes = totalBytes;
        header.TypeOfService = bytes[1];
        header.Identification = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        header.DontFragment = (fragment & DontFragmentBit) != 0;
        header.MoreFragments = (fragment & MoreFragmentsBit) != 0;
        header.FragmentOffsetBytes = (fragment & OffsetMask) * 8;
        header.TimeToLive = bytes[8];
        header.Protocol = bytes[9];
        header.Source = IpAddress.From(bytes.Slice(12, 4));
        header.Destination = IpAddress.From(bytes.Slice(16, 4));
        return true;
    }

    /// <summary>Writes a header without options, checksum included, in words of 32 bits.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        bytes = bytes[..LengthBytes];
        int flags = (DontFragment ? DontFragmentBit : 0) | (MoreFragments ? MoreFragmentsBit : 0);
        uint kind = VersionAndLength | ((uint)TypeOfService << 16) | (ushort)TotalBytes;
        uint fragment = ((uint)Identification << 16) | (ushort)(flags | (FragmentOffsetBytes / 8));
        uint protocol = ((uint)TimeToLive << 24) | ((uint)Protocol << 16);
        uint sum = InternetChecksum.SumOf(kind) + InternetChecksum.SumOf(fragment) + InternetChecksum.SumOf(protocol)
            + InternetChecksum.SumOf(Source.V4) + InternetChecksum.SumOf(Destination.V4);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, kind);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], fragment);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], protocol | InternetChecksum.Complement(sum));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], Source.V4);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], Destination.V4);
    }

    public override readonly string ToString() => $"{Source} > {Destination} protocol {Protocol} length {TotalBytes}";
}
