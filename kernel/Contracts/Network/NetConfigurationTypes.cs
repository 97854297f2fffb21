using System.Buffers.Binary;

namespace RedLeafSharp.Contracts;

/// <summary>The name of a link: up to 15 bytes (IFNAMSIZ of Linux less the NUL), the first one on top of <paramref name="First"/>.</summary>
/// <param name="First">Bytes 0 to 7; 0 behind the end.</param>
/// <param name="Second">Bytes 8 to 15.</param>
public readonly record struct LinkName(ulong First, ulong Second)
{
    /// <summary>Bytes of the longest name.</summary>
    public const int LengthMax = 15;

    /// <summary>The name in bytes; cut after <see cref="LengthMax"/>.</summary>
    public static LinkName From(ReadOnlySpan<byte> name)
    {
        Span<byte> bytes = new byte[LengthMax + 1];
        name[..Math.Min(name.Length, LengthMax)].CopyTo(bytes);
        return new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    /// <summary>The name in characters of ASCII; cut after <see cref="LengthMax"/>.</summary>
    public static LinkName From(string name)
    {
        byte[] bytes = new byte[Math.Min(name.Length, LengthMax)];
        for (int index = 0; index < bytes.Length; index++)
        {
            bytes[index] = (byte)name[index];
        }

        return From(bytes);
    }

    /// <summary>The name as text.</summary>
    public override string ToString()
    {
        Span<char> text = new char[LengthMax + 1];
        int length = 0;
        for (; length < LengthMax; length++)
        {
            ulong half = length < 8 ? First : Second;
            char letter = (char)((half >> (56 - (8 * (length % 8)))) & 0xFF);
            if (letter == 0)
            {
                break;
            }

            text[length] = letter;
        }

        return new string(text[..length]);
    }
}

/// <summary>Properties of a link, with Linux's numbers (IFF_*).</summary>
[Flags]
public enum LinkFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>IFF_UP: whoever administers it has taken it up.</summary>
    Up = 1,

    /// <summary>IFF_BROADCAST.</summary>
    Broadcast = 2,

    /// <summary>IFF_LOOPBACK.</summary>
    Loopback = 8,

    /// <summary>IFF_RUNNING: frames can pass.</summary>
    Running = 0x40,

    /// <summary>IFF_MULTICAST.</summary>
    Multicast = 0x1000,
}

/// <summary>What <see cref="INetConfiguration.ChangeLink"/> changes.</summary>
[Flags]
public enum LinkChanges
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Whether it is <see cref="LinkFlags.Up"/>.</summary>
    Up = 1,

    /// <summary>The MTU.</summary>
    Mtu = 2,
}

/// <summary>A link: struct ifinfomsg with its attributes.</summary>
public struct LinkInfo
{
    /// <summary>From 1; the loopback's is 1.</summary>
    public int Index;

    /// <summary>The name.</summary>
    public LinkName Name;

    /// <summary>Its state.</summary>
    public LinkFlags Flags;

    /// <summary>Its own address; zero for the loopback.</summary>
    public MacAddress Mac;

    /// <summary>Bytes of the largest packet.</summary>
    public int MtuBytes;

    /// <summary>IFLA_LINK: of a VLAN the link that its frames go over; 0 for others.</summary>
    public int BelowIndex;

    /// <summary>IFLA_VLAN_ID: 1 to 4094; 0 for a link that is no VLAN.</summary>
    public ushort VlanIdentifier;

    /// <summary>Counts since the start.</summary>
    public LinkCounters Counters;
}

/// <summary>What a link has counted: a part of struct rtnl_link_stats64.</summary>
public struct LinkCounters
{
    /// <summary>Packets received.</summary>
    public long ReceivedPackets;

    /// <summary>Bytes received.</summary>
    public long ReceivedBytes;

    /// <summary>Packets received that nobody wanted, or that were damaged.</summary>
    public long ReceivedDropped;

    /// <summary>Packets sent.</summary>
    public long SentPackets;

    /// <summary>Bytes sent.</summary>
    public long SentBytes;

    /// <summary>Packets that could not be sent.</summary>
    public long SentDropped;
}

/// <summary>An address of a link: struct ifaddrmsg with its attributes.</summary>
public struct AddressInfo
{
    /// <summary>The link.</summary>
    public int LinkIndex;

    /// <summary>The address.</summary>
    public IpAddress Address;

    /// <summary>Bits of the network's part.</summary>
    public int PrefixBits;

    /// <summary>Whether it is still being found out whether another host has it; it is not used yet.</summary>
    public bool IsTentative;

    /// <summary>Whether it was made of a router's prefix, or of the link-local one. Only told.</summary>
    public bool IsAutomatic;

    /// <summary>Whether it is not chosen any more for what is new. Only told.</summary>
    public bool IsDeprecated;

    /// <summary>Until when it may be chosen for what is new, in microseconds of the system's uptime; 0 for ever. Only told.</summary>
    public long PreferredUntilMicros;

    /// <summary>Until when it is there; 0 for ever. Only told.</summary>
    public long ValidUntilMicros;
}

/// <summary>A route: struct rtmsg with its attributes.</summary>
public struct RouteInfo
{
    /// <summary>Where it leads.</summary>
    public IpAddress Destination;

    /// <summary>Bits of the destination that count; 0 is the default route.</summary>
    public int PrefixBits;

    /// <summary>The router; unspecified when the destination is on the link.</summary>
    public IpAddress Gateway;

    /// <summary>The link; 0 has it chosen by the gateway.</summary>
    public int LinkIndex;

    /// <summary>The address to send from; unspecified to choose one.</summary>
    public IpAddress Source;

    /// <summary>Of two routes to the same place the one with the smaller metric is taken.</summary>
    public uint Metric;

    /// <summary>Whether a router has told of it. Only told.</summary>
    public bool IsAdvertised;

    /// <summary>Until when it holds, in microseconds of the system's uptime; 0 for ever. Only told.</summary>
    public long ExpiresMicros;
}

/// <summary>States of a neighbour, with Linux's numbers (NUD_*).</summary>
public enum NeighborStatus
{
    /// <summary>NUD_NONE.</summary>
    None = 0,

    /// <summary>NUD_INCOMPLETE: asked for.</summary>
    Incomplete = 1,

    /// <summary>NUD_REACHABLE: has answered lately.</summary>
    Reachable = 2,

    /// <summary>NUD_STALE: has not been heard of for a while.</summary>
    Stale = 4,

    /// <summary>NUD_DELAY: stale and used; will be asked for again.</summary>
    Delay = 8,

    /// <summary>NUD_PROBE: asked for again.</summary>
    Probe = 0x10,

    /// <summary>NUD_PERMANENT: set by hand.</summary>
    Permanent = 0x80,
}

/// <summary>A neighbour: struct ndmsg with its attributes.</summary>
public struct NeighborInfo
{
    /// <summary>The link.</summary>
    public int LinkIndex;

    /// <summary>The neighbour's address.</summary>
    public IpAddress Address;

    /// <summary>Its address on the link.</summary>
    public MacAddress Mac;

    /// <summary>What is known of it.</summary>
    public NeighborStatus Status;

    /// <summary>Whether it has said that it is a router. Only told.</summary>
    public bool IsRouter;
}
