using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Ndp;

namespace RedLeafSharp.Domains.TcpStack;

/// <content>Interfaces and the addresses that they have.</content>
internal sealed partial class NetworkStack
{
    internal void AddInterface(NetworkInterface link)
    {
        link.Index = interfaces.Count;
        interfaces.Add(link);

        // Each host is in this group on each of its links (RFC 1112 section 7.1).
        if (!link.IsLoopback)
        {
            _ = link.Groups.TryJoin(Igmp.AllHosts, out _);
        }
    }

    /// <summary>
    /// A link has got a device, or another one: makes the addresses anew that hang on the device's, and tells neighbours of the others.
    /// </summary>
    private void Introduce(NetworkInterface link)
    {
        link.KnownMac = link.Mac;
        for (int index = link.AddressCount - 1; index >= 0; index--)
        {
            ref InterfaceAddress address = ref link.Addresses[index];
            if (address.IsAutomatic)
            {
                RemoveAddress(link, address.Address);
            }
            else if (address.Address.IsV4 && !address.IsTentative)
            {
                Arp.Begin(ref address);
            }
        }

        if (link.V6.IsAutomatic)
        {
            Autoconfiguration.Enable(link);
        }
    }

    /// <summary>Gives an interface an address and the route to its network.</summary>
    internal bool TryAddAddress(NetworkInterface link, IpAddress address, int prefixBits, bool isTentative)
    {
        var added = new InterfaceAddress { Address = address, PrefixBits = prefixBits, IsTentative = isTentative };
        return TryAddAddress(link, in added, hasRoute: true);
    }

    /// <summary>Gives an interface an address, perhaps with the route to its network.</summary>
    internal bool TryAddAddress(NetworkInterface link, in InterfaceAddress added, bool hasRoute)
    {
        if (!link.TryAddAddress(in added))
        {
            return false;
        }

        ref InterfaceAddress address = ref link.Addresses[link.FindAddress(added.Address)];
        if (added.Address.IsV4)
        {
            Arp.Begin(ref address);
        }
        else
        {
            Discovery.Begin(link, ref address);
        }

        if (hasRoute && (added.Address.IsV4 || added.PrefixBits < 128))
        {
            Routes.TryAdd(RouteOf(link, in added));
        }

        return true;
    }

    /// <summary>Takes an address away, with its network's route; that becomes another address's if one is of the same network.</summary>
    internal void RemoveAddress(NetworkInterface link, IpAddress address)
    {
        int index = link.FindAddress(address);
        if (index < 0)
        {
            return;
        }

        InterfaceAddress removed = link.Addresses[index];
        link.RemoveAddress(address);
        v4.Forget();
        if (!address.IsV4)
        {
            Mld.Leave(link, NdpSpec.SolicitedNode(address));
        }

        // Addresses of routers' prefixes have brought no route: whether those are on the link the routers say (RFC 5942 section 4).
        bool hasRoute = !removed.IsAutomatic || removed.Address.IsLinkLocal;
        if (!hasRoute || !Routes.TryRemoveConfigured(RouteOf(link, in removed)))
        {
            return;
        }

        foreach (ref readonly InterfaceAddress other in link.Addresses)
        {
            if (other.PrefixBits == removed.PrefixBits && other.Address.IsIn(address, removed.PrefixBits))
            {
                Routes.TryAdd(RouteOf(link, in other));
                return;
            }
        }
    }

    /// <summary>Whether an address is one of this host's that may be used.</summary>
    internal bool IsOwn(IpAddress address)
    {
        foreach (NetworkInterface link in interfaces)
        {
            int index = link.FindAddress(address);
            if (index >= 0)
            {
                return !link.Addresses[index].IsTentative;
            }
        }

        return false;
    }

    /// <summary>IPv6 chooses among sources by rules of its own (RFC 6724), so its routes name none.</summary>
    private static Route RouteOf(NetworkInterface link, in InterfaceAddress address) => new()
    {
        Network = address.Address,
        PrefixBits = address.PrefixBits,
        InterfaceIndex = link.Index,
        Source = address.Address.IsV4 ? address.Address : IpAddress.AnyV6,
        Metric = address.Address.IsV4 ? 0 : NdpSpec.PrefixMetric,
    };
}
