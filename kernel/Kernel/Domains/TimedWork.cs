using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Executors;

namespace RedLeafSharp.Kernel.Domains;

/// <summary>Calls the domains that have something to do in time: one thread for each, on the domain's executor.</summary>
internal sealed class TimedWork(ExecutorGroup executors)
{
    /// <summary>A domain that always asks to be called at once would otherwise keep its executor from all others.</summary>
    private const long PauseMicrosMin = 1000;

    private readonly List<KernelEvent> wakes = [];
    private volatile bool isStopped;

    /// <summary>Starts to call a domain that has just been started, if it wants to be called.</summary>
    internal void Start(Domain domain)
    {
        if (domain.Current!.FindProvided(typeof(ITimedWork)) is ITimedWork work)
        {
            var wake = new KernelEvent(executors);
            wakes.Add(wake);
            executors.Executors[domain.Description.ExecutorIndex]
                .Start($"{domain.Name}'s timer", DomainId.Kernel.Value, context => Run(context, work, wake));
        }
    }

    /// <summary>Ends all calls: the domains are about to be stopped.</summary>
    internal void Stop()
    {
        isStopped = true;
        wakes.ForEach(wake => wake.Signal());
    }

    private void Run(CallContext context, ITimedWork work, KernelEvent wake)
    {
        while (!isStopped)
        {
            Reply<long, DomainError> reply = work.DoDue(context, wake);
            if (!reply.IsOk || wake.Wait(context, Math.Max(reply.Value, PauseMicrosMin)) == WaitResult.Deadlock)
            {
                return;
            }
        }
    }
}
