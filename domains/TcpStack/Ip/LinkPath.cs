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
        if (linkIndex == 0 || stack.IsOwn(destination) || destination.IsLoopback || !destination.IsV4)
        {
            return stack.Output.FindPath(destination, source, out path, linkIndex);
        }

        path = new PacketPath { Destination = destination, NextHop = destination, Source = source };
        if (!stack.TryFindInterface(linkIndex - 1, out NetworkInterface link) || !link.IsUp)
        {
            return SocketError.NetworkUnreachable;
        }

        path.Interface = link;
        bool isRouted = !destination.IsMulticast && !link.IsBroadcast(destination)
            && stack.Routes.TryFind(destination, out Route route) && route.InterfaceIndex == link.Index
            && !(path.NextHop = route.NextHop(destination)).IsUnspecified;
        if (path.Source.IsUnspecified && !link.TryChooseSource(path.NextHop, out path.Source))
        {
            // A host that has no address yet sends from none, to those who will tell it one (RFC 1122 section 3.2.1.3 (a)).
            path.Source = IpAddress.AnyV4;
            return isRouted || !link.IsBroadcast(destination) ? SocketError.AddressNotAvailable : SocketError.None;
        }

        return SocketError.None;
    }
}
