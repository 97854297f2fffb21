using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Udp;

/// <summary>The groups that one socket is in, each on a link (IP_ADD_MEMBERSHIP).</summary>
internal sealed class GroupList(NetworkStack stack)
{
    private readonly List<(IpAddress Group, NetworkInterface Link)> members = [];

    internal SocketError Join(IpAddress group, int linkIndex)
    {
        SocketError error = Find(group, linkIndex, out NetworkInterface link);
        if (error != SocketError.None)
        {
            return error;
        }

        if (Contains(group, link))
        {
            return SocketError.AddressInUse;
        }

        if (members.Count == StackLimits.GroupsPerSocketMax || !TryJoin(link, group))
        {
            return SocketError.NoBuffers;
        }

        members.Add((group, link));
        return SocketError.None;
    }

    internal SocketError Leave(IpAddress group, int linkIndex)
    {
        int index = members.FindIndex(one => one.Group == group && (linkIndex == 0 || one.Link.Index + 1 == linkIndex));
        if (index < 0)
        {
            return SocketError.AddressNotAvailable;
        }

        Leave(members[index].Link, group);
        members.RemoveAt(index);
        return SocketError.None;
    }

    internal void LeaveAll()
    {
        foreach ((IpAddress group, NetworkInterface link) in members)
        {
            Leave(link, group);
        }

        members.Clear();
    }

    internal bool Contains(IpAddress group, NetworkInterface link)
    {
        foreach ((IpAddress Group, NetworkInterface Link) one in members)
        {
            if (one.Group == group && one.Link == link)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Each version of IP has its own protocol to tell routers of it.</summary>
    private bool TryJoin(NetworkInterface link, IpAddress group) =>
        group.IsV4 ? stack.Igmp.TryJoin(link, group) : stack.Mld.Join(link, group);

    private void Leave(NetworkInterface link, IpAddress group)
    {
        if (group.IsV4)
        {
            stack.Igmp.Leave(link, group);
        }
        else
        {
            stack.Mld.Leave(link, group);
        }
    }

    /// <summary>The link that is named, or the one that packets to the group go out by.</summary>
    private SocketError Find(IpAddress group, int linkIndex, out NetworkInterface link)
    {
        if (linkIndex == 0 && stack.Output.FindPath(group, default, out Ip.PacketPath path) is not SocketError.NetworkUnreachable)
        {
            linkIndex = path.Interface.Index + 1;
        }

        return !stack.TryFindInterface(linkIndex - 1, out link) ? SocketError.NoDevice
            : !group.IsMulticast ? SocketError.InvalidArgument
            : SocketError.None;
    }
}
