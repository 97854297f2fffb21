using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <summary>The stack's links, addresses, routes and neighbours, for those who configure it. Indexes go from 1 outside, from 0 inside.</summary>
internal sealed partial class NetConfiguration(NetworkStack stack, StackWork work) : INetConfiguration
{
    private const int MtuBytesMin = 68;

    public Reply<int, SocketError> DumpLinks(CallContext context, int start, Span<LinkInfo> links)
    {
        int count = 0;
        int position = 0;
        foreach (NetworkInterface link in stack.Interfaces)
        {
            if (link is not VlanInterface { IsGone: true } && position++ >= start && count < links.Length)
            {
                links[count++] = InfoOf(link);
            }
        }

        return count;
    }

    public Reply<int, SocketError> NewLink(CallContext context, in LinkInfo link)
    {
        if (!stack.TryFindInterface(link.BelowIndex - 1, out NetworkInterface below))
        {
            return SocketError.NoDevice;
        }

        work.Enter(context);
        SocketError error = stack.AddVlan(below, link.Name.ToString(), link.VlanIdentifier, out VlanInterface? added);
        work.Leave(context);
        return error == SocketError.None ? added!.Index + 1 : error;
    }

    public Reply<Unit, SocketError> DeleteLink(CallContext context, int index)
    {
        if (!stack.TryFindInterface(index - 1, out NetworkInterface link))
        {
            return SocketError.NoDevice;
        }

        if (link is not VlanInterface vlan)
        {
            return SocketError.NotSupported;
        }

        work.Enter(context);
        stack.RemoveVlan(vlan);
        return Leave(context, SocketError.None);
    }

    public Reply<LinkInfo, SocketError> GetLink(CallContext context, int index, LinkName name)
    {
        foreach (NetworkInterface link in stack.Interfaces)
        {
            if (link is not VlanInterface { IsGone: true } && (index == 0 ? link.LinkName == name : link.Index + 1 == index))
            {
                return InfoOf(link);
            }
        }

        return SocketError.NoDevice;
    }

    public Reply<Unit, SocketError> ChangeLink(CallContext context, in LinkInfo link, LinkChanges changes)
    {
        if (!stack.TryFindInterface(link.Index - 1, out NetworkInterface found))
        {
            return SocketError.NoDevice;
        }

        if ((changes & LinkChanges.Mtu) != 0)
        {
            if (link.MtuBytes < MtuBytesMin || link.MtuBytes > found.MtuBytesMax)
            {
                return SocketError.InvalidArgument;
            }

            found.MtuBytes = link.MtuBytes;
            foreach (VlanInterface vlan in found.Vlans)
            {
                vlan.MtuBytes = Math.Min(vlan.MtuBytes, link.MtuBytes);
            }
        }

        if ((changes & LinkChanges.Up) != 0)
        {
            found.IsTakenUp = (link.Flags & LinkFlags.Up) != 0;
        }

        return default(Unit);
    }

    public Reply<int, SocketError> DumpAddresses(CallContext context, int start, Span<AddressInfo> addresses)
    {
        int position = 0;
        int count = 0;
        foreach (NetworkInterface link in stack.Interfaces)
        {
            foreach (ref readonly InterfaceAddress address in link.Addresses)
            {
                if (position++ >= start && count < addresses.Length)
                {
                    addresses[count++] = new AddressInfo
                    {
                        LinkIndex = link.Index + 1,
                        Address = address.Address,
                        PrefixBits = address.PrefixBits,
                        IsTentative = address.IsTentative,
                        IsAutomatic = address.IsAutomatic,
                        IsDeprecated = address.IsDeprecatedAt(stack.NowMicros),
                        ValidUntilMicros = address.ValidUntilMicros,
                        PreferredUntilMicros = address.PreferredUntilMicros,
                    };
                }
            }
        }

        return count;
    }

    public Reply<Unit, SocketError> NewAddress(CallContext context, in AddressInfo address)
    {
        SocketError error = Check(address.Address, address.PrefixBits);
        if (!stack.TryFindInterface(address.LinkIndex - 1, out NetworkInterface link))
        {
            error = SocketError.NoDevice;
        }
        else if (address.Address.IsUnspecified || address.Address.IsMulticast)
        {
            error = SocketError.InvalidArgument;
        }

        if (error != SocketError.None)
        {
            return error;
        }

        work.Enter(context);
        error = link.FindAddress(address.Address) >= 0 ? SocketError.Exists
            : stack.TryAddAddress(link, address.Address, address.PrefixBits, isTentative: link.HasLinkHeader) ? SocketError.None
            : SocketError.TooMany;
        return Leave(context, error);
    }

    public Reply<Unit, SocketError> DeleteAddress(CallContext context, in AddressInfo address)
    {
        if (!stack.TryFindInterface(address.LinkIndex - 1, out NetworkInterface link))
        {
            return SocketError.NoDevice;
        }

        int index = link.FindAddress(address.Address);
        if (index < 0 || (address.PrefixBits != 0 && link.Addresses[index].PrefixBits != address.PrefixBits))
        {
            return SocketError.AddressNotAvailable;
        }

        work.Enter(context);
        stack.RemoveAddress(link, address.Address);
        return Leave(context, SocketError.None);
    }

    private static SocketError Check(IpAddress address, int prefixBits) =>
        prefixBits < 0 || prefixBits > PrefixBitsMax(address) ? SocketError.InvalidArgument : SocketError.None;

    private static int PrefixBitsMax(IpAddress address) => address.IsV4 ? 32 : 128;

    private static LinkInfo InfoOf(NetworkInterface link)
    {
        LinkFlags flags = link.IsTakenUp ? LinkFlags.Up : LinkFlags.None;
        flags |= link.IsUp ? LinkFlags.Running : LinkFlags.None;
        flags |= link.IsLoopback ? LinkFlags.Loopback : LinkFlags.Broadcast | LinkFlags.Multicast;
        return new LinkInfo
        {
            Index = link.Index + 1,
            Name = link.LinkName,
            Flags = flags,
            Mac = link.Mac,
            MtuBytes = link.MtuBytes,
            BelowIndex = link is VlanInterface { Below.Index: var below } ? below + 1 : 0,
            VlanIdentifier = link is VlanInterface vlan ? vlan.Identifier : (ushort)0,
            Counters = new LinkCounters
            {
                ReceivedPackets = link.Counters.ReceivedPackets,
                ReceivedBytes = link.Counters.ReceivedBytes,
                ReceivedDropped = link.Counters.ReceivedDropped,
                SentPackets = link.Counters.SentPackets,
                SentBytes = link.Counters.SentBytes,
                SentDropped = link.Counters.SentDropped,
            },
        };
    }

    private Reply<Unit, SocketError> Leave(CallContext context, SocketError error)
    {
        work.Leave(context);
        return error == SocketError.None ? default(Unit) : error;
    }
}
