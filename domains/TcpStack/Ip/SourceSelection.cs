using System.Numerics;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Links;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Which of its own addresses a host sends from, when nobody says: for IPv4 one of the next hop's network, for IPv6 by the rules of
/// RFC 6724 section 5. Rule 4 is of mobile hosts, rule 7 of temporary addresses, which there are none of.
/// </summary>
internal static class SourceSelection
{
    private const int ScopeLink = 2;
    private const int ScopeSite = 5;
    private const int ScopeGlobal = 14;

    internal static bool TryChoose(NetworkStack stack, in PacketPath path, out IpAddress source) =>
        TryChoose(stack, path.Interface, path.IsV4 ? path.NextHop : path.Destination, out source);

    /// <summary>Chooses among the addresses of the interface that packets leave by (rule 5); those of others come into question last.</summary>
    internal static bool TryChoose(NetworkStack stack, NetworkInterface link, IpAddress destination, out IpAddress source)
    {
        if (destination.IsV4)
        {
            return link.TryChooseSource(destination, out source);
        }

        source = IpAddress.AnyV6;
        if (TryChooseV6(stack, link, destination, ref source))
        {
            return true;
        }

        if (!destination.IsLinkLocal && !destination.IsMulticast)
        {
            foreach (NetworkInterface other in stack.Interfaces)
            {
                TryChooseV6(stack, other, destination, ref source);
            }
        }

        return !source.IsUnspecified && !source.IsLinkLocal && !source.IsLoopback;
    }

    private static bool TryChooseV6(NetworkStack stack, NetworkInterface link, IpAddress destination, ref IpAddress source)
    {
        bool isFound = false;
        var best = default(InterfaceAddress);
        best.Address = source;
        foreach (ref readonly InterfaceAddress own in link.Addresses)
        {
            if (!own.IsTentative && !own.Address.IsV4
                && (best.Address.IsUnspecified || IsBetter(in own, in best, destination, stack.NowMicros)))
            {
                best = own;
                isFound = true;
            }
        }

        source = best.Address;
        return isFound;
    }

    private static bool IsBetter(in InterfaceAddress one, in InterfaceAddress other, IpAddress destination, long nowMicros)
    {
        // Rule 2: of the destination's scope, or the next larger one; else the largest.
        (int scope, int otherScope, int wanted) = (ScopeOf(one.Address), ScopeOf(other.Address), ScopeOf(destination));
        if (scope != otherScope)
        {
            return scope < otherScope ? scope >= wanted : otherScope < wanted;
        }

        // Rule 3: none that goes soon.
        (bool isOld, bool isOtherOld) = (one.IsDeprecatedAt(nowMicros), other.IsDeprecatedAt(nowMicros));
        if (isOld != isOtherOld)
        {
            return isOtherOld;
        }

        // Rule 6: of the same kind of network.
        int label = LabelOf(destination);
        (bool isSame, bool isOtherSame) = (LabelOf(one.Address) == label, LabelOf(other.Address) == label);
        if (isSame != isOtherSame)
        {
            return isSame;
        }

        // Rule 8: the longest prefix in common, which is no longer than the network's.
        return CommonBits(in one, destination) > CommonBits(in other, destination);
    }

    /// <summary>RFC 6724 section 3.1; a group says its scope itself (RFC 4291 section 2.7).</summary>
    private static int ScopeOf(IpAddress address) => address.IsMulticast ? (int)(address.High >> 48) & 15
        : address.IsLinkLocal || address.IsLoopback ? ScopeLink
        : address.High >> 54 == 0x3FB ? ScopeSite
        : ScopeGlobal;

    /// <summary>The labels of the default policy table (RFC 6724 section 2.1).</summary>
    private static int LabelOf(IpAddress address) => address switch
    {
        { IsLoopback: true } => 0,
        { High: 0 } => address.Low >> 32 == 0 ? 3 : 1,
        _ => (address.High >> 48) switch
        {
            0x2002 => 2,
            0x2001 when address.High >> 32 == 0x2001_0000 => 5,
            0x3FFE => 12,
            >= 0xFC00 and <= 0xFDFF => 13,
            >= 0xFEC0 and <= 0xFEFF => 11,
            _ => 1,
        },
    };

    private static int CommonBits(in InterfaceAddress own, IpAddress destination)
    {
        int bits = BitOperations.LeadingZeroCount(own.Address.High ^ destination.High);
        bits = bits < 64 ? bits : 64 + BitOperations.LeadingZeroCount(own.Address.Low ^ destination.Low);
        return Math.Min(bits, own.PrefixBits);
    }
}
