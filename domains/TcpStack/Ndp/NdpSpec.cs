using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Ndp;

/// <summary>Numbers of neighbour discovery (RFC 4861) and of address configuration (RFC 4862).</summary>
internal static class NdpSpec
{
    internal const byte RouterSolicitation = 133;
    internal const byte RouterAdvertisement = 134;
    internal const byte NeighborSolicitation = 135;
    internal const byte NeighborAdvertisement = 136;
    internal const byte Redirect = 137;

    /// <summary>Only a neighbour can send with it: every router takes one off (RFC 4861 section 3.1).</summary>
    internal const byte HopLimit = 255;

    // Flags of a neighbour advertisement (section 4.4).
    internal const uint FlagRouter = 1U << 31;
    internal const uint FlagSolicited = 1U << 30;
    internal const uint FlagOverride = 1U << 29;

    // Kinds of options (section 4.6; the nonce: RFC 3971 section 5.3.2).
    internal const byte OptionSourceMac = 1;
    internal const byte OptionTargetMac = 2;
    internal const byte OptionPrefix = 3;
    internal const byte OptionMtu = 5;
    internal const byte OptionNonce = 14;

    /// <summary>What the lengths of options count in (section 4.6).</summary>
    internal const int OptionUnitBytes = 8;

    // Section 10.
    internal const long ReachableMicros = 30_000_000;
    internal const long RetransmitMicros = 1_000_000;
    internal const int UnicastSolicitations = 3;

    /// <summary>MAX_RTR_SOLICITATION_DELAY.</summary>
    internal const long SolicitationDelayMicros = 1_000_000;

    /// <summary>RTR_SOLICITATION_INTERVAL, and MRT of RFC 7559 section 2, up to which it is doubled.</summary>
    internal const long SolicitationIntervalMicros = 4_000_000;

    /// <inheritdoc cref="SolicitationIntervalMicros"/>
    internal const long SolicitationIntervalMicrosMax = 3_600_000_000;

    /// <summary>Longest reachable time that a router may ask for (section 6.2.1): an hour.</summary>
    internal const long ReachableMicrosMax = 3_600_000_000;

    /// <summary>
    /// A router may ask for longer; hosts that would wait an hour for a neighbour could not be reached because of one advertisement.
    /// </summary>
    internal const long RetransmitMicrosMax = 10_000_000;

    /// <summary>And for shorter, down to a storm of questions.</summary>
    internal const long RetransmitMicrosMin = 10_000;

    /// <summary>DupAddrDetectTransmits (RFC 4862 section 5.1).</summary>
    internal const int DuplicateProbes = 1;

    /// <summary>IDGEN_RETRIES: identifiers that are tried for one prefix (RFC 7217 section 7).</summary>
    internal const int IdentifierRetries = 3;

    /// <summary>The bits of a prefix that addresses are made of: the identifier has the other 64 (RFC 4291 section 2.5.1).</summary>
    internal const int PrefixBits = 64;

    /// <summary>Nobody may shorten the valid lifetime of an address to less (RFC 4862 section 5.5.3 (e)).</summary>
    internal const long ShortenedMicrosMin = 7_200_000_000;

    /// <summary>A lifetime that has no end (RFC 4861 section 4.6.2).</summary>
    internal const uint ForeverSeconds = uint.MaxValue;

    /// <summary>What Linux gives routes of router advertisements, behind those that people make.</summary>
    internal const uint RouteMetric = 1_024;

    /// <summary>And those of prefixes (IP6_RT_PRIO_KERN).</summary>
    internal const uint PrefixMetric = 256;

    /// <summary>ff02::1.</summary>
    internal static IpAddress AllNodes => new(0xFF02_0000_0000_0000, 1);

    /// <summary>ff02::2.</summary>
    internal static IpAddress AllRouters => new(0xFF02_0000_0000_0000, 2);

    /// <summary>fe80::.</summary>
    internal static IpAddress LinkLocal => new(0xFE80_0000_0000_0000, 0);

    /// <summary>The group that all hosts are in whose addresses end in the same 24 bits (RFC 4291 section 2.7.1).</summary>
    internal static IpAddress SolicitedNode(IpAddress address) =>
        new(0xFF02_0000_0000_0000, 0x0000_0001_FF00_0000 | (address.Low & 0xFF_FFFF));
}
