namespace RedLeafSharp.Contracts;

/// <summary>Flags of open, with Linux's numbers.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly = 0,

    /// <summary>O_WRONLY.</summary>
    WriteOnly = 1,

    /// <summary>O_RDWR.</summary>
    ReadWrite = 2,

    /// <summary>Mask of the access mode.</summary>
    AccessMask = 3,

    /// <summary>O_CREAT.</summary>
    Create = 0x40,

    /// <summary>O_EXCL.</summary>
    Exclusive = 0x80,

    /// <summary>O_NOCTTY; there are no controlling terminals, so it changes nothing.</summary>
    NoControllingTerminal = 0x100,

    /// <summary>O_TRUNC.</summary>
    Truncate = 0x200,

    /// <summary>O_APPEND.</summary>
    Append = 0x400,

    /// <summary>O_NONBLOCK, of pipes and FIFOs.</summary>
    NonBlock = 0x800,

    /// <summary>O_DSYNC: each write returns when the data is durable.</summary>
    DataSync = 0x1000,

    /// <summary>O_DIRECTORY.</summary>
    Directory = 0x10000,

    /// <summary>O_NOFOLLOW.</summary>
    NoFollow = 0x20000,

    /// <summary>O_CLOEXEC.</summary>
    CloseOnExec = 0x80000,

    /// <summary>O_SYNC: as O_DSYNC, and the file's attributes are durable as well.</summary>
    Sync = 0x101000,

    /// <summary>O_PATH: the descriptor only names the file; no permission to it is needed.</summary>
    Path = 0x200000,
}

/// <summary>Where a seek starts, with Linux's numbers.</summary>
public enum SeekOrigin
{
    /// <summary>SEEK_SET: the start of the file.</summary>
    Start = 0,

    /// <summary>SEEK_CUR: the present offset.</summary>
    Current = 1,

    /// <summary>SEEK_END: the end of the file.</summary>
    End = 2,

    /// <summary>SEEK_DATA: the first data at or behind the offset; <see cref="Errno.NoDeviceOrAddress"/> when there is none.</summary>
    Data = 3,

    /// <summary>SEEK_HOLE: the first hole at or behind the offset; the end of the file counts as one.</summary>
    Hole = 4,
}

/// <summary>The two descriptors of a pipe.</summary>
/// <param name="ReadEnd">To read from.</param>
/// <param name="WriteEnd">To write to.</param>
public readonly record struct PipeEnds(int ReadEnd, int WriteEnd);

/// <summary>Commands of fcntl(2), with Linux's numbers.</summary>
public enum DescriptorCommand
{
    /// <summary>F_DUPFD: answers with a duplicate, the lowest that is free from the argument on.</summary>
    Duplicate = 0,

    /// <summary>F_GETFD: answers with 1 (FD_CLOEXEC) or 0.</summary>
    GetDescriptorFlags = 1,

    /// <summary>F_SETFD: the argument is 1 (FD_CLOEXEC) or 0.</summary>
    SetDescriptorFlags = 2,

    /// <summary>F_GETFL: answers with the access mode and the flags of <see cref="OpenFlags"/> that stay.</summary>
    GetStatusFlags = 3,

    /// <summary>F_SETFL: changes O_APPEND and O_NONBLOCK; the other bits of the argument are ignored.</summary>
    SetStatusFlags = 4,

    /// <summary>F_DUPFD_CLOEXEC.</summary>
    DuplicateCloseOnExec = 1030,
}

/// <summary>What <see cref="ISystem.LockRecord"/> does, with Linux's numbers of fcntl's commands.</summary>
public enum LockCommand
{
    /// <summary>F_GETLK: asks for a lock that is in the way; the answer has the type <see cref="LockType.Unlock"/> when none is.</summary>
    Get = 5,

    /// <summary>F_SETLK: takes or gives up without waiting.</summary>
    Set = 6,

    /// <summary>F_SETLKW: takes, waiting until nothing is in the way.</summary>
    SetAndWait = 7,
}

/// <summary>The type of a record lock, with Linux's numbers.</summary>
public enum LockType
{
    /// <summary>F_RDLCK: shared.</summary>
    Shared = 0,

    /// <summary>F_WRLCK: exclusive.</summary>
    Exclusive = 1,

    /// <summary>F_UNLCK: none.</summary>
    Unlock = 2,
}

/// <summary>A record lock: struct flock.</summary>
public struct RecordLock
{
    /// <summary>Its type.</summary>
    public LockType Type;

    /// <summary>What <see cref="Start"/> counts from: start, current offset or end.</summary>
    public SeekOrigin Origin;

    /// <summary>First byte.</summary>
    public long Start;

    /// <summary>Bytes; 0 reaches to the end of all offsets, below 0 the bytes before <see cref="Start"/> are meant.</summary>
    public long Length;

    /// <summary>Who holds it, in the answer of <see cref="LockCommand.Get"/>.</summary>
    public int ProcessId;
}

/// <summary>Operations of flock(2), with its numbers.</summary>
[Flags]
public enum FileLockOperation
{
    /// <summary>No operation; an error.</summary>
    None = 0,

    /// <summary>LOCK_SH.</summary>
    Shared = 1,

    /// <summary>LOCK_EX.</summary>
    Exclusive = 2,

    /// <summary>LOCK_NB, with one of the others: <see cref="Errno.TryAgain"/> instead of waiting.</summary>
    NonBlock = 4,

    /// <summary>LOCK_UN.</summary>
    Unlock = 8,
}
