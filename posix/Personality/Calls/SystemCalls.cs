using System.Diagnostics.CodeAnalysis;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// The POSIX calls. This part finds the caller and what it names; the other parts are sorted by what a call is about.
/// </summary>
internal sealed partial class SystemCalls(PersonalityState state) : ISystem
{
    private const int MicrosPerSecond = 1_000_000;

    /// <summary>The present time, as files are stamped with it.</summary>
    public static FileTime TimeOf(CallContext context)
    {
        (long seconds, long micros) = Math.DivRem(context.WallClockMicros, MicrosPerSecond);
        return new FileTime { Seconds = seconds, Nanoseconds = (uint)(micros * 1000) };
    }

    /// <summary>Finds the calling process and the description behind one of its descriptors.</summary>
    private Errno Find(CallContext context, int descriptor, out Process process, out OpenFile file)
    {
        file = null!;
        if (!TryFindCaller(context, out process!))
        {
            return Errno.NoProcess;
        }

        OpenFile? found = process.Descriptors[descriptor];
        if (found is null)
        {
            return Errno.BadDescriptor;
        }

        file = found;
        return Errno.None;
    }

    /// <summary>Finds the calling process, takes the namespace lock and resolves the call's path in the first walk.</summary>
    /// <returns>None when the lock is held and the walk has gone as far as the last name.</returns>
    private Errno BeginWalk(
        CallContext context, int directory, ReadOnlySpan<byte> path, FinalLink finalLink, out Process process)
    {
        if (!TryFindCaller(context, out process!))
        {
            return Errno.NoProcess;
        }

        Errno error = FindStart(process, directory, path, out Location start);
        error = error != Errno.None ? error : state.Names.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        bool isWalked = false;
        try
        {
            error = state.Names.First.Walk(context, process, start, path, finalLink);
            isWalked = error == Errno.None;
            return error;
        }
        finally
        {
            if (!isWalked)
            {
                state.Names.Release();
            }
        }
    }

    /// <summary>As <see cref="BeginWalk"/>, for a path that must name something.</summary>
    private Errno BeginWalkToFile(
        CallContext context, int directory, ReadOnlySpan<byte> path, FinalLink finalLink, out Process process)
    {
        Errno error = BeginWalk(context, directory, path, finalLink, out process);
        if (error == Errno.None && !state.Names.First.Exists)
        {
            state.Names.Release();
            return Errno.NoEntry;
        }

        return error;
    }

    /// <summary>
    /// As <see cref="BeginWalkToFile"/>, for calls that also take a descriptor alone: with <see cref="AtFlags.EmptyPath"/> and an
    /// empty path the file is what the descriptor names.
    /// </summary>
    private Errno BeginFind(
        CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags, AtFlags allowed, out Process process)
    {
        if ((flags & ~(allowed | AtFlags.EmptyPath)) != 0)
        {
            process = null!;
            return Errno.InvalidArgument;
        }

        if (path.Length > 0 || (flags & AtFlags.EmptyPath) == 0)
        {
            FinalLink finalLink = (flags & AtFlags.NoFollow) != 0 ? FinalLink.Keep : FinalLink.Follow;
            return BeginWalkToFile(context, directory, path, finalLink, out process);
        }

        if (!TryFindCaller(context, out process!))
        {
            return Errno.NoProcess;
        }

        Errno error = FindOpen(process, directory, out Location location);
        error = error != Errno.None ? error : state.Names.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        bool isFound = false;
        try
        {
            error = state.Names.First.Stay(context, location);
            isFound = error == Errno.None;
            return error;
        }
        finally
        {
            if (!isFound)
            {
                state.Names.Release();
            }
        }
    }

    /// <summary>Where a relative path starts.</summary>
    private static Errno FindStart(Process process, int directory, ReadOnlySpan<byte> path, out Location start)
    {
        start = process.WorkingDirectory;
        if (path.Length == 0)
        {
            return Errno.NoEntry;
        }

        if (directory == PlainCalls.WorkingDirectory || (path.Length > 0 && path[0] == (byte)'/'))
        {
            return Errno.None;
        }

        // Whether the inode is a directory shows at the walk's first step.
        return FindOpen(process, directory, out start) switch
        {
            Errno.InvalidArgument => Errno.NotDirectory,
            Errno error => error,
        };
    }

    /// <summary>The inode behind a descriptor; the working directory without one.</summary>
    private static Errno FindOpen(Process process, int descriptor, out Location location)
    {
        location = process.WorkingDirectory;
        if (descriptor == PlainCalls.WorkingDirectory)
        {
            return Errno.None;
        }

        if (process.Descriptors[descriptor] is not { } file)
        {
            return Errno.BadDescriptor;
        }

        location = file.Vnode?.Location ?? location;
        return file.Vnode is null ? Errno.InvalidArgument : Errno.None;
    }

    /// <summary>The process that makes this call. Every call asks first, holding nothing: here a process gives way.</summary>
    private bool TryFindCaller(CallContext context, [NotNullWhen(true)] out Process? process)
    {
        if (!state.Processes.TryFind(context.Caller, out process))
        {
            return false;
        }

        process.GiveWay(context);
        return true;
    }

    /// <summary>Whether a name may be made where the walk has ended.</summary>
    private static Errno CheckCreation(PathWalk walk, Process process) =>
        walk.Directory.LinkCount == 0 ? Errno.NoEntry
        : walk.Mount.IsReadOnly ? Errno.ReadOnlyFileSystem
        : Access.Allows(walk.Directory, process, Access.Write | Access.Execute) ? Errno.None
        : Errno.AccessDenied;

    /// <summary>Whether what the walk has found may be taken out of its directory.</summary>
    private static Errno CheckRemoval(PathWalk walk, Process process)
    {
        Errno error = Access.CheckRemoval(walk.Directory, walk.File, process);
        return walk.IsMountPoint ? Errno.Busy
            : error != Errno.None ? error
            : walk.Mount.IsReadOnly ? Errno.ReadOnlyFileSystem
            : Errno.None;
    }

    /// <summary>Mode and group of a new file: the umask applies, and a directory with the set-group-id bit hands its group down.</summary>
    private static uint CreationMode(PathWalk walk, Process process, uint mode, out uint groupId)
    {
        Identity identity = process.Credentials.Effective;
        groupId = identity.GroupId;
        mode &= ~process.FileModeMask | FileMode.TypeMask;
        if ((walk.Directory.Mode & AttributeChange.SetGroupId) == 0)
        {
            return mode;
        }

        groupId = walk.Directory.GroupId;
        bool isDirectory = (mode & FileMode.TypeMask) == FileMode.Directory;
        const uint RunsAsGroup = AttributeChange.SetGroupId | 8;
        bool losesGroup = !identity.IsPrivileged && !identity.IsIn(groupId) && (mode & RunsAsGroup) == RunsAsGroup;
        return isDirectory ? mode | AttributeChange.SetGroupId : losesGroup ? mode & ~AttributeChange.SetGroupId : mode;
    }
}
