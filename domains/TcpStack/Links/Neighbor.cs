using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>What is known of a neighbour: the states of RFC 4861 section 7.3.2, for ARP as well.</summary>
internal enum NeighborState : byte
{
    /// <summary>Asked for; packets wait.</summary>
    Incomplete,

    /// <summary>Has answered lately.</summary>
    Reachable,

    /// <summary>Has not been heard of for a while; used, and asked for again when it is.</summary>
    Stale,

    /// <summary>Stale, and used: asked for again after a while, unless it is heard of.</summary>
    Delay,

    /// <summary>Asked for again, at the old address.</summary>
    Probe,

    /// <summary>Set by hand; never changes.</summary>
    Permanent,
}

/// <summary>An entry of the neighbour cache.</summary>
internal sealed class Neighbor(int interfaceIndex, IpAddress address)
{
    private readonly int[] pending = new int[StackLimits.PendingPerNeighborMax];

    internal int InterfaceIndex { get; } = interfaceIndex;

    internal IpAddress Address { get; } = address;

    internal MacAddress Mac;
    internal NeighborState State;
    internal int RequestsSent;

    /// <summary>Whether it has said that it is a router (RFC 4861 section 5.1).</summary>
    internal bool IsRouter;

    /// <summary>When a request, or the end of the state, is due.</summary>
    internal long DeadlineMicros = long.MaxValue;

    internal long UsedMicros;

    internal int PendingCount { get; private set; }

    /// <summary>Whether frames may go to <see cref="Mac"/>.</summary>
    internal bool IsUsable => State != NeighborState.Incomplete;

    /// <summary>Queues a packet; returns the oldest one, which has to give way, or -1.</summary>
    internal int Enqueue(int packet)
    {
        int dropped = PendingCount == pending.Length ? Dequeue() : -1;
        pending[PendingCount++] = packet;
        return dropped;
    }

    internal int Dequeue()
    {
        int packet = pending[0];
        Array.Copy(pending, 1, pending, 0, --PendingCount);
        return packet;
    }
}

/// <summary>What names a neighbour.</summary>
internal readonly struct NeighborKey(int interfaceIndex, IpAddress address) : IEquatable<NeighborKey>
{
    private readonly int interfaceIndex = interfaceIndex;
    private readonly IpAddress address = address;

    public bool Equals(NeighborKey other) => interfaceIndex == other.interfaceIndex && address == other.address;

    public override bool Equals(object? obj) => obj is NeighborKey other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(interfaceIndex, address.High, address.Low);
}
