using RedLeafSharp.Contracts;

namespace RedLeafSharp.Drivers.E1000e;

/// <summary>Which frames are wanted, as the device's tables say it (section 7.1.1); kept here to be set again after a reset.</summary>
internal sealed class ReceiveFilterState
{
    private readonly MacAddress[] exact = new MacAddress[E1000eLimits.ExactMulticastMax];
    private readonly uint[] hashed = new uint[E1000eSpec.TableDwords];
    private readonly uint[] vlans = new uint[E1000eSpec.TableDwords];
    private int exactCount;
    private bool hasVlans;
    private bool wantsAllMulticast;
    private ReceiveFilter wanted;

    /// <summary>The bits of RCTL that follow.</summary>
    internal uint Control =>
        ((wanted & (ReceiveFilter.Broadcast | ReceiveFilter.Promiscuous)) != 0 ? E1000eSpec.ReceiveBroadcast : 0)
        | (wantsAllMulticast ? E1000eSpec.ReceiveAllMulticast : 0)
        | ((wanted & ReceiveFilter.Promiscuous) != 0 ? E1000eSpec.ReceivePromiscuous | E1000eSpec.ReceiveAllMulticast : 0)
        | (hasVlans && (wanted & ReceiveFilter.Promiscuous) == 0 ? E1000eSpec.ReceiveVlanFilter : 0);

    internal void Set(ReceiveFilter filter, ReadOnlySpan<MacAddress> groups)
    {
        wanted = filter;
        wantsAllMulticast = (filter & ReceiveFilter.AllMulticast) != 0 || groups.Length > E1000eLimits.MulticastMax;
        exactCount = Math.Min(groups.Length, exact.Length);
        groups[..exactCount].CopyTo(exact);
        Array.Clear(hashed);
        foreach (MacAddress group in groups[exactCount..Math.Min(groups.Length, E1000eLimits.MulticastMax)])
        {
            int hash = HashOf(group);
            hashed[hash >> 5] |= 1u << (hash & 31);
        }
    }

    internal void SetVlans(ReadOnlySpan<ushort> identifiers)
    {
        hasVlans = !identifiers.IsEmpty;
        Array.Clear(vlans);
        vlans[0] = hasVlans ? 1U : 0; // identifier 0 is no VLAN
        foreach (ushort identifier in identifiers)
        {
            vlans[identifier >> 5] |= 1u << (identifier & 31);
        }
    }

    /// <summary>Writes the tables.</summary>
    internal void Apply(Registers registers, ulong address)
    {
        SetAddress(registers, 0, new MacAddress(address));
        for (int index = 0; index < exact.Length; index++)
        {
            SetAddress(registers, index + 1, index < exactCount ? exact[index] : default);
        }

        for (int index = 0; index < E1000eSpec.TableDwords; index++)
        {
            registers.Set(E1000eSpec.MulticastTable, index, hashed[index]);
            registers.Set(E1000eSpec.VlanFilterTable, index, vlans[index]);
        }
    }

    /// <summary>Twelve bits of the last two bytes, those that RCTL.MO of 0 selects (section 10.2.5.14).</summary>
    private static int HashOf(MacAddress group)
    {
        int last = (int)(((group.Value & 0xFF) << 8) | (group.Value >> 8 & 0xFF));
        return last >> 4 & 0xFFF;
    }

    /// <summary>The device keeps the first byte on the link in the lowest bits; an address of zero is switched off.</summary>
    private static void SetAddress(Registers registers, int index, MacAddress address)
    {
        uint low = 0;
        uint high = 0;
        for (int position = 0; position < MacAddress.LengthBytes; position++)
        {
            uint one = (uint)(address.Value >> (40 - (8 * position))) & 0xFF;
            low |= position < 4 ? one << (8 * position) : 0;
            high |= position < 4 ? 0 : one << (8 * (position - 4));
        }

        registers.Set(E1000eSpec.ReceiveAddress, 2 * index, low);
        registers.Set(E1000eSpec.ReceiveAddress, (2 * index) + 1, address.Value == 0 ? 0 : high | E1000eSpec.AddressValid);
    }
}
