using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using Serilog;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// What happens when a domain dies: mark it dead, fence its device, bring up the next generation, reclaim later.
/// </summary>
/// <remarks>
/// A death is noticed by the exception barrier of a proxy, on the thread that was inside. The next generation is brought up by
/// <see cref="Recover"/>, on the thread of the shadow that needs it: nothing else has to be scheduled first, and nobody
/// waits who does not need the driver. Unloading happens on a thread of the host, off the path.
/// </remarks>
internal sealed partial class Supervisor : IFaultSink
{
    private readonly ExecutorGroup executors;
    private readonly GenerationFactory factory;
    private readonly Reclaimer reclaimer;
    private readonly ILogger log;
    private readonly Lock recordLock = new();
    private readonly RecordLog<RestartRecord> restarts = new();

    internal Supervisor(ExecutorGroup executors, GenerationFactory factory, Reclaimer reclaimer, ILogger log)
    {
        this.executors = executors;
        this.factory = factory;
        this.reclaimer = reclaimer;
        this.log = log;
    }

    /// <summary>The latest recoveries, oldest first.</summary>
    internal IReadOnlyList<RestartRecord> Restarts
    {
        get
        {
            lock (recordLock)
            {
                return restarts.Kept;
            }
        }
    }

    /// <summary>How the domain services of a new generation are made; set once by the system.</summary>
    internal required Func<Domain, Generation, DomainServices> ServicesFor { get; init; }

    /// <summary>The exception barrier of a proxy has caught something.</summary>
    void IFaultSink.OnFault(ThreadContext thread, DomainGate gate, string exceptionTypeName)
    {
        if (gate.Domain is Generation generation)
        {
            Die(generation, exceptionTypeName, EventIds.DomainFaulted);
        }
    }

    /// <summary>
    /// Kills a generation that does not behave, or is no longer wanted. Any thread may call it: at its return nobody enters
    /// the generation any more. Its device is fenced by a thread of its executor, since driver and device model run there
    /// and know no locks; or by <see cref="Recover"/>, if that is faster.
    /// </summary>
    internal void Kill(Generation generation, string cause, int eventId = EventIds.DomainKilled)
    {
        if (!TryMarkDead(generation, cause, eventId))
        {
            return;
        }

        BuryAtHome(generation);
    }

    /// <summary>A domain has exceeded a limit. Called by the executors' watchdog.</summary>
    internal void OnLimit(DomainGate gate, string cause)
    {
        if (gate.Domain is Generation generation)
        {
            Kill(generation, cause, EventIds.LimitExceeded);
        }
    }

    /// <summary>A call into a domain has taken longer than it may. Called by the executors' watchdog.</summary>
    internal void OnLate(DomainGate gate, string cause)
    {
        if (gate.Domain is Generation generation)
        {
            Kill(generation, cause, EventIds.CallLate);
        }
    }

    /// <summary>Closes a generation that has ended by itself.</summary>
    internal void Retire(Generation generation)
    {
        _ = generation.TryDie(executors.UptimeMicros, "ended");
        executors.Kill(generation.Gate);
        BuryAtHome(generation);
    }

    /// <summary>Starts the first generation of a domain.</summary>
    /// <exception cref="BootException">It does not start.</exception>
    internal void StartFirst(CallContext context, Domain domain)
    {
        Generation generation = factory.Make(domain);
        domain.Current = generation;
        Reply<Unit, DomainError> reply = Start(context, domain, generation);
        if (!reply.IsOk)
        {
            string reason = domain.LastError
                ?? (reply.IsFault ? $"its Start faulted ({generation.Cause})" : $"its Start answered {reply.Error}");
            Die(generation, "its Start failed", EventIds.DomainKilled);
            throw new BootException($"{domain.Name} cannot start: {reason}") { IsAboutData = reply.Error == DomainError.BadData };
        }

        factory.KeepStandbys(domain);
    }

