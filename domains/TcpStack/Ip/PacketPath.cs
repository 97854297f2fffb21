using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>The way of packets to a destination.</summary>
internal struct PacketPath
{
    internal NetworkInterface Interface;
    internal IpAddress Source;
    internal IpAddress Destination;
    internal IpAddress NextHop;

    /// <summary>What a router on the way has said it can carry (RFC 8201); 0 when none has.</summary>
    internal int LearnedMtuBytes;

    internal readonly bool IsV4 => Destination.IsV4;

    internal readonly int MtuBytes => IsV4 ? Interface.MtuBytes
        : LearnedMtuBytes == 0 ? Interface.MtuBytesV6
        : Math.Min(LearnedMtuBytes, Interface.MtuBytesV6);

    /// <summary>Bytes of the IP header before what a transport sends.</summary>
    internal readonly int HeaderBytes => IsV4 ? Ipv4Header.LengthBytes : Ipv6Header.LengthBytes;
}

/// <summary>What a packet received came with.</summary>
internal struct PacketOrigin
{
    internal NetworkInterface Interface;
    internal IpAddress Source;
    internal IpAddress Destination;
    internal byte Protocol;

    /// <summary>With the bits of ECN; of IPv6 the traffic class.</summary>
    internal byte TypeOfService;

    /// <summary>The time to live, or hop limit, that was left.</summary>
    internal byte HopLimit;

    /// <summary>Bytes of the IP header and its extensions, which lie right before the packet's data.</summary>
    internal int HeaderBytes;

    /// <summary>Whether the destination is this host alone, no group and no broadcast.</summary>
    internal bool IsUnicast;

    /// <summary>Whether it came with a fragment header, alone or in pieces.</summary>
    internal bool WasFragment;

    /// <summary>Whether routers were to look at it because of MLD (RFC 2711 section 2.1).</summary>
    internal bool HasRouterAlert;

    internal readonly bool IsV4 => Destination.IsV4;

    /// <summary>The link that its addresses mean something on, from 1.</summary>
    internal readonly int Zone => Interface.IsLoopback ? 0 : Interface.Index + 1;
}

/// <summary>Properties of IP packets to send.</summary>
internal struct PacketProperties
{
    internal byte Protocol;

    /// <summary>The time to live, or hop limit; 0 for the usual one.</summary>
    internal byte TimeToLive;

    internal byte TypeOfService;
    internal bool DontFragment;
}

/// <summary>Why a packet could not be delivered, in the words of neither version.</summary>
internal enum DeliveryFailure : byte
{
    NoProtocol,
    NoPort,
    ReassemblyTimeout,
}
