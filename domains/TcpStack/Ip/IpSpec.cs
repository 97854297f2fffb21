namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Values of the IP protocols.</summary>
internal static class IpSpec
{
    /// <summary>What RFC 1122 section 3.2.1.7 calls the default; its value is of the Assigned Numbers (RFC 1700).</summary>
    internal const byte TimeToLiveDefault = 64;

    /// <summary>Multicast stays on the link unless asked otherwise (RFC 1112 section 6.1).</summary>
    internal const byte TimeToLiveMulticast = 1;

    /// <summary>
    /// How long fragments of IPv4 wait for the others: Linux's value; RFC 1122 section 3.3.2 has 60 to 120 s for slower times.
    /// </summary>
    internal const long ReassemblyMicros = 30_000_000;

    /// <summary>Of IPv6 (RFC 8200 section 4.5).</summary>
    internal const long ReassemblyMicrosV6 = 60_000_000;

    /// <summary>Every link carries as much (RFC 791 section 3.2).</summary>
    internal const int MtuBytesMin = 68;

    /// <summary>Every link carries as much of IPv6 (RFC 8200 section 5).</summary>
    internal const int MtuBytesMinV6 = 1_280;

    /// <summary>The bits of ECN in the type of service; both are set in a packet that a router has marked (RFC 3168 section 5).</summary>
    internal const byte EcnMask = 3;

    /// <summary>ECT(0): the transport heeds marks (RFC 3168 section 5).</summary>
    internal const byte EcnCapable = 2;

    /// <summary>Fragments but the last are cut at multiples of 8 bytes (RFC 791 section 3.2, RFC 8200 section 4.5).</summary>
    internal const int FragmentUnitBytes = 8;

    /// <summary>A path's learned MTU is forgotten after 10 minutes, since it may have grown (RFC 8201 section 4).</summary>
    internal const long PathMtuMicros = 600_000_000;
}
