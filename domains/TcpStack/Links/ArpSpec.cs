namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// Times of ARP: those of RFC 1122 section 2.3.2, RFC 5227 section 1.1, and of RFC 4861 section 10 for the cache's states.
/// </summary>
internal static class ArpSpec
{
    /// <summary>Between two requests for one address: at most one a second (RFC 1122 section 2.3.2.1).</summary>
    internal const long RetransmitMicros = 1_000_000;

    /// <summary>Requests before an address counts as unreachable; MAX_MULTICAST_SOLICIT of RFC 4861.</summary>
    internal const int RequestsMax = 3;

    /// <summary>An answer is good for this long; REACHABLE_TIME of RFC 4861.</summary>
    internal const long ReachableMicros = 30_000_000;

    /// <summary>
    /// After this the entry is asked for again when it is used, at the old address; DELAY_FIRST_PROBE_TIME of RFC 4861.
    /// </summary>
    internal const long DelayMicros = 5_000_000;

    /// <summary>PROBE_NUM and ANNOUNCE_NUM of RFC 5227.</summary>
    internal const int Probes = 3;

    /// <inheritdoc cref="Probes"/>
    internal const int Announcements = 2;

    /// <summary>
    /// Between probes (PROBE_MIN to PROBE_MAX, 1 to 2 s), after the last of them (ANNOUNCE_WAIT, 2 s), and between announcements
    /// (ANNOUNCE_INTERVAL, 2 s).
    /// </summary>
    internal const long ProbeIntervalMicros = 1_000_000;

    /// <inheritdoc cref="ProbeIntervalMicros"/>
    internal const long AnnounceWaitMicros = 2_000_000;

    /// <inheritdoc cref="ProbeIntervalMicros"/>
    internal const long AnnounceIntervalMicros = 2_000_000;

    /// <summary>A second conflict within this time gives the address up; DEFEND_INTERVAL of RFC 5227.</summary>
    internal const long DefendIntervalMicros = 10_000_000;
}
