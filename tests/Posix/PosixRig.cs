using System.Runtime.ExceptionServices;
using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Domains.TcpStack;
using RedLeafSharp.Domains.Tmpfs;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Memory;
using RedLeafSharp.Posix.Personality;
using RedLeafSharp.Tests.BlockDevices;
using Xunit;

namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// The personality over a file system in memory, with programs on threads of an executor and the generated proxies between
/// them all.
/// </summary>
internal sealed class PosixRig : IDisposable
{
    private const uint HostDomain = 100;
    internal const uint PersonalityId = 10;
    private const uint SecondHostDomain = 101;
    private const long HeapBytes = 16L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ExchangeHeap heap;
    private readonly ExecutorGroup group;
    private readonly IProcessObserver observer;

    /// <param name="detectsDeadlock">Whether a wait that nothing can end is an error.</param>
    /// <param name="makeRoot">Makes the root's file system, behind the gate given; unless given it is <see cref="Files"/>.</param>
    /// <param name="heap">The exchange heap, when what is below the root needs it first; the rig frees it.</param>
    /// <param name="hasNetwork">Whether there is a network stack, with a loopback.</param>
    /// <param name="wrapStack">Puts something in front of that stack.</param>
    internal PosixRig(
        bool detectsDeadlock = true,
        Func<CallContext, DomainGate, IFileSystem>? makeRoot = null,
        ExchangeHeap? heap = null,
        bool hasNetwork = false,
        Func<ISocketStack, ISocketStack>? wrapStack = null)
    {
        this.heap = heap ?? new ExchangeHeap(hasNetwork ? 4 * HeapBytes : HeapBytes);
        group = new ExecutorGroup(this.heap, new ExecutorOptions { DetectDeadlock = detectsDeadlock });
        Loader = new ThreadLoader(group);
        var personality = new PersonalityDomain();
        var personalityGate = Register(new DomainGate(PersonalityId, "Personality", 0, isReentrant: true));
        FileSystemGate = Register(new DomainGate(11, "FileSystem", 0, isReentrant: false) { CompletesCalls = true });
        Register(new DomainGate(HostDomain, "host", 0, isReentrant: true));
        DomainGate scratchGate = Register(new DomainGate(12, "Scratch", 0, isReentrant: false) { CompletesCalls = true });
        IFileSystem root = Files;
        RunKernel(context =>
        {
            root = makeRoot?.Invoke(context, FileSystemGate) ?? root;
            Scratch = new FileSystemProxy(new TmpFileSystem(context, new Space(1024, 100)), scratchGate);
        });
        var backend = new RigServices(
            new FileSystemProxy(root, FileSystemGate), Loader, Console, (_, implementation) => implementation switch
            {
                ISystem system => new SystemProxy(system, personalityGate),
                IFileExport export => new FileExportProxy(export, personalityGate),
                _ => new ProcessObserverProxy((IProcessObserver)implementation, personalityGate),
            });
        backend.Others["Scratch"] = Scratch!;
        backend.Settings["mounts"] = "Scratch:tmpfs";
        if (hasNetwork)
        {
            StartNetwork(backend, wrapStack ?? (stack => stack));
        }

        RunKernel(context => Assert.True(
            new DomainProxy(personality, personalityGate).Start(context, new DomainServices(backend)).IsOk));
        System = (ISystem)backend.Provided[typeof(ISystem)];
        Export = (IFileExport)backend.Provided[typeof(IFileExport)];
        observer = (IProcessObserver)backend.Provided[typeof(IProcessObserver)];
        Loader.Observer = observer;
        Loader.System = System;
        RunKernel(context => Assert.True(observer.Adopt(context, new DomainId(HostDomain), "host\0"u8).IsOk));
    }

    internal MemoryFileSystem Files { get; } = new();

    /// <summary>A file system that can be mounted, by the name "Scratch".</summary>
    internal IFileSystem? Scratch { get; private set; }

    internal DomainGate FileSystemGate { get; }

    internal ScriptedConsole Console { get; } = new();

    internal ThreadLoader Loader { get; }

    /// <summary>The proxy through which programs call.</summary>
    internal ISystem System { get; }

    /// <summary>The proxy through which a file server calls.</summary>
    internal IFileExport Export { get; }

    internal IProcessObserver Observer => observer;

    /// <summary>A rig whose root is a file system in memory that has all that the contract has.</summary>
    internal static PosixRig OnTmpfs(long pages = 16 * 1024) =>
        new(makeRoot: (context, _) => new TmpFileSystem(context, new Space(pages, 10_000)));

