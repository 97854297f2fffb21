namespace RedLeafSharp.Cli.Fuse;

/// <summary>The operations that are served, with the numbers of enum fuse_opcode (Linux: include/uapi/linux/fuse.h).</summary>
internal enum FuseOperation : uint
{
    Lookup = 1,
    Forget = 2,
    GetAttributes = 3,
    SetAttributes = 4,
    ReadLink = 5,
    SymbolicLink = 6,
    MakeNode = 8,
    MakeDirectory = 9,
    Unlink = 10,
    RemoveDirectory = 11,
    Rename = 12,
    Link = 13,
    Read = 15,
    Write = 16,
    GetStatus = 17,
    Release = 18,
    Sync = 20,
    SetExtendedAttribute = 21,
    GetExtendedAttribute = 22,
    ListExtendedAttributes = 23,
    RemoveExtendedAttribute = 24,
    Initialize = 26,
    ReadDirectory = 28,
    ReleaseDirectory = 29,
    SyncDirectory = 30,
    Create = 35,
    Interrupt = 36,
    Destroy = 38,
    BatchForget = 42,
    Allocate = 43,
    ReadDirectoryPlus = 44,
    Rename2 = 45,
    Seek = 46,
}

/// <summary>What INIT agrees on: flags of fuse_init_in and fuse_init_out.</summary>
[Flags]
internal enum FuseFeatures : uint
{
    None = 0,

    /// <summary>FUSE_ASYNC_READ: reads of one file need not come one after the other.</summary>
    AsyncRead = 1 << 0,

    /// <summary>FUSE_BIG_WRITES: writes may be larger than a page.</summary>
    BigWrites = 1 << 5,

    /// <summary>FUSE_DO_READDIRPLUS: listings may bring attributes along.</summary>
    ReadDirectoryPlus = 1 << 13,

    /// <summary>FUSE_READDIRPLUS_AUTO: and the client decides which.</summary>
    ReadDirectoryPlusAuto = 1 << 14,

    /// <summary>FUSE_ASYNC_DIO: one direct transfer may be several requests at a time.</summary>
    AsyncDirect = 1 << 15,

    /// <summary>FUSE_NO_OPEN_SUPPORT: OPEN may be answered with ENOSYS, and is not sent any more.</summary>
    NoOpen = 1 << 17,

    /// <summary>FUSE_PARALLEL_DIROPS: lookups and listings of one directory may come at the same time.</summary>
    ParallelDirectories = 1 << 18,

    /// <summary>FUSE_MAX_PAGES: fuse_init_out.max_pages counts.</summary>
    MaxPages = 1 << 22,

    /// <summary>FUSE_CACHE_SYMLINKS.</summary>
    CacheSymbolicLinks = 1 << 23,

    /// <summary>FUSE_NO_OPENDIR_SUPPORT: as <see cref="NoOpen"/>, for directories.</summary>
    NoOpenDirectory = 1 << 24,

    /// <summary>FUSE_HANDLE_KILLPRIV_V2: the server clears set-id bits when it is told to.</summary>
    KillSetIds = 1 << 28,
}

/// <summary>Other constants of the protocol.</summary>
internal static class FuseSpec
{
    /// <summary>FUSE_KERNEL_VERSION; its structures are those of the minor version below.</summary>
    internal const uint Major = 7;

    /// <summary>
    /// The version that is spoken: with 7.33 a client can leave set-id bits to the server. Nothing newer is used, and a client
    /// speaks the older of two versions.
    /// </summary>
    internal const uint Minor = 33;

    /// <summary>FUSE_ROOT_ID: the node of the root.</summary>
    internal const ulong RootNode = 1;

    /// <summary>FATTR_FH and FATTR_LOCKOWNER are of no interest here: files are known by their nodes.</summary>
    internal const uint SetMode = 1 << 0;
    internal const uint SetUser = 1 << 1;
    internal const uint SetGroup = 1 << 2;
    internal const uint SetSize = 1 << 3;
    internal const uint SetAccessTime = 1 << 4;
    internal const uint SetModificationTime = 1 << 5;
    internal const uint SetAccessTimeNow = 1 << 7;
    internal const uint SetModificationTimeNow = 1 << 8;
    internal const uint SetKillSetIds = 1 << 11;

    /// <summary>FUSE_WRITE_KILL_SUIDGID of fuse_write_in.write_flags.</summary>
    internal const uint WriteKillSetIds = 1 << 2;

    /// <summary>FOPEN_KEEP_CACHE of fuse_open_out.open_flags.</summary>
    internal const uint OpenKeepCache = 1 << 1;

    /// <summary>FUSE_FSYNC_FDATASYNC of fuse_fsync_in.fsync_flags.</summary>
    internal const uint SyncDataOnly = 1;

    /// <summary>SEEK_DATA and SEEK_HOLE of lseek(2); the others do not reach the server.</summary>
    internal const uint SeekData = 3;
    internal const uint SeekHole = 4;

    /// <summary>O_EXCL of open(2).</summary>
    internal const uint OpenExclusive = 0x80;
}
