using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Ip;
using RedLeafSharp.Domains.TcpStack.Packets;

namespace RedLeafSharp.Domains.TcpStack.Links;

/// <summary>An interface as the protocols see it: where packets go out and come in, and which addresses it has.</summary>
internal abstract class NetworkInterface(string name, MacAddress mac, int mtuBytes)
{
    private MacAddress ownMac = mac;
    private int mtuBytesMax = mtuBytes;
    private bool hasCarrier = true;
    private readonly List<VlanInterface> vlans = [];

    /// <summary>What removed VLANs have counted: the version never goes back.</summary>
    private int versionOfGone;
    private readonly InterfaceAddress[] addresses = new InterfaceAddress[StackLimits.AddressesPerInterfaceMax];

    internal int Index { get; set; }

    internal string Name { get; } = name;

    internal virtual MacAddress Mac => ownMac;

    /// <summary>The address that neighbours have been told of, and addresses have been made with.</summary>
    internal MacAddress KnownMac { get; set; } = mac;

    /// <summary>The name as a contract passes it.</summary>
    internal LinkName LinkName { get; } = LinkName.From(name);

    internal int MtuBytes { get; set; } = mtuBytes;

    internal virtual int MtuBytesMax => mtuBytesMax;

    /// <summary>What its automatic addresses are made with, beside their prefix: no other link has the same.</summary>
    internal virtual ulong Identity => Mac.Value;

    /// <summary>What IPv6 has to know of the link.</summary>
    internal Ipv6Link V6 { get; } = new();

    /// <summary>What the link carries of IPv6: routers may have it use less (RFC 4861 section 6.3.4).</summary>
    internal int MtuBytesV6 => V6.MtuBytes == 0 ? MtuBytes : Math.Min(V6.MtuBytes, MtuBytes);

    /// <summary>Whether frames have an Ethernet header and neighbours have to be found.</summary>
    internal virtual bool HasLinkHeader => true;

    /// <summary>Whether what is sent comes back to this host.</summary>
    internal virtual bool IsLoopback => false;

    /// <summary>Whether whoever administers the host wants it to be up.</summary>
    internal bool IsTakenUp { get; set; } = true;

    /// <summary>Whether frames can pass.</summary>
    internal virtual bool HasCarrier => hasCarrier;

    internal bool IsUp => IsTakenUp && HasCarrier;

    /// <summary>What may be left to the device in packets of TCP.</summary>
    internal virtual TransmitOffloads Offloads => TransmitOffloads.None;

    /// <summary>Most payload of TCP in a packet that the device cuts; 0 when it does not.</summary>
    internal virtual int CutBytesMax => 0;

    /// <summary>The link whose device the frames go to: of a VLAN the one below.</summary>
    internal virtual NetworkInterface Physical => this;

    /// <summary>Most pieces that a packet may have and still go out as it is.</summary>
    internal virtual int PiecesMax => OutgoingPacket.PiecesMax;

    /// <summary>Whether segments go out without being read here: their checksums are left to a device, and it takes them in pieces.</summary>
    internal bool TakesLentOf(bool isV4) => (Offloads & ChecksumOffloads(isV4)) == ChecksumOffloads(isV4) && PiecesMax >= StackLimits.LentPiecesMin;

    /// <summary>What a device has to be able to do to be left the checksums of TCP.</summary>
    internal static TransmitOffloads ChecksumOffloads(bool isV4) =>
        isV4 ? TransmitOffloads.TcpChecksum : TransmitOffloads.TcpChecksum | TransmitOffloads.IPv6;

    /// <summary>As <see cref="CutBytesMax"/>, in packets of one version of IP.</summary>
    internal int CutBytesMaxOf(bool isV4) => isV4 || (Offloads & TransmitOffloads.IPv6) != 0 ? CutBytesMax : 0;

    /// <summary>After how long without a signal the stack has to look whether frames have come.</summary>
    internal virtual long LookEveryMicros => long.MaxValue;

    internal InterfaceCounters Counters;

    /// <summary>The groups that packets are received for.</summary>
    internal LinkGroups Groups { get; } = new();

    /// <summary>The links that are VLANs of this one.</summary>
    internal IReadOnlyList<VlanInterface> Vlans => vlans;

    /// <summary>Goes up with each change of what is to be received, for VLANs too.</summary>
    internal int FilterVersion
    {
        get
        {
            int version = Groups.Version + versionOfGone;
            foreach (VlanInterface vlan in vlans)
            {
                version += vlan.Groups.Version;
            }

            return version;
        }
    }

    internal void AddVlan(VlanInterface vlan)
    {
        vlans.Add(vlan);
        versionOfGone++;
    }

    internal void RemoveVlan(VlanInterface vlan)
    {
        _ = vlans.Remove(vlan);
        versionOfGone += vlan.Groups.Version + 1;
    }

    /// <summary>The VLAN's link, or null.</summary>
    internal VlanInterface? FindVlan(int identifier)
    {
        foreach (VlanInterface vlan in vlans)
        {
            if (vlan.Identifier == identifier)
            {
                return vlan;
            }
        }

        return null;
    }

    internal int AddressCount { get; private set; }

    internal Span<InterfaceAddress> Addresses => addresses.AsSpan(0, AddressCount);

    /// <summary>Sends the packet, or drops it; its pieces are the interface's from here on.</summary>
    internal abstract void Transmit(CallContext context, OutgoingPacket packet);