    /// <summary>A rig whose root is a new ext4 on a disk in memory.</summary>
    internal static PosixRig OnExt4()
    {
        var heap = new ExchangeHeap(HeapBytes);
        var disk = new MemoryBlockDevice(heap, new MemoryBlockOptions { CapacityBytes = 32 << 20 });
        var services = new TestServices
        {
            Required = { [typeof(IBlockDevice)] = disk },
            Settings = { ["format"] = "true", ["cachePages"] = 512 },
        };
        return new PosixRig(heap: heap, makeRoot: (context, gate) =>
        {
            Reply<Unit, DomainError> started = new DomainProxy(new Ext4Domain(), gate).Start(context, new DomainServices(services));
            Assert.True(started.IsOk, string.Join('\n', services.Reports));
            return (IFileSystem)services.Provided[typeof(IFileSystem)];
        });
    }

    /// <summary>Runs code as the host's process, which is number 1, and hands its failure on.</summary>
    internal void Run(ThreadBody body) => RunAs(HostDomain, body);

    /// <summary>Runs code as another process of the host, which is a session of its own.</summary>
    internal void RunSession(ThreadBody body)
    {
        Register(new DomainGate(SecondHostDomain, "host2", 0, isReentrant: true));
        RunKernel(context => Assert.True(observer.Adopt(context, new DomainId(SecondHostDomain), "host2\0"u8).IsOk));
        RunAs(SecondHostDomain, body);
    }

    /// <summary>Runs code as the kernel.</summary>
    internal void RunKernel(ThreadBody body) => RunAs(DomainId.Kernel.Value, body);

    /// <summary>Runs a command of the shell with the console as its streams.</summary>
    internal CommandResult Shell(string command, string input = "") => Execute(["sh", "-c", command], input);

    /// <summary>Runs a program with the console as its streams.</summary>
    internal CommandResult Execute(string[] arguments, string input = "")
    {
        Console.Clear();
        Console.Type(input);
        int status = -1;
        byte[] block = Encoding.Latin1.GetBytes(string.Concat(arguments.Select(argument => argument + "\0")));
        Run(context =>
        {
            Reply<int, Errno> process = System.Spawn(context, block, 0, 1, 2);
            Assert.True(process.IsOk, $"{arguments[0]}: {process}");
            Reply<ExitStatus, Errno> end = System.WaitForChild(context, process.Value);
            Assert.True(end.IsOk, $"{arguments[0]}: {end}");
            status = end.Value.Status;
        });
        return new CommandResult(status, Console.Output, Console.Error);
    }

    /// <summary>Lets others go on until something holds, and fails when it does not come to hold.</summary>
    internal void Await(CallContext context, Func<CallContext, bool> condition)
    {
        long start = context.UptimeMicros;
        while (!condition(context))
        {
            Assert.True(context.UptimeMicros - start < Patience.TotalMicroseconds, "what the test waits for does not come");
            System.Sleep(context, 1000);
        }
    }

    internal static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    internal static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public void Dispose()
    {
        group.Dispose();
        heap.Dispose();
    }

    private void StartNetwork(RigServices backend, Func<ISocketStack, ISocketStack> wrap)
    {
        DomainGate gate = Register(new DomainGate(13, "TcpStack", 0, isReentrant: true) { CompletesCalls = true });
        var services = new TestServices { Required = { [typeof(IEntropy)] = new KernelDouble() }, Settings = { ["packets"] = 4_000 } };
        RunKernel(context => Assert.True(
            new DomainProxy(new TcpStackDomain(), gate).Start(context, new DomainServices(services)).IsOk));
        backend.Network[typeof(ISocketStack)] = new SocketStackProxy(wrap((ISocketStack)services.Provided[typeof(ISocketStack)]), gate);
        backend.Network[typeof(INetConfiguration)] =
            new NetConfigurationProxy((INetConfiguration)services.Provided[typeof(INetConfiguration)], gate);
        backend.Settings["stacks"] = "TcpStack";
        var work = new BackgroundWorkProxy((IBackgroundWork)services.Provided[typeof(IBackgroundWork)], gate);
        group.Executors[0].Start("TcpStack", DomainId.Kernel.Value, context => _ = work.Run(context));
    }

    private DomainGate Register(DomainGate gate)
    {
        group.Register(gate);
        return gate;
    }

    private void RunAs(uint domain, ThreadBody body)
    {
        ExceptionDispatchInfo? failure = null;
        KernelThread thread = group.Executors[0].Start("test", domain, context =>
        {
            try
            {
                body(context);
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        Assert.True(thread.TryJoin(Patience), "the test's thread does not end");
        thread.Join();
        failure?.Throw();
    }
}

/// <summary>What a command printed and returned.</summary>
internal sealed record CommandResult(int Status, string Output, string Error);
