using System.Diagnostics.CodeAnalysis;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>The POSIX calls. This part finds the caller; the other parts are sorted by what a call is about.</summary>
internal sealed partial class SystemCalls(PersonalityState state) : ISystem
{
    private readonly IFileSystem fileSystem = state.FileSystem;

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
    private Errno BeginWalk(CallContext context, ReadOnlySpan<byte> path, FinalLink finalLink, out Process process)
    {
        if (!TryFindCaller(context, out process!))
        {
            return Errno.NoProcess;
        }

        Errno error = state.Names.Acquire(context);
        if (error != Errno.None)
        {
            return error;
        }

        bool isWalked = false;
        try
        {
            error = state.Names.First.Walk(context, process, state.Names.Root, path, finalLink);
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
    private Errno BeginWalkToFile(CallContext context, ReadOnlySpan<byte> path, FinalLink finalLink, out Process process)
    {
        Errno error = BeginWalk(context, path, finalLink, out process);
        if (error == Errno.None && !state.Names.First.Exists)
        {
            state.Names.Release();
            return Errno.NoEntry;
        }

        return error;
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
        : Access.Allows(walk.Directory, process, Access.Write | Access.Execute) ? Errno.None
        : Errno.AccessDenied;
}
