namespace RedLeafSharp.Contracts;

/// <summary>
/// The POSIX calls, as programs see them. Semantics and errors are those of POSIX.1-2017; the calling process is known from
/// the context. Each call is here in its most general form; <see cref="PlainCalls"/> has the plain ones.
/// </summary>
/// <remarks>
/// A file is named by a directory and a path, as openat(2) does it. Paths are bytes without a terminating NUL, 1 to 4,095 of
/// them; an absolute one ignores the directory. The directory is a descriptor or <see cref="PlainCalls.WorkingDirectory"/>.
/// Where <see cref="AtFlags.EmptyPath"/> is allowed, an empty path names the file behind the descriptor itself. Buffers are
/// borrowed for the call. A read, a wait, a lock may last for ever, as POSIX has it; no call here has a deadline. A call on a bad descriptor returns <see cref="Errno.BadDescriptor"/>.
/// </remarks>
[DomainContract]
[MayTake(MayTakeAttribute.Forever)]
public partial interface ISystem
{
    // ------------------------------------------------------------------------------------------------ descriptors and data

    /// <summary>openat(2). Opening a FIFO waits for the other side, unless <see cref="OpenFlags.NonBlock"/> says otherwise.</summary>
    /// <returns>The lowest free descriptor.</returns>
    Reply<int, Errno> Open(CallContext context, int directory, ReadOnlySpan<byte> path, OpenFlags flags, uint mode);

    /// <summary>close(2). Gives up every record lock of the process on the file.</summary>
    Reply<Unit, Errno> Close(CallContext context, int descriptor);

    /// <summary>read(2). Blocks on an empty pipe that has writers, and on the terminal.</summary>
    /// <returns>Bytes read; 0 at the end.</returns>
    Reply<int, Errno> Read(CallContext context, int descriptor, Span<byte> buffer);

    /// <summary>write(2). Blocks on a full pipe that has readers; <see cref="Errno.BrokenPipe"/>, with SIGPIPE, on one without.</summary>
    /// <returns>Bytes written.</returns>
    Reply<int, Errno> Write(CallContext context, int descriptor, ReadOnlySpan<byte> data);

    /// <summary>pread(2).</summary>
    Reply<int, Errno> ReadAt(CallContext context, int descriptor, ulong offset, Span<byte> buffer);

    /// <summary>pwrite(2). On a file opened to append it writes at the offset all the same, as POSIX has it.</summary>
    Reply<int, Errno> WriteAt(CallContext context, int descriptor, ulong offset, ReadOnlySpan<byte> data);

    /// <summary>lseek(2). On a directory the offset is a cookie of its file system: telldir(3) and seekdir(3).</summary>
    /// <returns>The new offset; <see cref="Errno.IllegalSeek"/> on a pipe.</returns>
    Reply<long, Errno> Seek(CallContext context, int descriptor, long offset, SeekOrigin origin);

    /// <summary>getdents(2): whole entries in the layout of <see cref="DirectoryEntry"/>.</summary>
    /// <returns>Bytes written; 0 at the end; <see cref="Errno.InvalidArgument"/> when not even one entry fits.</returns>
    Reply<int, Errno> ReadDirectory(CallContext context, int descriptor, Span<byte> buffer);

    /// <summary>fallocate(2); without modes posix_fallocate(3).</summary>
    Reply<Unit, Errno> Allocate(CallContext context, int descriptor, AllocationModes modes, long offset, long length);

    /// <summary>fsync(2), or fdatasync(2).</summary>
    Reply<Unit, Errno> SyncDescriptor(CallContext context, int descriptor, bool isDataOnly);

    /// <summary>sync(2) of all file systems, with the result of the writes.</summary>
    Reply<Unit, Errno> Sync(CallContext context);

    /// <summary>dup3(2): lets a descriptor name what another one names, closing it first if it is open.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">What to duplicate.</param>
    /// <param name="newDescriptor">Which descriptor to make; the same one is left alone, as dup2(2) does.</param>
    /// <param name="flags"><see cref="OpenFlags.CloseOnExec"/> or nothing.</param>
    /// <returns>The new descriptor.</returns>
    Reply<int, Errno> Duplicate(CallContext context, int descriptor, int newDescriptor, OpenFlags flags);

