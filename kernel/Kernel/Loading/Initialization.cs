using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Kernel.Loading;

/// <summary>
/// The first code of a generation that runs: its static constructors, one by one, and the constructor of its entry class. Between
/// them everything is compiled, so that nothing of this happens on a data path. Runs on a thread of the generation's own,
/// see <see cref="Nursery"/>, which watches how long each step takes.
/// </summary>
/// <remarks>
/// Methods and types with open type parameters are compiled when they are first used, and so is all of a simulation, where compiling
/// takes no time. Whatever the domain throws is known by the
/// name of its type only: its members are domain code.
/// </remarks>
internal sealed class Initialization
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    private readonly LoadedDomain loaded;
    private readonly bool compilesAhead;
    private Step step = new("loading");

    /// <param name="loaded">The generation's image.</param>
    /// <param name="compilesAhead">Whether to compile what has no open type parameters; else each method is at its first call.</param>
    internal Initialization(LoadedDomain loaded, bool compilesAhead = true)
    {
        this.loaded = loaded;
        this.compilesAhead = compilesAhead;
    }

    /// <summary>The entry object: domain code, to be called through a proxy only. Null until it is constructed.</summary>
    internal object? Entry { get; private set; }

    /// <summary>What went wrong; null when nothing did.</summary>
    internal string? Failure { get; private set; }

    /// <summary>What is being done now.</summary>
    internal string StepName => Volatile.Read(ref step).Name;

    /// <summary>For how long it has been going on.</summary>
    internal TimeSpan StepAge => Volatile.Read(ref step).Age;

    /// <summary>Makes the entry object, unless something fails.</summary>
    internal void Run()
    {
        try
        {
            Prepare();
            if (Failure is null)
            {
                Construct();
            }
        }
        catch (Exception exception)
        {
            // An image that is not what the compiler made can fail anywhere here, in ways that only the runtime knows.
            Failure ??= $"not an assembly that can be loaded ({NameOf(exception)})";
        }
    }

    /// <summary>Notes that something else of the domain begins to run.</summary>
    internal void Begin(string name) => Volatile.Write(ref step, new Step(name));

    /// <summary>Runs the static constructors, unless a generation before has run them.</summary>
    internal void Prepare()
    {
        if (!loaded.Context.IsInitialized)
        {
            RunStaticConstructors();
            loaded.Context.IsInitialized = Failure is null;
        }
    }

    private void RunStaticConstructors()
    {
        foreach (Type type in loaded.Assembly.GetTypes())
        {
            if (!type.ContainsGenericParameters && Failure is null)
            {
                RunStaticConstructor(type);

                // A constructor that was ended stays the step that whoever ended it will name.
                if (Failure is null && compilesAhead && !loaded.Context.IsPooled)
                {
                    Compile(type);
                }
            }
        }
    }

    private void RunStaticConstructor(Type type)
    {
        if (type.TypeInitializer is null)
        {
            return;
        }

        Begin($"the static constructor of {type.FullName}");
        try
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }
        catch (TypeInitializationException exception)
        {
            Failure = $"{StepName} threw {NameOf(exception.InnerException)}";
        }
    }

    private void Compile(Type type)
    {
        Begin("compiling");
        AllocationMeter? meter = KernelThread.Current?.Allocation;
        long paused = meter?.Pause() ?? 0;
        foreach (MethodBase method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
        {
            // What runs only when a fault is armed, few generations ever need.
            if (!method.IsAbstract && !method.ContainsGenericParameters && !BodyVersions.IsCopy(method))
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }

        // What the runtime's reflection allocates for each method is not the domain's.
        meter?.Resume(paused);
    }

    private void Construct()
    {
        Begin($"the constructor of {loaded.EntryType.FullName}");
        try
        {
            Entry = Activator.CreateInstance(loaded.EntryType);
        }
        catch (TargetInvocationException exception)
        {
            Failure = $"{StepName} threw {NameOf(exception.InnerException)}";
        }
    }

    private static string NameOf(Exception? exception) => exception?.GetType().FullName ?? "an exception";

    private sealed record Step(string Name)
    {
        private readonly long started = Stopwatch.GetTimestamp();

        internal TimeSpan Age => Stopwatch.GetElapsedTime(started);
    }
}