    /// <summary>Brings up the next generation of a domain, on the caller's thread. Called by its shadow.</summary>
    internal Reply<uint, DomainError> Recover(CallContext context, Domain domain)
    {
        if (domain.HasGivenUp || domain.IsRecovering)
        {
            return Reply<uint, DomainError>.FromFault(domain.HasGivenUp ? Fault.GaveUp : Fault.Busy);
        }

        // A shadow that is re-entrant may ask again while its first request waits for the back-off or the new driver.
        Generation? before = domain.Current;
        domain.IsRecovering = true;
        int excuse = ExecutorGroup.Excuse(context.Thread);
        try
        {
            return BringUpNext(context, domain);
        }
        finally
        {
            ExecutorGroup.EndExcuse(context.Thread, excuse);
            domain.IsRecovering = false;
            if (before is not null && domain.Current != before)
            {
                reclaimer.Add(before);
            }
        }
    }

    private Reply<uint, DomainError> BringUpNext(CallContext context, Domain domain)
    {
        Generation? dead = domain.Current;
        if (dead is not null)
        {
            Die(dead, "its shadow asked for another generation", EventIds.DomainKilled);
        }

        bool isLoad = domain.TakeLoad();
        bool isFree = isLoad;
        long noticedMicros = isLoad || dead is null ? context.UptimeMicros : dead.DiedMicros;
        while (domain.IsLoaded)
        {
            long waitMicros = 0;
            isFree |= domain.TakeReload();
            if (!isFree && !domain.Budget.TryRestart(context.UptimeMicros, LifeOf(dead), out waitMicros))
            {
                return GiveUp(domain, dead);
            }

            isFree = false;
            BackOff(context, waitMicros);

            // Grants that the shadow made between the death and this call end here too: it makes all of them again.
            domain.Window?.Fence();
            Generation? next = factory.TakeStandby(domain);
            bool isWarm = next is not null;
            next ??= TryMake(domain);
            if (next is null)
            {
                continue;
            }

            // From here on the next generation is the one to fence and to reclaim, even if this thread is unwound.
            domain.Current = next;
            Reply<Unit, DomainError> reply = Start(context, domain, next);
            if (reply.IsOk && domain.IsLoaded)
            {
                factory.ConfirmImage(domain, next);
                Promote(context, domain, isLoad ? null : dead, next, noticedMicros, isWarm);
                return next.Number;
            }

            if (reply.IsOk)
            {
                break; // taken out of the system meanwhile
            }

            log.ForContext("EventId", EventIds.RecoveryFailed).Warning(
                "{Domain}.{Generation}: did not start: {Reason}", domain.Name, next.Number, domain.LastError ?? reply.ToString());
            Die(next, "its Start failed", EventIds.DomainKilled);
            if (isLoad)
            {
                domain.MarkUnloaded();
                break;
            }

            reclaimer.Add(dead!);
            dead = next;
            if (factory.TryRestoreImage(domain, next))
            {
                log.ForContext("EventId", EventIds.ReloadUndone).Error(
                    "{Domain}: the newer binary does not start; the one before takes over again", domain.Name);
            }
        }

        return RefuseAbsent(domain);
    }

    private static long LifeOf(Generation? dead) => dead is null ? 0 : dead.DiedMicros - dead.StartedMicros;

    /// <summary>A generation that cannot even be made counts as one that did not start: the shadow is not to blame.</summary>
    private Generation? TryMake(Domain domain)
    {
        try
        {
            return factory.Make(domain);
        }
        catch (BootException exception)
        {
            log.ForContext("EventId", EventIds.RecoveryFailed).Warning(
                "{Domain}.{Generation}: could not be made: {Reason}", domain.Name, domain.GenerationCount, exception.Message);
            return null;
        }
    }

    private static void BackOff(CallContext context, long waitMicros)
    {
        if (waitMicros > 0)
        {
            _ = KernelEvent.Create(context).Wait(context, waitMicros);
        }
    }

    private Reply<Unit, DomainError> Start(CallContext context, Domain domain, Generation generation)
    {
        domain.LastError = null;
        if (domain.Device is { } device)
        {
            generation.Device = new PciFunction(device, domain.Window!);
        }

        generation.StartedMicros = context.UptimeMicros;
        generation.Open();
        Reply<Unit, DomainError> reply = ((IDomain)generation.Entry!).Start(context, ServicesFor(domain, generation));
        if (reply.IsOk)
        {
            log.ForContext("EventId", EventIds.DomainStarted).Debug(
                "{Domain}.{Generation}: started as domain {DomainId} from image {Hash}",
                domain.Name,
                generation.Number,
                generation.Id,
                generation.Image?.Hash);
        }

        return reply;
    }

