using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Processes;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Kernel;

/// <summary>A program of the host that runs as a process of the system.</summary>
/// <param name="context">The process's own context.</param>
/// <param name="system">The POSIX calls.</param>
/// <returns>The exit status, 0 to 255.</returns>
public delegate int HostProgram(CallContext context, ISystem system);

/// <summary>
/// One running system: machine, executors, domains. Several can run in one process; they share nothing.
/// </summary>
public sealed partial class RedLeafSystem : IDisposable
{
    /// <summary>128 plus the number of SIGKILL: what a shell reports of a killed process.</summary>
    internal const int KilledStatus = 137;

    private readonly ExchangeHeap heap;
    private readonly ExecutorGroup executors;
    private readonly Hardware hardware;
    private readonly Reclaimer reclaimer;
    private readonly GenerationFactory factory;
    private readonly Supervisor supervisor;
    private readonly DomainRegistry registry = new();
    private readonly TimedWork timers;
    private readonly ProcessLoader processes;
    private readonly BootOptions options;
    private readonly DomainLayout layout;
    private readonly Lock shutdownLock = new();
    private LimitWatch? limits;
    private bool isShutDown;
    private bool isDisposed;

    private RedLeafSystem(SystemDescription description, BootOptions options)
    {
        this.options = options;
        layout = new DomainLayout(description, options);
        try
        {
            heap = new ExchangeHeap(description.ExchangeHeapMebibytes << 20);
            executors = new ExecutorGroup(
                heap,
                new ExecutorOptions
                {
                    Count = description.ExecutorCount,
                    StopPatience = options.EndPatience,
                    Simulation = options.Simulation?.Simulation,
                    Threads = options.Simulation?.Code.Threads,
                });
            timers = new TimedWork(executors);
            hardware = new Hardware(description, options, heap, executors);
            bool isSimulated = options.Simulation is not null;
            reclaimer = new Reclaimer(executors, heap, options.Log, isSimulated);
            factory = new GenerationFactory(executors, reclaimer, options.Log, options.CrashSites, options.Simulation)
            {
                MakeStage = isSimulated ? _ => null : hardware.MakeStage,
                StepLimit = options.ConstructorPatience,
                CompilesAhead = options.CompilesAhead,
                KeepsImages = options.KeepsImages,
            };
            supervisor = new Supervisor(executors, factory, reclaimer, options.Log) { ServicesFor = MakeServices };
            factory.SettingsOf = domain => new DomainServicesBackend(domain, domain.Current!, registry, supervisor, options.Log);
            executors.FaultSink = supervisor;
            executors.LimitExceeded = supervisor.OnLimit;
            executors.DeadlineExceeded = supervisor.OnLate;
            executors.DeadlockFound = circle => options.Log.ForContext("EventId", EventIds.Deadlock).Warning(
                "a wait that nothing could end was broken off: {Circle}", circle);
            processes = new ProcessLoader(executors, factory, supervisor, reclaimer, heap, options.Log);
            registry.AddService(typeof(IProcessLoader), processes);
            registry.AddService(typeof(IConsole), new ConsoleService(options.Console, new KernelEvent(executors)));
            registry.AddService(typeof(IEntropy), new EntropyService(options.Simulation?.Simulation));
            registry.AddService(typeof(IKernelReports), new KernelReports(registry, supervisor, reclaimer, heap));
        }
        catch (Exception exception)
        {
            Dispose();
            if (exception is IOException or OutOfMemoryException)
            {
                throw new BootException($"the system gives no memory: {exception.Message}");
            }

            throw;
        }
    }

    /// <summary>The recoveries so far, oldest first.</summary>
    public IReadOnlyList<RestartRecord> Restarts => supervisor.Restarts;

    /// <summary>What has become of dead generations and ended processes, oldest first.</summary>
    public IReadOnlyList<ReclaimRecord> Reclaims => reclaimer.Records;

    /// <summary>How many dead generations have been reclaimed since the boot, and how many are held.</summary>
    public ReclaimTotals ReclaimTotals => reclaimer.Totals;

    /// <summary>Bytes that all disks have read and written so far; may be asked from any thread.</summary>
    public long DiskBytes => hardware.TransferredBytes;

