using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Where packets leave: finds the way to a destination, and hands them to the version of IP that carries them. What is above knows
/// addresses, and no versions.
/// </summary>
internal sealed class IpOutput(NetworkStack stack)
{
    private readonly Ipv4Output v4 = new(stack);
    private readonly Ipv6Output v6 = new(stack);

    /// <summary>Finds the way to a destination.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="source">The address to send from, or none.</param>
    /// <param name="path">The way.</param>
    /// <param name="zone">The link of an address that means something on its link only, from 1; 0 to have it found.</param>
    internal SocketError FindPath(IpAddress destination, IpAddress source, out PacketPath path, int zone = 0)
    {
        path = new PacketPath { Destination = destination, NextHop = destination, Source = source };
        if (stack.IsOwn(destination) || destination.IsLoopback)
        {
            path.Interface = stack.Interface(0);
            path.Source = source.IsUnspecified ? destination : source;
            return SocketError.None;
        }

        if (!TryChooseInterface(ref path, zone))
        {
            return SocketError.NetworkUnreachable;
        }

        if (!destination.IsV4)
        {
            stack.Destinations.Apply(ref path);
        }

        // A route's own source, if it may be used, has been put there already.
        return !path.Source.IsUnspecified || SourceSelection.TryChoose(stack, in path, out path.Source)
            ? SocketError.None
            : SocketError.AddressNotAvailable;
    }

    /// <summary>Sends a packet that holds transport header and payload; its pieces are gone afterwards.</summary>
    internal SocketError Send(CallContext context, OutgoingPacket packet, in PacketPath path, in PacketProperties properties) =>
        path.IsV4 ? v4.Send(context, packet, in path, in properties) : v6.Send(context, packet, in path, in properties);

    private bool TryChooseInterface(ref PacketPath path, int zone)
    {
        if (!path.Destination.IsV4 && (path.Destination.IsLinkLocal || path.Destination.IsMulticast))
        {
            return TryFindZone(path.Source, zone, out path.Interface);
        }

        if (!stack.Routes.TryFind(path.Destination, out Route route) || !stack.Interface(route.InterfaceIndex).IsUp)
        {
            return false;
        }

        path.Interface = stack.Interface(route.InterfaceIndex);
        path.NextHop = path.Interface.NextHop(in route, path.Destination);

        // The address of a route may have been taken away since, or it is not known yet whether it is another host's.
        bool hasSource = path.Source.IsUnspecified && !route.Source.IsUnspecified && stack.IsOwn(route.Source);
        path.Source = hasSource ? route.Source : path.Source;
        return true;
    }

    /// <summary>
    /// The link that a link-local address or a group is meant on (RFC 4007 section 6): the one that is named, the one that the source
    /// is an address of, or the only one that there is.
    /// </summary>
    private bool TryFindZone(IpAddress source, int zone, out NetworkInterface link)
    {
        link = stack.Interface(0);
        if (zone > 0)
        {
            return stack.TryFindInterface(zone - 1, out link) && link.IsUp;
        }

        int candidates = 0;
        foreach (NetworkInterface one in stack.Interfaces)
        {
            if (!source.IsUnspecified && one.FindAddress(source) >= 0)
            {
                link = one;
                return one.IsUp;
            }

            if (!one.IsLoopback && one.IsUp && one.MtuBytes >= IpSpec.MtuBytesMinV6)
            {
                link = one;
                candidates++;
            }
        }

        return candidates == 1 && source.IsUnspecified;
    }
}
