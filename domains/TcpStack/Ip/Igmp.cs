using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Wire;
using Spec = RedLeafSharp.Domains.TcpStack.Ip.IgmpSpec;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Tells multicast routers which groups this host is in: IGMP version 3 (RFC 3376) without lists of sources, and the older versions to
/// routers that speak them (section 7).
/// </summary>
internal sealed class Igmp(NetworkStack stack)
{
    private readonly List<IgmpLink> links = [];

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    internal long DeadlineMicros { get; private set; } = long.MaxValue;

    /// <summary>The group that each host is in, and that nobody reports (RFC 3376 section 5).</summary>
    internal static IpAddress AllHosts => IpAddress.FromV4(224, 0, 0, 1);

    private static IpAddress AllRouters => IpAddress.FromV4(224, 0, 0, 2);

    /// <summary>Where reports of version 3 go (RFC 3376 section 4.2.14).</summary>
    private static IpAddress AllReporting => IpAddress.FromV4(224, 0, 0, 22);

    /// <summary>One member more; false when the link has too many groups.</summary>
    internal bool TryJoin(NetworkInterface link, IpAddress group)
    {
        bool isJoined = link.Groups.TryJoin(group, out bool isFirst);
        if (isFirst)
        {
            NoteChange(link, group);
        }

        return isJoined;
    }

    internal void Leave(NetworkInterface link, IpAddress group)
    {
        if (link.Groups.Leave(group))
        {
            NoteChange(link, group);
        }
    }

    internal void Receive(CallContext context, in PacketOrigin origin, int packet)
    {
        ReadOnlySpan<byte> message = stack.Pool.Data(context, packet);
        if (message.Length >= Spec.MessageBytes && InternetChecksum.IsIntact(stack.SumChain(context, packet)))
        {
            IpAddress group = IpAddress.From(message.Slice(4, 4));
            if (message[0] == Spec.Query)
            {
                HearQuery(origin.Interface, message, group);
            }
            else if (message[0] is Spec.ReportV1 or Spec.ReportV2 && origin.Interface.Groups.Find(group) is var index and >= 0)
            {
                // Another host has told of the group: of older versions one report is enough (RFC 2236 section 3).
                ref GroupMembership entry = ref origin.Interface.Groups.Entries[index];
                entry.QueryReportMicros = VersionOf(origin.Interface) < 3 ? 0 : entry.QueryReportMicros;
            }
        }

        stack.Pool.ReleaseChain(packet);
    }

    /// <summary>Sends the reports that are due.</summary>
    internal void Tick(CallContext context)
    {
        if (stack.NowMicros < DeadlineMicros)
        {
            return;
        }

        DeadlineMicros = long.MaxValue;
        foreach (NetworkInterface link in stack.Interfaces)
        {
            if (!link.IsLoopback && link.Groups.Count > 0)
            {
                Report(context, link);
            }
        }
    }

    private static bool IsReported(in GroupMembership entry) => entry.Group.IsV4 && entry.Group != AllHosts;

    private int VersionOf(NetworkInterface link) => StateOf(link).VersionAt(stack.NowMicros);

    /// <summary>A group has got its first member, or lost its last: told at once, and again for those who miss it (section 5.1).</summary>
    private void NoteChange(NetworkInterface link, IpAddress group)
    {
        int index = link.Groups.Find(group);
        ref GroupMembership entry = ref link.Groups.Entries[index];
        if (link.IsLoopback || !IsReported(in entry))
        {
            if (entry.Members == 0)
            {
                link.Groups.Remove(index);
            }

            return;
        }

        entry.ChangeReportsLeft = StateOf(link).Robustness;
        entry.ChangeReportMicros = stack.NowMicros;
        DeadlineMicros = Math.Min(DeadlineMicros, stack.NowMicros);
    }

