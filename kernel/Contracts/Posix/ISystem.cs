namespace RedLeafSharp.Contracts;

/// <summary>
/// The POSIX calls, as programs see them. Semantics and errors are those of POSIX.1-2017; the calling process is known from
/// the context.
/// </summary>
/// <remarks>
/// Paths are UTF-8 without a terminating NUL, 1 to 4,095 bytes; relative ones start at the working directory. Buffers are
/// borrowed for the call. A call on a bad descriptor returns <see cref="Errno.BadDescriptor"/>.
/// </remarks>
[DomainContract]
public interface ISystem
{
    /// <summary>The arguments of the process: each followed by NUL, the name of the program first.</summary>
    /// <returns>Bytes written; <see cref="Errno.Range"/> when the buffer is too small.</returns>
    Reply<int, Errno> GetArguments(CallContext context, Span<byte> buffer);

    /// <summary>open(2).</summary>
    /// <returns>The lowest free descriptor.</returns>
    Reply<int, Errno> Open(CallContext context, ReadOnlySpan<byte> path, OpenFlags flags, uint mode);

    /// <summary>close(2).</summary>
    Reply<Unit, Errno> Close(CallContext context, int descriptor);

    /// <summary>read(2). Blocks on an empty pipe that has writers, and on the terminal.</summary>
    /// <returns>Bytes read; 0 at the end.</returns>
    Reply<int, Errno> Read(CallContext context, int descriptor, Span<byte> buffer);

    /// <summary>write(2). Blocks on a full pipe that has readers; <see cref="Errno.BrokenPipe"/> on one without.</summary>
    /// <returns>Bytes written.</returns>
    Reply<int, Errno> Write(CallContext context, int descriptor, ReadOnlySpan<byte> data);

    /// <summary>pread(2).</summary>
    Reply<int, Errno> ReadAt(CallContext context, int descriptor, ulong offset, Span<byte> buffer);

    /// <summary>pwrite(2).</summary>
    Reply<int, Errno> WriteAt(CallContext context, int descriptor, ulong offset, ReadOnlySpan<byte> data);

    /// <summary>lseek(2).</summary>
    /// <returns>The new offset; <see cref="Errno.IllegalSeek"/> on a pipe.</returns>
    Reply<long, Errno> Seek(CallContext context, int descriptor, long offset, SeekOrigin origin);

    /// <summary>stat(2), or lstat(2) when <paramref name="followsLinks"/> is false.</summary>
    Reply<FileAttributes, Errno> GetAttributes(CallContext context, ReadOnlySpan<byte> path, bool followsLinks);

    /// <summary>fstat(2).</summary>
    Reply<FileAttributes, Errno> GetDescriptorAttributes(CallContext context, int descriptor);

    /// <summary>chmod(2), chown(2), truncate(2), utimensat(2) in one.</summary>
    Reply<Unit, Errno> SetAttributes(CallContext context, ReadOnlySpan<byte> path, in FileAttributesChange change, bool followsLinks);

    /// <summary>fchmod(2), fchown(2), ftruncate(2), futimens(3) in one.</summary>
    Reply<Unit, Errno> SetDescriptorAttributes(CallContext context, int descriptor, in FileAttributesChange change);

    /// <summary>getdents(2): whole entries in the layout of <see cref="DirectoryEntry"/>.</summary>
    /// <returns>Bytes written; 0 at the end.</returns>
    Reply<int, Errno> ReadDirectory(CallContext context, int descriptor, Span<byte> buffer);

    /// <summary>mkdir(2).</summary>
    Reply<Unit, Errno> MakeDirectory(CallContext context, ReadOnlySpan<byte> path, uint mode);

    /// <summary>rmdir(2).</summary>
    Reply<Unit, Errno> RemoveDirectory(CallContext context, ReadOnlySpan<byte> path);

    /// <summary>unlink(2).</summary>
    Reply<Unit, Errno> Unlink(CallContext context, ReadOnlySpan<byte> path);

    /// <summary>link(2); a symbolic link is linked itself.</summary>
    Reply<Unit, Errno> Link(CallContext context, ReadOnlySpan<byte> path, ReadOnlySpan<byte> newPath);

    /// <summary>symlink(2).</summary>
    Reply<Unit, Errno> MakeSymbolicLink(CallContext context, ReadOnlySpan<byte> target, ReadOnlySpan<byte> path);

