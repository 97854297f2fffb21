using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Tests.Support;

namespace RedLeafSharp.Tests.Doctor;

/// <summary>
/// The test assembly started as a program: a host with bugs. It unloads several domains, holds each in another way, says
/// "ready" and waits for the end of its input.
/// </summary>
internal static class PinningProgram
{
    /// <summary>What the test assembly is started with to run this.</summary>
    internal const string Command = "pin";

    private static readonly ManualResetEventSlim Parked = new();
    private static readonly ManualResetEventSlim End = new();
    private static object? forgotten;
    private static Exception? lastError;
    private static GCHandle handle;
    private static DomainLoadContext? live;

    private static event Action<Action>? Changed;

    internal static int Run()
    {
        Ptrace.AllowAny();

        // Something is left to do after the action: a tail call would take the frame away.
        string members = """
            {
                private int runs;
                public void Run(Action action) { action(); runs++; }
                public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) => default(Unit);
                public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            }

            """;
        string[] entries = ["InStatic", "InException", "InHandle", "InEvent", "InThread", "Unheld", "Live"];
        byte[] image = DomainCompiler.Compile(string.Concat(entries.Select(entry => $"public sealed class {entry} : IDomain {members}"))).Assembly;
        foreach (string entry in entries)
        {
            Plant(image, entry);
        }

        for (int round = 0; round < 10; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Console.WriteLine("ready");
        _ = Console.In.ReadToEnd();
        End.Set();
        GC.KeepAlive(forgotten);
        GC.KeepAlive(lastError);
        GC.KeepAlive(Changed);
        GC.KeepAlive(live);
        return handle.IsAllocated ? 0 : 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Plant(byte[] image, string entry)
    {
        var context = new DomainLoadContext(entry);
        Assembly loaded = context.LoadFromStream(new MemoryStream(image));
        object target = Activator.CreateInstance(loaded.GetType(entry)!)!;
        var run = (Action<Action>)Delegate.CreateDelegate(typeof(Action<Action>), target, "Run");
        switch (entry)
        {
            case "InStatic":
                forgotten = new List<object> { target };
                break;
            case "InException":
                lastError = Record(run);
                break;
            case "InHandle":
                handle = GCHandle.Alloc(target);
                break;
            case "InEvent":
                Changed += run;
                break;
            case "InThread":
                new Thread(() => run(Park)) { IsBackground = true }.Start();
                Parked.Wait();
                break;
            case "Live":
                live = context;
                return;
        }

        context.Unload();
    }

    /// <summary>An exception of the host holds the code of every frame that it came through.</summary>
    private static InvalidOperationException? Record(Action<Action> run)
    {
        try
        {
            run(() => throw new InvalidOperationException());
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }

        return null;
    }

    private static void Park()
    {
        Parked.Set();
        End.Wait();
    }
}
