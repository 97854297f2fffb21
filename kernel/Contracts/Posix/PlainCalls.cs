namespace RedLeafSharp.Contracts;

/// <summary>The plain forms of the calls of <see cref="ISystem"/>, as C programs know them: each is one call of the general form.</summary>
public static partial class PlainCalls
{
    /// <summary>AT_FDCWD: paths start at the working directory.</summary>
    public const int WorkingDirectory = -100;

    /// <summary>open(2).</summary>
    public static Reply<int, Errno> Open(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, OpenFlags flags, uint mode) =>
        system.Open(context, WorkingDirectory, path, flags, mode);

    /// <summary>stat(2), or lstat(2) when <paramref name="followsLinks"/> is false.</summary>
    public static Reply<FileAttributes, Errno> GetAttributes(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, bool followsLinks) =>
        system.GetAttributes(context, WorkingDirectory, path, followsLinks ? AtFlags.None : AtFlags.NoFollow);

    /// <summary>fstat(2).</summary>
    public static Reply<FileAttributes, Errno> GetDescriptorAttributes(this ISystem system, CallContext context, int descriptor) =>
        system.GetAttributes(context, descriptor, default, AtFlags.EmptyPath);

    /// <summary>chmod(2), chown(2), truncate(2), utimensat(2), and those that do not follow links.</summary>
    public static Reply<Unit, Errno> SetAttributes(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, in FileAttributesChange change, bool followsLinks) =>
        system.SetAttributes(context, WorkingDirectory, path, change, followsLinks ? AtFlags.None : AtFlags.NoFollow);

    /// <summary>fchmod(2), fchown(2), ftruncate(2), futimens(3).</summary>
    public static Reply<Unit, Errno> SetDescriptorAttributes(
        this ISystem system, CallContext context, int descriptor, in FileAttributesChange change) =>
        system.SetAttributes(context, descriptor, default, change, AtFlags.EmptyPath);

    /// <summary>access(2).</summary>
    public static Reply<Unit, Errno> CheckAccess(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, AccessModes modes) =>
        system.CheckAccess(context, WorkingDirectory, path, modes, AtFlags.None);

    /// <summary>mkdir(2).</summary>
    public static Reply<Unit, Errno> MakeDirectory(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, uint mode) =>
        system.MakeDirectory(context, WorkingDirectory, path, mode);

    /// <summary>mkfifo(2).</summary>
    public static Reply<Unit, Errno> MakeFifo(this ISystem system, CallContext context, ReadOnlySpan<byte> path, uint mode) =>
        system.MakeNode(context, WorkingDirectory, path, FileMode.Fifo | (mode & FileMode.PermissionMask), 0);

    /// <summary>mknod(2).</summary>
    public static Reply<Unit, Errno> MakeNode(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, uint mode, uint device) =>
        system.MakeNode(context, WorkingDirectory, path, mode, device);

    /// <summary>rmdir(2).</summary>
    public static Reply<Unit, Errno> RemoveDirectory(this ISystem system, CallContext context, ReadOnlySpan<byte> path) =>
        system.Unlink(context, WorkingDirectory, path, AtFlags.RemoveDirectory);

    /// <summary>unlink(2).</summary>
    public static Reply<Unit, Errno> Unlink(this ISystem system, CallContext context, ReadOnlySpan<byte> path) =>
        system.Unlink(context, WorkingDirectory, path, AtFlags.None);

    /// <summary>link(2); a symbolic link is linked itself.</summary>
    public static Reply<Unit, Errno> Link(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, ReadOnlySpan<byte> newPath) =>
        system.Link(context, WorkingDirectory, path, WorkingDirectory, newPath, AtFlags.None);

    /// <summary>symlink(2).</summary>
    public static Reply<Unit, Errno> MakeSymbolicLink(
        this ISystem system, CallContext context, ReadOnlySpan<byte> target, ReadOnlySpan<byte> path) =>
        system.MakeSymbolicLink(context, target, WorkingDirectory, path);

    /// <summary>readlink(2).</summary>
    public static Reply<int, Errno> ReadSymbolicLink(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, Span<byte> target) =>
        system.ReadSymbolicLink(context, WorkingDirectory, path, target);

    /// <summary>rename(2).</summary>
    public static Reply<Unit, Errno> Rename(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path, ReadOnlySpan<byte> newPath) =>
        system.Rename(context, WorkingDirectory, path, WorkingDirectory, newPath, RenameFlags.None);

    /// <summary>chdir(2).</summary>
    public static Reply<Unit, Errno> ChangeDirectory(this ISystem system, CallContext context, ReadOnlySpan<byte> path) =>
        system.ChangeDirectory(context, WorkingDirectory, path, AtFlags.None);

    /// <summary>fchdir(2).</summary>
    public static Reply<Unit, Errno> ChangeDirectory(this ISystem system, CallContext context, int descriptor) =>
        system.ChangeDirectory(context, descriptor, default, AtFlags.EmptyPath);

    /// <summary>fsync(2).</summary>
    public static Reply<Unit, Errno> SyncDescriptor(this ISystem system, CallContext context, int descriptor) =>
        system.SyncDescriptor(context, descriptor, isDataOnly: false);

    /// <summary>statvfs(3).</summary>
    public static Reply<FileSystemStatus, Errno> GetFileSystemStatus(
        this ISystem system, CallContext context, ReadOnlySpan<byte> path) =>
        system.GetFileSystemStatus(context, WorkingDirectory, path, AtFlags.None);

    /// <summary>pipe(2).</summary>
    public static Reply<PipeEnds, Errno> MakePipe(this ISystem system, CallContext context) =>
        system.MakePipe(context, OpenFlags.ReadOnly);

    /// <summary>dup2(2); with <paramref name="newDescriptor"/> -1, dup(2).</summary>
    public static Reply<int, Errno> Duplicate(this ISystem system, CallContext context, int descriptor, int newDescriptor) =>
        newDescriptor == -1
            ? system.Control(context, descriptor, DescriptorCommand.Duplicate, 0)
            : system.Duplicate(context, descriptor, newDescriptor, OpenFlags.ReadOnly);

    /// <summary>
    /// Starts a program that gets three descriptors of the caller's and no others; -1 leaves one closed. It inherits the
    /// environment.
    /// </summary>
    public static Reply<int, Errno> Spawn(
        this ISystem system,
        CallContext context,
        ReadOnlySpan<byte> arguments,
        int standardInput,
        int standardOutput,
        int standardError) =>
        system.Spawn(
            context,
            arguments,
            default,
            [new(standardInput, 0), new(standardOutput, 1), new(standardError, 2)],
            SpawnFlags.OnlyMappedDescriptors | SpawnFlags.InheritEnvironment);

    /// <summary>waitpid(2) without options.</summary>
    public static Reply<ExitStatus, Errno> WaitForChild(this ISystem system, CallContext context, int processId) =>
        system.WaitForChild(context, processId, WaitFlags.None);

    /// <summary>getpid(2).</summary>
    public static Reply<int, Errno> GetProcessId(this ISystem system, CallContext context)
    {
        Reply<ProcessIds, Errno> ids = system.GetIds(context);
        return ids.IsOk ? ids.Value.ProcessId : ids.IsFault ? Reply<int, Errno>.FromFault(ids.Fault) : ids.Error;
    }
}
