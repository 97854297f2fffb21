using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Posix.Programs;

namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// Runs programs of the Programs assembly, by the list in its manifest, behind gates and proxies of their own on the threads
/// of an executor. What the kernel's loader does, without loading anything.
/// </summary>
internal sealed class ThreadLoader(ExecutorGroup group) : IProcessLoader
{
    private const uint FirstDomain = 1000;

    private static readonly Dictionary<string, Type> Programs = ReadManifest();

    private readonly Dictionary<uint, (DomainGate Gate, IProgram Program)> loaded = [];
    private uint nextDomain = FirstDomain;

    internal IProcessObserver? Observer { get; set; }

    internal ISystem? System { get; set; }

    /// <summary>Programs of a test, which come before those of the manifest.</summary>
    internal Dictionary<string, ThreadProgram> Extra { get; } = [];

    /// <summary>What to answer instead of loading or running.</summary>
    internal Errno LoadError { get; set; }

    internal Errno RunError { get; set; }

    /// <summary>Processes that run.</summary>
    internal int RunningCount { get; private set; }

    internal static IEnumerable<string> Names => Programs.Keys;

    public Reply<DomainId, Errno> Load(CallContext context, ReadOnlySpan<byte> name)
    {
        string text = Encoding.Latin1.GetString(name);
        if (LoadError != Errno.None)
        {
            return LoadError;
        }

        IProgram? program = Extra.TryGetValue(text, out ThreadProgram? body) ? new DelegateProgram(body)
            : Programs.TryGetValue(text, out Type? type) ? (IProgram)Activator.CreateInstance(type)!
            : null;
        if (program is null)
        {
            return Errno.NoEntry;
        }

        var gate = new DomainGate(nextDomain++, text, homeExecutorId: 0, isReentrant: false);
        group.Register(gate);
        loaded.Add(gate.Id, (gate, program));
        return new DomainId(gate.Id);
    }

    public Reply<Unit, Errno> Run(CallContext context, DomainId process)
    {
        if (RunError != Errno.None)
        {
            return RunError;
        }

        (DomainGate gate, IProgram program) = loaded[process.Value];
        RunningCount++;
        group.Executors[0].Start(gate.Name, DomainId.Kernel.Value, own =>
        {
            var services = new ProgramServices(System!);
            Reply<int, ProgramError> reply = new ProgramProxy(program, gate).Main(own, services);
            group.Kill(gate);
            loaded.Remove(process.Value);
            RunningCount--;
            Observer!.Ended(own, process, reply.Value, reply.Fault);
        });
        return default(Unit);
    }

    public Reply<Unit, Errno> Kill(CallContext context, DomainId process)
    {
        if (!loaded.TryGetValue(process.Value, out var entry))
        {
            return Errno.NoProcess;
        }

        group.Kill(entry.Gate);
        return default(Unit);
    }

    private static Dictionary<string, Type> ReadManifest()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "domains", "Programs", "domain.yaml");
        return File.ReadLines(path)
            .Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line.Contains(": ", StringComparison.Ordinal))
            .Select(line => line.Trim().Split(": "))
            .ToDictionary(
                parts => parts[0].Trim('"'),
                parts => typeof(EchoProgram).Assembly.GetType(parts[1], throwOnError: true)!);
    }

    private sealed class DelegateProgram(ThreadProgram body) : IProgram
    {
        public Reply<int, ProgramError> Main(CallContext context, ProgramServices services) => body(context, services.System);
    }
}

/// <summary>A program of a test.</summary>
/// <returns>Its exit status.</returns>
internal delegate int ThreadProgram(CallContext context, ISystem system);
