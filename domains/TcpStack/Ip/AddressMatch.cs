using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack.Ip;

/// <summary>
/// Which addresses a socket stands for that is bound to one: itself, or all. :: stands for those of IPv4 as well, unless the socket has
/// IPV6_V6ONLY (RFC 3493 section 5.3).
/// </summary>
internal static class AddressMatch
{
    internal static bool Accepts(IpAddress bound, bool isV6Only, IpAddress address) =>
        bound == address || (bound.IsUnspecified && (bound.IsV4 ? address.IsV4 : !(isV6Only && address.IsV4)));

    /// <summary>Whether there is an address that both stand for.</summary>
    internal static bool Overlaps(IpAddress one, bool isOneV6Only, IpAddress other, bool isOtherV6Only) =>
        Accepts(one, isOneV6Only, other) || Accepts(other, isOtherV6Only, one);
}
