using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Sends IPv6 packets: puts the header before them, cuts them when they are too long for the path.</summary>
internal sealed class Ipv6Output(NetworkStack stack)
{
    internal SocketError Send(CallContext context, OutgoingPacket packet, in PacketPath path, in PacketProperties properties)
    {
        var header = new Ipv6Header
        {
            TrafficClass = properties.TypeOfService,
            PayloadBytes = packet.Offload.IsCut ? 0 : packet.LengthBytes, // of a packet that the device cuts it is the device's to write
            NextHeader = properties.Protocol,
            HopLimit = properties.TimeToLive != 0 ? properties.TimeToLive
                : path.Destination.IsMulticast ? IpSpec.TimeToLiveMulticast
                : path.Interface.V6.HopLimit,
            Source = path.Source,
            Destination = path.Destination,
        };
        packet.Offload.NetworkHeaderBytes = Ipv6Header.LengthBytes;
        if (packet.Offload.IsCut || packet.LengthBytes + Ipv6Header.LengthBytes <= path.MtuBytes)
        {
            header.Write(packet.Prepend(context, Ipv6Header.LengthBytes));
            stack.Neighbors.Send(context, path.Interface, path.NextHop, packet);
            return SocketError.None;
        }

        SocketError error = properties.DontFragment || packet.LengthBytes > Ipv6Header.PayloadBytesMax
            ? SocketError.MessageTooLong
            : SendFragments(context, packet, in path, header);
        packet.Discard();
        return error;
    }

    /// <summary>Only the sender cuts packets (RFC 8200 section 4.5). Nobody may guess the identification (RFC 7739).</summary>
    private SocketError SendFragments(CallContext context, OutgoingPacket packet, in PacketPath path, Ipv6Header header)
    {
        int roomBytes = path.MtuBytes - Ipv6Header.LengthBytes - FragmentHeader.LengthBytes;
        int payloadBytesMax = roomBytes / IpSpec.FragmentUnitBytes * IpSpec.FragmentUnitBytes;
        var part = new FragmentHeader { NextHeader = header.NextHeader, Identification = (uint)stack.NextRandom() };
        header.NextHeader = Ipv6Header.NextFragment;
        OutgoingPacket fragment = stack.Fragment;
        for (int offset = 0; offset < packet.LengthBytes; offset += payloadBytesMax)
        {
            if (!fragment.TryBegin())
            {
                return SocketError.NoBuffers;
            }

            int payloadBytes = Math.Min(payloadBytesMax, packet.LengthBytes - offset);
            packet.CopyTo(context, offset, fragment.Append(context, payloadBytes));
            part.OffsetBytes = offset;
            part.MoreFragments = offset + payloadBytes < packet.LengthBytes;
            part.Write(fragment.Prepend(context, FragmentHeader.LengthBytes));
            header.PayloadBytes = fragment.LengthBytes;
            header.Write(fragment.Prepend(context, Ipv6Header.LengthBytes));
            stack.Neighbors.Send(context, path.Interface, path.NextHop, fragment);
        }

        return SocketError.None;
    }
}
