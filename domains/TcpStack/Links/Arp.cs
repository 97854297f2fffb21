using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>Asks for and tells addresses (RFC 826), and notices when two hosts have the same one (RFC 5227).</summary>
internal sealed class Arp(NetworkStack stack)
{
    /// <summary>Addresses that had to be given up since another host has them.</summary>
    internal long ConflictCount { get; private set; }

    internal long DeadlineMicros { get; private set; } = long.MaxValue;

    internal void Receive(CallContext context, NetworkInterface link, ReadOnlySpan<byte> bytes)
    {
        if (!ArpPacket.TryParse(bytes, out ArpPacket packet) || packet.SenderMac == link.Mac || packet.SenderMac.IsMulticast)
        {
            return;
        }

        if (HasConflict(context, link, in packet) || packet.SenderAddress.IsMulticast || link.IsBroadcast(packet.SenderAddress))
        {
            return;
        }

        int own = link.FindAddress(packet.TargetAddress);
        bool isForUs = own >= 0 && !link.Addresses[own].IsTentative;
        if (!packet.SenderAddress.IsUnspecified)
        {
            bool isAnswer = packet.Operation == ArpPacket.Answer && packet.TargetMac == link.Mac;
            stack.Neighbors.Learn(context, link, packet.SenderAddress, packet.SenderMac, isForUs, isAnswer);
        }

        if (isForUs && packet.Operation == ArpPacket.Request)
        {
            Send(context, link, ArpPacket.Answer, packet.TargetAddress, packet.SenderMac, packet.SenderAddress, packet.SenderMac);
        }
    }

    internal void SendRequest(CallContext context, NetworkInterface link, IpAddress target, MacAddress to)
    {
        if (SourceSelection.TryChoose(stack, link, target, out IpAddress source))
        {
            Send(context, link, ArpPacket.Request, source, default, target, to);
        }
    }

    /// <summary>Starts to probe for an address that has been added as tentative, or to announce one that has not.</summary>
    internal void Begin(ref InterfaceAddress address)
    {
        address.AnnouncementsSent = address.IsTentative ? 0 : ArpSpec.Probes;
        address.NextAnnouncementMicros = stack.NowMicros;
        DeadlineMicros = Math.Min(DeadlineMicros, stack.NowMicros);
    }

    /// <summary>Sends the probes and announcements that are due (RFC 5227 sections 2.1.1 and 2.3).</summary>
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
                Advance(context, link, ref address);
            }
        }
    }

    private void Advance(CallContext context, NetworkInterface link, ref InterfaceAddress address)
    {
        if (!link.HasLinkHeader || !address.Address.IsV4 || address.AnnouncementsSent >= ArpSpec.Probes + ArpSpec.Announcements)
        {
            return;
        }

        if (address.NextAnnouncementMicros <= stack.NowMicros)
        {
            if (link.IsUp)
            {
                Announce(context, link, ref address);
            }
            else
            {
                // Nobody can have heard, or objected: the probes begin when there is a link.
                address.AnnouncementsSent = address.IsTentative ? 0 : address.AnnouncementsSent;
                address.NextAnnouncementMicros = stack.NowMicros + ArpSpec.ProbeIntervalMicros;
            }
        }

        if (address.AnnouncementsSent < ArpSpec.Probes + ArpSpec.Announcements)
        {
            DeadlineMicros = Math.Min(DeadlineMicros, address.NextAnnouncementMicros);
        }
    }

    /// <summary>Sends a probe, or, when nobody has objected to any, the first announcement or another one.</summary>
    private void Announce(CallContext context, NetworkInterface link, ref InterfaceAddress address)
    {
        address.IsTentative = address.AnnouncementsSent < ArpSpec.Probes;
        IpAddress sender = address.IsTentative ? IpAddress.AnyV4 : address.Address;
        Send(context, link, ArpPacket.Request, sender, default, address.Address, MacAddress.Broadcast);
        address.AnnouncementsSent++;
        address.NextAnnouncementMicros = stack.NowMicros + address.AnnouncementsSent switch
        {
            < ArpSpec.Probes => ArpSpec.ProbeIntervalMicros,
            ArpSpec.Probes => ArpSpec.AnnounceWaitMicros,
            _ => ArpSpec.AnnounceIntervalMicros,
        };
    }

    /// <summary>
    /// Another host sends from an address of this one, or probes for one that is still tentative here (RFC 5227 sections 2.1.1
    /// and
    /// 2.4 (b)): a tentative address is given up, one in use is defended once.
    /// </summary>
    private bool HasConflict(CallContext context, NetworkInterface link, in ArpPacket packet)
    {
        int index = link.FindAddress(packet.SenderAddress.IsUnspecified ? packet.TargetAddress : packet.SenderAddress);
        if (index < 0 || (packet.SenderAddress.IsUnspecified && !link.Addresses[index].IsTentative))
        {
            return false;
        }

        ref InterfaceAddress own = ref link.Addresses[index];
        bool isFirst = own.DefendedMicros == 0 || stack.NowMicros - own.DefendedMicros > ArpSpec.DefendIntervalMicros;
        if (!own.IsTentative && isFirst)
        {
            own.DefendedMicros = Math.Max(1, stack.NowMicros);
            Send(context, link, ArpPacket.Request, own.Address, default, own.Address, MacAddress.Broadcast);
            return true;
        }

        ConflictCount++;
        stack.RemoveAddress(link, own.Address);
        return true;
    }

    private void Send(
        CallContext context, NetworkInterface link, ushort operation, IpAddress sender, MacAddress targetMac, IpAddress target,
        MacAddress to)
    {
        OutgoingPacket packet = stack.Control;
        if (!packet.TryBegin())
        {
            return;
        }

        var arp = new ArpPacket
        {
            Operation = operation,
            SenderMac = link.Mac,
            SenderAddress = sender,
            TargetMac = targetMac,
            TargetAddress = target,
        };
        arp.Write(packet.Append(context, ArpPacket.LengthBytes));
        var header = new EthernetHeader { Destination = to, Source = link.Mac, Type = EthernetHeader.TypeArp };
        header.Write(packet.Prepend(context, EthernetHeader.LengthBytes));
        stack.Transmit(context, link, packet);
    }
}
