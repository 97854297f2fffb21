using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <content>Options.</content>
internal sealed partial class DatagramEndpoint
{
    /// <summary>Options that have been set and do nothing: a queue is bounded by its datagrams, and has no end to wait for.</summary>
    private readonly Dictionary<SocketOption, long> idle = [];

    private bool CanHaveHeader => isRaw && !IsV6;

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
            case SocketOption.UnsentBytes:
                value = 0;
                return SocketError.None;
            case SocketOption.HeaderIncluded when CanHaveHeader:
                value = socket.HasHeader ? 1 : 0;
                return SocketError.None;
            case SocketOption.ReuseAddress:
                value = socket.MayShareAddress ? 1 : 0;
                return SocketError.None;
            case SocketOption.ReusePort:
                value = socket.MaySharePort ? 1 : 0;
                return SocketError.None;
            case SocketOption.MulticastTimeToLive:
                value = socket.MulticastTimeToLive;
                return SocketError.None;
            case SocketOption.MulticastLoop:
                value = socket.LoopsMulticast ? 1 : 0;
                return SocketError.None;
            case SocketOption.MulticastAll:
                value = socket.TakesAllGroups ? 1 : 0;
                return SocketError.None;
            case SocketOption.MulticastLink:
                value = socket.MulticastLink;
                return SocketError.None;
            case SocketOption.TypeOfService:
                value = socket.TypeOfService;
                return SocketError.None;
            case SocketOption.BoundLink:
                value = socket.BoundLink;
                return SocketError.None;
            case SocketOption.LingerSeconds:
                value = idle.GetValueOrDefault(option, -1);
                return SocketError.None;
            case SocketOption.ReceiveBytes or SocketOption.SendBytes:
                value = idle.GetValueOrDefault(option, StackLimits.DatagramsQueuedMax * Packets.PacketPool.BufferBytes);
                return SocketError.None;
            case SocketOption.KeepAlive or SocketOption.UrgentInline:
                value = idle.GetValueOrDefault(option, 0);
                return SocketError.None;
            default:
                return base.GetOption(option, out value);
        }
    }

    internal override SocketError SetOption(CallContext context, SocketOption option, long value)
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
            case SocketOption.TypeOfService:
                socket.TypeOfService = (byte)value;
                return SocketError.None;
            case SocketOption.ReceiveBytes or SocketOption.SendBytes or SocketOption.LingerSeconds:
                idle[option] = value;
                return SocketError.None;
            case SocketOption.KeepAlive or SocketOption.UrgentInline:
                idle[option] = value != 0 ? 1 : 0;
                return SocketError.None;
            case SocketOption.HeaderIncluded when CanHaveHeader:
                socket.HasHeader = value != 0;
                return SocketError.None;
            case SocketOption.V6Only:
                SocketError error = base.SetOption(context, option, value);
                socket.IsV6Only = IsV6Only;
                return error;
            default:
                return SetLinkOption(option, value);
        }
    }

    /// <summary>Options of links and groups.</summary>
    private SocketError SetLinkOption(SocketOption option, long value)
    {
        switch (option)
        {
            case SocketOption.BoundLink when IsLink(value):
                socket.BoundLink = (int)value;
                return SocketError.None;
            case SocketOption.MulticastLink when IsLink(value):
                socket.MulticastLink = (int)value;
                return SocketError.None;
            case SocketOption.BoundLink:
                return SocketError.NoDevice;
            case SocketOption.MulticastLink:
                return SocketError.AddressNotAvailable;
            case SocketOption.MulticastTimeToLive when value is >= -1 and <= 255:
                socket.MulticastTimeToLive = value < 0 ? IpSpec.TimeToLiveMulticast : (byte)value;
                return SocketError.None;
            case SocketOption.MulticastLoop:
                socket.LoopsMulticast = value != 0;
                return SocketError.None;
            case SocketOption.MulticastAll when value is 0 or 1:
                socket.TakesAllGroups = value != 0;
                return SocketError.None;
            case SocketOption.MulticastTimeToLive or SocketOption.MulticastAll:
                return SocketError.InvalidArgument;
            default:
                return SocketError.NoOption;
        }
    }

    private bool IsLink(long index) => index == 0 || (index is > 0 and <= int.MaxValue && Stack.TryFindInterface((int)index - 1, out _));
}
