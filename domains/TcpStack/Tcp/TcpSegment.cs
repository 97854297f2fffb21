using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>
/// A segment received: its header, its options, and the packet whose data is its payload. It may be several that were merged: their
/// payload is in the packets behind it, in order.
/// </summary>
internal struct TcpSegment
{
    internal TcpHeader Header;
    internal TcpOptions Options;
    internal int Packet;
    internal int PayloadBytes;

    /// <summary>Whether a router has marked the packet: congestion experienced (RFC 3168 section 5).</summary>
    internal bool IsMarked;

    /// <summary>SEG.SEQ</summary>
    internal readonly uint Start => Header.Sequence;

    /// <summary>SEG.SEQ + SEG.LEN: SYN and FIN count as one each.</summary>
    internal readonly uint End =>
        Header.Sequence + (uint)PayloadBytes + (Header.IsSyn ? 1U : 0) + (Header.IsFin ? 1U : 0);

    internal readonly uint LengthBytes => End - Start;
}
