using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Udp;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// Shows frames to sockets that listen at links, as packet(7) of Linux does: each gets a copy, as far as one buffer holds it, and up to
/// where only devices can read. Of links without a header frames get one of zeros.
/// </summary>
internal sealed class FrameTaps(NetworkStack stack)
{
    private readonly List<DatagramSocket> sockets = [];

    internal bool IsOpen => sockets.Count > 0;

    internal void Open(DatagramSocket socket) => sockets.Add(socket);

    internal void Close(DatagramSocket socket)
    {
        socket.Clear();
        _ = sockets.Remove(socket);
    }

    /// <summary>A frame has come; what is sent over the loopback is told of here only.</summary>
    internal void NoteReceived(CallContext context, NetworkInterface link, int packet)
    {
        foreach (DatagramSocket socket in sockets)
        {
            if (socket.IsBoundTo(link) && TryBegin(context, link, stack.Pool[packet].LengthBytes, out int copy, out Span<byte> room))
            {
                ReadOnlySpan<byte> data = stack.Pool.Data(context, packet);
                data[..room.Length].CopyTo(room);
                FillHeader(context, link, copy, room);
                Finish(socket, link, copy, data.Length, FrameDirection.Received);
            }
        }
    }

    internal void NoteSent(CallContext context, NetworkInterface link, OutgoingPacket packet)
    {
        foreach (DatagramSocket socket in sockets)
        {
            if (!link.IsLoopback && socket.IsBoundTo(link)
                && TryBegin(context, link, packet.ReadableBytes, out int copy, out Span<byte> room))
            {
                packet.CopyTo(context, 0, room);
                FillHeader(context, link, copy, room);
                Finish(socket, link, copy, packet.LengthBytes, FrameDirection.Sent);
            }
        }
    }

    private static int HeaderBytes(NetworkInterface link) => link.HasLinkHeader ? 0 : EthernetHeader.LengthBytes;

    private bool TryBegin(CallContext context, NetworkInterface link, int lengthBytes, out int copy, out Span<byte> room)
    {
        room = default;
        if (!stack.Pool.TryTakeForData(out copy))
        {
            return false;
        }

        int header = HeaderBytes(link);
        int taken = Math.Min(lengthBytes, PacketPool.BufferBytes - header);
        stack.Pool[copy].LengthBytes = header + taken;
        room = stack.Pool.Buffer(context, copy).Slice(header, taken);
        return true;
    }

    private void FillHeader(CallContext context, NetworkInterface link, int copy, ReadOnlySpan<byte> packet)
    {
        if (!link.HasLinkHeader)
        {
            bool isV6 = packet.Length > 0 && packet[0] >> 4 == 6;
            new EthernetHeader { Type = isV6 ? EthernetHeader.TypeIpv6 : EthernetHeader.TypeIpv4 }.Write(stack.Pool.Buffer(context, copy));
        }
    }

    private void Finish(DatagramSocket socket, NetworkInterface link, int copy, int lengthBytes, FrameDirection direction)
    {
        socket.Enqueue(new Datagram
        {
            Source = IpAddress.AnyV4,
            SourcePort = (ushort)direction,
            Packet = copy,
            LengthBytes = stack.Pool[copy].LengthBytes,
            LinkIndex = link.Index + 1,
            FrameBytes = HeaderBytes(link) + lengthBytes,
        });
        stack.Pool.Release(copy);
    }
}
