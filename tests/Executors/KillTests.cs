using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Scheduling;
using RedLeafSharp.Tests.Generators;
using Xunit;

namespace RedLeafSharp.Tests.Executors;

public sealed class KillTests : IDisposable
{
    private readonly TestSystem system = new(executors: 2);

    [Fact]
    public void Caught_DomainThrows_IsDeadAndTheSinkIsTold()
    {
        var sink = new RecordingSink();
        system.Group.FaultSink = sink;
        TestDomain domain = system.AddDomain("domain");
        Fault first = Fault.None, second = Fault.None;
        uint self = 0;
        system.Run(context =>
        {
            first = domain.Call(context, _ => throw new InvalidTimeZoneException("domain text"));
            self = context.Self.Value;
            second = domain.Call(context, _ => { });
        });
        Assert.Equal((Fault.CalleeFaulted, Fault.CalleeDead, DomainId.Kernel.Value), (first, second, self));
        Assert.Equal(["domain: System.InvalidTimeZoneException"], sink.Faults);
    }

    [Fact]
    public void Caught_CallOutOfOrder_KillsTheCallerWithTheReason()
    {
        var sink = new RecordingSink();
        system.Group.FaultSink = sink;
        TestDomain caller = system.AddDomain("caller");
        TestDomain callee = system.AddDomain("callee");
        var proxy = new OrderedProxy(new Ordered(), callee.Gate);
        Fault fault = Fault.None;
        system.Run(context => fault = caller.Call(context, inner =>
        {
            proxy.Break(inner);
            proxy.Break(inner);
        }));
        Assert.Equal((Fault.CalleeFaulted, true, false), (fault, caller.Gate.IsDead, callee.Gate.IsDead));
        Assert.Equal(
            ["caller: RedLeafSharp.CallOrderException: IOrdered.Break may not be called while callee is broken"], sink.Faults);
    }

    [Fact]
    public void Caught_DomainThrowsTheKernelsException_IsItsOwnFault()
    {
        TestDomain domain = system.AddDomain("domain");
        Fault fault = Fault.None;
        system.Run(context => fault = domain.Call(context, _ => throw new DomainKilledException("feigned")));
        Assert.Equal((Fault.CalleeFaulted, true), (fault, domain.Gate.IsDead));
    }

    [Fact]
    public void Kill_LeadingWaiter_ComesBackWithCalleeKilled()
    {
        TestDomain domain = system.AddDomain("domain");
        var inside = new KernelEvent(system.Group);
        Fault fault = Fault.None;
        KernelThread thread = system.Start(context => fault = domain.Call(context, inner => inside.Wait(inner)));
        SpinUntil(() => system.Group.Executors[0].Sleeper == thread);
        system.Group.Kill(domain.Gate);
        TestSystem.Finish(thread);
        Assert.Equal(Fault.CalleeKilled, fault);
        Assert.True(system.Group.IsQuiescent(domain.Id));
        Assert.Equal(0, thread.Context.Flags);
    }

    [Fact]
    public void Kill_ParkedWaiter_ComesBackAndIsInNoQueue()
    {
        TestDomain domain = system.AddDomain("domain");
        var inside = new KernelEvent(system.Group);
        Fault fault = Fault.None;
        KernelThread? parked = null;
        system.Run(context =>
        {
            parked = system.Start(inner => fault = domain.Call(inner, innermost => inside.Wait(innermost, 1_000_000_000)));
            system.Group.Yield(context.Thread);
            Assert.Equal(RunState.Waiting, parked.State);
            system.Group.Kill(domain.Gate);
        });
        TestSystem.Finish(parked!);
        Assert.Equal(Fault.CalleeKilled, fault);
        Assert.Null(parked!.Queue);
        Assert.Equal((-1, 0), (parked.TimerIndex, system.Group.Executors[0].Timers.Count));
        Assert.Equal(0, ((ThreadQueue)inside.Waiters!).Count);
    }

    [Fact]
    public void Kill_DomainOfAMigratedThread_ReturnsItHome()
    {
        TestDomain far = system.AddDomain("far", executor: 1);
        Fault fault = Fault.None;
        int executor = -1;
        KernelThread thread = system.Start(context =>
        {
            fault = far.Call(context, inner => new KernelEvent(system.Group).Wait(inner));
            executor = context.Thread.ExecutorId;
        });
        SpinUntil(() => thread.State == RunState.Waiting);
        system.Group.Kill(far.Gate);
        TestSystem.Finish(thread);
        Assert.Equal((Fault.CalleeKilled, 0), (fault, executor));
    }

