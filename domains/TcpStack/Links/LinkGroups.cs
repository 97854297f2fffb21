using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>
/// The groups that an interface receives for, of both versions of IP. Each is counted: sockets and protocols join independently of one
/// another. Which of them routers hear of, and when, stands in the entries too, for IGMP and MLD.
/// </summary>
internal sealed class LinkGroups
{
    private readonly GroupMembership[] entries = new GroupMembership[StackLimits.GroupsPerInterfaceMax];

    internal int Count { get; private set; }

    /// <summary>Goes up with each change, for those who filter by it.</summary>
    internal int Version { get; private set; }

    internal Span<GroupMembership> Entries => entries.AsSpan(0, Count);

    /// <summary>The Ethernet address of a group (RFC 1112 section 6.4, RFC 2464 section 7), or of all stations.</summary>
    internal static MacAddress MacOf(IpAddress group) => !group.IsMulticast
        ? MacAddress.Broadcast
        : group.IsV4
            ? new MacAddress(0x0100_5E00_0000UL | (group.V4 & 0x7F_FFFF))
            : new MacAddress(0x3333_0000_0000UL | (uint)group.Low);

    /// <summary>Whether there is a member.</summary>
    internal bool Contains(IpAddress group) => Find(group) is var index and >= 0 && entries[index].Members > 0;

    /// <summary>Counts a member; false when there are too many groups.</summary>
    /// <param name="group">The group.</param>
    /// <param name="isFirst">Whether it is the group's first one.</param>
    internal bool TryJoin(IpAddress group, out bool isFirst)
    {
        isFirst = false;
        int index = Find(group);
        if (index < 0)
        {
            if (Count == entries.Length)
            {
                return false;
            }

            index = Count++;
            entries[index] = new GroupMembership { Group = group };
        }

        isFirst = entries[index].Members++ == 0;
        Version += isFirst ? 1 : 0;
        return true;
    }

    /// <summary>Counts a member less; true when it was the last. The entry stays until <see cref="Remove"/>, to be reported.</summary>
    internal bool Leave(IpAddress group)
    {
        int index = Find(group);
        bool isLast = index >= 0 && entries[index].Members > 0 && --entries[index].Members == 0;
        Version += isLast ? 1 : 0;
        return isLast;
    }

    /// <summary>Forgets an entry without members.</summary>
    internal void Remove(int index) => entries[index] = entries[--Count];

    /// <summary>The place of a group; -1 when there is none.</summary>
    internal int Find(IpAddress group)
    {
        for (int index = 0; index < Count; index++)
        {
            if (entries[index].Group == group)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Adds the Ethernet addresses to receive for, each once.</summary>
    internal void AddTo(List<MacAddress> filter)
    {
        foreach (ref readonly GroupMembership entry in Entries)
        {
            if (entry.Members > 0 && !filter.Contains(MacOf(entry.Group)))
            {
                filter.Add(MacOf(entry.Group));
            }
        }
    }

    /// <summary>Forgets all of them: the link is gone.</summary>
    internal void Clear()
    {
        Count = 0;
        Version++;
    }
}

/// <summary>A group of an interface.</summary>
internal struct GroupMembership
{
    internal IpAddress Group;

    /// <summary>Sockets and protocols that want it; 0 for one that is only kept until routers have been told.</summary>
    internal int Members;

    /// <summary>Reports of the last change that are still to be sent, and when the next is due.</summary>
    internal int ChangeReportsLeft;
    internal long ChangeReportMicros;

    /// <summary>When a query is to be answered; 0 when none is.</summary>
    internal long QueryReportMicros;
}
