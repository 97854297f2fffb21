namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>Values of the domain name system, with their sources.</summary>
internal static class DnsSpec
{
    public const ushort Port = 53;

    /// <summary>RFC 1035 section 4.1.1.</summary>
    public const int HeaderBytes = 12;

    /// <summary>Longest message over UDP without EDNS (RFC 1035 section 4.2.1).</summary>
    public const int DatagramBytesMax = 512;

    /// <summary>Longest name in octets, and a label (RFC 1035 section 2.3.4).</summary>
    public const int NameBytesMax = 255;

    /// <inheritdoc cref="NameBytesMax"/>
    public const int LabelBytesMax = 63;

    /// <summary>QR, TC and RD of the flags (RFC 1035 section 4.1.1).</summary>
    public const ushort FlagResponse = 0x8000;

    /// <inheritdoc cref="FlagResponse"/>
    public const ushort FlagTruncated = 0x0200;

    /// <inheritdoc cref="FlagResponse"/>
    public const ushort FlagRecursionDesired = 0x0100;

    public const ushort ClassInternet = 1;

    /// <summary>RFC 1035 section 3.2.2, RFC 3596 section 2.1.</summary>
    public const ushort TypeA = 1;

    /// <inheritdoc cref="TypeA"/>
    public const ushort TypeCname = 5;

    /// <inheritdoc cref="TypeA"/>
    public const ushort TypeAaaa = 28;
}

/// <summary>What came of a question: RCODE of RFC 1035 section 4.1.1, and what is no answer of a server.</summary>
internal enum DnsResult
{
    Success = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,

    /// <summary>The name is there, but has no such record.</summary>
    NoData = 16,

    /// <summary>No server has answered.</summary>
    NoAnswer = 17,

    /// <summary>What came is no answer to the question.</summary>
    Malformed = 18,

    /// <summary>The answer did not fit into a datagram.</summary>
    Truncated = 19,
}
