using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Memory;
using Serilog;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>Makes programs into domains, one for each process, and runs them on threads of their own.</summary>
/// <remarks>Called by the personality on its executor, by ending processes on the first one, and by threads of the host.</remarks>
internal sealed class ProcessLoader : IProcessLoader
{
    private readonly Dictionary<string, (DomainImage Image, string Entry)> programs = new(StringComparer.Ordinal);

    /// <summary>Guards the fields below.</summary>
    private readonly Lock stateLock = new();
    private readonly Dictionary<uint, Generation> processes = [];
    private readonly Dictionary<uint, DomainGate> hostProcesses = [];
    private readonly List<KernelThread> threads = [];
    private bool isClosed;

    private readonly ExecutorGroup executors;
    private readonly GenerationFactory factory;
    private readonly Supervisor supervisor;
    private readonly Reclaimer reclaimer;
    private readonly ExchangeHeap heap;
    private readonly ILogger log;

    internal ProcessLoader(
        ExecutorGroup executors, GenerationFactory factory, Supervisor supervisor, Reclaimer reclaimer, ExchangeHeap heap, ILogger log)
    {
        this.executors = executors;
        this.factory = factory;
        this.supervisor = supervisor;
        this.reclaimer = reclaimer;
        this.heap = heap;
        this.log = log;
    }

    /// <summary>The personality's contracts, known once it has started.</summary>
    internal ISystem? System { get; set; }

    internal IProcessObserver? Observer { get; set; }

    /// <summary>The domains of all processes that have not ended, with their names.</summary>
    internal IReadOnlyList<(uint Domain, string Name)> Living
    {
        get
        {
            lock (stateLock)
            {
                return
                [
                    .. processes.Values.Select(process => (process.Id, process.DomainName)),
                    .. hostProcesses.Values.Select(gate => (gate.Id, gate.Name)),
                ];
            }
        }
    }

    /// <summary>The processes that have not ended, without those of the host.</summary>
    internal IReadOnlyList<Generation> Generations
    {
        get
        {
            lock (stateLock)
            {
                return processes.Count == 0 ? [] : [.. processes.Values];
            }
        }
    }

    /// <summary>Makes the programs of a folder known by their names.</summary>
    internal void AddPrograms(DomainImage image)
    {
        foreach ((string name, string entry) in image.Manifest.Programs)
        {
            if (!programs.TryAdd(name, (image, entry)))
            {
                throw new BootException($"{image.Path}: there is another program named '{name}'");
            }
        }
    }

    public Reply<DomainId, Errno> Load(CallContext context, ReadOnlySpan<byte> name)
    {
        string text = Encoding.UTF8.GetString(name);
        if (!programs.TryGetValue(text, out (DomainImage Image, string Entry) program))
        {
            return Errno.NoEntry;
        }

        try
        {
            LoadedDomain loaded = factory.Load(
                program.Image.Code(hasFaultSites: false),
                StackBudget.LimitOf(StackBudget.StepsOfPrograms),
                typeof(IProgram),
                program.Entry,
                program.Image.Path);
            DomainGate gate = factory.NewGate(text, executorId: 0, loaded, program.Image.Manifest.Limits);
            var process = new Generation(text, 1, gate, loaded.Context, factory.GiveBackOf(loaded))
            {
                StartedMicros = context.UptimeMicros,
                Limits = program.Image.Manifest.Limits,
            };
            process.Adopt(typeof(IProgram), new ProgramEntry(loaded.EntryType));
            lock (stateLock)
            {
                processes.Add(process.Id, process);
            }

            process.Open();
            return new DomainId(process.Id);
        }
        catch (BootException exception)
        {
            log.ForContext("EventId", EventIds.ProgramNotLoaded).Error(
                "{Domain}: not loaded: {Reason}", text, exception.Message);
            return Errno.NotExecutable;
        }
    }

    public Reply<Unit, Errno> Run(CallContext context, DomainId process)
    {
        if (Find(process) is not { } generation)
        {
            return Errno.NoProcess;
        }

        bool isRunning = false;
        try
        {
            if (!isClosed)
            {
                Track(executors.Executors[0].Start(
                    generation.DomainName, DomainId.Kernel.Value, inner => RunToEnd(inner, generation)));
                isRunning = true;
            }
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ObjectDisposedException)
        {
            log.ForContext("EventId", EventIds.ProgramNotLoaded).Error(
                "{Domain}.{Generation}: not started: {Reason}", generation.DomainName, generation.Number, exception.Message);
        }

        if (!isRunning)
        {
            // Nobody will report its end: it has not begun.
            Retire(generation);
            return Errno.TryAgain;
        }

        return default(Unit);
    }

