using System.Runtime.CompilerServices;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Tests.Executors;
using Xunit;

namespace RedLeafSharp.Tests.Safepoints;

/// <summary>Whatever a domain does, its death ends it, and its code is collected; one process survives all of it.</summary>
public sealed class KillRunningCodeTests : IDisposable
{
    private static readonly RewrittenImage Attacks = StoppableCode.Rewrite(AttackSample.Source + AttackSample.CallTree);

    private readonly TestSystem system = new();

    public void Dispose() => system.Dispose();

    [Theory]
    [InlineData("EmptyLoop")]
    [InlineData("DoLoop")]
    [InlineData("GotoLoop")]
    [InlineData("SwitchLoop")]
    [InlineData("NestedLoops")]
    [InlineData("IteratorLoop")]
    [InlineData("LibraryLoop")]
    [InlineData("LeaveLoop")]
    [InlineData("AllocatingLoop")]
    [InlineData("StaticLoop")]
    [InlineData("CatchAllLoop")]
    [InlineData("RetryLoop")]
    [InlineData("WrappingLoop")]
    [InlineData("FinallyLoop")]
    [InlineData("FinallyAfterDeath")]
    [InlineData("FilterLoop")]
    [InlineData("FilterAfterDeath")]
    [InlineData("DisposeLoop")]
    [InlineData("CallTree")]
    public void Kill_CodeThatNeverEnds_ComesBackAndIsCollected(string attack)
    {
        WeakReference context = Run(attack, isKilled: true, out Fault fault);
        Assert.Equal(Fault.CalleeKilled, fault);
        Assert.True(StoppableCode.IsCollected(context));
    }

    [Theory]
    [InlineData("DirectRecursion")]
    [InlineData("MutualRecursion")]
    [InlineData("InterfaceRecursion")]
    [InlineData("DelegateRecursion")]
    [InlineData("PropertyRecursion")]
    [InlineData("ConstructorRecursion")]
    [InlineData("TextRecursion")]
    [InlineData("SortRecursion")]
    [InlineData("CatchRecursion")]
    [InlineData("FinallyRecursion")]
    [InlineData("FilterRecursion")]
    [InlineData("IteratorRecursion")]
    [InlineData("GenericRecursion")]
    [InlineData("CatchAllRecursion")]
    public void StackGuard_EndlessRecursion_KillsTheDomainAndItIsCollected(string attack)
    {
        var sink = new RecordingSink();
        system.Group.FaultSink = sink;
        WeakReference context = Run(attack, isKilled: false, out Fault fault);
        Assert.Equal(Fault.CalleeKilled, fault);
        Assert.Equal(["sample: System.InsufficientExecutionStackException"], sink.Faults);
        Assert.True(StoppableCode.IsCollected(context));
    }

    [Fact]
    public void Dispose_CodeThatNeverEnds_IsUnwound()
    {
        StoppableCode code = StoppableCode.Load(system, Attacks);
        Action run = code.Bind<Action>("CatchAllLoop", "Run");
        var domain = new TestDomain(code.Gate);
        KernelThread thread = system.Start(context => domain.Call(context, _ => run()));
        SpinWait.SpinUntil(() => code.IsInside);
        system.Group.Dispose();
        Assert.False(system.Group.HasStragglers);
        Assert.True(thread.IsCompleted);
        code.Context.Unload();
    }

    [Fact]
    public void Kill_CallerOfLiveCode_LetsTheCalleeGoOnToItsReturn()
    {
        const string Callee = """
            public static class Flag { public static volatile bool Inside, MayEnd; public static int Finallies; }
            public static class Callee { public static void Run() { try { Flag.Inside = true; while (!Flag.MayEnd) { } } finally { Flag.Finallies++; } } }
            """;
        StoppableCode code = StoppableCode.Load(system, StoppableCode.Rewrite(Callee));
        TestDomain caller = system.AddDomain("caller"), callee = new(code.Gate);
        Action run = code.Bind<Action>("Callee", "Run");
        Fault outer = Fault.None, inner = Fault.CalleeDead;
        KernelThread thread = system.Start(
            context => outer = caller.Call(context, one => inner = callee.Call(one, _ => run())));
        SpinWait.SpinUntil(() => code.IsInside);
        system.Group.Kill(caller.Gate);
        code.Assembly.GetType("Flag")!.GetField("MayEnd")!.SetValue(null, true);
        TestSystem.Finish(thread);

        // The caller does not get its answer: its frame is unwound where the answer would arrive.
        Assert.Equal((Fault.CalleeKilled, Fault.CalleeDead, false), (outer, inner, code.Gate.IsDead));
        Assert.Equal(1, code.Assembly.GetType("Flag")!.GetField("Finallies")!.GetValue(null));
        code.Context.Unload();
    }

    [Fact]
    public void StackGuard_CallerHasUsedUpItsPart_DoesNotBlameTheCallee()
    {
        const string Source = """
            using System;
            public static class Caller { public static void Run(Action call, int depth) { if (depth == 0) { call(); } else { Run(call, depth - 1); depth++; } } }
            public static class Callee { static int F(int n) => n == 0 ? 0 : F(n - 1) + 1; public static void Run() => F(500); }
            """;
        RewrittenImage image = StoppableCode.Rewrite(Source);
        StoppableCode upper = StoppableCode.Load(system, image, id: 7, stackSteps: 1);
        StoppableCode lower = StoppableCode.Load(system, image, id: 8, stackSteps: 2);
        TestDomain caller = new(upper.Gate), callee = new(lower.Gate);
        Action<Action, int> recurse = upper.Bind<Action<Action, int>>("Caller", "Run");
        Action run = lower.Bind<Action>("Callee", "Run");
        int depth = 0;
        Fault outer = Fault.None, inner = Fault.None;
        while (outer == Fault.None)
        {
            depth += 50;
            system.Run(context => outer = caller.Call(context, CallTwice));
            Assert.Equal(Fault.None, inner);
        }

        Assert.Equal((true, false), (upper.Gate.IsDead, lower.Gate.IsDead));
        upper.Context.Unload();
        lower.Context.Unload();

        void CallTwice(CallContext context)
        {
            ThreadContext thread = context.Thread;
            recurse(() => inner = callee.Call(new CallContext(thread), _ => run()), depth);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Run(string attack, bool isKilled, out Fault fault)
    {
        StoppableCode code = StoppableCode.Load(system, Attacks);
        fault = code.Attack(system, attack, isKilled);
        system.Group.Forget(code.Gate);
        code.Context.Unload();
        return new WeakReference(code.Context, trackResurrection: true);
    }
}
