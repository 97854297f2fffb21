namespace RedLeafSharp.Domains.TcpStack.Wire;

/// <summary>Numbers of VLAN tags (IEEE 802.1Q-2018 section 9.6).</summary>
internal static class VlanSpec
{
    /// <summary>VID: the low bits of the tag; priority and DEI are above.</summary>
    internal const int IdentifierMask = 0xFFF;

    /// <summary>0 is the null VID, of a frame that has a priority only; 0xFFF is reserved (table 9-2).</summary>
    internal const int IdentifierMin = 1;
    internal const int IdentifierMax = 4094;

    /// <summary>What stands before the tag: destination and source.</summary>
    internal const int AddressBytes = 12;
}
