using System.Collections.Concurrent;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Boot;
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
internal sealed partial class GenerationFactory : IDisposable
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
    private readonly SimulationOptions? simulated;
    private readonly Thread? builder;
    private readonly ManualResetEventSlim stop = new();
    private readonly Queue<Domain> wanting = new();
    /// <summary>
    /// Held while standbys or the first generation of a reload are made: by threads of the host, which do not need a baton for it.
    /// </summary>
    private readonly Lock makeLock = new();

    /// <summary>Guards the images of domains; never held while something is made.</summary>
    private readonly Lock imageLock = new();
    private readonly Nursery nursery;

    /// <summary>Guarded by <see cref="makeLock"/>. Null: the domain does not rehearse.</summary>
    private readonly Dictionary<Domain, RehearsalStage?> stages = [];
    private uint nextDomainId = DomainId.Kernel.Value + 1;
    private volatile bool isDisposed;

    internal GenerationFactory(
        ExecutorGroup executors, Reclaimer reclaimer, ILogger log, bool plantsFaultSites, SimulationOptions? simulated = null)
    {
        this.simulated = simulated;
        this.reclaimer = reclaimer;
        this.executors = executors;
        nursery = new Nursery(executors, simulated is not null);
        this.log = log;
        this.plantsFaultSites = plantsFaultSites;
        if (simulated is null)
        {
            builder = new Thread(BuildStandbys) { IsBackground = true, Name = "redleaf-standby" };
            builder.Start();
        }
    }

    /// <summary>Makes the stage on which a driver's standbys rehearse, or null when it cannot; set once by the system.</summary>
    internal Func<Domain, RehearsalStage?> MakeStage { get; init; } = _ => null;

    /// <summary>Answers what a rehearsing domain asks of its settings; set once by the system.</summary>
    internal Func<Domain, IDomainServicesBackend>? SettingsOf { get; set; }

    /// <summary>The longest time for one step of a generation's making.</summary>
    internal TimeSpan StepLimit { get; init; } = LoadingLimits.StepLimit;

    /// <summary>Whether all methods of a generation are compiled before it is constructed.</summary>
    internal bool CompilesAhead { get; init; } = true;

    /// <summary>Whether rewritten images are kept.</summary>
    internal bool KeepsImages { get; init; } = true;

    /// <summary>An id that no other generation of this system has.</summary>
    internal uint NewDomainId() => Interlocked.Increment(ref nextDomainId);

    /// <summary>A closed gate for a new generation, known to the executors.</summary>
    internal DomainGate NewGate(
        string name, int executorId, LoadedDomain loaded, DomainLimits limits, long callDeadlineMicros = CallDeadline.None)
    {
        var gate = new DomainGate(NewDomainId(), name, executorId, loaded.IsReentrant, isOpen: false)
        {
            CompletesCalls = loaded.CompletesCalls,
            PollWord = loaded.Context.PollWord,
        };
        executors.Register(gate);
        executors.Limit(gate, new ResourceAccount(limits, executors.UptimeMicros));
        executors.SetDeadline(gate, callDeadlineMicros);
        return gate;
    }

    /// <summary>The trigger that all generations of a domain share.</summary>
    internal FaultTrigger TriggerOf(string domain) => triggers.GetOrAdd(domain, _ => new FaultTrigger());

    /// <summary>Where a domain's code can be made to throw.</summary>
    internal IReadOnlyList<FaultSite> SitesOf(Domain domain) => plantsFaultSites && domain.Image is { } image ? image.Code(hasFaultSites: true).Sites : [];

    /// <summary>Loads code; in a simulation, code that is used again and again. See <see cref="DomainLoader"/>.</summary>
    /// <exception cref="BootException">The image is no domain.</exception>
    internal LoadedDomain Load(RewrittenImage image, int stackLimit, Type contract, string entry, string path)
    {
        if (simulated is null)
        {
            return DomainLoader.Load(image, stackLimit, contract, entry, path);
        }

        LoadedDomain loaded = simulated.Code.Take(image, stackLimit, contract, entry, path);
        if (!loaded.Context.IsInitialized)
        {
            // Only the first simulation in a process that uses the code comes here: it must not be the worse for it.
            simulated.Simulation.IsPaused = true;
            new Initialization(loaded).Prepare();
            simulated.Simulation.IsPaused = false;
        }

        return loaded;
    }

    /// <summary>What becomes of such code when its generation is over; null: it is unloaded.</summary>
    internal Action<DomainLoadContext>? GiveBackOf(LoadedDomain loaded) =>
        simulated is null ? null : _ => simulated.Code.Return(loaded);

    /// <summary>Makes the next generation of a domain, ready to be started.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="rehearses">Whether there is time to rehearse: for a standby, not for a generation that is waited for.</param>
    /// <exception cref="BootException">The image is no domain.</exception>
    internal Generation Make(Domain domain, bool rehearses = false) => Make(domain, ImageOf(domain), rehearses);

    private Generation Make(Domain domain, DomainImage image, bool rehearses)
    {
        (RewrittenImage code, bool hasFaultSites) = CodeOf(domain, image);
        LoadedDomain loaded = Load(
            code, StackBudget.LimitOf(domain.StackSteps), typeof(IDomain), image.Manifest.Entry!, image.Path);
        DomainGate gate = NewGate(domain.Name, domain.Description.ExecutorIndex, loaded, image.Manifest.Limits, domain.CallDeadlineMicros);
        var generation = new Generation(domain.Name, domain.NextNumber(), gate, loaded.Context, GiveBackOf(loaded))
        {
            Image = image,
            IsReclaimedAtDeath = !domain.HasShadow,
            Limits = image.Manifest.Limits,
        };
        bool isMade = false;
        try
        {
            Initialize(domain, generation, loaded, rehearses ? StageOf(domain) : null);
            isMade = true;
        }
        finally
        {
            if (!isMade)
            {
                Discard(generation, "its constructors failed");
            }
        }

        if (hasFaultSites)
        {
            FaultSiteRewriter.Bind(loaded.Assembly, TriggerOf(domain.Name), loaded.Context.PollWord);
        }

        return generation;
    }

    /// <summary>Sees to it that the domain has as many standbys as its policy says; does not wait for them.</summary>
    internal void KeepStandbys(Domain domain)
    {
        if (domain.Description.Restart.StandbyCount == 0 || !domain.HasShadow)
        {
            return;
        }

        if (simulated is not null)
        {
            BuildStandbysLater(domain, simulated.Simulation);
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
            Generation first = Make(domain, image, rehearses: true);
            lock (imageLock)
            {
                domain.ChangeImage(image);
            }

            DiscardStandbys(domain);
            domain.Standbys.Enqueue(first);
        }
    }

    /// <summary>The oldest standby that is made of the present image, or null.</summary>
    internal Generation? TakeStandby(Domain domain)
    {
        while (domain.Standbys.TryDequeue(out Generation? standby))
        {
            if (standby.Image == ImageOf(domain))
            {
                return standby;
            }

            // The image has been changed while it was being made.
            Discard(standby, "not needed");
        }

        return null;
    }

    /// <summary>A generation has started: if it is of the present image, there is no way back to the one before.</summary>
    internal void ConfirmImage(Domain domain, Generation started)
    {
        lock (imageLock)
        {
            if (started.Image == domain.Image)
            {
                domain.ConfirmImage();
            }
        }
    }

    /// <summary>Goes back to the image before a reload, if there is one and what did not start is of the new one.</summary>
    internal bool TryRestoreImage(Domain domain, Generation failed)
    {
        lock (imageLock)
        {
            return failed.Image == domain.Image && domain.TryRestoreImage();
        }
    }

    private DomainImage ImageOf(Domain domain)
    {
        lock (imageLock)
        {
            return domain.Image ?? throw new BootException($"{domain.Name} has not been loaded");
        }
    }

    private void DiscardStandbys(Domain domain)
    {
        while (domain.Standbys.TryDequeue(out Generation? standby))
        {
            Discard(standby, "not needed");
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
        builder?.Join();
        stop.Dispose();
    }

    /// <summary>
    /// Lets go of what threads of domains may touch; comes after the end of the executors. Stages, too: a domain can have kept a
    /// reference into one from its rehearsal, and a check of it reads memory there.
    /// </summary>
    internal void DisposeNursery()
    {
        nursery.Dispose();
        foreach (RehearsalStage? stage in stages.Values)
        {
            stage?.Dispose();
        }
    }

    /// <summary>What is to be loaded of an image.</summary>
    private (RewrittenImage Code, bool HasFaultSites) CodeOf(Domain domain, DomainImage image)
    {
        bool hasFaultSites = plantsFaultSites && (image.Manifest.NeedsDevice || domain.HasShadow);
        bool hasMutants = simulated?.MutatedDomain == domain.Name;
        RewrittenImage code = hasMutants ? image.CodeWithMutants : KeepsImages ? image.Code(hasFaultSites) : image.CodeMadeAnew(hasFaultSites);
        return (code, hasFaultSites || hasMutants);
    }

    /// <summary>Runs the constructors, and the rehearsal if there is a stage, on a thread of the generation.</summary>
    /// <exception cref="BootException">One of them failed or did not end; a rehearsal can only fail to end.</exception>
    private void Initialize(Domain domain, Generation generation, LoadedDomain loaded, RehearsalStage? stage)
    {
        var initialization = new Initialization(loaded, CompilesAhead);
        bool hasEnded = false;
        try
        {
            nursery.Run(generation.Gate, initialization, () => InitializeAndRehearse(domain, generation, initialization, loaded, stage), StepLimit);
            hasEnded = true;
        }
        finally
        {
            if (!hasEnded && stage is not null)
            {
                // Whatever the thread does there still: no other standby meets it. The domain does without rehearsals.
                stages[domain] = null;
            }
        }

        if (generation.Gate.IsDead)
        {
            // Whatever was thrown is the kernel's; the generation's death has a cause.
            string cause = generation.Cause.Length > 0 ? $": {generation.Cause}" : string.Empty;
            throw new BootException($"{loaded.Path}: {initialization.StepName} was broken off{cause}");
        }

        if (initialization.Failure is not null || initialization.Entry is null)
        {
            throw new BootException($"{loaded.Path}: {initialization.Failure ?? $"{initialization.StepName} was broken off"}");
        }

        generation.Adopt(typeof(IDomain), initialization.Entry);
    }

    private void InitializeAndRehearse(
        Domain domain, Generation generation, Initialization initialization, LoadedDomain loaded, RehearsalStage? stage)
    {
        initialization.Run();
        if (stage is not null && SettingsOf is not null && initialization.Entry is not null)
        {
            initialization.Begin("its rehearsal");
            stage.Player = generation.Gate;
            _ = Rehearsal.Run(stage, SettingsOf(domain), loaded);
            stage.Player = null;
        }
    }

    private void Discard(Generation generation, string cause)
    {
        _ = generation.TryDie(executors.UptimeMicros, cause);
        executors.Kill(generation.Gate);
        reclaimer.Add(generation);
    }

    private RehearsalStage? StageOf(Domain domain)
    {
        if (!stages.TryGetValue(domain, out RehearsalStage? stage))
        {
            stage = MakeStage(domain);
            stages.Add(domain, stage);
        }

        return stage;
    }
}
