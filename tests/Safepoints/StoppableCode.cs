using System.Reflection;
using System.Runtime.CompilerServices;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Tests.Executors;
using RedLeafSharp.Tests.Rewriting;
using Xunit;

namespace RedLeafSharp.Tests.Safepoints;

/// <summary>One generation of a compiled sample, rewritten and loaded as a domain of a <see cref="TestSystem"/>.</summary>
internal sealed class StoppableCode
{
    private readonly ExecutorGroup group;

    private StoppableCode(ExecutorGroup group, DomainLoadContext context, Assembly assembly, DomainGate gate)
    {
        this.group = group;
        (Context, Assembly, Gate) = (context, assembly, gate);
    }

    internal DomainLoadContext Context { get; }

    internal Assembly Assembly { get; }

    internal DomainGate Gate { get; }

    internal static RewrittenImage Rewrite(string source)
    {
        CompiledSample sample = CompiledSample.Of(source);
        return ImageRewriter.Rewrite(sample.Assembly, sample.Symbols, "sample.dll", RewritePasses.Safepoints);
    }

    internal static StoppableCode Load(TestSystem system, RewrittenImage image, uint id = 7, int stackSteps = 1)
    {
        var context = new DomainLoadContext("sample");
        byte[] code = image.Instantiate(context.PollWord, StackBudget.LimitOf(stackSteps));
        Assembly assembly = context.LoadFromStream(new MemoryStream(code), new MemoryStream(image.Symbols!));
        var gate = new DomainGate(id, "sample", homeExecutorId: 0, isReentrant: false) { PollWord = context.PollWord };
        system.Group.Register(gate);
        return new StoppableCode(system.Group, context, assembly, gate);
    }

    internal T Bind<T>(string type, string method)
        where T : Delegate => Assembly.GetType(type)!.GetMethod(method)!.CreateDelegate<T>();

    /// <summary>Whether a sample says that it has begun what it will not end.</summary>
    internal bool IsInside => (bool)Assembly.GetType("Flag")!.GetField("Inside")!.GetValue(null)!;

    /// <summary>Runs a class's Run as a call into the domain; kills the domain once it is inside, if it is to be killed.</summary>
    /// <returns>What the caller of the domain is told.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal Fault Attack(TestSystem system, string name, bool isKilled)
    {
        Action run = Bind<Action>(name, "Run");
        var domain = new TestDomain(Gate);
        Fault fault = Fault.None;
        KernelThread thread = system.Start(context => fault = domain.Call(context, _ => run()));
        if (isKilled)
        {
            var wait = new SpinWait();
            while (!IsInside && !thread.IsCompleted)
            {
                wait.SpinOnce();
            }

            group.Kill(Gate);
        }

        TestSystem.Finish(thread);
        Assert.True(group.IsQuiescent(Gate.Id));
        Assert.Equal(0, thread.Context.Flags);
        Assert.False(thread.Context.IsUnwinding);
        return fault;
    }

    /// <summary>Collects until the code is gone.</summary>
    internal static bool IsCollected(WeakReference context)
    {
        for (int i = 0; i < 20 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !context.IsAlive;
    }
}