    /// <summary>fcntl(2), but for locks.</summary>
    /// <returns>What the command says.</returns>
    Reply<int, Errno> Control(CallContext context, int descriptor, DescriptorCommand command, int argument);

    /// <summary>Record locks of fcntl(2). The process owns them; closing any descriptor of the file gives them up.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="descriptor">An open file; for a shared lock open to read, for an exclusive one open to write.</param>
    /// <param name="command">What to do.</param>
    /// <param name="recordLock">The lock; with <see cref="LockCommand.Get"/> replaced by one that is in the way.</param>
    /// <returns>
    /// <see cref="Errno.TryAgain"/> when it is held, <see cref="Errno.Deadlock"/> when waiting would close a circle,
    /// <see cref="Errno.NoLocks"/> when there are too many.
    /// </returns>
    Reply<Unit, Errno> LockRecord(CallContext context, int descriptor, LockCommand command, ref RecordLock recordLock);

    /// <summary>flock(2). The open file description owns the lock.</summary>
    Reply<Unit, Errno> LockFile(CallContext context, int descriptor, FileLockOperation operation);

    /// <summary>pipe2(2), with <see cref="OpenFlags.CloseOnExec"/> and <see cref="OpenFlags.NonBlock"/>.</summary>
    Reply<PipeEnds, Errno> MakePipe(CallContext context, OpenFlags flags);

    /// <summary>Whether a descriptor is a terminal.</summary>
    Reply<bool, Errno> IsTerminal(CallContext context, int descriptor);

    // ----------------------------------------------------------------------------------------------------- names and nodes

    /// <summary>mkdirat(2).</summary>
    Reply<Unit, Errno> MakeDirectory(CallContext context, int directory, ReadOnlySpan<byte> path, uint mode);

    /// <summary>mknodat(2): a regular file, a FIFO or, for the privileged, a device.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="directory">Where the path starts.</param>
    /// <param name="path">The path.</param>
    /// <param name="mode">Type and permission bits; no type bits mean a regular file.</param>
    /// <param name="device">The device number as in <see cref="FileAttributes.DeviceNumber"/>; 0 for what is no device.</param>
    Reply<Unit, Errno> MakeNode(CallContext context, int directory, ReadOnlySpan<byte> path, uint mode, uint device);

    /// <summary>symlinkat(2).</summary>
    Reply<Unit, Errno> MakeSymbolicLink(
        CallContext context, ReadOnlySpan<byte> target, int directory, ReadOnlySpan<byte> path);

    /// <summary>readlinkat(2).</summary>
    /// <returns>Bytes written to <paramref name="target"/>, cut off if it is too small.</returns>
    Reply<int, Errno> ReadSymbolicLink(CallContext context, int directory, ReadOnlySpan<byte> path, Span<byte> target);

    /// <summary>linkat(2): a symbolic link is linked itself, unless <see cref="AtFlags.FollowLink"/> is given.</summary>
    Reply<Unit, Errno> Link(
        CallContext context, int directory, ReadOnlySpan<byte> path, int newDirectory, ReadOnlySpan<byte> newPath, AtFlags flags);

    /// <summary>unlinkat(2): a directory only with <see cref="AtFlags.RemoveDirectory"/>, and then only one.</summary>
    Reply<Unit, Errno> Unlink(CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags);

    /// <summary>renameat2(2).</summary>
    Reply<Unit, Errno> Rename(
        CallContext context,
        int directory,
        ReadOnlySpan<byte> path,
        int newDirectory,
        ReadOnlySpan<byte> newPath,
        RenameFlags flags);

    // ---------------------------------------------------------------------------------------------------------- attributes

    /// <summary>fstatat(2), with <see cref="AtFlags.NoFollow"/> and <see cref="AtFlags.EmptyPath"/>.</summary>
    Reply<FileAttributes, Errno> GetAttributes(CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags);

    /// <summary>
    /// fchmodat(2), fchownat(2), truncate(2) and utimensat(2) in one, with <see cref="AtFlags.NoFollow"/> and
    /// <see cref="AtFlags.EmptyPath"/>. Times may be <see cref="SpecialTimes.Now"/> and <see cref="SpecialTimes.Omit"/>.
    /// </summary>
    Reply<Unit, Errno> SetAttributes(
        CallContext context, int directory, ReadOnlySpan<byte> path, in FileAttributesChange change, AtFlags flags);