    private void Promote(
        CallContext context, Domain domain, Generation? dead, Generation next, long noticedMicros, bool isWarm)
    {
        string crashSite = factory.TakeCrashSite(domain);
        factory.KeepStandbys(domain);
        if (dead is null)
        {
            log.ForContext("EventId", EventIds.Loaded).Information(
                "{Domain}.{Generation}: has been put into the running system", domain.Name, next.Number);
            return;
        }

        reclaimer.Add(dead);

        // Taken last: all of the above stands between the death and the shadow's replay.
        double recoveryMicros = context.UptimeMicros - noticedMicros;
        var record = new RestartRecord(
            TimeSpan.FromMicroseconds(noticedMicros), domain.Name, next.Number, dead.Cause, crashSite, recoveryMicros, isWarm);
        lock (recordLock)
        {
            restarts.Add(record);
        }

        log.ForContext("EventId", EventIds.Recovered).Information(
            "{Domain}.{Generation}: took over after {Cause} in {RecoveryMicros} us ({Kind} standby)",
            domain.Name, next.Number, record.Cause, record.RecoveryMicros, isWarm ? "warm" : "no");
    }

    private Reply<uint, DomainError> GiveUp(Domain domain, Generation? dead)
    {
        domain.HasGivenUp = true;
        if (dead is not null)
        {
            reclaimer.Add(dead);
        }

        factory.DropStandbys(domain);
        log.ForContext("EventId", EventIds.GaveUp).Error(
            "{Domain}.{Generation}: the restart budget of {RestartsMax} in {WindowSeconds} s is spent; it stays dead",
            domain.Name, dead?.Number ?? 0, domain.Description.Restart.RestartsMax, domain.Description.Restart.WindowSeconds);
        return Reply<uint, DomainError>.FromFault(Fault.GaveUp);
    }

    /// <summary>
    /// Marks dead, flags the threads inside, takes the device away. On the generation's executor, to which its shadow belongs
    /// too. Of the dead it only makes sure that the device is fenced.
    /// </summary>
    private void Die(Generation generation, string cause, int eventId)
    {
        _ = TryMarkDead(generation, cause, eventId);
        Bury(generation);
    }

    private bool TryMarkDead(Generation generation, string cause, int eventId)
    {
        if (!generation.TryDie(executors.UptimeMicros, cause))
        {
            return false;
        }

        executors.Kill(generation.Gate);
        log.ForContext("EventId", eventId).Warning(
            "{Domain}.{Generation}: died: {Cause}", generation.DomainName, generation.Number, cause);
        return true;
    }

    private void BuryAtHome(Generation generation)
    {
        if (generation.Device is null)
        {
            Bury(generation);
        }
        else
        {
            StartFence(generation);
        }
    }

    /// <summary>Has the device fenced by a thread of its executor. The caller may be the watchdog, which nothing may end.</summary>
    private void StartFence(Generation generation)
    {
        try
        {
            executors.Executors[generation.Gate.HomeExecutorId].Start("fence", DomainId.Kernel.Value, _ => Bury(generation));
        }
        catch (ObjectDisposedException)
        {
            // The executors are being stopped, and nothing drives the device any more.
        }
        catch (OutOfMemoryException exception)
        {
            log.ForContext("EventId", EventIds.NotReclaimed).Error(
                "{Domain}.{Generation}: its device is not fenced: {Reason}", generation.DomainName, generation.Number, exception.Message);
            reclaimer.Add(generation);
        }
    }

    private void Bury(Generation generation)
    {
        if (generation.TakeDevice() is { } device)
        {
            device.Fence();
            generation.NoteFenced();
            log.ForContext("EventId", EventIds.DeviceFenced).Debug(
                "{Domain}.{Generation}: device fenced and reset", generation.DomainName, generation.Number);
        }

        if (generation.IsReclaimedAtDeath)
        {
            reclaimer.Add(generation);
        }
    }
}