    public Reply<Unit, Errno> Kill(CallContext context, DomainId process)
    {
        if (Find(process) is { } generation)
        {
            supervisor.Kill(generation, "killed by a signal");
            return default(Unit);
        }

        DomainGate? gate;
        lock (stateLock)
        {
            hostProcesses.TryGetValue(process.Value, out gate);
        }

        if (gate is null)
        {
            return Errno.NoProcess;
        }

        executors.Kill(gate);
        return default(Unit);
    }

    /// <summary>A domain for a program of the host, which has no code of its own to load.</summary>
    internal DomainGate AdoptHost(string name)
    {
        var gate = new DomainGate(factory.NewDomainId(), name, homeExecutorId: 0, isReentrant: false);
        executors.Register(gate);
        lock (stateLock)
        {
            hostProcesses.Add(gate.Id, gate);
        }

        return gate;
    }

    /// <summary>The program of the host is over: what it left on the exchange heap is freed.</summary>
    internal void ForgetHost(DomainGate gate)
    {
        lock (stateLock)
        {
            hostProcesses.Remove(gate.Id);
        }

        executors.Kill(gate);
        _ = heap.Reclaim(gate.Id);
        executors.Forget(gate);
    }

    /// <summary>Remembers the thread of a process, for <see cref="WaitUntilIdle"/>.</summary>
    internal void Track(KernelThread thread)
    {
        lock (stateLock)
        {
            threads.RemoveAll(one => one.IsCompleted);
            threads.Add(thread);
        }
    }

    /// <summary>
    /// Starts no process any more and kills those there are. They end, and are reported, when their threads come back. Any
    /// thread may call it: a process that computes without end keeps the executor.
    /// </summary>
    internal void Close()
    {
        Generation[] running;
        DomainGate[] host;
        lock (stateLock)
        {
            isClosed = true;
            running = [.. processes.Values];
            host = [.. hostProcesses.Values];
        }

        foreach (Generation process in running)
        {
            supervisor.Kill(process, "the system shuts down");
        }

        foreach (DomainGate gate in host)
        {
            executors.Kill(gate);
        }
    }

    /// <summary>Waits until the threads of all processes have come back.</summary>
    /// <returns>The names of those that have not when the time is over.</returns>
    internal IReadOnlyList<string> WaitUntilIdle(TimeSpan bound)
    {
        KernelThread[] running;
        lock (stateLock)
        {
            running = [.. threads];
        }

        long end = Environment.TickCount64 + (long)bound.TotalMilliseconds;
        return
        [
            .. running
                .Where(thread => !thread.TryJoin(TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64))))
                .Select(thread => thread.Name),
        ];
    }

    /// <summary>Lets go of what has not ended, at the end of the system, when no thread is left.</summary>
    internal void DetachAll()
    {
        foreach (Generation process in processes.Values)
        {
            process.Detach();
        }
    }

    /// <summary>Kills the processes of a name, from any thread of the host; their ends are reported like every other.</summary>
    internal int KillFromOutside(string name)
    {
        Generation[] named;
        lock (stateLock)
        {
            named = [.. processes.Values.Where(process => process.DomainName == name)];
        }

        foreach (Generation process in named)
        {
            supervisor.Kill(process, "killed from outside");
        }

        return named.Length;
    }

    private Generation? Find(DomainId process)
    {
        lock (stateLock)
        {
            return processes.GetValueOrDefault(process.Value);
        }
    }

    private void RunToEnd(CallContext context, Generation process)
    {
        var program = (IProgram)process.Entry!;
        Reply<int, ProgramError> reply = program.Main(context, new ProgramServices(System!));
        Retire(process);

        // A system that shuts down ends it as by SIGKILL: it has not faulted, and whoever waits for it is not told so.
        bool isEnded = isClosed && reply.Fault != Fault.None;
        int status = isEnded ? RedLeafSystem.KilledStatus : reply.Value & 0xff;
        _ = Observer!.Ended(context, new DomainId(process.Id), status, isEnded ? Fault.None : reply.Fault);
    }

    private void Retire(Generation process)
    {
        supervisor.Retire(process);
        lock (stateLock)
        {
            processes.Remove(process.Id);
        }

        reclaimer.Add(process);
    }
}
