using System.Collections.Concurrent;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using Serilog;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// Makes generations out of images, and keeps standbys ready: loaded, static constructors run, compiled, constructed and,
/// if they are drivers, rehearsed.
/// </summary>
internal sealed class GenerationFactory : IDisposable
{
    /// <summary>
    /// Between two looks for domains that want standbys. Waking the builder instead would cost a recovery some 15 us, and what
    /// it makes takes tens of milliseconds anyway.
    /// </summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);

    private readonly ExecutorGroup executors;
    private readonly Reclaimer reclaimer;
    private readonly ILogger log;
    private readonly bool plantsFaultSites;
    private readonly ConcurrentDictionary<string, FaultTrigger> triggers = new(StringComparer.Ordinal);
    private readonly Thread builder;
    private readonly ManualResetEventSlim stop = new();
    private readonly Queue<Domain> wanting = new();
    private readonly Lock makeLock = new();
    private readonly Dictionary<Domain, RehearsalStage> stages = [];
    private uint nextDomainId = DomainId.Kernel.Value + 1;
    private volatile bool isDisposed;

    internal GenerationFactory(ExecutorGroup executors, Reclaimer reclaimer, ILogger log, bool plantsFaultSites)
    {
        this.reclaimer = reclaimer;
        this.executors = executors;
        this.log = log;
        this.plantsFaultSites = plantsFaultSites;
        builder = new Thread(BuildStandbys) { IsBackground = true, Name = "redleaf-standby" };
        builder.Start();
    }

    /// <summary>Makes the stage on which a driver's standbys rehearse, or null when it cannot; set once by the system.</summary>
    internal Func<Domain, RehearsalStage?> MakeStage { get; init; } = _ => null;

    /// <summary>Answers what a rehearsing domain asks of its settings; set once by the system.</summary>
    internal Func<Domain, IDomainServicesBackend>? SettingsOf { get; set; }

    /// <summary>An id that no other generation of this system has.</summary>
    internal uint NewDomainId() => Interlocked.Increment(ref nextDomainId);

    /// <summary>A closed gate for a new generation, known to the executors.</summary>
    internal DomainGate NewGate(string name, int executorId, LoadedEntry loaded)
    {
        var gate = new DomainGate(NewDomainId(), name, executorId, loaded.IsReentrant, isOpen: false)
        {
            CompletesCalls = loaded.CompletesCalls,
            PollWord = loaded.Context.PollWord,
        };
        executors.Register(gate);
        return gate;
    }

    /// <summary>The trigger that all generations of a domain share.</summary>
    internal FaultTrigger TriggerOf(string domain) => triggers.GetOrAdd(domain, _ => new FaultTrigger());

    /// <summary>Where a domain's code can be made to throw.</summary>
    internal IReadOnlyList<FaultSite> SitesOf(Domain domain) => plantsFaultSites ? domain.Image.Code(hasFaultSites: true).Sites : [];

    /// <summary>Makes the next generation of a domain, ready to be started.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="rehearses">Whether there is time to rehearse: for a standby, not for a generation that is waited for.</param>
    /// <exception cref="BootException">The image is no domain.</exception>
    internal Generation Make(Domain domain, bool rehearses = false)
    {
        lock (makeLock)
        {
            DomainImage image = domain.Image;
            RehearsalStage? stage = rehearses ? StageOf(domain) : null;
            bool hasFaultSites = plantsFaultSites && image.Manifest.NeedsDevice;
            LoadedEntry loaded = DomainLoader.Load(
                image.Code(hasFaultSites),
                StackBudget.LimitOf(domain.StackSteps),
                typeof(IDomain),
                image.Manifest.Entry!,
                image.Path,
                isPrepared: true);
            Rehearse(stage, domain, loaded);
            if (hasFaultSites)
            {
                FaultSiteRewriter.Bind(loaded.Assembly, TriggerOf(domain.Name));
            }

            DomainGate gate = NewGate(domain.Name, domain.Description.ExecutorIndex, loaded);
            return new Generation(domain.Name, ++domain.GenerationCount, gate, loaded, typeof(IDomain))
            {
                Image = image,
                IsReclaimedAtDeath = !domain.HasShadow,
            };
        }
    }

