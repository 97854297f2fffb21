using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Simulation;
using RedLeafSharp.Safepoints;
using Xunit;

namespace RedLeafSharp.Tests.Executors;

/// <summary>Whose fault it is when a call does not end, and when it is nobody's. In virtual time, but for the last.</summary>
public sealed class DeadlineTests : IDisposable
{
    private const long Deadline = 2_000_000;
    private const long Hour = 3_600_000_000;

    private readonly TestSystem system = new(options: new ExecutorOptions { Simulation = new TrialSimulation(1, 1, new Trace(false)) });
    private readonly List<string> late = [];

    public DeadlineTests() => system.Group.DeadlineExceeded = (gate, cause) =>
    {
        late.Add($"{gate.Name}: {cause}");
        system.Group.Kill(gate);
    };

    public void Dispose() => system.Dispose();

    [Fact]
    public void Wait_WithoutEnd_EndsAtTheDeadlineOfItsDomain()
    {
        TestDomain callee = Timed("callee", Deadline);
        Fault fault = Fault.None;

        system.Run(context => fault = callee.Call(context, WaitForEver));

        Assert.Equal((Fault.CalleeLate, true), (fault, callee.Gate.IsDead));
        Assert.InRange(system.Group.UptimeMicros, Deadline, Deadline + 100_000);
        Assert.Equal("callee: a call has not answered for 2000 ms on thread test, its deadline is 2000 ms", Assert.Single(late));
    }

    [Fact]
    public void Message_NamesContractAndMethod()
    {
        TestDomain callee = Timed("callee", Deadline);

        system.Run(context => callee.Call(context, WaitForEver, CallTag("IBlockDevice.Poll", 0)));

        Assert.StartsWith("callee: IBlockDevice.Poll has not answered for ", Assert.Single(late), StringComparison.Ordinal);
    }

    [Fact]
    public void NestedCalls_TheInnermostIsBlamed()
    {
        TestDomain shadow = Timed("shadow", Deadline);
        TestDomain driver = Timed("driver", Deadline);
        Fault outer = Fault.None;
        Fault inner = Fault.None;

        system.Run(context => outer = shadow.Call(context, inside => inner = driver.Call(inside, WaitForEver)));

        Assert.Equal((Fault.None, Fault.CalleeLate), (outer, inner));
        Assert.StartsWith("driver: ", Assert.Single(late), StringComparison.Ordinal);
    }

    [Fact]
    public void Caller_OfACalleeThatMayTakeForEver_IsNotBlamed()
    {
        TestDomain caller = Timed("caller", Deadline);
        TestDomain callee = Timed("callee", CallDeadline.None);

        system.Run(context => caller.Call(context, inside => callee.Call(inside, Sleep(Hour))));

        Assert.Empty(late);
    }

    [Fact]
    public void Caller_OfManyLateCallees_IsNotBlamed()
    {
        TestDomain caller = Timed("caller", Deadline);
        Fault fault = Fault.CallerDead;

        system.Run(context => fault = caller.Call(context, inside =>
        {
            for (int death = 0; death < 5; death++)
            {
                Timed($"callee {death}", Deadline).Call(inside, WaitForEver);
            }
        }));

        Assert.Equal((Fault.None, 5), (fault, late.Count));
    }

    [Fact]
    public void Call_OfAMethodThatIsGrantedMore_MayTakeMore()
    {
        TestDomain callee = Timed("callee", Deadline);
        Fault[] faults = [Fault.CallerDead, Fault.CallerDead];

        system.Run(context =>
        {
            faults[0] = callee.Call(context, Sleep(29_000_000), CallTag("IDomain.Start", 30));
            faults[1] = callee.Call(context, Sleep(31_000_000), CallTag("IDomain.Start", 30));
        });

        Assert.Equal([Fault.None, Fault.CalleeLate], faults);
        Assert.EndsWith("its deadline is 30000 ms", Assert.Single(late), StringComparison.Ordinal);
    }

    [Fact]
    public void Call_OfAMethodThatMayTakeForEver_IsLeftAlone()
    {
        TestDomain callee = Timed("callee", Deadline);

        system.Run(context => callee.Call(context, Sleep(Hour), CallTag("IProgram.Main", RedLeafSharp.Contracts.MayTakeAttribute.Forever)));

        Assert.Empty(late);
    }

    [Fact]
    public void Calls_ManyThatTogetherTakeLong_AreNotOneThatDoes()
    {
        TestDomain callee = Timed("callee", Deadline);

        system.Run(context =>
        {
            for (int call = 0; call < 20; call++)
            {
                callee.Call(context, Sleep(Deadline * 9 / 10));
            }
        });

        Assert.Empty(late);
    }

