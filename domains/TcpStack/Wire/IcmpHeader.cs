using System.Buffers.Binary;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>The header that all messages of ICMP (RFC 792) and ICMPv6 (RFC 4443 section 2.1) begin with.</summary>
internal struct IcmpHeader
{
    internal const int LengthBytes = 8;
    internal const int ChecksumOffset = 2;

    internal byte Type;
    internal byte Code;

    /// <summary>Bytes 4 to 7, whose meaning depends on the type: identifier and sequence number, or a next hop's MTU.</summary>
    internal uint Rest;

    /// <summary>Reads the header. The caller checks the sum, over the pseudo-header too for ICMPv6.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out IcmpHeader header)
    {
        header = default;
        if (bytes.Length < LengthBytes)
        {
            return false;
        }

        header.Type = bytes[0];
        header.Code = bytes[1];
        header.Rest = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        return true;
    }

    /// <summary>Writes the header with a checksum of 0.</summary>
    internal readonly void Write(Span<byte> bytes)
    {
        bytes[0] = Type;
        bytes[1] = Code;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[ChecksumOffset..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Rest);
    }

    public override readonly string ToString() => $"icmp type {Type} code {Code}";
}

/// <summary>Types and codes of ICMP (RFC 792, RFC 1122 section 3.2.2, RFC 1191).</summary>
internal static class IcmpSpec
{
    internal const byte EchoReply = 0;
    internal const byte DestinationUnreachable = 3;
    internal const byte Redirect = 5;
    internal const byte Echo = 8;
    internal const byte TimeExceeded = 11;
    internal const byte ParameterProblem = 12;

    internal const byte CodeProtocolUnreachable = 2;
    internal const byte CodePortUnreachable = 3;
    internal const byte CodeFragmentationNeeded = 4;
    internal const byte CodeReassemblyTimeExceeded = 1;

    /// <summary>What an error message quotes of the packet behind its IP header, at least (RFC 792).</summary>
    internal const int QuotedPayloadBytes = 8;
}
