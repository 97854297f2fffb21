using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>The ways of sockets that have been told which link to use: they need no route to it, and not even an address.</summary>
internal static class LinkPath
{
    /// <summary>As <see cref="IpOutput.FindPath"/>, over one link if it is named.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="linkIndex">The link, from 1; 0 leaves it to the routes.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="source">The address to send from, or none.</param>
    /// <param name="path">The way.</param>
    internal static SocketError Find(
        NetworkStack stack, int linkIndex, IpAddress destination, IpAddress source, out PacketPath path)
    {
        bool hasZone = !destination.IsV4 && (destination.IsLinkLocal || destination.IsMulticast);
        if (linkIndex == 0 || stack.IsOwn(destination) || destination.IsLoopback || hasZone)
        {
            return stack.Output.FindPath(destination, source, out path, linkIndex);
        }

        path = new PacketPath { Destination = destination, NextHop = destination, Source = source };
        if (!stack.TryFindInterface(linkIndex - 1, out NetworkInterface link) || !link.IsUp)
        {
            return SocketError.NetworkUnreachable;
        }

        path.Interface = link;
        bool isRouted = stack.Routes.TryFind(destination, link.Index, out Route route);
        path.NextHop = link.NextHop(in route, destination);
        if (!destination.IsV4)
        {
            return isRouted ? Finish(stack, ref path) : SocketError.NetworkUnreachable;
        }

        if (path.Source.IsUnspecified && !link.TryChooseSource(path.NextHop, out path.Source))
        {
            // A host that has no address yet sends from none, to those who will tell it one (RFC 1122 section 3.2.1.3 (a)).
            path.Source = IpAddress.AnyV4;
            return link.IsBroadcast(destination) ? SocketError.None : SocketError.AddressNotAvailable;
        }

        return SocketError.None;
    }

    /// <summary>What IPv6 knows of a destination beyond its route; without a route there is no way, as on Linux.</summary>
    private static SocketError Finish(NetworkStack stack, ref PacketPath path)
    {
        stack.Destinations.Apply(ref path);
        return !path.Source.IsUnspecified || SourceSelection.TryChoose(stack, in path, out path.Source)
            ? SocketError.None
            : SocketError.AddressNotAvailable;
    }
}
