using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Ndp;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// What IPv6 knows of a link: the variables of RFC 4861 section 6.3.2, which routers set, and how far looking for routers has come.
/// </summary>
internal sealed class Ipv6Link
{
    /// <summary>Whether the link has had an address of IPv6.</summary>
    internal bool IsEnabled { get; set; }

    /// <summary>Whether routers configure it.</summary>
    internal bool IsAutomatic { get; set; }

    /// <summary>CurHopLimit.</summary>
    internal byte HopLimit { get; set; } = IpSpec.TimeToLiveDefault;

    /// <summary>LinkMTU as routers have it; 0 when they have said nothing.</summary>
    internal int MtuBytes { get; set; }

    /// <summary>BaseReachableTime, and ReachableTime, which is drawn from it.</summary>
    internal long BaseReachableMicros { get; set; } = NdpSpec.ReachableMicros;

    internal long ReachableMicros { get; set; } = NdpSpec.ReachableMicros;

    /// <summary>RetransTimer.</summary>
    internal long RetransmitMicros { get; set; } = NdpSpec.RetransmitMicros;

    /// <summary>How long to wait for a router before asking again, which grows (RFC 7559), and when that is.</summary>
    internal long SolicitationIntervalMicros { get; set; }

    internal long NextSolicitationMicros { get; set; } = long.MaxValue;

    /// <summary>Until when reports are those of MLDv1, since a querier speaks no more (RFC 3810 section 8.2.1).</summary>
    internal long OlderQuerierUntilMicros { get; set; }

    /// <summary>Whether frames could pass when it was last looked at.</summary>
    internal bool WasUp { get; set; }
}
