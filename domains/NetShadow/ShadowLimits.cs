using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.NetShadow;

/// <summary>What the shadow bounds, and why.</summary>
internal static class ShadowLimits
{
    /// <summary>Pages that may be registered: 256 MiB, more than a stack with thousands of connections uses.</summary>
    internal const int PagesMax = 65536;

    /// <summary>Receive buffers and entries in the ledgers: 96 KiB for both. A power of two.</summary>
    internal const int SlotsMax = 4096;

    /// <summary>
    /// Entries in the ledger for each that the driver has room for: a frame to be cut has up to 37, and those above drop what has no room.
    /// </summary>
    internal const int LedgerEntriesPerRingEntry = 16;

    /// <summary>Pieces of one frame.</summary>
    internal const int PiecesMax = 36;

    /// <summary>What a ring has at least, also that of no driver: any frame fits. What is handed over to none is given back unsent at the next poll.</summary>
    internal const int RingEntriesMin = 64;

    /// <summary>
    /// What the device is like before a driver has told: it takes frames of Ethernet's usual size, and no buffers.
    /// </summary>
    internal static NetDeviceInfo NoDevice => new() { MtuBytes = 1500, EntriesMax = RingEntriesMin, PiecesMax = PiecesMax };

    /// <summary>Multicast addresses that are kept to be set again.</summary>
    internal const int GroupsMax = 4096;

    /// <summary>VLAN identifiers: there are no more.</summary>
    internal const int VlansMax = 4096;

    /// <summary>Entries that have waited and are handed to the driver in one call: two of the usual batches, and any frame.</summary>
    internal const int BatchEntries = 64;

    /// <summary>Drivers that may die with one frame before it is given back unsent: the frame may be what kills them.</summary>
    internal const int DeathsMax = 2;

    /// <summary>
    /// Generations in a row that may die without finishing anything. The supervisor's budget is the first bound; this one
    /// holds when that is generous.
    /// </summary>
    internal const int FruitlessRecoveriesMax = 64;

    /// <summary>Times in a row that a driver may ask to be polled and have nothing: more than its rings have entries.</summary>
    internal const int FruitlessArmsMax = 10_000;

    /// <summary>A driver that sends nothing for this long, with frames in flight and the link up, is replaced. Its own time-out is shorter.</summary>
    internal const long TimeoutMicros = 15_000_000;

    /// <summary>Polls that find nothing between two looks at the clock.</summary>
    internal const int IdlePollsPerCheck = 64;
}
