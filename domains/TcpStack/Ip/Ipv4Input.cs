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
    // Of the last packet for one of this host's own addresses: those that come after it in a round are mostly of the same connection.
    private NetworkInterface? acceptedLink;
    private IpAddress acceptedSource;
    private IpAddress acceptedDestination;

    /// <summary>Addresses may have changed, or a round begins: nothing is known of the next packet.</summary>
    internal void Forget() => acceptedLink = null;

    /// <summary>Takes a packet whose data starts with the IP header; the reference is this method's.</summary>
    internal void Receive(CallContext context, NetworkInterface link, int packet)
    {
        if (!Ipv4Header.TryParse(stack.Pool.Data(context, packet), out Ipv4Header header))
        {
            Drop(link, packet);
            return;
        }

        bool isForGroup = stack.Pool[packet].IsForLinkGroup;
        bool isLikeLast = header.Source == acceptedSource && header.Destination == acceptedDestination && link == acceptedLink && !isForGroup;
        if (!isLikeLast && !IsAcceptable(link, in header))
        {
            Drop(link, packet);
            return;
        }

        // What is behind the packet is padding of the link.
        stack.Pool[packet].LengthBytes = header.TotalBytes;
        stack.Pool[packet].Skip(header.HeaderBytes);

        // What came to several stations is answered by none, whatever its address says (RFC 1122 section 3.2.2, RFC 9293 section 3.9.2.3).
        bool isUnicast = isLikeLast || (!isForGroup && !IsForMany(link, header.Destination));

        // Filled in place: an initializer's value is copied, and the processor waits for what has just been written.
        PacketOrigin origin = default;
        origin.Interface = link;
        origin.Source = header.Source;
        origin.Destination = header.Destination;
        origin.Protocol = header.Protocol;
        origin.TypeOfService = header.TypeOfService;
        origin.HopLimit = header.TimeToLive;
        origin.HeaderBytes = header.HeaderBytes;
        origin.IsUnicast = isUnicast;
        if (isUnicast && !isLikeLast)
        {
            (acceptedLink, acceptedSource, acceptedDestination) = (link, header.Source, header.Destination);
        }

        if (header.IsFragment)
        {
            var fragment = new Fragment
            {
                Identification = header.Identification,
                OffsetBytes = header.FragmentOffsetBytes,
                LengthBytes = header.PayloadBytes,
                MoreFragments = header.MoreFragments,
                DatagramBytesMax = Ipv4Header.PacketBytesMax - Ipv4Header.LengthBytes,
            };
            packet = stack.Reassembly.Add(in fragment, ref origin, packet);
            if (packet == PacketPool.None)
            {
                return;
            }
        }

        if (!stack.Delivery.TryDeliver(context, in origin, packet))
        {
            stack.Delivery.ReportFailure(context, in origin, packet, DeliveryFailure.NoProtocol);
            stack.Pool.ReleaseChain(packet);
        }
    }

    /// <summary>
    /// For this host, and from an address that may send (RFC 1122 sections 3.2.1.3 and 3.3.6, RFC 6890): loopback addresses stay
    /// on the loopback interface.
    /// </summary>
    private bool IsAcceptable(NetworkInterface link, in Ipv4Header header)
    {
        IpAddress source = header.Source;
        if (IsForMany(link, source) || (source.V4 >> 24 == 0 && !CanBeNobodys(link, in header)))
        {
            return false;
        }

        if (link.IsLoopback)
        {
            return stack.IsOwn(header.Destination) || header.Destination.IsLoopback || link.Groups.Contains(header.Destination);
        }

        return !source.IsLoopback && !header.Destination.IsLoopback && !stack.IsOwn(source)
            && (stack.IsOwn(header.Destination) || link.IsBroadcast(header.Destination)
                || link.Groups.Contains(header.Destination));
    }

    /// <summary>Only who has no address yet sends from none, and not to one host (RFC 1122 section 3.2.1.3 (a)).</summary>
    private static bool CanBeNobodys(NetworkInterface link, in Ipv4Header header) =>
        header.Source.IsUnspecified && IsForMany(link, header.Destination);

    private static bool IsForMany(NetworkInterface link, IpAddress address) => address.IsMulticast || link.IsBroadcast(address);

    private void Drop(NetworkInterface link, int packet)
    {
        link.Counters.ReceivedDropped++;
        stack.Pool.Release(packet);
    }
}
