using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ndp;

/// <summary>
/// Tells routers, and switches that listen, which groups a link's hosts want (MLDv2, RFC 3810): at changes, and when asked. Filters of
/// sources are not there: a group is wanted from everybody, or not at all.
/// </summary>
internal sealed class Mld(NetworkStack stack)
{
    internal long DeadlineMicros { get; private set; } = long.MaxValue;

    /// <summary>Counts a member of a group; false when the link has too many groups.</summary>
    internal bool Join(NetworkInterface link, IpAddress group)
    {
        if (!link.Groups.TryJoin(group, out bool isFirst))
        {
            return false;
        }

        if (isFirst)
        {
            NoteChange(link, group);
        }

        return true;
    }

    internal void Leave(NetworkInterface link, IpAddress group)
    {
        if (link.Groups.Leave(group))
        {
            NoteChange(link, group);
        }
    }

    /// <summary>A router asks (sections 5.1 and 6.2): each group answers after a while of its own.</summary>
    internal void HearQuery(in PacketOrigin origin, ReadOnlySpan<byte> bytes)
    {
        if (origin.HopLimit != 1 || !origin.Source.IsLinkLocal || !origin.HasRouterAlert || !MldQuery.TryParse(bytes, out MldQuery query))
        {
            return;
        }

        NetworkInterface link = origin.Interface;
        link.V6.OlderQuerierUntilMicros = query.IsVersion1
            ? stack.NowMicros + MldSpec.OlderQuerierMicros
            : link.V6.OlderQuerierUntilMicros;
        foreach (ref GroupMembership entry in link.Groups.Entries)
        {
            if (!IsReported(in entry) || entry.Members == 0 || (!query.Group.IsUnspecified && query.Group != entry.Group))
            {
                continue;
            }

            long delay = (long)(stack.NextRandom() % (ulong)Math.Max(1, query.DelayMicros));
            bool isSooner = entry.QueryReportMicros == 0 || stack.NowMicros + delay < entry.QueryReportMicros;
            entry.QueryReportMicros = isSooner ? stack.NowMicros + delay : entry.QueryReportMicros;
            DeadlineMicros = Math.Min(DeadlineMicros, entry.QueryReportMicros);
        }
    }

    internal void Tick(CallContext context)
    {
        if (stack.NowMicros < DeadlineMicros)
        {
            return;
        }

        DeadlineMicros = long.MaxValue;
        foreach (NetworkInterface link in stack.Interfaces)
        {
            for (int index = link.Groups.Count - 1; index >= 0; index--)
            {
                if (IsReported(in link.Groups.Entries[index]))
                {
                    Advance(context, link, index);
                }
            }
        }
    }

    /// <summary>Groups of the node or of no scope, and the one of all nodes, are nobody's business (section 6).</summary>
    private static bool IsReported(in GroupMembership entry) =>
        !entry.Group.IsV4 && entry.Group != NdpSpec.AllNodes && ((entry.Group.High >> 48) & 15) > 1;

    /// <summary>A change is reported at once, and again in case that is lost (section 6.1).</summary>
    private void NoteChange(NetworkInterface link, IpAddress group)
    {
        int index = link.Groups.Find(group);
        ref GroupMembership entry = ref link.Groups.Entries[index];
        if (!link.HasLinkHeader || !IsReported(in entry))
        {
            if (entry.Members == 0)
            {
                link.Groups.Remove(index);
            }

            return;
        }

        entry.ChangeReportsLeft = MldSpec.Robustness;
        entry.ChangeReportMicros = stack.NowMicros;
        DeadlineMicros = Math.Min(DeadlineMicros, stack.NowMicros);
    }

    private void Advance(CallContext context, NetworkInterface link, int index)
    {
        ref GroupMembership entry = ref link.Groups.Entries[index];
        if (entry.ChangeReportsLeft > 0 && entry.ChangeReportMicros <= stack.NowMicros)
        {
            Report(context, link, entry.Group, entry.Members > 0 ? MldSpec.ChangeToExclude : MldSpec.ChangeToInclude);
            entry.ChangeReportsLeft -= link.IsUp ? 1 : 0;
            entry.ChangeReportMicros = stack.NowMicros + 1 + (long)(stack.NextRandom() % (ulong)MldSpec.UnsolicitedMicrosMax);
        }

        if (entry.QueryReportMicros != 0 && entry.QueryReportMicros <= stack.NowMicros)
        {
            Report(context, link, entry.Group, MldSpec.ModeIsExclude);
            entry.QueryReportMicros = 0;
        }

        if (entry.ChangeReportsLeft > 0)
        {
            DeadlineMicros = Math.Min(DeadlineMicros, entry.ChangeReportMicros);
        }

        if (entry.QueryReportMicros != 0)
        {
            DeadlineMicros = Math.Min(DeadlineMicros, entry.QueryReportMicros);
        }

        if (entry.ChangeReportsLeft == 0 && entry.Members == 0)
        {
            link.Groups.Remove(index);
        }
    }

    /// <summary>
    /// Reports one group, in the words of the version that the querier speaks (section 8.2.1); from no address as long as there is no
    /// link-local one (section 5.2.13).
    /// </summary>
    private void Report(CallContext context, NetworkInterface link, IpAddress group, byte kind)
    {
        OutgoingPacket packet = stack.Control;
        if (!link.IsUp || !packet.TryBegin())
        {
            return;
        }

        bool isOlder = stack.NowMicros < link.V6.OlderQuerierUntilMicros;
        bool isLeaving = kind == MldSpec.ChangeToInclude;
        IpAddress destination = !isOlder ? MldSpec.AllMld2Routers : isLeaving ? NdpSpec.AllRouters : group;
        if (!SourceSelection.TryChoose(stack, link, NdpSpec.AllNodes, out IpAddress source) || !source.IsLinkLocal)
        {
            source = IpAddress.AnyV6;
        }

        Span<byte> message = packet.Append(context, isOlder ? MldQuery.LengthBytesVersion1 : MldSpec.ReportBytes);
        if (isOlder)
        {
            MldReport.WriteVersion1(message, group, isLeaving);
        }
        else
        {
            MldReport.Write(message, group, kind);
        }

        uint pseudo = InternetChecksum.PseudoHeader(source, destination, Ipv6Header.NextIcmp, message.Length);
        ushort checksum = InternetChecksum.Complement(InternetChecksum.Sum(message) + pseudo);
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], checksum);

        // Routers look into packets with this option though they are not for them (RFC 2711).
        MldReport.RouterAlert.CopyTo(packet.Prepend(context, MldReport.RouterAlert.Length));
        var path = new PacketPath { Interface = link, Source = source, Destination = destination, NextHop = destination };
        var properties = new PacketProperties { Protocol = Ipv6Header.NextHopByHop, TimeToLive = 1 };
        stack.Output.Send(context, packet, in path, in properties);
    }
}
