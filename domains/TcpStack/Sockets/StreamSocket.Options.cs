using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Tcp;

namespace RedLeafSharp.Domains.TcpStack.Sockets;

/// <content>Options. What is set before a connection is made, or while listening, holds for the connections to come.</content>
internal sealed partial class StreamSocket
{
    private const int BufferBytesMin = 4_096;

    internal override SocketError GetOption(SocketOption option, out long value)
    {
        ref readonly TcpOptionsOfSocket present = ref Present;
        switch (option)
        {
            case SocketOption.PendingError:
                isConnectTold = true;
                hasEstablished |= connection is { IsSynchronized: true };
                value = (long)(connection?.TakeError() ?? SocketError.None);
                return SocketError.None;
            case SocketOption.IsListening:
                value = IsListening ? 1 : 0;
                return SocketError.None;
            case SocketOption.SegmentBytesMax:
                value = connection?.SegmentBytesMax ?? TcpSpec.MssDefaultV4;
                return SocketError.None;
            case SocketOption.UnreadBytes:
                value = connection?.UnreadBytes ?? 0;
                return IsListening ? SocketError.InvalidArgument : SocketError.None;
            case SocketOption.UnsentBytes:
                value = connection?.UnsentBytes ?? 0;
                return IsListening ? SocketError.InvalidArgument : SocketError.None;
            case SocketOption.IsAtMark:
                value = connection is { IsAtMark: true } ? 1 : 0;
                return SocketError.None;
            case SocketOption.ConnectionState:
                value = StateNumber;
                return SocketError.None;
            default:
                return TryGetSetting(in present, option, out value) ? SocketError.None : base.GetOption(option, out value);
        }
    }

    internal override SocketError SetOption(CallContext context, SocketOption option, long value)
    {
        if (option == SocketOption.V6Only)
        {
            return base.SetOption(context, option, value);
        }

        SocketError error = Set(ref settings, option, value);
        if (error != SocketError.None)
        {
            return error;
        }

        if (listener is not null)
        {
            _ = Set(ref listener.Settings, option, value);
        }

        if (connection is not null)
        {
            _ = Set(ref connection.Settings, option, value);
            connection.ApplySettings();

            // What was held back may be due now: TCP_NODELAY, TCP_CORK.
            connection.Kick(context);
        }

        return SocketError.None;
    }

    private ref readonly TcpOptionsOfSocket Present => ref connection is not null ? ref connection.Settings : ref settings;

    /// <summary>RFC 4022, tcpConnState.</summary>
    private long StateNumber => IsListening ? 2 : connection?.State switch
    {
        TcpState.SynSent => 3,
        TcpState.SynReceived => 4,
        TcpState.Established => 5,
        TcpState.FinWait1 => 6,
        TcpState.FinWait2 => 7,
        TcpState.CloseWait => 8,
        TcpState.LastAck => 9,
        TcpState.Closing => 10,
        TcpState.TimeWait => 11,
        _ => 1,
    };

    private static bool TryGetSetting(in TcpOptionsOfSocket from, SocketOption option, out long value)
    {
        value = option switch
        {
            SocketOption.ReuseAddress => from.MayShareAddress ? 1 : 0,
            SocketOption.ReusePort => from.MaySharePort ? 1 : 0,
            SocketOption.Cork => from.IsCorked ? 1 : 0,
            SocketOption.UrgentInline => from.IsUrgentInline ? 1 : 0,
            SocketOption.TypeOfService => from.TypeOfService,
            SocketOption.Broadcast => from.MayBroadcast ? 1 : 0,
            SocketOption.KeepAlive => from.UsesKeepalive ? 1 : 0,
            SocketOption.LingerSeconds => from.LingerSeconds,
            SocketOption.ReceiveBytes => from.ReceiveBytes,
            SocketOption.SendBytes => from.SendBytes,
            SocketOption.NoDelay => from.IsNoDelay ? 1 : 0,
            SocketOption.KeepAliveIdleMicros => from.KeepaliveIdleMicros,
            SocketOption.KeepAliveIntervalMicros => from.KeepaliveIntervalMicros,
            SocketOption.KeepAliveProbes => from.KeepaliveProbes,
            SocketOption.UserTimeoutMicros => from.UserTimeoutMicros,
            SocketOption.TimeToLive => from.TimeToLive == 0 ? Ip.IpSpec.TimeToLiveDefault : from.TimeToLive,
            _ => long.MinValue,
        };
        return value != long.MinValue;
    }

    private static SocketError Set(ref TcpOptionsOfSocket to, SocketOption option, long value)
    {
        switch (option)
        {
            case SocketOption.ReuseAddress:
                to.MayShareAddress = value != 0;
                break;
            case SocketOption.ReusePort:
                to.MaySharePort = value != 0;
                break;
            case SocketOption.Cork:
                to.IsCorked = value != 0;
                break;
            case SocketOption.UrgentInline:
                to.IsUrgentInline = value != 0;
                break;
            case SocketOption.TypeOfService:
                // The bits of ECN are the protocol's (RFC 3168 section 23.1).
                to.TypeOfService = (byte)(value & ~Ip.IpSpec.EcnMask);
                break;
            case SocketOption.KeepAlive:
                to.UsesKeepalive = value != 0;
                break;
            case SocketOption.LingerSeconds:
                to.LingerSeconds = (int)Math.Clamp(value, -1, int.MaxValue);
                break;
            case SocketOption.ReceiveBytes:
                to.ReceiveBytes = (int)Math.Clamp(value, BufferBytesMin, StackLimits.StreamBytesMax);
                break;
            case SocketOption.SendBytes:
                to.SendBytes = (int)Math.Clamp(value, BufferBytesMin, StackLimits.StreamBytesMax);
                break;
            case SocketOption.NoDelay:
                to.IsNoDelay = value != 0;
                break;
            case SocketOption.KeepAliveIdleMicros when value > 0:
                to.KeepaliveIdleMicros = value;
                break;
            case SocketOption.KeepAliveIntervalMicros when value > 0:
                to.KeepaliveIntervalMicros = value;
                break;
            case SocketOption.KeepAliveProbes when value is > 0 and < 128:
                to.KeepaliveProbes = (int)value;
                break;
            case SocketOption.UserTimeoutMicros when value >= 0:
                to.UserTimeoutMicros = value;
                break;
            case SocketOption.Broadcast:
                to.MayBroadcast = value != 0;
                break;
            case SocketOption.TimeToLive when value is -1 or (>= 1 and <= byte.MaxValue):
                // -1 goes back to the default (ip(7)).
                to.TimeToLive = value < 0 ? (byte)0 : (byte)value;
                break;
            case SocketOption.KeepAliveIdleMicros or SocketOption.KeepAliveIntervalMicros or SocketOption.KeepAliveProbes
                or SocketOption.UserTimeoutMicros or SocketOption.TimeToLive:
                return SocketError.InvalidArgument;
            default:
                return SocketError.NoOption;
        }

        return SocketError.None;
    }
}
