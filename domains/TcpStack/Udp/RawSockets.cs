using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Udp;

/// <summary>Sockets that see packets of a protocol as they came, IP header included, beside the transports.</summary>
internal sealed class RawSockets(NetworkStack stack)
{
    private readonly List<DatagramSocket> sockets = [];

    internal void Open(DatagramSocket socket) => sockets.Add(socket);

    internal void Close(DatagramSocket socket)
    {
        socket.Clear();
        socket.Groups?.LeaveAll();
        sockets.Remove(socket);
    }

    /// <summary>Shows a packet to the sockets of its protocol; false when there is none.</summary>
    internal bool Receive(CallContext context, in PacketOrigin origin, int packet)
    {
        bool isTaken = false;
        foreach (DatagramSocket socket in sockets)
        {
            bool isMeant = socket.Protocol == origin.Protocol && socket.IsV6 != origin.IsV4 && socket.IsBoundTo(origin.Interface)
                && (socket.Local.IsUnspecified || socket.Local == origin.Destination)
                && (!socket.IsConnected || socket.Remote == origin.Source);
            if (!isMeant)
            {
                continue;
            }

            // A copy: the transports move the start of the data while it waits here.
            isTaken = TryEnqueue(context, socket, in origin, packet) || isTaken;
        }

        return isTaken;
    }

    internal SocketError Send(
        CallContext context, DatagramSocket socket, ReadOnlySpan<byte> data, IpAddress destination, int zone = 0)
    {
        SocketError error = LinkPath.Find(stack, socket.LinkFor(destination, zone), destination, socket.Local, out PacketPath path);
        if (error != SocketError.None)
        {
            return error;
        }

        OutgoingPacket packet = stack.Outgoing;
        if (socket.HasHeader)
        {
            return SendWhole(context, packet, data, in path);
        }

        if (!packet.TryBegin() || !stack.TryAppendCopy(context, packet, data))
        {
            packet.Discard();
            return SocketError.NoBuffers;
        }

        if (socket.Protocol == Ipv6Header.NextIcmp && socket.IsV6)
        {
            // The sum hangs on the source, so the stack makes it (RFC 3542 section 3.1).
            return stack.Icmpv6.SendRaw(context, packet, in path, socket.TimeToLive);
        }

        var properties = new PacketProperties
        {
            Protocol = socket.Protocol,
            TimeToLive = socket.TimeToLive,
            TypeOfService = socket.TypeOfService,
        };
        return stack.Output.Send(context, packet, in path, in properties);
    }

    /// <summary>Sends a packet that comes with its header (raw(7)); it is never cut.</summary>
    private SocketError SendWhole(CallContext context, OutgoingPacket packet, ReadOnlySpan<byte> data, in PacketPath path)
    {
        int headerBytes = data.Length == 0 ? 0 : (data[0] & 15) * 4;
        if (headerBytes < Ipv4Header.LengthBytes || headerBytes > data.Length || data.Length > path.MtuBytes)
        {
            return data.Length > path.MtuBytes ? SocketError.MessageTooLong : SocketError.InvalidArgument;
        }

        if (!packet.TryBegin() || !stack.TryAppendCopy(context, packet, data[headerBytes..]))
        {
            packet.Discard();
            return SocketError.NoBuffers;
        }

        Span<byte> header = packet.Prepend(context, headerBytes);
        data[..headerBytes].CopyTo(header);
        Ipv4Header.Complete(header, data.Length, (ushort)stack.NextRandom(), path.Source);
        packet.Offload.NetworkHeaderBytes = (ushort)headerBytes;
        stack.Neighbors.Send(context, path.Interface, path.NextHop, packet);
        return SocketError.None;
    }

    private bool TryEnqueue(CallContext context, DatagramSocket socket, in PacketOrigin origin, int packet)
    {
        int first = PacketPool.None;
        int last = PacketPool.None;
        int lengthBytes = 0;

        // Sockets of IPv6 see no header (RFC 3542 section 3).
        int headerBytes = origin.IsV4 ? origin.HeaderBytes : 0;
        for (int piece = packet; piece != PacketPool.None; piece = stack.Pool[piece].Next)
        {
            if (!stack.Pool.TryTakeForData(out int copy))
            {
                stack.Pool.ReleaseChain(first);
                return false;
            }

            ref Packet info = ref stack.Pool[piece];
            Span<byte> data = stack.Pool.Buffer(context, piece).Slice(info.Offset - headerBytes, info.LengthBytes + headerBytes);
            data.CopyTo(stack.Pool.Buffer(context, copy));
            stack.Pool[copy].LengthBytes = data.Length;
            lengthBytes += data.Length;
            headerBytes = 0;
            first = first == PacketPool.None ? copy : first;
            if (last != PacketPool.None)
            {
                stack.Pool[last].Next = copy;
            }

            last = copy;
        }

        socket.Enqueue(new Datagram { Source = origin.Source, Zone = origin.Zone, Packet = first, LengthBytes = lengthBytes });
        stack.Pool.ReleaseChain(first);
        return true;
    }
}
