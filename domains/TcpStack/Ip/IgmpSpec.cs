namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Values of IGMP: version 3 (RFC 3376), and of versions 2 (RFC 2236) and 1 (RFC 1112) for older routers.</summary>
internal static class IgmpSpec
{
    internal const byte Query = 0x11;
    internal const byte ReportV1 = 0x12;
    internal const byte ReportV2 = 0x16;
    internal const byte LeaveV2 = 0x17;
    internal const byte ReportV3 = 0x22;

    /// <summary>Messages of versions 1 and 2, and queries of theirs (RFC 2236 section 2).</summary>
    internal const int MessageBytes = 8;

    /// <summary>A query of version 3 without sources (RFC 3376 section 4.1).</summary>
    internal const int QueryBytesV3 = 12;

    /// <summary>A group in a report, without sources (RFC 3376 section 4.2.4).</summary>
    internal const int RecordBytes = 8;

    internal const byte ModeIsExclude = 2;
    internal const byte ChangeToInclude = 3;
    internal const byte ChangeToExclude = 4;

    /// <summary>The Router Alert option (RFC 2113 section 2.1), which RFC 3376 section 4 asks for.</summary>
    internal const uint RouterAlert = 0x9404_0000;

    /// <summary>"Internetwork Control", which RFC 3376 section 4 asks for.</summary>
    internal const byte TypeOfService = 0xC0;

    /// <summary>Times that a change is told (RFC 3376 section 8.1), unless a query says otherwise.</summary>
    internal const int Robustness = 2;

    /// <summary>Most times: the field has three bits.</summary>
    internal const int RobustnessMax = 7;

    /// <summary>Between reports of a change (RFC 3376 section 8.11).</summary>
    internal const long ChangeIntervalMicros = 1_000_000;

    /// <summary>The same of older versions (RFC 2236 section 8.10).</summary>
    internal const long ChangeIntervalV2Micros = 10_000_000;

    /// <summary>When a query of version 1, which has no time, is to be answered (RFC 1112 appendix I).</summary>
    internal const long ResponseV1Micros = 10_000_000;

    /// <summary>How long an older router counts as there: 2 x 125 s + 10 s (RFC 3376 sections 8.12 and 8.2, 8.3).</summary>
    internal const long OlderVersionMicros = 260_000_000;

    /// <summary>Codes of time from here on are floating-point numbers (RFC 3376 section 4.1.1).</summary>
    internal const int FloatingCode = 128;
}
