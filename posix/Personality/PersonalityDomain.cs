using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// The POSIX personality: processes, descriptors, paths and pipes over file systems, a process loader and a console. Settings:
/// <c>rootType</c>, what mount calls the root's file system; <c>mounts</c>, further file systems that the system file lets it
/// use, each as <c>DOMAIN:TYPE</c> or <c>DOMAIN:TYPE:PATH</c>, between spaces; <c>stacks</c>, the network stacks by their domains, the
/// first of which is that of all processes unless they choose another.
/// </summary>
/// <remarks>
/// Threads of several processes are inside at once, suspended in waits and in calls to other domains. State is read anew
/// after each of these; what must hold over them is under a <see cref="SleepLock"/>.
/// </remarks>
[Reentrant]
public sealed class PersonalityDomain : IDomain
{
    private PersonalityState? state;

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        var fileSystem = services.Require<IFileSystem>();
        Reply<FileSystemStatus, Errno> status = fileSystem.GetStatus(context);
        if (!status.IsOk)
        {
            services.Report(Severity.Error, $"the file system does not answer: {status}");
            return DomainError.DependencyFailed;
        }

        var kernel = new KernelServices(
            services.Require<IProcessLoader>(),
            services.Require<IConsole>(),
            services.Require<IEntropy>(),
            services.Require<IKernelReports>());
        string type = services.TryGetText("rootType", out string? text) ? text : "ext4";
        state = new PersonalityState(context, kernel, new Mount(fileSystem, 1, status.Value.RootInode, "root", type));
        state.Stacks.Apply(services);
        var calls = new SystemCalls(state);
        if (!new MountSettings(services, state, calls).Apply(context))
        {
            return DomainError.DependencyFailed;
        }

        services.Provide<ISystem>(calls);
        services.Provide<IProcessObserver>(new ProcessObserver(state));
        services.Provide<IFileExport>(new FileExport(state));
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context) =>
        SystemCalls.SyncAll(context, state!.Mounts) == Errno.None ? default(Unit) : DomainError.DependencyFailed;
}