    [Fact]
    public void Kill_CallerOfAMigratedThread_SparesTheCallee()
    {
        TestDomain near = system.AddDomain("near");
        TestDomain far = system.AddDomain("far", executor: 1);
        Fault outer = Fault.None;
        bool callerWentOn = false;
        int executor = -1;
        KernelThread thread = system.Start(context =>
        {
            outer = near.Call(context, first =>
            {
                far.Call(first, inner => new KernelEvent(system.Group).Wait(inner));
                callerWentOn = true;
            });
            executor = context.Thread.ExecutorId;
        });
        SpinUntil(() => thread.State == RunState.Waiting);
        system.Group.Kill(near.Gate);
        TestSystem.Finish(thread);
        Assert.Equal((Fault.CalleeKilled, false, 0), (outer, callerWentOn, executor));
        Assert.Equal(1, far.Gate.Word);
        Assert.Equal(0, thread.Context.Flags);
    }

    [Fact]
    public void Kill_DeeperCaller_TellsALiveCallerThatItsCallWasBrokenOff()
    {
        TestDomain bottom = system.AddDomain("bottom");
        TestDomain middle = system.AddDomain("middle");
        TestDomain top = system.AddDomain("top");
        Fault inMiddle = Fault.None;
        KernelThread thread = system.Start(context => bottom.Call(context, first => middle.Call(
            first, second => inMiddle = top.Call(second, third => new KernelEvent(system.Group).Wait(third)))));
        SpinUntil(() => thread.State == RunState.Waiting);
        system.Group.Kill(bottom.Gate);
        TestSystem.Finish(thread);
        Assert.Equal(Fault.CallerDead, inMiddle);
        Assert.Equal((false, false), (middle.Gate.IsDead, top.Gate.IsDead));
    }

    [Fact]
    public void Kill_CallerOfADomainThatCompletesCalls_LetsTheCallEnd()
    {
        TestDomain client = system.AddDomain("client");
        TestDomain server = system.AddDomain("server", completesCalls: true);
        var work = new KernelEvent(system.Group);
        Fault outer = Fault.None;
        bool serverEnded = false;
        bool clientWentOn = false;
        KernelThread thread = system.Start(context => outer = client.Call(context, first =>
        {
            server.Call(first, inner => serverEnded = work.Wait(inner) == WaitResult.Signaled);
            clientWentOn = true;
        }));
        SpinUntil(() => thread.State == RunState.Waiting);
        system.Group.Kill(client.Gate);
        Assert.Equal(RunState.Waiting, thread.State);
        work.Signal();
        TestSystem.Finish(thread);
        Assert.Equal((Fault.CalleeKilled, true, false), (outer, serverEnded, clientWentOn));
    }

    [Fact]
    public void Kill_ThreadThatRunsInside_IsUnwoundAtItsNextReturn()
    {
        TestDomain domain = system.AddDomain("domain");
        TestDomain other = system.AddDomain("other");
        bool wentOn = false;
        Fault fault = Fault.None;
        system.Run(context => fault = domain.Call(context, first =>
        {
            other.Call(first, _ => system.Group.Kill(domain.Gate));
            wentOn = true;
        }));
        Assert.Equal((Fault.CalleeKilled, false, false), (fault, wentOn, other.Gate.IsDead));
    }

    [Fact]
    public void Kill_CalleeThatReturnsAllTheSame_IsReported()
    {
        TestDomain domain = system.AddDomain("domain");
        Fault fault = Fault.None;
        system.Run(context => fault = domain.Call(context, _ => system.Group.Kill(domain.Gate)));
        Assert.Equal(Fault.CalleeKilled, fault);
    }

    [Fact]
    public void Kill_DomainThatOthersWaitToEnter_RefusesThem()
    {
        TestDomain domain = system.AddDomain("domain");
        var faults = new List<Fault>();
        KernelThread[] threads = [.. Enumerable.Range(0, 3).Select(_ => system.Start(context =>
            faults.Add(domain.Call(context, inner => new KernelEvent(system.Group).Wait(inner)))))];
        SpinUntil(() => threads.All(thread => thread.State == RunState.Waiting));
        system.Group.Kill(domain.Gate);
        Array.ForEach(threads, TestSystem.Finish);
        Assert.Equal([Fault.CalleeDead, Fault.CalleeDead, Fault.CalleeKilled], faults.Order().Reverse());
    }

    [Fact]
    public void Kill_OneOfTheWaitersCallers_LetsTheNextWaiterIn()
    {
        TestDomain victim = system.AddDomain("victim");
        TestDomain shared = system.AddDomain("shared");
        var leave = new KernelEvent(system.Group);
        Fault inside = Fault.Busy, killed = Fault.None, last = Fault.Busy;
        KernelThread holder = system.Start(context => inside = shared.Call(context, inner => leave.Wait(inner)));
        KernelThread waiter = system.Start(context =>
            killed = victim.Call(context, first => shared.Call(first, _ => throw new InvalidOperationException())));
        KernelThread next = system.Start(context => last = shared.Call(context, _ => { }));
        SpinUntil(() => next.State == RunState.Waiting);
        system.Group.Kill(victim.Gate);
        leave.Signal();
        Array.ForEach([holder, waiter, next], TestSystem.Finish);
        Assert.Equal((Fault.None, Fault.CalleeKilled, Fault.None), (inside, killed, last));
    }