    /// <summary>faccessat(2): by the real ids, or with <see cref="AtFlags.EffectiveAccess"/> by the effective ones.</summary>
    Reply<Unit, Errno> CheckAccess(
        CallContext context, int directory, ReadOnlySpan<byte> path, AccessModes modes, AtFlags flags);

    /// <summary>getxattr(2), lgetxattr(2) and fgetxattr(2); an empty buffer asks for the length.</summary>
    /// <returns>Length of the value; <see cref="Errno.NoData"/>, <see cref="Errno.Range"/>, <see cref="Errno.NotSupported"/>.</returns>
    Reply<int, Errno> GetExtendedAttribute(
        CallContext context, int directory, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, AtFlags flags);

    /// <summary>setxattr(2) and its kin.</summary>
    Reply<Unit, Errno> SetExtendedAttribute(
        CallContext context,
        int directory,
        ReadOnlySpan<byte> path,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> value,
        ExtendedAttributeFlags how,
        AtFlags flags);

    /// <summary>listxattr(2) and its kin: each name followed by NUL; an empty buffer asks for the length.</summary>
    Reply<int, Errno> ListExtendedAttributes(
        CallContext context, int directory, ReadOnlySpan<byte> path, Span<byte> names, AtFlags flags);

    /// <summary>removexattr(2) and its kin.</summary>
    Reply<Unit, Errno> RemoveExtendedAttribute(
        CallContext context, int directory, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, AtFlags flags);

    // -------------------------------------------------------------------------------------------- file systems and the tree

    /// <summary>statvfs(3) of the file system that a file is on; <see cref="AtFlags.EmptyPath"/> makes it fstatvfs(3).</summary>
    Reply<FileSystemStatus, Errno> GetFileSystemStatus(CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags);

    /// <summary>mount(2), for the privileged.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="source">The domain of the file system, by the name that the system file gives it; any word for "proc" and "devfs".</param>
    /// <param name="target">A directory; what it holds is hidden as long as the file system is mounted.</param>
    /// <param name="type">"proc", "devfs", or the type of the file system; empty asks for nothing.</param>
    /// <param name="flags">How.</param>
    /// <returns><see cref="Errno.NoDevice"/> for an unknown source or type, <see cref="Errno.Busy"/> when it is mounted already.</returns>
    Reply<Unit, Errno> Mount(
        CallContext context, ReadOnlySpan<byte> source, ReadOnlySpan<byte> target, ReadOnlySpan<byte> type, MountFlags flags);

    /// <summary>umount(2), for the privileged; <see cref="Errno.Busy"/> while a file or directory of it is in use.</summary>
    Reply<Unit, Errno> Unmount(CallContext context, ReadOnlySpan<byte> target);

    /// <summary>chdir(2); with <see cref="AtFlags.EmptyPath"/> fchdir(2).</summary>
    Reply<Unit, Errno> ChangeDirectory(CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags);

    /// <summary>chroot(2), for the privileged.</summary>
    Reply<Unit, Errno> ChangeRoot(CallContext context, ReadOnlySpan<byte> path);

    /// <summary>getcwd(3).</summary>
    /// <returns>Bytes written, without NUL; <see cref="Errno.Range"/> when the buffer is too small.</returns>
    Reply<int, Errno> GetWorkingDirectory(CallContext context, Span<byte> buffer);

    /// <summary>umask(2).</summary>
    /// <returns>The previous mask.</returns>
    Reply<uint, Errno> SetFileModeMask(CallContext context, uint mask);

    // ------------------------------------------------------------------------------------------------------------ processes

    /// <summary>The arguments of the process: each followed by NUL, the name of the program first.</summary>
    /// <returns>Bytes written; <see cref="Errno.Range"/> when the buffer is too small.</returns>
    Reply<int, Errno> GetArguments(CallContext context, Span<byte> buffer);

    /// <summary>The environment of the process: each "NAME=value" followed by NUL.</summary>
    /// <returns>Bytes written; <see cref="Errno.Range"/> when the buffer is too small.</returns>
    Reply<int, Errno> GetEnvironment(CallContext context, Span<byte> buffer);

