using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// What is known of single destinations of IPv6 beyond routes (RFC 4861 section 5.1): a better first hop, that a router has named, and
/// the path's MTU.
/// </summary>
internal sealed class DestinationCache(NetworkStack stack)
{
    private readonly Dictionary<IpAddress, int> places = [];
    private readonly Destination[] entries = new Destination[StackLimits.DestinationsMax];

    internal int Count { get; private set; }

    /// <summary>Puts what is known of its destination into a path.</summary>
    internal void Apply(ref PacketPath path)
    {
        if (Count == 0 || !places.TryGetValue(path.Destination, out int place))
        {
            return;
        }

        ref Destination entry = ref entries[place];
        if (entry.ExpiresMicros <= stack.NowMicros)
        {
            Remove(place);
            return;
        }

        path.LearnedMtuBytes = entry.MtuBytes;
        if (entry.InterfaceIndex == path.Interface.Index && !entry.NextHop.IsUnspecified)
        {
            path.NextHop = entry.NextHop;
        }
    }

    /// <summary>The path carries no longer packets than this; it only ever shrinks, until it is forgotten.</summary>
    internal void LearnMtu(IpAddress destination, int mtuBytes)
    {
        ref Destination entry = ref FindOrAdd(destination);
        entry.MtuBytes = entry.MtuBytes == 0 ? mtuBytes : Math.Min(entry.MtuBytes, mtuBytes);
        entry.ExpiresMicros = stack.NowMicros + IpSpec.PathMtuMicros;
    }

    /// <summary>There is a better first hop (RFC 4861 section 8.3).</summary>
    internal void Redirect(IpAddress destination, int interfaceIndex, IpAddress nextHop)
    {
        ref Destination entry = ref FindOrAdd(destination);
        (entry.InterfaceIndex, entry.NextHop) = (interfaceIndex, nextHop);
        entry.ExpiresMicros = Math.Max(entry.ExpiresMicros, stack.NowMicros + IpSpec.PathMtuMicros);
    }

    /// <summary>A neighbour does not answer any more: whatever goes by it finds its way anew.</summary>
    internal void ForgetNextHop(int interfaceIndex, IpAddress nextHop)
    {
        for (int place = Count - 1; place >= 0; place--)
        {
            if (entries[place].NextHop == nextHop && entries[place].InterfaceIndex == interfaceIndex)
            {
                entries[place].NextHop = IpAddress.AnyV6;
            }
        }
    }

    private ref Destination FindOrAdd(IpAddress destination)
    {
        if (places.TryGetValue(destination, out int place))
        {
            return ref entries[place];
        }

        if (Count == entries.Length)
        {
            int victim = 0;
            for (int index = 1; index < Count; index++)
            {
                victim = entries[index].ExpiresMicros < entries[victim].ExpiresMicros ? index : victim;
            }

            Remove(victim);
        }

        place = Count++;
        places.Add(destination, place);
        entries[place] = new Destination { Address = destination };
        return ref entries[place];
    }

    private void Remove(int place)
    {
        places.Remove(entries[place].Address);
        entries[place] = entries[--Count];
        if (place < Count)
        {
            places[entries[place].Address] = place;
        }
    }

    private struct Destination
    {
        internal IpAddress Address;
        internal IpAddress NextHop;
        internal int InterfaceIndex;
        internal int MtuBytes;
        internal long ExpiresMicros;
    }
}