    [Fact]
    public void Kill_CallerOfAWaiterJustLetIn_LetsTheNextWaiterIn()
    {
        TestDomain victim = system.AddDomain("victim");
        TestDomain shared = system.AddDomain("shared");
        var leave = new KernelEvent(system.Group);
        Fault killed = Fault.None, last = Fault.Busy;
        KernelThread holder = system.Start(context =>
        {
            shared.Call(context, inner => leave.Wait(inner));
            system.Group.Kill(victim.Gate);
        });
        KernelThread heir = system.Start(context =>
            killed = victim.Call(context, first => shared.Call(first, _ => throw new InvalidOperationException())));
        KernelThread next = system.Start(context => last = shared.Call(context, _ => { }));
        SpinUntil(() => next.State == RunState.Waiting);
        leave.Signal();
        Array.ForEach([holder, heir, next], TestSystem.Finish);
        Assert.Equal((Fault.CalleeKilled, Fault.None), (killed, last));
    }

    [Fact]
    public void Kill_SignaledThreadThatDoesNotRunYet_PassesTheSignalOn()
    {
        TestDomain domain = system.AddDomain("domain");
        var signal = new KernelEvent(system.Group);
        WaitResult survivor = WaitResult.Deadlock;
        system.Run(
            context => domain.Call(context, inner => signal.Wait(inner)),
            context => survivor = signal.Wait(context),
            _ =>
            {
                signal.Signal();
                system.Group.Kill(domain.Gate);
            });
        Assert.Equal(WaitResult.Signaled, survivor);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Kill_AgainstRunningCallers_NobodyEntersAfterwards(int victimExecutor)
    {
        const int Kills = 300;
        var random = new Random(42);
        var current = new StrongBox(system.AddDomain("victim", victimExecutor));
        int entered = 0;
        bool isOver = false;
        var violations = new List<string>();
        KernelThread[] callers = [.. Enumerable.Range(0, 4).Select(number => system.Start(
            context =>
            {
                KernelEvent pause = KernelEvent.Create(context);
                while (!Volatile.Read(ref isOver))
                {
                    TestDomain target = current.Domain;
                    target.Call(context, inner =>
                    {
                        Interlocked.Increment(ref entered);
                        if (target.IsBuried)
                        {
                            lock (violations)
                            {
                                violations.Add($"entered {target.Id} after it was quiescent");
                            }
                        }

                        if ((entered & 3) == 0)
                        {
                            pause.Wait(inner, 20);
                        }
                    });
                    system.Group.Yield(context.Thread);
                }
            },
            executor: number % 2))];
        for (int kill = 0; kill < Kills; kill++)
        {
            int before = Volatile.Read(ref entered);
            int spins = random.Next(2000);
            SpinUntil(() => Volatile.Read(ref entered) > before);
            Thread.SpinWait(spins);
            TestDomain victim = current.Domain;
            system.Group.Kill(victim.Gate);
            current.Domain = system.AddDomain("victim", victimExecutor);
            SpinUntil(() => system.Group.IsQuiescent(victim.Id));
            victim.IsBuried = true;
            system.Group.Forget(victim.Gate);
        }

        Volatile.Write(ref isOver, true);
        Array.ForEach(callers, TestSystem.Finish);
        Assert.Empty(violations);
    }

    [Fact]
    public void Unwinding_ThroughSeveralDomains_RestoresTheChain()
    {
        TestDomain[] domains = [.. Enumerable.Range(0, 5).Select(i => system.AddDomain($"d{i}", i % 2))];
        uint self = 0;
        Fault fault = Fault.None;
        int executor = -1;
        void Descend(CallContext context, int depth)
        {
            if (depth == domains.Length)
            {
                new KernelEvent(system.Group).Wait(context);
            }

            domains[depth].Call(context, inner => Descend(inner, depth + 1));
        }

        KernelThread thread = system.Start(context =>
        {
            fault = domains[0].Call(context, inner => Descend(inner, 1));
            (self, executor) = (context.Self.Value, context.Thread.ExecutorId);
        });
        SpinUntil(() => thread.State == RunState.Waiting);
        system.Group.Kill(domains[0].Gate);
        TestSystem.Finish(thread);
        Assert.Equal((Fault.CalleeKilled, DomainId.Kernel.Value, 0), (fault, self, executor));
        Assert.All(domains[1..], domain => Assert.Equal(domain.Gate.HomeExecutorId, domain.Gate.Word));
    }

    public void Dispose() => system.Dispose();

    private static void SpinUntil(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TestSystem.Patience));

    private sealed class StrongBox(TestDomain domain)
    {
        internal volatile TestDomain Domain = domain;
    }

    private sealed class RecordingSink : IFaultSink
    {
        internal List<string> Faults { get; } = [];

        public void OnFault(ThreadContext thread, DomainGate gate, string exceptionTypeName) =>
            Faults.Add($"{gate.Name}: {exceptionTypeName}");
    }
}