    /// <summary>
    /// Starts a program as a new process, as posix_spawn(3): working directory, root, umask, ids and limits are inherited, and
    /// so are descriptors without <see cref="OpenFlags.CloseOnExec"/>.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="arguments">Each argument followed by NUL, the name of the program first.</param>
    /// <param name="environment">Each "NAME=value" followed by NUL; ignored with <see cref="SpawnFlags.InheritEnvironment"/>.</param>
    /// <param name="descriptors">Which descriptors of the caller become which of the child; CloseOnExec does not count for them.</param>
    /// <param name="flags">How.</param>
    /// <returns>The process id; <see cref="Errno.NoEntry"/> when there is no such program.</returns>
    Reply<int, Errno> Spawn(
        CallContext context,
        ReadOnlySpan<byte> arguments,
        ReadOnlySpan<byte> environment,
        ReadOnlySpan<DescriptorMapping> descriptors,
        SpawnFlags flags);

    /// <summary>waitpid(2): waits for a child to end, and forgets it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="processId">A child, or -1 for any.</param>
    /// <param name="flags">Whether to wait.</param>
    /// <returns>Which child, and how it ended; process 0 when none has ended and none is waited for; <see cref="Errno.NoChild"/>.</returns>
    Reply<ExitStatus, Errno> WaitForChild(CallContext context, int processId, WaitFlags flags);

    /// <summary>kill(2). Signals 0, SIGKILL (9) and SIGTERM (15) are known; the latter two end the process.</summary>
    Reply<Unit, Errno> Kill(CallContext context, int processId, int signal);

    /// <summary>sigaction(2) with SIG_IGN and SIG_DFL, of SIGPIPE, the one signal that calls raise. Processes inherit it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="signal">13; others cannot be ignored here.</param>
    /// <param name="isIgnored">Whether it does nothing from now on.</param>
    /// <returns>Whether it was ignored before.</returns>
    Reply<bool, Errno> SetSignalIgnored(CallContext context, int signal, bool isIgnored);

    /// <summary>The ids of the caller: getpid, getppid, getuid, geteuid, getgid, getegid and the saved ones.</summary>
    Reply<ProcessIds, Errno> GetIds(CallContext context);

    /// <summary>setuid(2) or, for a group, setgid(2): all three ids for the privileged, else the effective one.</summary>
    Reply<Unit, Errno> SetId(CallContext context, IdKind kind, uint id);

    /// <summary>setresuid(2) or setresgid(2); <see cref="uint.MaxValue"/> leaves an id as it is.</summary>
    Reply<Unit, Errno> SetIds(CallContext context, IdKind kind, uint real, uint effective, uint saved);

    /// <summary>getgroups(2); an empty span asks for their number.</summary>
    /// <returns>How many there are; <see cref="Errno.InvalidArgument"/> when the span is too small.</returns>
    Reply<int, Errno> GetGroups(CallContext context, Span<uint> groups);

    /// <summary>setgroups(2), for the privileged.</summary>
    Reply<Unit, Errno> SetGroups(CallContext context, ReadOnlySpan<uint> groups);

    /// <summary>getrlimit(2).</summary>
    Reply<ResourceLimit, Errno> GetLimit(CallContext context, LimitedResource resource);

    /// <summary>setrlimit(2).</summary>
    Reply<Unit, Errno> SetLimit(CallContext context, LimitedResource resource, in ResourceLimit limit);

    /// <summary>The processes, in the order of their ids.</summary>
    /// <returns>How many entries were written.</returns>
    Reply<int, Errno> ListProcesses(CallContext context, Span<ProcessStatus> processes);

    /// <summary>The name of a program of a process, for ps(1).</summary>
    /// <returns>Bytes written.</returns>
    Reply<int, Errno> GetProcessName(CallContext context, int processId, Span<byte> name);

    /// <summary>nanosleep(2), in microseconds.</summary>
    Reply<Unit, Errno> Sleep(CallContext context, long micros);

    /// <summary>clock_gettime(2) of CLOCK_REALTIME.</summary>
    Reply<FileTime, Errno> GetTime(CallContext context);
}