    /// <summary>Hands over what has been queued by <see cref="Transmit"/>.</summary>
    internal virtual void Flush(CallContext context)
    {
    }

    /// <summary>Lets the device of the link read pages that others have lent; false when it does not take them, or there is none.</summary>
    internal virtual bool TryRegister(CallContext context, ReadOnlySpan<ulong> pages) => false;

    /// <summary>Ends what <see cref="TryRegister"/> began.</summary>
    internal virtual void Unregister(CallContext context, ReadOnlySpan<ulong> pages)
    {
    }

    /// <summary>Asks for a signal when something comes; true when it has come already.</summary>
    internal virtual bool Arm(CallContext context) => false;

    /// <summary>The next packet received, its reference with it; false when there is none.</summary>
    internal abstract bool TryReceive(CallContext context, out int packet);

    /// <summary>The device carries more now, or less: a link that carried all it could goes on so.</summary>
    private protected void ChangeMtuMax(int bytes)
    {
        MtuBytes = MtuBytes == mtuBytesMax ? bytes : Math.Min(MtuBytes, bytes);
        mtuBytesMax = bytes;
    }

    private protected void ChangeMac(MacAddress mac) => ownMac = mac;

    private protected void ChangeCarrier(bool isThere) => hasCarrier = isThere;

    internal bool TryAddAddress(in InterfaceAddress address)
    {
        if (AddressCount == addresses.Length || FindAddress(address.Address) >= 0)
        {
            return false;
        }

        addresses[AddressCount++] = address;
        return true;
    }

    internal bool RemoveAddress(IpAddress address)
    {
        int index = FindAddress(address);
        if (index < 0)
        {
            return false;
        }

        addresses[index] = addresses[--AddressCount];
        return true;
    }

    /// <summary>The place of an address; -1 when the interface does not have it.</summary>
    internal int FindAddress(IpAddress address)
    {
        for (int index = 0; index < AddressCount; index++)
        {
            if (addresses[index].Address == address)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Whether an address is the broadcast address of one of the interface's networks, or of the link.</summary>
    internal bool IsBroadcast(IpAddress address)
    {
        foreach (ref readonly InterfaceAddress own in Addresses)
        {
            if (own.Address.IsV4 && own.PrefixBits < 31 && own.Broadcast == address)
            {
                return true;
            }
        }

        return address == IpAddress.BroadcastV4;
    }

    /// <summary>Whom a packet that takes a route goes to: a router gets none of those for many (RFC 1112 section 6.1, RFC 919 section 7).</summary>
    internal IpAddress NextHop(in Route route, IpAddress destination) =>
        route.Gateway.IsUnspecified || destination.IsMulticast || IsBroadcast(destination) ? destination : route.Gateway;

    /// <summary>
    /// The address of IPv4 to send from: of the destination's network if there is one, else the first that may be used.
    /// </summary>
    internal bool TryChooseSource(IpAddress destination, out IpAddress source)
    {
        source = IpAddress.AnyV4;
        bool isFound = false;
        foreach (ref readonly InterfaceAddress own in Addresses)
        {
            if (own.IsTentative || own.Address.IsV4 != destination.IsV4)
            {
                continue;
            }

            if (destination.IsIn(own.Address, own.PrefixBits))
            {
                source = own.Address;
                return true;
            }

            source = isFound ? source : own.Address;
            isFound = true;
        }

        return isFound;
    }
}

/// <summary>An address of an interface.</summary>
internal struct InterfaceAddress
{
    internal IpAddress Address;
    internal int PrefixBits;

    /// <summary>
    /// Whether it is still being asked whether another host has it (RFC 5227 section 2.1, RFC 4862 section 5.4); it is not used yet.
    /// </summary>
    internal bool IsTentative;

    /// <summary>Whether it was made of a router's prefix (RFC 4862 section 5.5).</summary>
    internal bool IsAutomatic;

    /// <summary>How often an identifier of this prefix has turned out to be another host's (RFC 7217 section 6).</summary>
    internal byte ConflictCount;

    /// <summary>What this host's own questions about the address carry (RFC 7527).</summary>
    internal ulong Nonce;

    /// <summary>From when on it is not chosen any more, and when it goes (RFC 4862 section 5.5.4); 0 for never.</summary>
    internal long PreferredUntilMicros;
    internal long ValidUntilMicros;

    /// <summary>Probes and announcements sent so far, and when the next is due.</summary>
    internal int AnnouncementsSent;
    internal long NextAnnouncementMicros;

    /// <summary>When the address was last defended (RFC 5227 section 2.4).</summary>
    internal long DefendedMicros;

    internal readonly bool IsDeprecatedAt(long nowMicros) => PreferredUntilMicros != 0 && PreferredUntilMicros <= nowMicros;

    /// <summary>All ones in the host's part (RFC 1122 section 3.2.1.3).</summary>
    internal readonly IpAddress Broadcast =>
        IpAddress.FromV4(Address.V4 | (PrefixBits == 0 ? uint.MaxValue : (uint)((1UL << (32 - PrefixBits)) - 1)));
}

/// <summary>What an interface has counted.</summary>
internal struct InterfaceCounters
{
    internal long ReceivedPackets;
    internal long ReceivedBytes;
    internal long ReceivedDropped;
    internal long SentPackets;
    internal long SentBytes;
    internal long SentDropped;
}
