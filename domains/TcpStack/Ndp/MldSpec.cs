using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Ndp;

/// <summary>Numbers of MLD (RFC 2710, RFC 3810).</summary>
internal static class MldSpec
{
    internal const byte Query = 130;
    internal const byte ReportVersion1 = 131;
    internal const byte DoneVersion1 = 132;
    internal const byte Report = 143;

    // Kinds of records (RFC 3810 section 5.2.12).
    internal const byte ModeIsExclude = 2;
    internal const byte ChangeToInclude = 3;
    internal const byte ChangeToExclude = 4;

    /// <summary>A report of one group.</summary>
    internal const int ReportBytes = 28;

    /// <summary>Robustness Variable (section 9.1).</summary>
    internal const int Robustness = 2;

    /// <summary>Unsolicited Report Interval (section 9.11).</summary>
    internal const long UnsolicitedMicrosMax = 1_000_000;

    /// <summary>Older Version Querier Present Timeout with the default intervals (section 9.12).</summary>
    internal const long OlderQuerierMicros = 260_000_000;

    /// <summary>ff02::16, all routers that speak version 2.</summary>
    internal static IpAddress AllMld2Routers => new(0xFF02_0000_0000_0000, 0x16);
}
