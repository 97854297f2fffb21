using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Sends IPv4 packets: chooses the way, puts the header before them, cuts them when they are too long.</summary>
internal sealed class Ipv4Output(NetworkStack stack)
{
    private ushort identification = (ushort)stack.Hash.Of(0, 0, 0x1d);

    /// <summary>Finds the way to a destination.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="source">The address to send from, or none.</param>
    /// <param name="path">The way.</param>
    internal SocketError FindPath(IpAddress destination, IpAddress source, out PacketPath path)
    {
        path = new PacketPath { Destination = destination, NextHop = destination, Source = source };
        if (stack.IsOwn(destination) || destination.IsLoopback)
        {
            path.Interface = stack.Interface(0);
            path.Source = source.IsUnspecified ? destination : source;
            return SocketError.None;
        }

        if (!stack.Routes.TryFind(destination, out Route route) || !stack.Interface(route.InterfaceIndex).IsUp)
        {
            return SocketError.NetworkUnreachable;
        }

        path.Interface = stack.Interface(route.InterfaceIndex);
        path.NextHop = route.NextHop(destination);
        if (!source.IsUnspecified)
        {
            return SocketError.None;
        }

        path.Source = route.Source;
        return route.Source.IsUnspecified && !path.Interface.TryChooseSource(path.NextHop, out path.Source)
            ? SocketError.AddressNotAvailable
            : SocketError.None;
    }

    /// <summary>Sends a packet that holds transport header and payload; its pieces are gone afterwards.</summary>
    internal SocketError Send(CallContext context, OutgoingPacket packet, in PacketPath path, in PacketProperties properties)
    {
        var header = new Ipv4Header
        {
            HeaderBytes = Ipv4Header.LengthBytes,
            TotalBytes = packet.LengthBytes + Ipv4Header.LengthBytes,
            TypeOfService = properties.TypeOfService,
            TimeToLive = properties.TimeToLive,
            Protocol = properties.Protocol,
            DontFragment = properties.DontFragment,
            Source = path.Source,
            Destination = path.Destination,
        };

        // A packet that is never cut needs no identification (RFC 6864 section 4.1).
        header.Identification = properties.DontFragment ? (ushort)0 : identification++;
        if (header.TotalBytes <= path.MtuBytes)
        {
            header.Write(packet.Prepend(context, Ipv4Header.LengthBytes));
            stack.Neighbors.Send(context, path.Interface, path.NextHop, packet);
            return SocketError.None;
        }

        SocketError error = properties.DontFragment || header.TotalBytes > Ipv4Header.PacketBytesMax
            ? SocketError.MessageTooLong
            : SendFragments(context, packet, in path, header);
        packet.Discard();
        return error;
    }

    private SocketError SendFragments(CallContext context, OutgoingPacket packet, in PacketPath path, Ipv4Header header)
    {
        int payloadBytesMax = (path.MtuBytes - Ipv4Header.LengthBytes) / IpSpec.FragmentUnitBytes * IpSpec.FragmentUnitBytes;
        OutgoingPacket fragment = stack.Fragment;
        for (int offset = 0; offset < packet.LengthBytes; offset += payloadBytesMax)
        {
            if (!fragment.TryBegin())
            {
                return SocketError.NoBuffers;
            }

            int payloadBytes = Math.Min(payloadBytesMax, packet.LengthBytes - offset);
            header.TotalBytes = Ipv4Header.LengthBytes + payloadBytes;
            header.FragmentOffsetBytes = offset;
            header.MoreFragments = offset + payloadBytes < packet.LengthBytes;
            packet.CopyTo(context, offset, fragment.Append(context, payloadBytes));
            header.Write(fragment.Prepend(context, Ipv4Header.LengthBytes));
            stack.Neighbors.Send(context, path.Interface, path.NextHop, fragment);
        }

        return SocketError.None;
    }
}
