using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack;

/// <content>VLANs of links (IEEE 802.1Q).</content>
internal sealed partial class NetworkStack
{
    /// <summary>Whether links configure themselves, also those that are added later.</summary>
    internal bool IsAutomatic { get; set; }

    /// <summary>Makes a link of a VLAN; it is down at first, as on Linux.</summary>
    internal SocketError AddVlan(NetworkInterface below, string name, int identifier, out VlanInterface? added)
    {
        added = null;
        if (identifier is < VlanSpec.IdentifierMin or > VlanSpec.IdentifierMax || name.Length == 0 || !below.HasLinkHeader || below is VlanInterface)
        {
            return SocketError.InvalidArgument;
        }

        foreach (NetworkInterface link in interfaces)
        {
            if (link is VlanInterface { IsGone: true })
            {
                continue;
            }

            if (link.Name == name || (link is VlanInterface vlan && vlan.Below == below && vlan.Identifier == identifier))
            {
                return SocketError.Exists;
            }
        }

        var made = new VlanInterface(this, below, name, (ushort)identifier) { IsTakenUp = false };
        if (!TryPlace(made))
        {
            return SocketError.TooMany;
        }

        below.AddVlan(made);
        if (IsAutomatic && made.MtuBytes >= Ip.IpSpec.MtuBytesMinV6)
        {
            Autoconfiguration.Enable(made);
        }

        added = made;
        return SocketError.None;
    }

    /// <summary>Removes a VLAN's link with all that hangs on it.</summary>
    internal void RemoveVlan(VlanInterface link)
    {
        for (int index = link.AddressCount - 1; index >= 0; index--)
        {
            RemoveAddress(link, link.Addresses[index].Address);
        }

        Routes.RemoveInterface(link.Index);
        Neighbors.RemoveInterface(link.Index);
        link.Groups.Clear();
        link.V6.IsAutomatic = false;
        link.Below.RemoveVlan(link);
        link.IsGone = true;
    }

    /// <summary>Gives a link the next number, or, when there are no more, that of one which is gone.</summary>
    private bool TryPlace(NetworkInterface link)
    {
        if (interfaces.Count < StackLimits.InterfacesMax)
        {
            AddInterface(link);
            return true;
        }

        int place = interfaces.FindIndex(one => one is VlanInterface { IsGone: true });
        if (place < 0)
        {
            return false;
        }

        link.Index = place;
        interfaces[place] = link;
        _ = link.Groups.TryJoin(Ip.Igmp.AllHosts, out _);
        return true;
    }

    /// <summary>
    /// The link that a tagged frame belongs to; false when there is none. Identifier 0 is no VLAN: such a frame has a priority only
    /// (IEEE 802.1Q section 9.6).
    /// </summary>
    private bool TryFindVlan(CallContext context, ref NetworkInterface link, int packet, ref EthernetHeader header)
    {
        ref Packet info = ref Pool[packet];
        if (header.HasTag && info.HasTag)
        {
            return false;
        }

        int identifier = (header.HasTag ? header.Tag : info.Tag) & VlanSpec.IdentifierMask;
        if (header.HasTag)
        {
            // The device has left the tag in the frame: the addresses move up to the type.
            Span<byte> frame = Pool.Data(context, packet);
            frame[..VlanSpec.AddressBytes].CopyTo(frame[EthernetHeader.TagBytes..]);
            info.Skip(EthernetHeader.TagBytes);
            header.HasTag = false;
        }

        if (identifier == 0)
        {
            return true;
        }

        if (link.FindVlan(identifier) is not { IsTakenUp: true } vlan)
        {
            return false;
        }

        vlan.Counters.ReceivedPackets++;
        vlan.Counters.ReceivedBytes += info.LengthBytes;
        link = vlan;
        if (Taps.IsOpen)
        {
            Taps.NoteReceived(context, link, packet);
        }

        return true;
    }
}
