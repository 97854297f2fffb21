using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;
using RedLeafSharp.Domains.TcpStack.Wire;

namespace RedLeafSharp.Domains.TcpStack.Ndp;

/// <summary>
/// Makes addresses out of prefixes (RFC 4862 section 5). Identifiers are those of RFC 7217: the same whenever the host comes back to a
/// network, another one in each, and nothing can be read off them.
/// </summary>
internal sealed class Autoconfiguration(NetworkStack stack)
{
    /// <summary>What identifiers are made with; the stack's own, which is another one at each start, unless the system file has one.</summary>
    internal KeyedHash Identifiers { get; set; } = stack.Hash;

    /// <summary>Has a link configure itself: it gets a link-local address, and one for each prefix of its routers.</summary>
    internal void Enable(NetworkInterface link)
    {
        link.V6.IsAutomatic = true;
        var address = new InterfaceAddress { Address = NdpSpec.LinkLocal, PrefixBits = NdpSpec.PrefixBits, IsAutomatic = true };
        TryAdd(link, in address);
    }

    /// <summary>Gives a link an address of a prefix, with an identifier that is made here.</summary>
    internal bool TryAdd(NetworkInterface link, in InterfaceAddress wanted)
    {
        InterfaceAddress added = wanted;
        ulong prefix = wanted.Address.High;
        added.Address = new IpAddress(prefix, IdentifierOf(link, prefix, wanted.ConflictCount));
        added.IsTentative = link.HasLinkHeader;
        return stack.TryAddAddress(link, in added, hasRoute: wanted.Address.IsLinkLocal);
    }

    /// <summary>A router has told of a prefix that hosts make themselves addresses of (section 5.5.3).</summary>
    internal void Hear(NetworkInterface link, in PrefixInformation prefix)
    {
        if (prefix.PrefixBits != NdpSpec.PrefixBits || prefix.PreferredSeconds > prefix.ValidSeconds)
        {
            return;
        }

        int count = 0;
        foreach (ref InterfaceAddress own in link.Addresses)
        {
            if (own.IsAutomatic && own.Address.High == prefix.Prefix.High)
            {
                Refresh(ref own, in prefix);
                return;
            }

            count += own.IsAutomatic ? 1 : 0;
        }

        if (prefix.ValidSeconds > 0 && count < StackLimits.AutomaticAddressesMax)
        {
            var added = new InterfaceAddress { Address = prefix.Prefix, PrefixBits = NdpSpec.PrefixBits, IsAutomatic = true };
            added.PreferredUntilMicros = Until(prefix.PreferredSeconds);
            added.ValidUntilMicros = Until(prefix.ValidSeconds);
            TryAdd(link, in added);
            stack.Routers.NoteLifetime(added.ValidUntilMicros);
        }
    }

    /// <summary>The time that a lifetime ends; 0 for never.</summary>
    internal long Until(uint seconds) =>
        seconds == NdpSpec.ForeverSeconds ? 0 : Math.Max(1, stack.NowMicros + (seconds * 1_000_000L));

    /// <summary>Section 5.5.3 (e): who sends advertisements of a few seconds cannot take addresses away at once.</summary>
    private void Refresh(ref InterfaceAddress own, in PrefixInformation prefix)
    {
        own.PreferredUntilMicros = Until(prefix.PreferredSeconds);
        long until = Until(prefix.ValidSeconds);
        bool isShort = until != 0 && until - stack.NowMicros <= NdpSpec.ShortenedMicrosMin;
        bool isShortened = isShort && (own.ValidUntilMicros == 0 || until < own.ValidUntilMicros);
        long least = stack.NowMicros + NdpSpec.ShortenedMicrosMin;
        bool isOldShort = own.ValidUntilMicros != 0 && own.ValidUntilMicros <= least;
        own.ValidUntilMicros = !isShortened ? until : isOldShort ? own.ValidUntilMicros : least;
        stack.Routers.NoteLifetime(own.ValidUntilMicros);
    }

    /// <summary>RFC 7217 section 5: a keyed hash of prefix, interface and count of conflicts. Reserved ones are passed over (RFC 5453).</summary>
    private ulong IdentifierOf(NetworkInterface link, ulong prefix, int conflictCount)
    {
        ulong identifier;
        ulong attempt = (ulong)conflictCount << 8;
        do
        {
            identifier = Identifiers.Of(prefix, link.Identity, attempt++);
        }
        while (identifier == 0 || identifier >= 0xFDFF_FFFF_FFFF_FF80 || identifier >> 24 == 0x0200_5EFF_FE);

        return identifier;
    }
}
