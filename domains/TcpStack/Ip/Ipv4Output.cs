using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Sends IPv4 packets: puts the header before them, cuts them when they are too long.</summary>
internal sealed class Ipv4Output(NetworkStack stack)
{
    private ushort identification = (ushort)stack.Hash.Of(0, 0, 0x1d);

    /// <summary>Sends a packet that holds transport header and payload; its pieces are gone afterwards.</summary>
    internal SocketError Send(CallContext context, OutgoingPacket packet, in PacketPath path, in PacketProperties properties)
    {
        byte timeToLive = properties.TimeToLive != 0 ? properties.TimeToLive
            : path.Destination.IsMulticast ? IpSpec.TimeToLiveMulticast
            : IpSpec.TimeToLiveDefault;
        var header = new Ipv4Header
        {
            HeaderBytes = Ipv4Header.LengthBytes,
            TotalBytes = packet.LengthBytes + Ipv4Header.LengthBytes,
            TypeOfService = properties.TypeOfService,
            TimeToLive = timeToLive,
            Protocol = properties.Protocol,
            DontFragment = properties.DontFragment,
            Source = path.Source,
            Destination = path.Destination,
        };

        // A packet that is never cut needs no identification (RFC 6864 section 4.1).
        header.Identification = properties.DontFragment ? (ushort)0 : identification++;
        packet.Offload.NetworkHeaderBytes = Ipv4Header.LengthBytes;
        if (header.TotalBytes <= path.MtuBytes || packet.Offload.IsCut)
        {
            WriteHeader(context, packet, in header);
            stack.Neighbors.Send(context, path.Interface, path.NextHop, packet);
            return SocketError.None;
        }

        SocketError error = properties.DontFragment || header.TotalBytes > Ipv4Header.PacketBytesMax
            ? SocketError.MessageTooLong
            : SendFragments(context, packet, in path, header);
        packet.Discard();
        return error;
    }

    /// <summary>Lengths and checksums of a packet that the device cuts are the device's to write.</summary>
    private static void WriteHeader(CallContext context, OutgoingPacket packet, in Ipv4Header header)
    {
        Span<byte> bytes = packet.Prepend(context, Ipv4Header.LengthBytes);
        header.Write(bytes);
        if (packet.Offload.IsCut)
        {
            packet.Offload.Kinds |= TransmitOffloads.IPv4Checksum;
            bytes.Slice(Ipv4Header.TotalBytesOffset, sizeof(ushort)).Clear();
            bytes.Slice(Ipv4Header.ChecksumOffset, sizeof(ushort)).Clear();
        }
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
