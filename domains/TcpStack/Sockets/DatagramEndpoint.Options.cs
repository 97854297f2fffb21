using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <content>Options.</content>
internal sealed partial class DatagramEndpoint
{
    internal override SocketError GetOption(SocketOption option, out long value)
    {
        switch (option)
        {
            case SocketOption.PendingError:
                value = (long)TakeError();
                return SocketError.None;
            case SocketOption.Broadcast:
                value = socket.MayBroadcast ? 1 : 0;
                return SocketError.None;
            case SocketOption.TimeToLive:
                value = socket.TimeToLive == 0 ? IpSpec.TimeToLiveDefault : socket.TimeToLive;
                return SocketError.None;
            case SocketOption.UnreadBytes:
                value = socket.Count == 0 ? 0 : socket.First.LengthBytes;
                return SocketError.None;
            case SocketOption.UnsentBytes or SocketOption.KeepAlive:
                value = 0;
                return SocketError.None;
            case SocketOption.ReuseAddress:
                value = socket.MayShareAddress ? 1 : 0;
                return SocketError.None;
            case SocketOption.ReusePort:
                value = socket.MaySharePort ? 1 : 0;
                return SocketError.None;
            case SocketOption.BoundLink:
                value = socket.BoundLink;
                return SocketError.None;
            case SocketOption.LingerSeconds:
                value = -1;
                return SocketError.None;
            case SocketOption.ReceiveBytes or SocketOption.SendBytes:
                value = StackLimits.DatagramsQueuedMax * Packets.PacketPool.BufferBytes;
                return SocketError.None;
            default:
                return base.GetOption(option, out value);
        }
    }

    internal override SocketError SetOption(SocketOption option, long value)
    {
        switch (option)
        {
            case SocketOption.Broadcast:
                socket.MayBroadcast = value != 0;
                return SocketError.None;
            case SocketOption.TimeToLive:
                // -1 goes back to the default (ip(7)).
                socket.TimeToLive = value is >= 1 and <= 255 ? (byte)value : (byte)0;
                return value is -1 or (>= 1 and <= 255) ? SocketError.None : SocketError.InvalidArgument;
            case SocketOption.ReuseAddress:
                socket.MayShareAddress = value != 0;
                return SocketError.None;
            case SocketOption.ReusePort:
                socket.MaySharePort = value != 0;
                return SocketError.None;
            case SocketOption.BoundLink:
                bool isThere = value == 0 || (value <= int.MaxValue && Stack.TryFindInterface((int)value - 1, out _));
                socket.BoundLink = isThere ? (int)value : socket.BoundLink;
                return isThere ? SocketError.None : SocketError.NoDevice;
            case SocketOption.ReceiveBytes or SocketOption.SendBytes or SocketOption.KeepAlive or SocketOption.LingerSeconds:
                // A queue is bounded by its datagrams; the others have nothing to do.
                return SocketError.None;
            default:
                return SocketError.NoOption;
        }
    }
}
