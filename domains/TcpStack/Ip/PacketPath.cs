using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>The way of packets to a destination.</summary>
internal struct PacketPath
{
    internal NetworkInterface Interface;
    internal IpAddress Source;
    internal IpAddress Destination;
    internal IpAddress NextHop;

    internal readonly int MtuBytes => Interface.MtuBytes;
}

/// <summary>What a packet received came with.</summary>
internal struct PacketOrigin
{
    internal NetworkInterface Interface;
    internal IpAddress Source;
    internal IpAddress Destination;
    internal byte Protocol;

    /// <summary>Bytes of the IP header, which lies right before the packet's data.</summary>
    internal int HeaderBytes;

    /// <summary>Whether the destination is this host alone, no group and no broadcast.</summary>
    internal bool IsUnicast;
}

/// <summary>Properties of IP packets to send.</summary>
internal struct PacketProperties
{
    internal byte Protocol;
    internal byte TimeToLive;
    internal byte TypeOfService;
    internal bool DontFragment;
}
