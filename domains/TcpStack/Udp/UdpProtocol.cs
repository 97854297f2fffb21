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
        if (!local.IsUnspecified && !stack.IsOwn(local) && !local.IsLoopback && !local.IsMulticast)
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
            bool overlaps = AddressMatch.Overlaps(other.Local, other.IsV6Only, local, socket.IsV6Only)
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
        socket.Groups?.LeaveAll();
        Release(socket);
    }

    /// <summary>Gives the port of a socket back, if it has one.</summary>
    internal void Release(DatagramSocket socket)
    {
        if (ports.TryGetValue(socket.LocalPort, out List<DatagramSocket>? sockets) && sockets.Remove(socket)
            && sockets.Count == 0)
        {
            ports.Remove(socket.LocalPort);
        }

        socket.LocalPort = 0;
    }

    /// <summary>Sends a datagram; the socket gets a port if it has none.</summary>
    internal SocketError Send(
        CallContext context, DatagramSocket socket, ReadOnlySpan<byte> data, IpAddress destination, ushort port, int zone = 0)
    {
        int bytesMax = destination.IsV4 ? Ipv4Header.PacketBytesMax - Ipv4Header.LengthBytes : Ipv6Header.PayloadBytesMax;
        if (data.Length > bytesMax - UdpHeader.LengthBytes)
        {
            return SocketError.MessageTooLong;
        }

        SocketError error = socket.LocalPort == 0 ? Bind(socket, socket.Local, 0) : SocketError.None;
        if (error != SocketError.None)
        {
            return error;
        }

        IpAddress source = socket.Local.IsMulticast ? IpAddress.AnyV4 : socket.Local;
        error = LinkPath.Find(stack, socket.LinkFor(destination, zone), destination, source, out PacketPath path);
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
        bool isGroup = destination.IsMulticast;
        var properties = new PacketProperties
        {
            Protocol = Ipv4Header.ProtocolUdp,
            TimeToLive = isGroup ? socket.MulticastTimeToLive : socket.TimeToLive,
            TypeOfService = socket.TypeOfService,
        };
        if (destination.IsMulticast && socket.LoopsMulticast)
        {
            Loop(context, packet, in path);
        }

        if (isGroup && socket.MulticastTimeToLive == 0)
        {
            // It may not leave this host (RFC 1112 section 6.1).
            packet.Discard();
            return SocketError.None;
        }

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
            Zone = origin.Zone,
            Packet = packet,
            SkippedBytes = UdpHeader.LengthBytes,
            LengthBytes = header.TotalBytes - UdpHeader.LengthBytes,
        };
        return origin.IsUnicast ? DeliverToOne(sockets, in origin, in datagram) : DeliverToAll(sockets, in origin, in datagram);
    }

    /// <summary>To all who want it: broadcasts, and packets to a group for those who are in it on the link.</summary>
    private static bool DeliverToAll(List<DatagramSocket> sockets, in PacketOrigin origin, in Datagram datagram)
    {
        bool isDelivered = false;
        foreach (DatagramSocket socket in sockets)
        {
            bool isMember = !origin.Destination.IsMulticast || socket.TakesAllGroups
                || (socket.Groups?.Contains(origin.Destination, origin.Interface) ?? false);
            if (isMember && IsMeant(socket, in origin, in datagram))
            {
                socket.Enqueue(in datagram);
                isDelivered = true;
            }
        }

        return isDelivered;
    }

    /// <summary>
    /// To the one who has said most of whom it is for. Of equals the flow decides when they share the port as such (SO_REUSEPORT), else
    /// the one that came last, as on Linux.
    /// </summary>
    private bool DeliverToOne(List<DatagramSocket> sockets, in PacketOrigin origin, in Datagram datagram)
    {
        DatagramSocket? best = null;
        ulong bestScore = 0;
        for (int index = 0; index < sockets.Count; index++)
        {
            DatagramSocket socket = sockets[index];
            if (IsMeant(socket, in origin, in datagram))
            {
                ulong said = (socket.IsConnected ? 4UL : 0) + (socket.Local.IsUnspecified ? 0 : 2UL) + (socket.BoundLink != 0 ? 1UL : 0);
                ulong tie = (ulong)index;
                if (socket.MaySharePort && sockets.Count > 1)
                {
                    var flow = new FlowKey(origin.Destination, socket.LocalPort, origin.Source, datagram.SourcePort);
                    tie = stack.Hash.Of(in flow, (uint)index) >> 8;
                }

                ulong score = ((said + 1) << 56) | tie;
                (best, bestScore) = score > bestScore ? (socket, score) : (best, bestScore);
            }
        }

        best?.Enqueue(in datagram);
        return best is not null;
    }

    private static bool IsMeant(DatagramSocket socket, in PacketOrigin origin, in Datagram datagram) =>
        socket.IsBoundTo(origin.Interface) && AddressMatch.Accepts(socket.Local, socket.IsV6Only, origin.Destination)
        && (!socket.IsConnected || (socket.Remote == origin.Source && socket.RemotePort == datagram.SourcePort));

    /// <summary>A copy of what goes to a group, as if it had come over the link; the loopback brings its packets back by itself.</summary>
    private void Loop(CallContext context, OutgoingPacket packet, in PacketPath path)
    {
        if (path.Interface.IsLoopback || !path.Interface.Groups.Contains(path.Destination) || !TryCopy(context, packet, out int copy))
        {
            return;
        }

        var origin = new PacketOrigin
        {
            Interface = path.Interface,
            Source = path.Source,
            Destination = path.Destination,
            Protocol = Ipv4Header.ProtocolUdp,
        };
        Receive(context, in origin, copy);
    }

    private bool TryCopy(CallContext context, OutgoingPacket packet, out int first)
    {
        (first, int last) = (PacketPool.None, PacketPool.None);
        for (int offset = 0; offset < packet.LengthBytes; offset += PacketPool.BufferBytes)
        {
            if (!stack.Pool.TryTakeForData(out int copy))
            {
                stack.Pool.ReleaseChain(first);
                return false;
            }

            int lengthBytes = Math.Min(packet.LengthBytes - offset, PacketPool.BufferBytes);
            packet.CopyTo(context, offset, stack.Pool.Buffer(context, copy)[..lengthBytes]);
            stack.Pool[copy].LengthBytes = lengthBytes;
            first = first == PacketPool.None ? copy : first;
            if (last != PacketPool.None)
            {
                stack.Pool[last].Next = copy;
            }

            last = copy;
        }

        return first != PacketPool.None;
    }

    private bool HasGoodChecksum(CallContext context, in PacketOrigin origin, in UdpHeader header, int packet)
    {
        if (header.Checksum == 0)
        {
            // IPv6 has no other sum over addresses (RFC 8200 section 8.1), whatever the device says.
            return origin.IsV4;
        }

        if (stack.Pool[packet].IsTransportChecked)
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
