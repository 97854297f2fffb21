using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Supervision;
using Serilog;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>Makes programs into domains, one for each process, and runs them on threads of their own.</summary>
internal sealed class ProcessLoader : IProcessLoader
{
    private readonly Dictionary<string, (DomainImage Image, string Entry)> programs = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, Generation> processes = [];
    private readonly Lock threadLock = new();
    private readonly List<KernelThread> threads = [];
    private readonly ExecutorGroup executors;
    private readonly GenerationFactory factory;
    private readonly Supervisor supervisor;
    private readonly Reclaimer reclaimer;
    private readonly ILogger log;

    internal ProcessLoader(
        ExecutorGroup executors, GenerationFactory factory, Supervisor supervisor, Reclaimer reclaimer, ILogger log)
    {
        this.executors = executors;
        this.factory = factory;
        this.supervisor = supervisor;
        this.reclaimer = reclaimer;
        this.log = log;
    }

    /// <summary>The personality's contracts, known once it has started.</summary>
    internal ISystem? System { get; set; }

    internal IProcessObserver? Observer { get; set; }

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
            LoadedEntry loaded = DomainLoader.Load(
                program.Image.Assembly, program.Image.Symbols, typeof(IProgram), program.Entry, program.Image.Path, isPrepared: false);
            DomainGate gate = factory.NewGate(text, executorId: 0, loaded);
            var process = new Generation(text, 1, gate, loaded, typeof(IProgram)) { StartedMicros = context.UptimeMicros };
            process.Open();
            processes.Add(process.Id, process);
            return new DomainId(process.Id);
        }
        catch (BootException exception)
        {
            log.ForContext("EventId", EventIds.ProgramNotLoaded).Error("{Reason}", exception.Message);
            return Errno.NotExecutable;
        }
    }

    public Reply<Unit, Errno> Run(CallContext context, DomainId process)
    {
        if (!processes.TryGetValue(process.Value, out Generation? generation))
        {
            return Errno.NoProcess;
        }

        KernelThread thread = executors.Executors[0].Start(
            generation.DomainName, DomainId.Kernel.Value, inner => RunToEnd(inner, generation));
        lock (threadLock)
        {
            threads.RemoveAll(one => one.IsCompleted);
            threads.Add(thread);
        }

        return default(Unit);
    }

    public Reply<Unit, Errno> Kill(CallContext context, DomainId process)
    {
        if (!processes.TryGetValue(process.Value, out Generation? generation))
        {
            return Errno.NoProcess;
        }

        supervisor.Kill(generation, "killed by a signal");
        return default(Unit);
    }

    /// <summary>Kills what still runs. The processes end, and are reported, when their threads come back.</summary>
    internal void KillAll()
    {
        foreach (Generation process in processes.Values.ToArray())
        {
            supervisor.Kill(process, "the system shuts down");
        }
    }

    /// <summary>Waits until the threads of all processes have come back.</summary>
    internal void WaitUntilIdle()
    {
        KernelThread[] running;
        lock (threadLock)
        {
            running = [.. threads];
        }

        foreach (KernelThread thread in running)
        {
            thread.Join();
        }
    }

    private void RunToEnd(CallContext context, Generation process)
    {
        var program = (IProgram)process.Entry!;
        Reply<int, ProgramError> reply = program.Main(context, new ProgramServices(System!));
        supervisor.Retire(process);
        processes.Remove(process.Id);
        _ = Observer!.Ended(context, new DomainId(process.Id), reply.Value & 0xff, reply.Fault);
        reclaimer.Add(process);
    }
}
