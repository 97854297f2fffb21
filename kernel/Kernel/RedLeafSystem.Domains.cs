using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Supervision;

namespace RedLeafSharp.Kernel;

/// <content>Starts the domains in the order of the system file, and stops them in the reverse one.</content>
public sealed partial class RedLeafSystem
{
    private void StartDomains(CallContext context)
    {
        foreach (Domain domain in registry.Domains.Where(one => one.IsLoaded))
        {
            StartFirst(context, domain);
            StartBackgroundWork(domain);
            timers.Start(domain);
            processes.System ??= (ISystem?)domain.Current!.FindProvided(typeof(ISystem));
            processes.Observer ??= (IProcessObserver?)domain.Current!.FindProvided(typeof(IProcessObserver));
        }

        options.Log.ForContext("EventId", EventIds.Booted).Information("booted {DomainCount} domains", registry.Domains.Count);
    }

    /// <summary>A domain does not know which file its disk is; whoever reads the message wants to.</summary>
    private void StartFirst(CallContext context, Domain domain)
    {
        try
        {
            supervisor.StartFirst(context, domain);
        }
        catch (BootException exception) when (exception.IsAboutData && options.DiskPath is not null)
        {
            throw new BootException($"{options.DiskPath}: {exception.Message}");
        }
    }

    /// <summary>A domain with work of its own gets a thread; it comes back when the domain is stopped, or is unwound.</summary>
    private void StartBackgroundWork(Domain domain)
    {
        if (domain.Current!.FindProvided(typeof(IBackgroundWork)) is IBackgroundWork work)
        {
            executors.Executors[domain.Description.ExecutorIndex]
                .Start(domain.Name, DomainId.Kernel.Value, context => _ = work.Run(context));
        }
    }

    private string? EndProcessesAndStop()
    {
        processes.Close();
        IReadOnlyList<string> running = processes.WaitUntilIdle(options.EndPatience);
        if (running.Count > 0)
        {
            return $"the process {string.Join(", ", running)} computes without a call or a wait and cannot be ended; the domains were not stopped";
        }

        string? failure = null;
        RunInKernel("shutdown", context => failure = StopDomains(context));
        options.Log.ForContext("EventId", EventIds.ShutDown).Information("shut down");
        return failure;
    }

    private string? StopDomains(CallContext context)
    {
        string? failure = null;
        timers.Stop();
        foreach (Domain domain in registry.Domains.Reverse())
        {
            if (domain.Current is not { DiedMicros: 0 } generation)
            {
                continue;
            }

            domain.LastError = null;
            Reply<Unit, DomainError> reply = ((IDomain)generation.Entry!).Stop(context);
            if (!reply.IsOk)
            {
                failure ??= $"{domain.Name} did not stop cleanly: {domain.LastError ?? reply.ToString()}";
            }

            supervisor.Retire(generation);
            factory.DropStandbys(domain);
            reclaimer.Add(generation);
            options.Log.ForContext("EventId", EventIds.DomainStopped).Debug(
                "{Domain}.{Generation}: stopped", generation.DomainName, generation.Number);
        }

        return failure;
    }

    /// <summary>From now on limits are watched; in a simulation, in its rounds, in which the dead are reclaimed, too.</summary>
    private void KeepHouse()
    {
        limits = new LimitWatch(registry, processes, heap, supervisor, isSimulated: options.Simulation is not null);
        if (options.Simulation is { } simulated)
        {
            simulated.Simulation.HouseKeeping = () =>
            {
                reclaimer.MakeRound();
                limits.MakeRound();
            };
        }
    }
}
