using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;

namespace RedLeafSharp.Kernel.Supervision;

/// <content>Builds standbys, on a thread of its own, or in the next turn of a simulation.</content>
internal sealed partial class GenerationFactory
{
    /// <summary>Whether a thread of the simulation makes standbys; it waits for others in between.</summary>
    private bool isBuildingInTurn;

    private void BuildStandbys()
    {
        while (!stop.Wait(LookInterval))
        {
            while (!isDisposed && TakeWanting() is { } domain)
            {
                BuildStandbys(domain);
            }
        }
    }

    /// <summary>A thread of the simulation stands in for the builder, and for the time that it takes.</summary>
    private void BuildStandbysLater(Domain domain, Simulation simulation)
    {
        int micros = SimulationLimits.StandbyMicrosMin
            + simulation.Choose(Choice.StandbyDelay, SimulationLimits.StandbyMicrosMax - SimulationLimits.StandbyMicrosMin);
        executors.Executors[0].Start("standby", DomainId.Kernel.Value, context =>
        {
            KernelEvent pause = KernelEvent.Create(context);
            _ = pause.Wait(context, micros);

            // The lock below is the host's: to wait for it with the baton in hand would be to wait for ever.
            while (isBuildingInTurn)
            {
                _ = pause.Wait(context, SimulationLimits.HouseKeepingMicros);
            }

            isBuildingInTurn = true;
            try
            {
                BuildStandbys(domain);
            }
            finally
            {
                isBuildingInTurn = false;
            }
        });
    }

    private Domain? TakeWanting()
    {
        lock (wanting)
        {
            return wanting.TryDequeue(out Domain? domain) ? domain : null;
        }
    }

    private void BuildStandbys(Domain domain)
    {
        // A rehearsal that does not end costs one try: the next ones do without. Whatever else fails would fail again.
        int triesLeft = 2;
        while (!isDisposed && !domain.IsRetired && triesLeft > 0
            && domain.Standbys.Count < domain.Description.Restart.StandbyCount)
        {
            triesLeft -= TryBuildStandby(domain) ? 0 : 1;
        }

        if (domain.IsRetired)
        {
            DropStandbys(domain);
        }
    }

    private bool TryBuildStandby(Domain domain)
    {
        try
        {
            // Under the lock: a reload in between would leave a standby of the old image behind.
            lock (makeLock)
            {
                domain.Standbys.Enqueue(Make(domain, rehearses: true));
            }

            return true;
        }
        catch (BootException exception)
        {
            log.ForContext("EventId", EventIds.StandbyFailed).Error("{Domain}: no standby: {Reason}", domain.Name, exception.Message);
            return false;
        }
    }
}