    /// <summary>Section 5.2: the answer comes at a random time, so that not all hosts speak at once.</summary>
    private void HearQuery(NetworkInterface link, ReadOnlySpan<byte> message, IpAddress group)
    {
        if (message.Length is > Spec.MessageBytes and < Spec.QueryBytesV3)
        {
            // Of no version (section 7.1).
            return;
        }

        IgmpLink state = StateOf(link);
        int before = state.VersionAt(stack.NowMicros);
        long responseMicros = TimeOf(message[1]);
        if (message.Length < Spec.QueryBytesV3)
        {
            responseMicros = message[1] == 0 ? Spec.ResponseV1Micros : message[1] * 100_000L;
            state.HearOlder(isFirst: message[1] == 0, stack.NowMicros);
        }
        else if ((message[8] & Spec.RobustnessMax) is var told and > 0)
        {
            state.Robustness = told;
        }

        bool hasChanged = state.VersionAt(stack.NowMicros) != before;
        long due = stack.NowMicros + 1 + (long)(stack.NextRandom() % (ulong)Math.Max(responseMicros, 1));
        foreach (ref GroupMembership entry in link.Groups.Entries)
        {
            // A change of version cancels what is pending (section 7.2.1).
            entry.QueryReportMicros = hasChanged ? 0 : entry.QueryReportMicros;
            bool isAsked = IsReported(in entry) && entry.Members > 0 && (group.IsUnspecified || group == entry.Group);
            if (isAsked && (entry.QueryReportMicros == 0 || entry.QueryReportMicros > due))
            {
                entry.QueryReportMicros = due;
                DeadlineMicros = Math.Min(DeadlineMicros, due);
            }
        }
    }

    private static long TimeOf(byte code)
    {
        long tenths = code < Spec.FloatingCode ? code : (long)((code & 15) | 16) << (((code >> 4) & 7) + 3);
        return tenths * 100_000;
    }

    private void Report(CallContext context, NetworkInterface link)
    {
        int version = VersionOf(link);
        var records = new List<(IpAddress Group, byte Kind)>();
        for (int index = link.Groups.Count - 1; index >= 0; index--)
        {
            ref GroupMembership entry = ref link.Groups.Entries[index];
            if (!IsReported(in entry))
            {
                continue;
            }

            if (entry.ChangeReportsLeft > 0 && entry.ChangeReportMicros <= stack.NowMicros)
            {
                records.Add((entry.Group, entry.Members > 0 ? Spec.ChangeToExclude : Spec.ChangeToInclude));
                Reschedule(ref entry, version);
            }
            else if (entry.QueryReportMicros > 0 && entry.QueryReportMicros <= stack.NowMicros)
            {
                records.Add((entry.Group, Spec.ModeIsExclude));
                entry.QueryReportMicros = 0;
            }

            if (entry.Members == 0 && entry.ChangeReportsLeft == 0)
            {
                link.Groups.Remove(index);
                continue;
            }

            long change = entry.ChangeReportsLeft > 0 ? entry.ChangeReportMicros : long.MaxValue;
            long answer = entry.QueryReportMicros > 0 ? entry.QueryReportMicros : long.MaxValue;
            DeadlineMicros = Math.Min(DeadlineMicros, Math.Min(change, answer));
        }

        Send(context, link, version, records);
    }

    private void Reschedule(ref GroupMembership entry, int version)
    {
        // To routers of version 2 a leave is told once (RFC 2236 section 3).
        entry.ChangeReportsLeft = version < 3 && entry.Members == 0 ? 0 : entry.ChangeReportsLeft - 1;
        long interval = version < 3 ? Spec.ChangeIntervalV2Micros : Spec.ChangeIntervalMicros;
        entry.ChangeReportMicros = stack.NowMicros + 1 + (long)(stack.NextRandom() % (ulong)interval);
    }

