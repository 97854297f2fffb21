namespace RedLeafSharp.Contracts;

/// <summary>What a stack knows of a stream: the part of Linux's struct tcp_info (TCP_INFO) that it has.</summary>
public struct ConnectionInfo
{
    /// <summary>As <see cref="SocketOption.ConnectionState"/>.</summary>
    public int State;

    /// <summary>What was agreed on.</summary>
    public ConnectionOptions Options;

    /// <summary>Shifts of the windows (RFC 7323 section 2.2): the peer's, and this side's.</summary>
    public byte SendScale;

    /// <inheritdoc cref="SendScale"/>
    public byte ReceiveScale;

    /// <summary>Time-outs in a row, as of now.</summary>
    public int Backoff;

    /// <summary>The smoothed round trip; 0 before one has been measured.</summary>
    public long RoundTripMicros;

    /// <summary>How much round trips differ.</summary>
    public long RoundTripVariationMicros;

    /// <summary>The shortest round trip.</summary>
    public long MinRoundTripMicros;

    /// <summary>The retransmission time-out.</summary>
    public long TimeoutMicros;

    /// <summary>Bytes that may be in the network, and below which that grows by slow start.</summary>
    public int CongestionWindowBytes;

    /// <inheritdoc cref="CongestionWindowBytes"/>
    public int ThresholdBytes;

    /// <summary>Bytes sent and not acknowledged.</summary>
    public int InFlightBytes;

    /// <summary>Payload of a full segment, and of the longest received.</summary>
    public int SegmentBytesMax;

    /// <inheritdoc cref="SegmentBytesMax"/>
    public int ReceivedSegmentBytesMax;

    /// <summary>The windows that the peer and this side have offered.</summary>
    public uint SendWindowBytes;

    /// <inheritdoc cref="SendWindowBytes"/>
    public uint ReceiveWindowBytes;

    /// <summary>Segments sent again since the start.</summary>
    public long Retransmissions;

    /// <summary>Time-outs that turned out to be none, and were taken back.</summary>
    public int SpuriousTimeouts;
}

/// <summary>What both sides of a stream have agreed on, with Linux's numbers (TCPI_OPT_*).</summary>
[Flags]
public enum ConnectionOptions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Timestamps (RFC 7323).</summary>
    Timestamps = 1,

    /// <summary>Selective acknowledgments (RFC 2018).</summary>
    Sack = 2,

    /// <summary>Scaled windows (RFC 7323).</summary>
    WindowScale = 4,

    /// <summary>Marks instead of losses (RFC 3168).</summary>
    Ecn = 8,
}
