namespace RedLeafSharp.Domains.Ext4;

/// <summary>The bounds of this file system's use of memory and work.</summary>
internal static class Ext4Limits
{
    /// <summary>Pages of the buffer cache unless the setting <c>cachePages</c> says otherwise: 128 MiB, taken as they are needed.</summary>
    internal const int CachePagesDefault = 32768;

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

    /// <summary>Frames of the cache for each one that is lent: three quarters are left for the journal, batches, and whatever is guarded.</summary>
    internal const int FramesPerLent = 4;

    /// <summary>Lent frames looked at for one whose loan can end, when no more may be lent.</summary>
    internal const int LendingSteps = 16;

    /// <summary>Dirty pages of the cache, of four, before all are written: what has just been written stays for readers and writers.</summary>
    internal const int DirtyQuartersMax = 3;

    /// <summary>Inodes in memory with a small cache; each takes about 400 bytes.</summary>
    internal const int CachedInodesMin = 4096;

    /// <summary>Inodes in memory: one for two pages of the buffer cache, a twentieth of its memory; a power of two.</summary>
    internal static int CachedInodes(int cachePages) =>
        (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(cachePages / 2, CachedInodesMin));

    /// <summary>Held inodes (open files): they stay in memory, and others must find room beside them.</summary>
    internal const int HeldInodesMax = 3072;

    /// <summary>An inode is not evicted within this many loads after its last use: an operation uses at most six.</summary>
    internal const int GuardedInodeLoads = 32;

    /// <summary>Names that need not be searched for, at most: each takes 80 bytes.</summary>
    internal const int CachedNamesMax = 16384;

    /// <summary>One name for two pages of the buffer cache, which is one hundredth of its memory; a power of two.</summary>
    internal static int CachedNames(int cachePages) =>
        (int)Math.Min(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(cachePages / 2, 64)), CachedNamesMax);

    /// <summary>Blocks of directories that wait for their checksums: a transaction hardly has more of them.</summary>
    internal const int UnsealedBlocksMax = 4096;

    /// <summary>Messages about damage in one mount: one bad disk must not fill the log.</summary>
    internal const int DamageReportsMax = 32;

    /// <summary>Descriptors of 64 bytes are kept in memory: 16 MiB for this many, which is 32 TiB of 4 KiB blocks.</summary>
    internal const int GroupsMax = 262_144;

    /// <summary>Blocks of a file system: 16 TiB of 4 KiB, far beyond what the tests can try.</summary>
    internal const ulong BlocksMax = 1ul << 32;

    /// <summary>Free blocks wanted in a row before the allocator is content with less: 128 KiB.</summary>
    internal const int ContiguousBlocksWanted = 32;

    /// <summary>Directories above one another that a rename looks at before it calls the tree a cycle.</summary>
    internal const int DirectoryDepthMax = 65536;

    /// <summary>Size of a file of orphans: mkfs.ext4 makes at most 512 blocks.</summary>
    internal const ulong OrphanFileBytesMax = 16 << 20;

    /// <summary>Pieces of the journal's file: one made by mkfs has a few, and all are kept in memory.</summary>
    internal const int JournalRunsMax = 4096;

    /// <summary>Revoke records in a log that is replayed: 24 MiB while that lasts, and a thousand times what Linux leaves.</summary>
    internal const int ReplayedRevokesMax = 1 << 20;

    /// <summary>
    /// Blocks that one operation, or one step of a long one, may add to a transaction. The deepest is a rename into an
    /// indexed directory: it splits a leaf and two index nodes, each new block may split an extent tree of depth 5 and take a
    /// bitmap and a descriptor for each node, and four inodes change.
    /// </summary>
    internal const int OperationBlocksMax = 96;

    /// <summary>Blocks that the commit itself adds: the superblock, and room for error.</summary>
    internal const int CommitBlocksMax = 16;

    /// <summary>
    /// Blocks of one transaction: 16 MiB of pages that cannot be evicted before the commit; less with a small journal (a
    /// quarter of it, as in Linux) or a small cache (half of it).
    /// </summary>
    internal const int TransactionBlocksMax = 4096;

    /// <summary>A running transaction is committed when it is so old, unless a setting says otherwise: the default of Linux.</summary>
    internal const long CommitIntervalMicros = 5_000_000;

    /// <summary>Longest time that can be set: with more, a power cut loses what users take for safe.</summary>
    internal const long CommitSecondsMax = 300;

    /// <summary>Blocks of metadata freed in one transaction, each of which needs a revoke record: a few blocks of the log.</summary>
    internal const int RevokesMax = 1024;

    /// <summary>Runs of blocks freed in one transaction, to be given back when it is committed: 96 KiB.</summary>
    internal const int PendingFreesMax = 8192;

    /// <summary>Runs and records that one operation or step may add to these two.</summary>
    internal const int OperationFreesMax = 320;

    /// <summary>Blocks of a directory that one step of its deletion frees.</summary>
    internal const uint DirectoryBlocksPerStep = 256;

    /// <summary>
    /// Names sorted at once for a listing: those of one block of a directory, 340 at most, and of others with the same hash.
    /// </summary>
    internal const int ListedNamesMax = 1024;

    /// <summary>Groups whose blocks one step of a removal frees: each has a bitmap and a descriptor to change.</summary>
    internal const uint GroupsPerStep = 16;

    /// <summary>
    /// Blocks that only the extent trees of files may have, or a fiftieth of a small disk, so that a hole can be made and a
    /// reserved block written to on a full disk: as many as Linux keeps back (ext4_statfs, s_resv_clusters).
    /// </summary>
    internal const ulong KeptBackBlocksMax = 4096;

    /// <summary>With fewer free blocks than this a commit comes first, if it makes more of them free.</summary>
    internal const ulong ReadyBlocksMin = 512;

    /// <summary>How old a time of access may become before a reading renews it: a day, as Linux's relatime.</summary>
    internal const long AccessTimeSeconds = 86_400;
}