    private void Send(CallContext context, NetworkInterface link, int version, List<(IpAddress Group, byte Kind)> records)
    {
        if (version == 3 && records.Count > 0)
        {
            SendV3(context, link, records);
            return;
        }

        foreach ((IpAddress group, byte kind) in records)
        {
            bool isLeave = kind == Spec.ChangeToInclude;
            if (!isLeave || version == 2)
            {
                byte type = isLeave ? Spec.LeaveV2 : version == 2 ? Spec.ReportV2 : Spec.ReportV1;
                SendV2(context, link, type, group, isLeave ? AllRouters : group);
            }
        }
    }

    /// <summary>Section 4.2: all records fit into one packet, since a link has few groups.</summary>
    private void SendV3(CallContext context, NetworkInterface link, List<(IpAddress Group, byte Kind)> records)
    {
        if (!stack.Control.TryBegin())
        {
            return;
        }

        Span<byte> report = stack.Control.Append(context, Spec.MessageBytes + (records.Count * Spec.RecordBytes));
        report.Clear();
        report[0] = Spec.ReportV3;
        BinaryPrimitives.WriteUInt16BigEndian(report[6..], (ushort)records.Count);
        Span<byte> rest = report[Spec.MessageBytes..];
        foreach ((IpAddress group, byte kind) in records)
        {
            rest[0] = kind;
            BinaryPrimitives.WriteUInt32BigEndian(rest[4..], group.V4);
            rest = rest[Spec.RecordBytes..];
        }

        Finish(context, link, report, AllReporting);
    }

    private void SendV2(CallContext context, NetworkInterface link, byte type, IpAddress group, IpAddress destination)
    {
        if (stack.Control.TryBegin())
        {
            Span<byte> message = stack.Control.Append(context, Spec.MessageBytes);
            message.Clear();
            message[0] = type;
            BinaryPrimitives.WriteUInt32BigEndian(message[4..], group.V4);
            Finish(context, link, message, destination);
        }
    }

    /// <summary>Checksum and IP header: one hop, with the option that has routers look at it.</summary>
    private void Finish(CallContext context, NetworkInterface link, Span<byte> message, IpAddress destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Complement(InternetChecksum.Sum(message)));
        const int HeaderBytes = Ipv4Header.LengthBytes + sizeof(uint);
        _ = link.TryChooseSource(destination, out IpAddress source);
        Span<byte> header = stack.Control.Prepend(context, HeaderBytes);
        new Ipv4Header
        {
            HeaderBytes = HeaderBytes,
            TotalBytes = HeaderBytes + message.Length,
            TypeOfService = Spec.TypeOfService,
            TimeToLive = 1,
            Protocol = Ipv4Header.ProtocolIgmp,
            Source = source,
            Destination = destination,
        }.Write(header);
        header[0] = 0x46;
        BinaryPrimitives.WriteUInt32BigEndian(header[Ipv4Header.LengthBytes..], Spec.RouterAlert);
        BinaryPrimitives.WriteUInt16BigEndian(header[Ipv4Header.ChecksumOffset..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(
            header[Ipv4Header.ChecksumOffset..], InternetChecksum.Complement(InternetChecksum.Sum(header)));
        stack.Neighbors.Send(context, link, destination, stack.Control);
    }

    private IgmpLink StateOf(NetworkInterface link)
    {
        while (links.Count <= link.Index)
        {
            links.Add(new IgmpLink());
        }

        return links[link.Index];
    }

    /// <summary>What is known of the routers of a link.</summary>
    private sealed class IgmpLink
    {
        private long firstUntilMicros;
        private long secondUntilMicros;

        internal int Robustness { get; set; } = Spec.Robustness;

        /// <summary>The version to speak (section 7.2.1): the oldest that has been heard of lately.</summary>
        internal int VersionAt(long nowMicros) => nowMicros < firstUntilMicros ? 1 : nowMicros < secondUntilMicros ? 2 : 3;

        internal void HearOlder(bool isFirst, long nowMicros)
        {
            ref long until = ref isFirst ? ref firstUntilMicros : ref secondUntilMicros;
            until = nowMicros + Spec.OlderVersionMicros;
        }
    }
}
