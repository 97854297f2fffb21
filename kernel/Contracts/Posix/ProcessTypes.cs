namespace RedLeafSharp.Contracts;

/// <summary>A descriptor of the caller and which one of the child it becomes.</summary>
/// <param name="Descriptor">The caller's; -1 leaves the child's closed.</param>
/// <param name="ChildDescriptor">The child's.</param>
public readonly record struct DescriptorMapping(int Descriptor, int ChildDescriptor);

/// <summary>How to start a process.</summary>
[Flags]
public enum SpawnFlags
{
    /// <summary>As posix_spawn(3).</summary>
    None = 0,

    /// <summary>The child gets the descriptors that are mapped and no others.</summary>
    OnlyMappedDescriptors = 1,

    /// <summary>The child gets the caller's environment.</summary>
    InheritEnvironment = 2,

    /// <summary>POSIX_SPAWN_RESETIDS: the child's effective ids are the caller's real ones.</summary>
    ResetIds = 4,
}

/// <summary>How to wait for a child, with Linux's numbers.</summary>
[Flags]
public enum WaitFlags
{
    /// <summary>Until it ends.</summary>
    None = 0,

    /// <summary>WNOHANG: not at all.</summary>
    NoHang = 1,
}

/// <summary>How a process ended.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Status">0 to 255 as returned by the program; 128 + n when signal n ended it, 139 when its domain faulted.</param>
public readonly record struct ExitStatus(int ProcessId, int Status);

/// <summary>The ids of a process.</summary>
public struct ProcessIds
{
    /// <summary>getpid(2).</summary>
    public int ProcessId;

    /// <summary>getppid(2); 0 for the first process.</summary>
    public int ParentId;

    /// <summary>getuid(2).</summary>
    public uint RealUserId;

    /// <summary>geteuid(2).</summary>
    public uint EffectiveUserId;

    /// <summary>The saved set-user-id.</summary>
    public uint SavedUserId;

    /// <summary>getgid(2).</summary>
    public uint RealGroupId;

    /// <summary>getegid(2).</summary>
    public uint EffectiveGroupId;

    /// <summary>The saved set-group-id.</summary>
    public uint SavedGroupId;
}

/// <summary>Whose id is meant.</summary>
public enum IdKind
{
    /// <summary>The user's.</summary>
    User = 0,

    /// <summary>The group's.</summary>
    Group = 1,
}

/// <summary>A resource with a limit, with Linux's numbers.</summary>
public enum LimitedResource
{
    /// <summary>RLIMIT_FSIZE: bytes that a file may be made to have.</summary>
    FileSize = 1,

    /// <summary>RLIMIT_NOFILE: descriptors.</summary>
    DescriptorCount = 7,
}

/// <summary>A limit: struct rlimit.</summary>
public struct ResourceLimit
{
    /// <summary>RLIM_INFINITY.</summary>
    public const ulong Infinite = ulong.MaxValue;

    /// <summary>What counts now.</summary>
    public ulong Soft;

    /// <summary>How far the soft limit can be raised; only the privileged raise this one.</summary>
    public ulong Hard;
}

/// <summary>A line of ps(1).</summary>
public struct ProcessStatus
{
    /// <summary>Process id.</summary>
    public int ProcessId;

    /// <summary>Parent's process id; 0 for the first process.</summary>
    public int ParentId;

    /// <summary>The domain that the process runs as.</summary>
    public DomainId Domain;

    /// <summary>Microseconds since the process was started.</summary>
    public long AgeMicros;

    /// <summary>Whether it has ended and waits to be waited for.</summary>
    public bool IsZombie;

    /// <summary>Real user.</summary>
    public uint UserId;
}