    /// <summary>Boots a system.</summary>
    /// <exception cref="BootException">Something that the user named is missing or wrong, or a domain does not start.</exception>
    public static RedLeafSystem Boot(SystemDescription description, BootOptions options)
    {
        var system = new RedLeafSystem(description, options);
        try
        {
            system.layout.Load(system.registry, system.hardware, system.processes);
            options.Simulation?.Prepare(system);
            system.RunInKernel("boot", system.StartDomains);
            system.KeepHouse();
            return system;
        }
        catch
        {
            // What has started is stopped: a file system that is mounted already is not left so.
            system.RunInKernel("boot", context => _ = system.StopDomains(context));
            system.Dispose();
            throw;
        }
    }

    /// <summary>Runs a program of the host as a process of the system, and waits for its end.</summary>
    /// <param name="name">What ps shows.</param>
    /// <param name="program">The program; it runs on a thread of the system.</param>
    /// <returns>Its exit status; 137 when the system was shut down or disposed of meanwhile.</returns>
    /// <remarks>Threads of the host may call it at the same time. What the program throws, this throws.</remarks>
    public int Run(string name, HostProgram program)
    {
        if (processes.System is not { } system || processes.Observer is not { } observer)
        {
            throw new BootException("the system has no domain that provides ISystem and IProcessObserver");
        }

        DomainGate gate = processes.AdoptHost(name);
        var process = new DomainId(gate.Id);
        int status = KilledStatus;
        try
        {
            RunInKernel(name, context => Check(observer.Adopt(context, process, Encoding.UTF8.GetBytes(name + "\0")), "Adopt"));
            try
            {
                var thread = new HostThread(executors.Executors[0], name, gate.Id, context => status = program(context, system));
                processes.Track(thread.Thread);
                thread.Join();
            }
            finally
            {
                RunInKernel(name, context => _ = observer.Ended(context, process, status, Fault.None));
            }
        }
        finally
        {
            processes.ForgetHost(gate);
        }

        return status;
    }

    /// <summary>Makes the driver domains throw; the system must have been booted with <see cref="BootOptions.CrashSites"/>.</summary>
    public CrashInjector Crashes(string domainName)
    {
        Domain domain = registry.Find(domainName);
        return options.CrashSites
            ? new CrashInjector(factory.TriggerOf(domainName), [.. factory.SitesOf(domain).Select(site => site.ToString())])
            : throw new InvalidOperationException("the system has been booted without crash sites");
    }

    /// <summary>
    /// Kills the present generation of a domain; its shadow, if it has one, brings up the next. Any thread may call it. At
    /// its return nobody enters the generation any more.
    /// </summary>
    public void Kill(string domainName)
    {
        if (registry.Find(domainName).Current is { } generation)
        {
            supervisor.Kill(generation, "killed from outside");
        }
    }

    /// <summary>
    /// Puts a newer binary in the place of a running domain without losing a call; the present one is used until the shadow's next
    /// call. Any thread may call it.
    /// </summary>
    /// <param name="domainName">The domain; it must have a shadow.</param>
    /// <exception cref="BootException">There is no such domain, or the folder does not hold what can take its place.</exception>
    public void Reload(string domainName)
    {
        Domain domain = FindNamed(domainName);
        supervisor.Reload(domain, layout.ReadAgain(domain.Description));
    }

    /// <summary>
    /// Loads a domain that the system runs without, from its folder: its shadow brings it up at once. Any thread may call it.
    /// </summary>
    /// <param name="domainName">A domain that starts later, has been unloaded, or has been given up.</param>
    /// <exception cref="BootException">It is there already, its shadow cannot do without it, or the folder is wrong.</exception>
    public void Load(string domainName)
    {
        Domain domain = FindNamed(domainName);
        supervisor.Load(domain, layout.ReadAgain(domain.Description));
    }

    /// <summary>
    /// Takes a domain away whose shadow can do without it; what was in flight is given back above. Any thread may call it.
    /// </summary>
    /// <exception cref="BootException">There is no such domain, it is not loaded, or its shadow cannot do without it.</exception>
    public void Unload(string domainName) => supervisor.Unload(FindNamed(domainName));

    /// <summary>What the shadow of the disk's driver has done so far.</summary>
    public ShadowStatistics GetShadowStatistics()
    {
        ShadowStatistics statistics = default;
        if (registry.Domains.Select(domain => domain.Current?.FindProvided(typeof(IShadowStatistics))).OfType<IShadowStatistics>()
            .FirstOrDefault() is { } source)
        {
            RunInKernel("statistics", context => statistics = source.GetStatistics(context).Value);
        }

        return statistics;
    }

