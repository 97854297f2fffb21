namespace RedLeafSharp.Domains.Ext4;

/// <summary>The bounds of this file system's use of memory and work.</summary>
internal static class Ext4Limits
{
    /// <summary>Pages of the buffer cache unless the setting <c>cachePages</c> says otherwise: 32 MiB.</summary>
    internal const int CachePagesDefault = 8192;

    /// <summary>Fewer pages would not leave room for a batch beside the guarded ones.</summary>
    internal const int CachePagesMin = 512;

    /// <summary>A quarter of the default exchange heap.</summary>
    internal const int CachePagesMax = 65536;

    /// <summary>
    /// A page is not evicted within this many gets after its last use, so that a span over it stays valid for the few
    /// gets that code makes while it holds one (the deepest holds an index path of 3 and an extent path of 6).
    /// </summary>
    internal const int GuardedGets = 64;

    /// <summary>Pages read at once ahead of a sequential reader: 256 KiB, two large NVMe transfers.</summary>
    internal const int ReadAheadPages = 64;

    /// <summary>Pages in one batch of requests: 2 MiB keep a queue of 16 large transfers busy.</summary>
    internal const int BatchPages = 512;

    /// <summary>Requests in one batch, for scattered pages.</summary>
    internal const int BatchRequests = 128;

    /// <summary>Waits that deliver nothing before the device counts as gone.</summary>
    internal const int IdleWaitsMax = 1_000_000;

    /// <summary>Inodes in memory; each takes about 400 bytes.</summary>
    internal const int InodesMax = 4096;

    /// <summary>Held inodes (open files): they stay in memory, and others must find room beside them.</summary>
    internal const int HeldInodesMax = 3072;

    /// <summary>An inode is not evicted within this many loads after its last use: an operation uses at most six.</summary>
    internal const int GuardedInodeLoads = 32;

    /// <summary>Messages about damage in one mount: one bad disk must not fill the log.</summary>
    internal const int DamageReportsMax = 32;

    /// <summary>Descriptors of 64 bytes are kept in memory: 16 MiB for this many, which is 32 TiB of 4 KiB blocks.</summary>
    internal const int GroupsMax = 262_144;

    /// <summary>Free blocks wanted in a row before the allocator is content with less: 128 KiB.</summary>
    internal const int ContiguousBlocksWanted = 32;

    /// <summary>Directories above one another that a rename looks at before it calls the tree a cycle.</summary>
    internal const int DirectoryDepthMax = 65536;
}
