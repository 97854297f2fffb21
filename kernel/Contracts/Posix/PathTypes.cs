namespace RedLeafSharp.Contracts;

/// <summary>Flags of calls on a directory and a path, with Linux's numbers but where those collide.</summary>
[Flags]
public enum AtFlags
{
    /// <summary>Symbolic links are followed, where the plain call follows them.</summary>
    None = 0,

    /// <summary>AT_SYMLINK_NOFOLLOW.</summary>
    NoFollow = 0x100,

    /// <summary>AT_REMOVEDIR, of <see cref="ISystem.Unlink"/>.</summary>
    RemoveDirectory = 0x200,

    /// <summary>AT_SYMLINK_FOLLOW, of <see cref="ISystem.Link"/>.</summary>
    FollowLink = 0x400,

    /// <summary>AT_EMPTY_PATH: an empty path names what the descriptor names.</summary>
    EmptyPath = 0x1000,

    /// <summary>AT_EACCESS, of <see cref="ISystem.CheckAccess"/>. Linux has 0x200 for it as well.</summary>
    EffectiveAccess = 0x10000,
}

/// <summary>What access(2) asks for, with its numbers.</summary>
[Flags]
public enum AccessModes
{
    /// <summary>F_OK: whether it exists.</summary>
    Exists = 0,

    /// <summary>X_OK.</summary>
    Execute = 1,

    /// <summary>W_OK.</summary>
    Write = 2,

    /// <summary>R_OK.</summary>
    Read = 4,
}

/// <summary>How to mount, with Linux's numbers.</summary>
[Flags]
public enum MountFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>MS_RDONLY: nothing can be changed.</summary>
    ReadOnly = 1,
}

/// <summary>Times of <see cref="FileAttributesChange"/> that stand for others, as utimensat(2) has them.</summary>
public static class SpecialTimes
{
    /// <summary>Nanoseconds of UTIME_NOW.</summary>
    public const uint NowNanoseconds = 0x3FFFFFFF;

    /// <summary>Nanoseconds of UTIME_OMIT.</summary>
    public const uint OmitNanoseconds = 0x3FFFFFFE;

    /// <summary>UTIME_NOW: the present time. Whoever may write the file may set both times so.</summary>
    public static FileTime Now => new() { Nanoseconds = NowNanoseconds };

    /// <summary>UTIME_OMIT: the time stays.</summary>
    public static FileTime Omit => new() { Nanoseconds = OmitNanoseconds };
}