    [Fact]
    public void Waits_OfOneCall_AddUp()
    {
        TestDomain callee = Timed("callee", Deadline);
        Fault fault = Fault.None;

        system.Run(context => fault = callee.Call(context, inside =>
        {
            while (true)
            {
                Sleep(Deadline / 10)(inside);
            }
        }));

        Assert.Equal(Fault.CalleeLate, fault);
        Assert.InRange(system.Group.UptimeMicros, Deadline, Deadline + 100_000);
    }

    [Fact]
    public void Computation_WithoutEnd_EndsAtTheDeadline()
    {
        TestDomain callee = Timed("callee", 50_000);
        Fault fault = Fault.None;

        system.Run(context => fault = callee.Call(context, _ =>
        {
            while (true)
            {
                Safepoint.Poll();
            }
        }));

        Assert.Equal((Fault.CalleeLate, 1), (fault, late.Count));
    }

    [Fact]
    public void WhoeverWaitsForADomainThatIsOccupied_IsNotBlamed()
    {
        TestDomain caller = Timed("caller", Deadline);
        TestDomain occupied = Timed("occupied", CallDeadline.None);
        Fault fault = Fault.CallerDead;

        RunBoth(
            context => occupied.Call(context, Sleep(Hour)),
            context => caller.Call(context, inside => fault = occupied.Call(inside, _ => { })));

        Assert.Equal(Fault.None, fault);
        Assert.Empty(late);
    }

    [Fact]
    public void WhatTheKernelDoesForACall_IsNotChargedToIt()
    {
        TestDomain caller = Timed("caller", Deadline);
        TestDomain callee = Timed("callee", Deadline);
        Fault ofCallee = Fault.None;
        Fault ofCaller = Fault.None;

        system.Run(context => ofCaller = caller.Call(context, inside =>
        {
            int before = ExecutorGroup.Excuse(inside.Thread);
            Sleep(Hour)(inside);
            ofCallee = callee.Call(inside, WaitForEver);
            ExecutorGroup.EndExcuse(inside.Thread, before);
            WaitForEver(inside);
        }));

        Assert.Equal((Fault.CalleeLate, Fault.CalleeLate), (ofCallee, ofCaller));
        Assert.Equal(2, late.Count);
    }

    [Fact]
    public void OtherThreadsInside_LearnWhyToo()
    {
        var callee = new TestDomain(new DomainGate(90, "callee", homeExecutorId: 0, isReentrant: true));
        system.Group.Register(callee.Gate);
        system.Group.SetDeadline(callee.Gate, Deadline);
        Fault[] faults = [Fault.None, Fault.None];

        RunBoth(
            context => faults[0] = callee.Call(context, WaitForEver),
            context =>
            {
                Sleep(Deadline / 2)(context);
                faults[1] = callee.Call(context, WaitForEver);
            });

        Assert.Equal([Fault.CalleeLate, Fault.CalleeLate], faults);
        Assert.Single(late);
    }

    [Fact]
    public void Wait_WithoutEnd_EndsByTheClockOfTheHostToo()
    {
        using var real = new TestSystem();
        TestDomain callee = real.AddDomain("callee");
        real.Group.SetDeadline(callee.Gate, 100_000);
        Fault fault = Fault.None;

        real.Run(context => fault = callee.Call(context, WaitForEver));

        Assert.Equal(Fault.CalleeLate, fault);
    }

    /// <summary>Both begin before virtual time passes, the first one first.</summary>
    private void RunBoth(ThreadBody first, ThreadBody second) => system.Run(context =>
    {
        KernelEvent done = KernelEvent.Create(context);
        int left = 2;
        KernelEvent hasBegun = KernelEvent.Create(context);
        foreach (ThreadBody body in new[] { first, second })
        {
            system.Start(inner =>
            {
                hasBegun.Signal();
                body(inner);
                left--;
                done.Signal();
            });
            hasBegun.Wait(context);
        }

        while (left > 0)
        {
            done.Wait(context);
        }
    });

    private static ulong CallTag(string method, int seconds) => RedLeafSharp.CallTag.Of(method, seconds);

    private static void WaitForEver(CallContext context)
    {
        KernelEvent never = KernelEvent.Create(context);
        while (true)
        {
            never.Wait(context);
        }
    }

    private static ThreadBody Sleep(long micros) => context => KernelEvent.Create(context).Wait(context, micros);

    private TestDomain Timed(string name, long micros)
    {
        TestDomain domain = system.AddDomain(name);
        system.Group.SetDeadline(domain.Gate, micros);
        return domain;
    }
}
