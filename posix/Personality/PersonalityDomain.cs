using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// The POSIX personality: processes, descriptors, paths and pipes over a file system, a process loader and a console.
/// </summary>
/// <remarks>
/// Threads of several processes are inside at once, suspended in waits and in calls to other domains. State is read anew
/// after each of these; what must hold over them is under a <see cref="SleepLock"/>.
/// </remarks>
[Reentrant]
public sealed class PersonalityDomain : IDomain
{
    private DomainServices? services;

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        this.services = services;
        var fileSystem = services.Require<IFileSystem>();
        Reply<FileSystemStatus, Errno> status = fileSystem.GetStatus(context);
        if (!status.IsOk)
        {
            services.Report(Severity.Error, $"the file system does not answer: {status}");
            return DomainError.DependencyFailed;
        }

        var loader = services.Require<IProcessLoader>();
        var console = services.Require<IConsole>();
        var holds = new InodeHolds(fileSystem);
        var state = new PersonalityState(context, fileSystem, loader, console, holds, status.Value.RootInode);
        services.Provide<ISystem>(new SystemCalls(state));
        services.Provide<IProcessObserver>(new ProcessObserver(state));
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context)
    {
        Reply<Unit, Errno> synced = services!.Require<IFileSystem>().Sync(context);
        return synced.IsOk ? default(Unit) : DomainError.DependencyFailed;
    }
}
