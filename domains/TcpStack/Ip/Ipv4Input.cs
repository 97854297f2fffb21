using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Takes IPv4 packets in: checks them, puts fragments together, hands them to the transports (RFC 1122 section 3.2.1).
/// </summary>
internal sealed class Ipv4Input(NetworkStack stack)
{
    private readonly Reassembly reassembly = new(stack);

    internal long DeadlineMicros => reassembly.DeadlineMicros;

    /// <summary>Takes a packet whose data starts with the IP header; the reference is this method's.</summary>
    internal void Receive(CallContext context, NetworkInterface link, int packet)
    {
        if (!Ipv4Header.TryParse(stack.Pool.Data(context, packet), out Ipv4Header header) || !IsAcceptable(link, in header))
        {
            Drop(link, packet);
            return;
        }

        // What is behind the packet is padding of the link.
        stack.Pool[packet].LengthBytes = header.TotalBytes;
        stack.Pool[packet].Skip(header.HeaderBytes);
        var origin = new PacketOrigin
        {
            Interface = link,
            Source = header.Source,
            Destination = header.Destination,
            Protocol = header.Protocol,
            HeaderBytes = header.HeaderBytes,
            IsUnicast = !header.Destination.IsMulticast && !link.IsBroadcast(header.Destination),
        };

        if (header.IsFragment)
        {
            packet = reassembly.Add(in header, ref origin, packet);
            if (packet == PacketPool.None)
            {
                return;
            }
        }

        Deliver(context, in origin, packet);
    }

    internal void Tick(CallContext context) => reassembly.Tick(context);

    private void Deliver(CallContext context, in PacketOrigin origin, int packet)
    {
        bool isTaken = stack.Raw.Receive(context, in origin, packet);
        switch (origin.Protocol)
        {
            case Ipv4Header.ProtocolTcp:
                stack.Tcp.Receive(context, in origin, packet);
                break;
            case Ipv4Header.ProtocolUdp:
                stack.Udp.Receive(context, in origin, packet);
                break;
            case Ipv4Header.ProtocolIcmp:
                stack.Icmp.Receive(context, in origin, packet);
                break;
            default:
                if (!isTaken)
                {
                    stack.Icmp.SendError(
                        context, in origin, packet, IcmpSpec.DestinationUnreachable, IcmpSpec.CodeProtocolUnreachable);
                }

                stack.Pool.ReleaseChain(packet);
                break;
        }
    }

    /// <summary>
    /// For this host, and from an address that may send (RFC 1122 sections 3.2.1.3 and 3.3.6, RFC 6890): loopback addresses stay
    /// on the loopback interface.
    /// </summary>
    private bool IsAcceptable(NetworkInterface link, in Ipv4Header header)
    {
        IpAddress source = header.Source;
        if (source.IsMulticast || source == IpAddress.BroadcastV4 || link.IsBroadcast(source))
        {
            return false;
        }

        if (link.IsLoopback)
        {
            return stack.IsOwn(header.Destination) || header.Destination.IsLoopback;
        }

        return !source.IsLoopback && !header.Destination.IsLoopback && !stack.IsOwn(source)
            && (stack.IsOwn(header.Destination) || link.IsBroadcast(header.Destination)
                || header.Destination == AllHosts);
    }

    /// <summary>
    /// The group that each host is in (RFC 1112 section 4); others can be joined with IGMP, which is not there yet.
    /// </summary>
    private static IpAddress AllHosts => IpAddress.FromV4(224, 0, 0, 1);

    private void Drop(NetworkInterface link, int packet)
    {
        link.Counters.ReceivedDropped++;
        stack.Pool.Release(packet);
    }
}
