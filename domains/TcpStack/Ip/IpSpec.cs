namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Values of the IP protocols.</summary>
internal static class IpSpec
{
    /// <summary>What RFC 1122 section 3.2.1.7 calls the default; its value is of the Assigned Numbers (RFC 1700).</summary>
    internal const byte TimeToLiveDefault = 64;

    /// <summary>Multicast stays on the link unless asked otherwise (RFC 1112 section 6.1).</summary>
    internal const byte TimeToLiveMulticast = 1;

    /// <summary>
    /// How long fragments wait for the others: Linux's value; RFC 1122 section 3.3.2 has 60 to 120 s for slower times.
    /// </summary>
    internal const long ReassemblyMicros = 30_000_000;

    /// <summary>Every link carries as much (RFC 791 section 3.2).</summary>
    internal const int MtuBytesMin = 68;

    /// <summary>Fragments but the last are cut at multiples of 8 bytes (RFC 791 section 3.2).</summary>
    internal const int FragmentUnitBytes = 8;
}
