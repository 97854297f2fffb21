using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Udp;

/// <summary>UDP (RFC 768, RFC 1122 section 4.1): finds the sockets for datagrams, sends those of sockets.</summary>
internal sealed class UdpProtocol(NetworkStack stack)
{
    private readonly Dictionary<ushort, List<DatagramSocket>> ports = [];

    internal long BadCount { get; private set; }

    internal long NoPortCount { get; private set; }

    /// <summary>Takes a datagram, whose reference is this method's.</summary>
    internal void Receive(CallContext context, in PacketOrigin origin, int packet)
    {
        int availableBytes = stack.Pool.ChainBytes(packet);
        if (!UdpHeader.TryParse(stack.Pool.Data(context, packet), availableBytes, out UdpHeader header)
            || !HasGoodChecksum(context, in origin, in header, packet))
        {
            BadCount++;
        }
        else if (!Deliver(in origin, in header, packet))
        {
            NoPortCount++;
            stack.Delivery.ReportFailure(context, in origin, packet, DeliveryFailure.NoPort);
        }

        stack.Pool.ReleaseChain(packet);
    }

    internal SocketError Bind(DatagramSocket socket, IpAddress local, ushort port)
    {
        if (!local.IsUnspecified && !stack.IsOwn(local) && !local.IsLoopback)
        {
            return SocketError.AddressNotAvailable;
        }

        if (port == 0 && !TryChoosePort(out port))
        {
            return SocketError.AddressInUse;
        }

        if (!ports.TryGetValue(port, out List<DatagramSocket>? sockets))
        {
            sockets = [];
            ports.Add(port, sockets);
        }

        foreach (DatagramSocket other in sockets)
        {
            bool overlaps = (other.Local == local || other.Local.IsUnspecified || local.IsUnspecified)
                && (other.BoundLink == socket.BoundLink || other.BoundLink == 0 || socket.BoundLink == 0);
            bool isShared = (other.MayShareAddress && socket.MayShareAddress) || (other.MaySharePort && socket.MaySharePort);
            if (overlaps && !isShared)
            {
                return SocketError.AddressInUse;
            }
        }

        sockets.Add(socket);
        (socket.Local, socket.LocalPort) = (local, port);
        return SocketError.None;
    }

    internal void Close(DatagramSocket socket)
    {
        socket.Clear();
        if (ports.TryGetValue(socket.LocalPort, out List<DatagramSocket>? sockets) && sockets.Remove(socket)
            && sockets.Count == 0)
        {
            ports.Remove(socket.LocalPort);
        }
    }

    /// <summary>Sends a datagram; the socket gets a port if it has none.</summary>
    internal SocketError Send(
        CallContext context, DatagramSocket socket, ReadOnlySpan<byte> data, IpAddress destination, ushort port)
    {
        if (data.Length > Ipv4Header.PacketBytesMax - Ipv4Header.LengthBytes - UdpHeader.LengthBytes)
        {
            return SocketError.MessageTooLong;
        }

        SocketError error = socket.LocalPort == 0 ? Bind(socket, socket.Local, 0) : SocketError.None;
        if (error != SocketError.None)
        {
            return error;
        }

        error = LinkPath.Find(stack, socket.BoundLink, destination, socket.Local, out PacketPath path);
        if (error != SocketError.None)
        {
            return error;
        }

        if (path.Interface.IsBroadcast(destination) && !socket.MayBroadcast)
        {
            return SocketError.AccessDenied;
        }

        OutgoingPacket packet = stack.Outgoing;
        if (!packet.TryBegin() || !stack.TryAppendCopy(context, packet, data))
        {
            packet.Discard();
            return SocketError.NoBuffers;
        }

        Span<byte> bytes = packet.Prepend(context, UdpHeader.LengthBytes);
        var header = new UdpHeader { SourcePort = socket.LocalPort, DestinationPort = port, TotalBytes = packet.LengthBytes };
        header.Write(bytes);
        ushort checksum = InternetChecksum.Complement(packet.Sum(context) + InternetChecksum.PseudoHeader(
            path.Source, path.Destination, Ipv4Header.ProtocolUdp, packet.LengthBytes));
        header.Checksum = checksum == 0 ? ushort.MaxValue : checksum;
        header.Write(bytes);
        var properties = new PacketProperties { Protocol = Ipv4Header.ProtocolUdp, TimeToLive = socket.TimeToLive };
        return stack.Output.Send(context, packet, in path, in properties);
    }

    /// <summary>A datagram could not be delivered; only a connected socket can know which one it was.</summary>
    internal void HearError(in FlowKey flow, SocketError error)
    {
        if (!ports.TryGetValue(flow.LocalPort, out List<DatagramSocket>? sockets))
        {
            return;
        }

        foreach (DatagramSocket socket in sockets)
        {
            if (socket.IsConnected && socket.Remote == flow.Remote && socket.RemotePort == flow.RemotePort)
            {
                socket.PendingError = error;
                socket.Changed?.Invoke();
            }
        }
    }

    private bool Deliver(in PacketOrigin origin, in UdpHeader header, int packet)
    {
        if (!ports.TryGetValue(header.DestinationPort, out List<DatagramSocket>? sockets))
        {
            return false;
        }

        var datagram = new Datagram
        {
            Source = origin.Source,
            SourcePort = header.SourcePort,
            Packet = packet,
            SkippedBytes = UdpHeader.LengthBytes,
            LengthBytes = header.TotalBytes - UdpHeader.LengthBytes,
        };
        bool isDelivered = false;
        foreach (DatagramSocket socket in sockets)
        {
            if (socket.IsBoundTo(origin.Interface) && (socket.Local.IsUnspecified || socket.Local == origin.Destination)
                && (!socket.IsConnected || (socket.Remote == origin.Source && socket.RemotePort == header.SourcePort)))
            {
                socket.Enqueue(in datagram);
                isDelivered = true;
            }
        }

        return isDelivered;
    }

    private bool HasGoodChecksum(CallContext context, in PacketOrigin origin, in UdpHeader header, int packet)
    {
        // IPv6 has no other sum over addresses (RFC 8200 section 8.1).
        if ((header.Checksum == 0 && origin.IsV4) || stack.Pool[packet].IsTransportChecked)
        {
            return true;
        }

        // What is behind the datagram in a longer packet is no part of it.
        return header.TotalBytes == stack.Pool.ChainBytes(packet)
            && InternetChecksum.IsIntact(stack.SumChain(context, packet) + InternetChecksum.PseudoHeader(
                origin.Source, origin.Destination, Ipv4Header.ProtocolUdp, header.TotalBytes));
    }

    /// <summary>A port that is hard to guess (RFC 6056 section 3.3.1).</summary>
    private bool TryChoosePort(out ushort port)
    {
        for (int attempt = 0; attempt < PortSpec.Count; attempt++)
        {
            port = (ushort)(PortSpec.First + ((stack.NextRandom() + (ulong)attempt) % PortSpec.Count));
            if (!ports.ContainsKey(port))
            {
                return true;
            }
        }

        port = 0;
        return false;
    }
}

/// <summary>Ports that are given to those who ask for none (RFC 6335 section 6).</summary>
internal static class PortSpec
{
    internal const int First = 49_152;
    internal const int Count = 16_384;
}
