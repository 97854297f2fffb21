using System.Buffers.Binary;

namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>Control bits of a TCP segment (RFC 9293 section 3.1).</summary>
[Flags]
internal enum TcpFlags : byte
{
    None = 0,
    Fin = 1,
    Syn = 2,
    Rst = 4,
    Psh = 8,
    Ack = 16,
    Urg = 32,
    Ece = 64,
    Cwr = 128,
}

/// <summary>The header of a TCP segment (RFC 9293 section 3.1).</summary>
internal struct TcpHeader
{
    internal const int LengthBytes = 20;
    internal const int LengthBytesMax = 60;
    internal const int ChecksumOffset = 16;

    internal ushort SourcePort;
    internal ushort DestinationPort;
    internal uint Sequence;
    internal uint Acknowledgment;

    /// <summary>Bytes of this header, options included; a multiple of 4.</summary>
    internal int HeaderBytes;

    internal TcpFlags Flags;
    internal ushort Window;
    internal ushort UrgentPointer;

    internal readonly bool IsSyn => (Flags & TcpFlags.Syn) != 0;

    internal readonly bool IsAck => (Flags & TcpFlags.Ack) != 0;

    internal readonly bool IsRst => (Flags & TcpFlags.Rst) != 0;

    internal readonly bool IsFin => (Flags & TcpFlags.Fin) != 0;

    /// <summary>Reads the header; false unless all of it, options included, is there.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> segment, out TcpHeader header)
    {
        header = default;
        if (segment.Length < LengthBytes)
        {
            return false;
        }

        header.SourcePort = BinaryPrimitives.ReadUInt16BigEndian(segment);
        header.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(segment[2..]);
        header.Sequence = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]);
        header.Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(segment[8..]);
        header.HeaderBytes = (segment[12] >> 4) * 4;
        header.Flags = (TcpFlags)segment[13];
        header.Window = BinaryPrimitives.ReadUInt16BigEndian(segment[14..]);
        header.UrgentPointer = BinaryPrimitives.ReadUInt16BigEndian(segment[18..]);
        return header.HeaderBytes >= LengthBytes && header.HeaderBytes <= segment.Length;
    }

    /// <summary>Writes the fixed part with a checksum of 0, in words of 32 bits, as it is summed.</summary>
    internal readonly void Write(Span<byte> segment)
    {
        segment = segment[..LengthBytes];
        uint control = ((uint)(HeaderBytes / 4) << 28) | ((uint)(byte)Flags << 16) | Window;
        BinaryPrimitives.WriteUInt32BigEndian(segment, ((uint)SourcePort << 16) | DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment[8..], Acknowledgment);
        BinaryPrimitives.WriteUInt32BigEndian(segment[12..], control);
        BinaryPrimitives.WriteUInt32BigEndian(segment[ChecksumOffset..], UrgentPointer);
    }

    public override readonly string ToString() =>
        $"{SourcePort} > {DestinationPort} {Flags} seq {Sequence} ack {Acknowledgment} win {Window}";
}
