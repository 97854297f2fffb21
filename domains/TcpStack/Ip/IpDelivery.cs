using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>Where packets of both versions go that are for this host, and who is told when they cannot be delivered.</summary>
internal sealed class IpDelivery(NetworkStack stack)
{
    /// <summary>Hands a packet to its transport; the reference is gone afterwards.</summary>
    /// <returns>Whether anybody has taken it; if not, the packet is still the caller's.</returns>
    internal bool TryDeliver(CallContext context, in PacketOrigin origin, int packet)
    {
        bool isTaken = stack.Raw.Receive(context, in origin, packet);
        switch (origin.Protocol)
        {
            case Ipv4Header.ProtocolTcp:
                stack.Tcp.Receive(context, in origin, packet);
                return true;
            case Ipv4Header.ProtocolUdp:
                stack.Udp.Receive(context, in origin, packet);
                return true;
            case Ipv4Header.ProtocolIcmp when origin.IsV4:
                stack.Icmp.Receive(context, in origin, packet);
                return true;
            case Ipv4Header.ProtocolIgmp when origin.IsV4:
                stack.Igmp.Receive(context, in origin, packet);
                return true;
            case Ipv6Header.NextIcmp when !origin.IsV4:
                stack.Icmpv6.Receive(context, in origin, packet);
                return true;
            default:
                if (isTaken)
                {
                    stack.Pool.ReleaseChain(packet);
                }

                return isTaken;
        }
    }

    /// <summary>Tells a sender that its packet could not be delivered, as far as that is allowed.</summary>
    internal void ReportFailure(CallContext context, in PacketOrigin origin, int packet, DeliveryFailure failure)
    {
        if (origin.IsV4)
        {
            stack.Icmp.ReportFailure(context, in origin, packet, failure);
        }
        else
        {
            stack.Icmpv6.ReportFailure(context, in origin, packet, failure);
        }
    }

    /// <summary>Tells a transport of this host that a packet of its own could not be delivered.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="quoted">The packet, from its IP header on.</param>
    /// <param name="error">Why.</param>
    internal void NotifySender(CallContext context, ReadOnlySpan<byte> quoted, SocketError error)
    {
        if (QuotedPacket.TryParse(quoted, out QuotedPacket packet))
        {
            Notify(context, in packet, error, mtuBytes: 0);
        }
    }

    /// <summary>An error message has come; a packet that this host cannot have sent is nobody's.</summary>
    internal void Notify(CallContext context, in QuotedPacket packet, SocketError error, int mtuBytes)
    {
        if (!stack.IsOwn(packet.Flow.Local))
        {
            return;
        }

        if (packet.Protocol == Ipv4Header.ProtocolTcp)
        {
            stack.Tcp.HearError(context, in packet.Flow, packet.Sequence, error, mtuBytes);
        }
        else
        {
            stack.Udp.HearError(in packet.Flow, error);
        }
    }
}
