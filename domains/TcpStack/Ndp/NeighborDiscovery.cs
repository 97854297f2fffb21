using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ndp;

/// <summary>
/// Asks for and tells addresses of neighbours (RFC 4861 section 7), and finds out whether another host has an address (RFC 4862 section
/// 5.4). What <see cref="Arp"/> is to IPv4; both feed one <see cref="NeighborTable"/>.
/// </summary>
internal sealed class NeighborDiscovery(NetworkStack stack)
{
    /// <summary>Addresses that had to be given up since another host has them.</summary>
    internal long ConflictCount { get; private set; }

    internal long DeadlineMicros { get; private set; } = long.MaxValue;

    /// <summary>Takes a message of ICMPv6 that is whole and no error.</summary>
    internal void Receive(CallContext context, in PacketOrigin origin, ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] == MldSpec.Query)
        {
            stack.Mld.HearQuery(in origin, bytes);
        }

        if (origin.HopLimit != NdpSpec.HopLimit || !origin.Interface.HasLinkHeader)
        {
            return;
        }

        if (bytes[0] == NdpSpec.RouterAdvertisement)
        {
            stack.Routers.Receive(context, in origin, bytes);
        }
        else if (bytes[0] is NdpSpec.NeighborSolicitation or NdpSpec.NeighborAdvertisement or NdpSpec.Redirect
            && NdpMessage.TryParse(bytes, out NdpMessage message))
        {
            switch (message.Type)
            {
                case NdpSpec.NeighborSolicitation:
                    HearSolicitation(context, in origin, in message);
                    break;
                case NdpSpec.NeighborAdvertisement:
                    HearAdvertisement(context, in origin, in message);
                    break;
                default:
                    stack.Routers.HearRedirect(context, in origin, in message);
                    break;
            }
        }
    }

    /// <summary>Asks for a neighbour's address: all that may have it, or the one that had it (section 7.2.2).</summary>
    internal void Solicit(CallContext context, NetworkInterface link, IpAddress target, bool isProbe)
    {
        if (SourceSelection.TryChoose(stack, link, target, out IpAddress source))
        {
            var message = new NdpMessage { Type = NdpSpec.NeighborSolicitation, Target = target };
            (message.Options.HasSourceMac, message.Options.SourceMac) = (true, link.Mac);
            Send(context, link, source, isProbe ? target : NdpSpec.SolicitedNode(target), in message);
        }
    }

    /// <summary>Starts to ask whether somebody else has an address that has been added as tentative.</summary>
    internal void Begin(NetworkInterface link, ref InterfaceAddress address)
    {
        if (!link.V6.IsEnabled)
        {
            link.V6.IsEnabled = true;
            stack.Mld.Join(link, NdpSpec.AllNodes);
        }

        stack.Mld.Join(link, NdpSpec.SolicitedNode(address.Address));
        if (!address.IsTentative)
        {
            return;
        }

        // Hosts that have been started together must not ask together (RFC 4862 section 5.4.2).
        long delay = address.IsAutomatic ? (long)(stack.NextRandom() % (ulong)NdpSpec.SolicitationDelayMicros) : 0;
        address.AnnouncementsSent = 0;
        address.Nonce = Math.Max(1, stack.NextRandom() >> 16);
        address.NextAnnouncementMicros = stack.NowMicros + delay;
        DeadlineMicros = Math.Min(DeadlineMicros, address.NextAnnouncementMicros);
    }

    /// <summary>Asks for tentative addresses, and takes those that nobody has objected to.</summary>
    internal void Tick(CallContext context)
    {
        if (stack.NowMicros < DeadlineMicros)
        {
            return;
        }

        DeadlineMicros = long.MaxValue;
        foreach (NetworkInterface link in stack.Interfaces)
        {
            foreach (ref InterfaceAddress address in link.Addresses)
            {
                if (address.IsTentative && !address.Address.IsV4)
                {
                    Advance(context, link, ref address);
                }
            }
        }
    }

    internal void Send(CallContext context, NetworkInterface link, IpAddress source, IpAddress destination, in NdpMessage message)
    {
        OutgoingPacket packet = stack.Control;
        if (packet.TryBegin())
        {
            message.Write(packet.Append(context, message.TotalBytes));
            var path = new PacketPath { Interface = link, Source = source, Destination = destination, NextHop = destination };
            stack.Icmpv6.Send(context, packet, in path, NdpSpec.HopLimit);
        }
    }

    private void Advance(CallContext context, NetworkInterface link, ref InterfaceAddress address)
    {
        if (address.NextAnnouncementMicros <= stack.NowMicros)
        {
            if (link.IsUp && address.AnnouncementsSent == NdpSpec.DuplicateProbes)
            {
                address.IsTentative = false;
                stack.Routers.NoteUsable(link, address.Address);
                return;
            }

            if (link.IsUp)
            {
                address.AnnouncementsSent++;
                var message = new NdpMessage { Type = NdpSpec.NeighborSolicitation, Target = address.Address };
                message.Options.Nonce = address.Nonce;
                Send(context, link, IpAddress.AnyV6, NdpSpec.SolicitedNode(address.Address), in message);
            }

            address.NextAnnouncementMicros = stack.NowMicros + link.V6.RetransmitMicros;
        }

        DeadlineMicros = Math.Min(DeadlineMicros, address.NextAnnouncementMicros);
    }

    /// <summary>Section 7.2.3; for tentative addresses RFC 4862 section 5.4.3.</summary>
    private void HearSolicitation(CallContext context, in PacketOrigin origin, in NdpMessage message)
    {
        NetworkInterface link = origin.Interface;
        int index = link.FindAddress(message.Target);
        bool isForNobody = origin.Source.IsUnspecified
            && (message.Options.HasSourceMac || origin.Destination != NdpSpec.SolicitedNode(message.Target));
        if (index < 0 || isForNobody)
        {
            return;
        }

        ref InterfaceAddress own = ref link.Addresses[index];
        if (own.IsTentative)
        {
            // What this host has asked itself may come back to it (RFC 7527 section 4.2).
            bool isEcho = message.Options.Nonce != 0 && message.Options.Nonce == own.Nonce;
            if (origin.Source.IsUnspecified && !isEcho)
            {
                GiveUp(link, in own);
            }

            return;
        }

        if (message.Options.HasSourceMac && !message.Options.SourceMac.IsMulticast)
        {
            stack.Neighbors.Hear(context, link, origin.Source, message.Options.SourceMac, mayAdd: true);
        }

        var answer = new NdpMessage
        {
            Type = NdpSpec.NeighborAdvertisement,
            Target = message.Target,
            Flags = NdpSpec.FlagOverride | (origin.Source.IsUnspecified ? 0 : NdpSpec.FlagSolicited),
        };
        (answer.Options.HasTargetMac, answer.Options.TargetMac) = (true, link.Mac);
        Send(context, link, message.Target, origin.Source.IsUnspecified ? NdpSpec.AllNodes : origin.Source, in answer);
    }

    /// <summary>Section 7.2.5; for tentative addresses RFC 4862 section 5.4.4.</summary>
    private void HearAdvertisement(CallContext context, in PacketOrigin origin, in NdpMessage message)
    {
        bool isSolicited = (message.Flags & NdpSpec.FlagSolicited) != 0;
        if (isSolicited && origin.Destination.IsMulticast)
        {
            return;
        }

        NetworkInterface link = origin.Interface;
        int index = link.FindAddress(message.Target);
        if (index < 0)
        {
            if (!message.Options.HasTargetMac || !message.Options.TargetMac.IsMulticast)
            {
                stack.Neighbors.HearAdvertisement(context, link, in message);
            }
        }
        else if (link.Addresses[index].IsTentative)
        {
            GiveUp(link, in link.Addresses[index]);
        }
    }

    /// <summary>Another host has the address. An identifier of this host's choice is chosen anew (RFC 7217 section 6).</summary>
    private void GiveUp(NetworkInterface link, in InterfaceAddress address)
    {
        ConflictCount++;
        InterfaceAddress given = address;
        stack.RemoveAddress(link, given.Address);
        if (given.IsAutomatic && given.ConflictCount < NdpSpec.IdentifierRetries)
        {
            given.ConflictCount++;
            stack.Autoconfiguration.TryAdd(link, in given);
        }
    }
}
