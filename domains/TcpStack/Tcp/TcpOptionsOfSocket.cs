namespace RedLeafSharp.Domains.TcpStack.Tcp;

/// <summary>What a program can set.</summary>
internal struct TcpOptionsOfSocket
{
    internal int SendBytes;
    internal int ReceiveBytes;
    internal bool IsNoDelay;

    /// <summary>TCP_CORK: nothing but full segments, for as long as the persist timer lets them wait.</summary>
    internal bool IsCorked;

    internal bool IsReadShut;

    /// <summary>SO_OOBINLINE: urgent data is read like other data.</summary>
    internal bool IsUrgentInline;

    /// <summary>IP_TOS, without the bits of ECN.</summary>
    internal byte TypeOfService;

    /// <summary>IP_TTL, IPV6_UNICAST_HOPS; 0 for the usual one.</summary>
    internal byte TimeToLive;

    /// <summary>SO_BROADCAST, which a stream has no use for.</summary>
    internal bool MayBroadcast;

    /// <summary>SO_REUSEADDR, which the connection keeps beyond its socket's end.</summary>
    internal bool MayShareAddress;

    /// <summary>SO_REUSEPORT: several listeners of a port, among which connections are divided.</summary>
    internal bool MaySharePort;

    internal bool UsesKeepalive;
    internal long KeepaliveIdleMicros;
    internal long KeepaliveIntervalMicros;
    internal int KeepaliveProbes;

    /// <summary>0 for the usual one.</summary>
    internal long UserTimeoutMicros;

    /// <summary>-1 for none; 0 resets at close.</summary>
    internal int LingerSeconds;

    internal static TcpOptionsOfSocket Default => new()
    {
        SendBytes = StackLimits.StreamBytesDefault,
        ReceiveBytes = StackLimits.StreamBytesDefault,
        KeepaliveIdleMicros = TcpSpec.KeepaliveIdleMicros,
        KeepaliveIntervalMicros = TcpSpec.KeepaliveIntervalMicros,
        KeepaliveProbes = TcpSpec.KeepaliveProbesMax,
        LingerSeconds = -1,
    };
}