    /// <summary>Waits until all dead generations have been reclaimed, or reported as held.</summary>
    /// <returns>False when <paramref name="bound"/> is over first.</returns>
    public bool WaitForReclaims(TimeSpan bound) => reclaimer.WaitUntilIdle(bound);

    /// <summary>
    /// Counts the exchange heap. With one executor it is exact at any time: its threads stand still meanwhile. With several
    /// it is exact while no process runs.
    /// </summary>
    public SystemCensus Census()
    {
        SystemCensus? census = null;
        RunInKernel("census", _ => census = CountNow());
        return census!;
    }

    /// <summary>
    /// Ends all processes, then stops the domains in reverse order: the file system is unmounted. Any thread of the host may call
    /// it, and each call returns when all of that has been done: a thread that finds the system being shut down by another one (a
    /// signal's) must not go on to <see cref="Dispose"/> under the unmount.
    /// </summary>
    /// <exception cref="BootException">
    /// A domain did not stop cleanly, or a process did not end within <see cref="BootOptions.EndPatience"/>; the message says
    /// which and why.
    /// </exception>
    public void Shutdown()
    {
        string? failure;
        lock (shutdownLock)
        {
            if (isShutDown)
            {
                return;
            }

            isShutDown = true;
            failure = EndProcessesAndStop();
        }

        if (failure is not null)
        {
            throw new BootException(failure);
        }
    }

    /// <summary>
    /// Lets everything go, without unmounting; call <see cref="Shutdown"/> first. Memory and devices that a thread which
    /// cannot be ended may still touch are left as they are.
    /// </summary>
    public void Dispose()
    {
        if (isDisposed)
        {
            return;
        }

        // The constructor calls this too, when a part could not be made. Makers of generations end first, then those who look
        // into the executors, then the threads that run domains, and last what domains and devices work on.
        isDisposed = true;
        limits?.Dispose();
        factory?.Dispose();
        reclaimer?.Dispose();
        executors?.Dispose();
        if (executors is { HasStragglers: true })
        {
            options.Log.ForContext("EventId", EventIds.NotEnded).Error("threads of domains are still computing: memory and devices stay");
            return;
        }

        UnloadAll();
        factory?.DisposeNursery();
        hardware?.Dispose();
        heap?.Dispose();
    }

    private static void Check<T>(Reply<T, Errno> reply, string call)
        where T : unmanaged
    {
        if (!reply.IsOk)
        {
            throw new BootException($"the personality's {call} answered {reply}");
        }
    }

    private SystemCensus CountNow()
    {
        long total = heap.CountAll().Bytes;
        IEnumerable<(uint Id, string Name)> owners = registry.Domains
            .Select(domain => domain.Current)
            .OfType<Generation>()
            .Where(generation => generation.DiedMicros == 0)
            .Select(generation => (generation.Id, $"{generation.DomainName}.{generation.Number}"))
            .Concat(processes.Living.Select(process => (process.Domain, $"{process.Name} (process {process.Domain})")));
        var byDomain = owners.ToDictionary(owner => owner.Name, owner => heap.Count(owner.Id).Bytes, StringComparer.Ordinal);
        return new SystemCensus(total, byDomain, total - byDomain.Values.Sum());
    }

    /// <summary>Unloads what has not been reclaimed: no thread is left, so nothing has to be proven first.</summary>
    private void UnloadAll()
    {
        foreach (Domain domain in registry.Domains)
        {
            domain.Current?.Detach();
            while (domain.Standbys.TryDequeue(out Generation? standby))
            {
                standby.Detach();
            }
        }

        processes?.DetachAll();
        reclaimer?.DetachAll();
    }

    private Domain FindNamed(string domainName) => registry.Domains.FirstOrDefault(one => one.Name == domainName)
        ?? throw new BootException($"the system has no domain '{domainName}'");

    private DomainServices MakeServices(Domain domain, Generation generation) =>
        new(new DomainServicesBackend(domain, generation, registry, supervisor, options.Log));

    /// <summary>Runs a body as the kernel, on the first executor, and waits for its end.</summary>
    internal void RunInKernel(string name, ThreadBody body) =>
        new HostThread(executors.Executors[0], name, DomainId.Kernel.Value, body).Join();
}