    /// <summary>Sees to it that the domain has as many standbys as its policy says; does not wait for them.</summary>
    internal void KeepStandbys(Domain domain)
    {
        if (domain.Description.Restart.StandbyCount == 0 || !domain.HasShadow)
        {
            return;
        }

        lock (wanting)
        {
            wanting.Enqueue(domain);
        }
    }

    /// <summary>Gives the standbys of a domain up for good: it will not be restarted any more.</summary>
    internal void DropStandbys(Domain domain)
    {
        domain.IsRetired = true;
        DiscardStandbys(domain);
    }

    /// <summary>
    /// Changes what the next generations of a domain are made of, and makes the first of them, which is the next to take over.
    /// </summary>
    /// <exception cref="BootException">The new image is no domain; nothing has changed then.</exception>
    internal void ChangeImage(Domain domain, DomainImage image)
    {
        lock (makeLock)
        {
            domain.ChangeImage(image);
            try
            {
                Generation first = Make(domain, rehearses: true);
                DiscardStandbys(domain);
                domain.Standbys.Enqueue(first);
            }
            catch (BootException)
            {
                _ = domain.TryRestoreImage();
                throw;
            }
        }
    }

    /// <summary>Goes back to the image before a reload, if there is one, and drops what was made of the new one.</summary>
    internal bool TryRestoreImage(Domain domain)
    {
        lock (makeLock)
        {
            bool isRestored = domain.TryRestoreImage();
            if (isRestored)
            {
                DiscardStandbys(domain);
            }

            return isRestored;
        }
    }

    private void DiscardStandbys(Domain domain)
    {
        while (domain.Standbys.TryDequeue(out Generation? standby))
        {
            _ = standby.TryDie(executors.UptimeMicros, "not needed");
            executors.Kill(standby.Gate);
            reclaimer.Add(standby);
        }
    }

    /// <summary>Where an injected fault has struck in a domain since the last call; empty when none did.</summary>
    internal string TakeCrashSite(Domain domain)
    {
        FaultFiring? firing = plantsFaultSites ? TriggerOf(domain.Name).LastFiring : null;
        if (firing is null || firing == domain.LastFiring)
        {
            return string.Empty;
        }

        domain.LastFiring = firing;
        domain.SiteNames ??= [.. SitesOf(domain).Select(site => site.ToString())];
        return domain.SiteNames[firing.Site];
    }

    public void Dispose()
    {
        isDisposed = true;
        stop.Set();
        builder.Join();
        foreach (RehearsalStage stage in stages.Values)
        {
            stage.Dispose();
        }

        stop.Dispose();
    }

    private void Rehearse(RehearsalStage? stage, Domain domain, LoadedEntry loaded)
    {
        if (stage is not null && SettingsOf is not null)
        {
            Rehearsal.Run(stage, SettingsOf(domain), loaded);
        }
    }

    private RehearsalStage? StageOf(Domain domain)
    {
        if (!stages.TryGetValue(domain, out RehearsalStage? stage) && MakeStage(domain) is { } made)
        {
            stages.Add(domain, made);
            stage = made;
        }

        return stage;
    }

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

    private Domain? TakeWanting()
    {
        lock (wanting)
        {
            return wanting.TryDequeue(out Domain? domain) ? domain : null;
        }
    }

    private void BuildStandbys(Domain domain)
    {
        try
        {
            while (!isDisposed && !domain.IsRetired && domain.Standbys.Count < domain.Description.Restart.StandbyCount)
            {
                // Under the lock: a reload in between would leave a standby of the old image behind.
                lock (makeLock)
                {
                    domain.Standbys.Enqueue(Make(domain, rehearses: true));
                }
            }

            if (domain.IsRetired)
            {
                DropStandbys(domain);
            }
        }
        catch (BootException exception)
        {
            log.ForContext("EventId", EventIds.StandbyFailed).Error("{Domain}: no standby: {Reason}", domain.Name, exception.Message);
        }
    }
}
