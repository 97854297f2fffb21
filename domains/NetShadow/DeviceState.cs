using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>What has been asked of the device and must be asked of each new driver: pages, filters, VLANs, the event.</summary>
internal sealed class DeviceState(DeviceLoans loans)
{
    private readonly Dictionary<ulong, LoanAccess> pages = [];

    /// <summary>Pages that were taken back while nobody was there to be told of it.</summary>
    private readonly HashSet<ulong> untold = [];
    private readonly MacAddress[] groups = new MacAddress[ShadowLimits.GroupsMax];
    private readonly ushort[] vlans = new ushort[ShadowLimits.VlansMax];
    private ReceiveFilter filter;
    private int groupCount;
    private int vlanCount;

    /// <summary>The event of whoever waits for the device; null before there is one.</summary>
    internal KernelEvent? Signal { get; set; }

    /// <summary>Maps pages for the device; all of them, or none.</summary>
    internal NetError Register(ReadOnlySpan<ulong> wanted, LoanAccess access)
    {
        if (wanted.Length > ShadowLimits.PagesMax - pages.Count)
        {
            return NetError.InvalidArgument;
        }

        for (int index = 0; index < wanted.Length; index++)
        {
            ulong page = PageOf(wanted[index]);
            if (pages.ContainsKey(page) || !loans.Grant(page, access))
            {
                Unregister(wanted[..index]);
                return NetError.NotLent;
            }

            pages.Add(page, access);
        }

        return NetError.None;
    }

    internal void Unregister(ReadOnlySpan<ulong> unwanted)
    {
        foreach (ulong address in unwanted)
        {
            if (pages.Remove(PageOf(address)))
            {
                loans.Revoke(address);
            }
        }
    }

    /// <summary>Keeps in mind that pages have been taken back, for whoever comes next to pass it on.</summary>
    internal void Owe(ReadOnlySpan<ulong> unwanted)
    {
        foreach (ulong address in unwanted)
        {
            untold.Add(PageOf(address));
        }
    }

    internal void SetFilter(ReceiveFilter wanted, ReadOnlySpan<MacAddress> wantedGroups)
    {
        // More groups than are kept are asked for as all groups: those above get no less than they have asked for.
        bool fits = wantedGroups.Length <= groups.Length;
        filter = fits ? wanted : wanted | ReceiveFilter.AllMulticast;
        groupCount = fits ? wantedGroups.Length : 0;
        wantedGroups[..groupCount].CopyTo(groups);
    }

    internal void SetVlans(ReadOnlySpan<ushort> identifiers)
    {
        vlanCount = Math.Min(identifiers.Length, vlans.Length);
        identifiers[..vlanCount].CopyTo(vlans);
    }

    /// <summary>The fence has ended all grants: makes them again.</summary>
    internal void GrantAgain()
    {
        foreach (KeyValuePair<ulong, LoanAccess> page in pages)
        {
            _ = loans.GrantAgain(page.Key, page.Value);
        }
    }

    /// <summary>
    /// Tells of all pages what has not been there when they were registered or taken back; a filter passes it on. False when it dies.
    /// </summary>
    internal bool TryRegister(CallContext context, INetDevice device)
    {
        ulong[] one = new ulong[1];
        foreach (ulong page in untold)
        {
            one[0] = page;
            if (device.Unregister(context, one).IsFault)
            {
                return false;
            }
        }

        untold.Clear();
        foreach (KeyValuePair<ulong, LoanAccess> page in pages)
        {
            // Refused when the shadow below has it since there was another filter. It must stay there: the page may be one that others have
            // lent for a call that is over, and would not be granted again.
            one[0] = page.Key;
            if (device.Register(context, one, page.Value).IsFault)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Asks a new driver for all of it; false when it dies.</summary>
    internal bool TryApply(CallContext context, INetDevice device) =>
        !device.SetReceiveFilter(context, filter, groups.AsSpan(0, groupCount)).IsFault
        && !device.SetVlans(context, vlans.AsSpan(0, vlanCount)).IsFault
        && (Signal is not { } signal || !device.SetSignal(context, signal).IsFault);

    private static ulong PageOf(ulong address) => address & ~((ulong)PageBuffer.PageBytes - 1);
}