    /// <summary>readlink(2).</summary>
    /// <returns>Bytes written to <paramref name="target"/>, cut off if it is too small.</returns>
    Reply<int, Errno> ReadSymbolicLink(CallContext context, ReadOnlySpan<byte> path, Span<byte> target);

    /// <summary>rename(2).</summary>
    Reply<Unit, Errno> Rename(CallContext context, ReadOnlySpan<byte> path, ReadOnlySpan<byte> newPath);

    /// <summary>chdir(2).</summary>
    Reply<Unit, Errno> ChangeDirectory(CallContext context, ReadOnlySpan<byte> path);

    /// <summary>getcwd(3).</summary>
    /// <returns>Bytes written, without NUL; <see cref="Errno.Range"/> when the buffer is too small.</returns>
    Reply<int, Errno> GetWorkingDirectory(CallContext context, Span<byte> buffer);

    /// <summary>umask(2).</summary>
    /// <returns>The previous mask.</returns>
    Reply<uint, Errno> SetFileModeMask(CallContext context, uint mask);

    /// <summary>fsync(2).</summary>
    Reply<Unit, Errno> SyncDescriptor(CallContext context, int descriptor);

    /// <summary>sync(2), with the result of the writes.</summary>
    Reply<Unit, Errno> Sync(CallContext context);

    /// <summary>statvfs(3) of the file system that a path is on.</summary>
    Reply<FileSystemStatus, Errno> GetFileSystemStatus(CallContext context, ReadOnlySpan<byte> path);

    /// <summary>pipe(2).</summary>
    Reply<PipeEnds, Errno> MakePipe(CallContext context);

    /// <summary>dup2(2); with <paramref name="newDescriptor"/> -1, dup(2).</summary>
    /// <returns>The new descriptor.</returns>
    Reply<int, Errno> Duplicate(CallContext context, int descriptor, int newDescriptor);

    /// <summary>Whether a descriptor is a terminal.</summary>
    Reply<bool, Errno> IsTerminal(CallContext context, int descriptor);

    /// <summary>
    /// Starts a program as a new process, as posix_spawn(3): working directory, umask and ids are inherited; of the
    /// descriptors only the three named ones.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="arguments">Each argument followed by NUL, the name of the program first.</param>
    /// <param name="standardInput">Becomes descriptor 0; -1 leaves it closed.</param>
    /// <param name="standardOutput">Becomes descriptor 1; -1 leaves it closed.</param>
    /// <param name="standardError">Becomes descriptor 2; -1 leaves it closed.</param>
    /// <returns>The process id; <see cref="Errno.NoEntry"/> when there is no such program.</returns>
    Reply<int, Errno> Spawn(
        CallContext context, ReadOnlySpan<byte> arguments, int standardInput, int standardOutput, int standardError);

    /// <summary>waitpid(2): waits for a child to end, and forgets it.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="processId">A child, or -1 for any.</param>
    /// <returns>Which child, and how it ended; <see cref="Errno.NoChild"/>.</returns>
    Reply<ExitStatus, Errno> WaitForChild(CallContext context, int processId);

    /// <summary>kill(2). Signals 0, SIGKILL (9) and SIGTERM (15) are known; the latter two end the process.</summary>
    Reply<Unit, Errno> Kill(CallContext context, int processId, int signal);

    /// <summary>getpid(2).</summary>
    Reply<int, Errno> GetProcessId(CallContext context);

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

    /// <summary>O_TRUNC.</summary>
    Truncate = 0x200,

    /// <summary>O_APPEND.</summary>
    Append = 0x400,

    /// <summary>O_DIRECTORY.</summary>
    Directory = 0x10000,

    /// <summary>O_NOFOLLOW.</summary>
    NoFollow = 0x20000,
}

/// <summary>Where a seek starts, with the numbers of SEEK_SET, SEEK_CUR and SEEK_END.</summary>
public enum SeekOrigin
{
    /// <summary>The start of the file.</summary>
    Start = 0,

    /// <summary>The present offset.</summary>
    Current = 1,

    /// <summary>The end of the file.</summary>
    End = 2,
}

/// <summary>The two descriptors of a pipe.</summary>
/// <param name="ReadEnd">To read from.</param>
/// <param name="WriteEnd">To write to.</param>
public readonly record struct PipeEnds(int ReadEnd, int WriteEnd);

/// <summary>How a process ended.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Status">0 to 255 as returned by the program; 128 + n when signal n ended it, 139 when its domain faulted.</param>
public readonly record struct ExitStatus(int ProcessId, int Status);

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
}
