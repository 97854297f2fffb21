using RedLeafSharp.Kernel.Executors;
using Xunit;

namespace RedLeafSharp.Tests.Executors;

public sealed class CrossingTests : IDisposable
{
    private readonly TestSystem system = new(executors: 2);

    [Fact]
    public void Call_SameExecutor_RunsInTheCallee()
    {
        TestDomain callee = system.AddDomain("callee");
        uint self = 0, caller = 0;
        Fault fault = Fault.Busy;
        system.Run(context => fault = callee.Call(context, inner => (self, caller) = (inner.Self.Value, inner.Caller.Value)));
        Assert.Equal((Fault.None, callee.Id, 1u), (fault, self, caller));
    }

    [Fact]
    public void Call_OtherExecutor_MigratesThereAndBack()
    {
        TestDomain callee = system.AddDomain("callee", executor: 1);
        var executors = new List<int>();
        bool hasHeapOfExecutor = false;
        system.Run(context =>
        {
            executors.Add(context.Thread.ExecutorId);
            callee.Call(context, inner =>
            {
                executors.Add(inner.Thread.ExecutorId);
                hasHeapOfExecutor = inner.Thread.Heap == system.Group.Executors[1].Heap;
            });
            executors.Add(context.Thread.ExecutorId);
        });
        Assert.Equal([0, 1, 0], executors);
        Assert.True(hasHeapOfExecutor);
    }

    [Fact]
    public void Call_ThereAndOn_UnwindsEachMigration()
    {
        TestDomain far = system.AddDomain("far", executor: 1);
        TestDomain near = system.AddDomain("near", executor: 0);
        var executors = new List<int>();
        system.Run(context =>
        {
            far.Call(context, second =>
            {
                near.Call(second, third => executors.Add(third.Thread.ExecutorId));
                executors.Add(second.Thread.ExecutorId);
            });
            executors.Add(context.Thread.ExecutorId);
        });
        Assert.Equal([0, 1, 0], executors);
    }

    [Fact]
    public void Call_OtherExecutor_LeavesTheOwnOneToOthers()
    {
        TestDomain far = system.AddDomain("far", executor: 1);
        var inside = new KernelEvent(system.Group);
        var go = new KernelEvent(system.Group);
        WaitResult result = WaitResult.TimedOut;
        system.Run(
            context => far.Call(context, inner =>
            {
                inside.Signal();
                result = go.Wait(inner, 60_000_000);
            }),
            context =>
            {
                inside.Wait(context);
                go.Signal();
            });
        Assert.Equal(WaitResult.Signaled, result);
    }

    [Fact]
    public void Call_WhileMigratedAway_HomeStillPolls()
    {
        TestDomain far = system.AddDomain("far", executor: 1);
        bool isAway = false;
        int pollsWhileAway = 0;
        system.Group.Executors[0].AddPollStep(_ =>
        {
            pollsWhileAway += isAway ? 1 : 0;
            return false;
        });
        system.Run(context => far.Call(context, _ =>
        {
            Volatile.Write(ref isAway, true);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref pollsWhileAway) > 2, TestSystem.Patience));
        }));
        Assert.True(pollsWhileAway > 2);
    }

    [Fact]
    public void Call_GateNotStartedOrDead_IsRefused()
    {
        TestDomain dead = system.AddDomain("dead");
        system.Group.Kill(dead.Gate);
        var unborn = new TestDomain(new DomainGate(99, "unborn", 0, isReentrant: false, isOpen: false));
        var faults = new List<Fault>();
        uint self = 0;
        system.Run(context =>
        {
            faults.Add(dead.Call(context, _ => { }));
            faults.Add(unborn.Call(context, _ => { }));
            self = context.Self.Value;
        });
        Assert.Equal([Fault.CalleeDead, Fault.CalleeDead], faults);
        Assert.Equal(DomainId.Kernel.Value, self);
    }

    [Fact]
    public void Call_BackIntoADomainThatNothingSuspends_IsBusyAndItGoesOn()
    {
        TestDomain first = system.AddDomain("first"), second = system.AddDomain("second");
        Fault back = Fault.None, outer = Fault.Busy, again = Fault.Busy;

        system.Run(context =>
        {
            outer = first.Call(context, a => second.Call(a, b => back = first.Call(b, _ => { })));
            again = first.Call(context, _ => { });
        });

        Assert.Equal((Fault.Busy, Fault.None, Fault.None), (back, outer, again));
    }

    [Fact]
    public void Call_FromAnotherDepthOrThread_GoesIn()
    {
        TestDomain callee = system.AddDomain("callee"), between = system.AddDomain("between");
        var faults = new List<Fault>();
        ThreadBody deepThenFlat = context =>
        {
            faults.Add(callee.Call(context, _ => { }));
            faults.Add(between.Call(context, a => faults.Add(callee.Call(a, _ => { }))));
            faults.Add(callee.Call(context, _ => { }));
        };

        system.Run(deepThenFlat, deepThenFlat, deepThenFlat);

        Assert.Equal(Enumerable.Repeat(Fault.None, 12), faults);
    }

    [Fact]
    public void Call_BackIntoAReentrantDomain_GoesIn()
    {
        TestDomain first = system.AddDomain("first", isReentrant: true), second = system.AddDomain("second");
        Fault back = Fault.Busy;

        system.Run(context => first.Call(context, a => second.Call(a, b => back = first.Call(b, _ => { }))));

        Assert.Equal(Fault.None, back);
    }

    [Fact]
    public void Call_AfterOneThatThrewOrWasRefused_GoesIn()
    {
        TestDomain first = system.AddDomain("first"), second = system.AddDomain("second"), third = system.AddDomain("third");
        Fault thrown = Fault.None, inside = Fault.Busy, after = Fault.Busy;

        system.Run(context =>
        {
            first.Call(context, a =>
            {
                thrown = second.Call(a, _ => throw new InvalidOperationException());
                inside = third.Call(a, _ => { });
            });
            after = third.Call(context, a => first.Call(a, _ => { }));
        });

        Assert.Equal((Fault.CalleeFaulted, Fault.None, Fault.None), (thrown, inside, after));
    }

    [Fact]
    public void Call_BackIntoASuspendedDomain_IsBusy()
    {
        TestDomain near = system.AddDomain("near");
        TestDomain far = system.AddDomain("far", executor: 1);
        Fault inner = Fault.None, outer = Fault.Busy;
        int executor = -1;
        system.Run(context => outer = near.Call(context, first => far.Call(first, second =>
        {
            inner = near.Call(second, _ => { });
            executor = second.Thread.ExecutorId;
        })));
        Assert.Equal((Fault.Busy, Fault.None, 1), (inner, outer, executor));
    }

    [Fact]
    public void Call_BackIntoAReentrantDomain_Enters()
    {
        TestDomain near = system.AddDomain("near", isReentrant: true);
        TestDomain far = system.AddDomain("far", executor: 1);
        Fault inner = Fault.Busy;
        system.Run(context => near.Call(context, first => far.Call(first, second => inner = near.Call(second, _ => { }))));
        Assert.Equal(Fault.None, inner);
    }

    [Fact]
    public void Call_PollStepIntoASuspendedDomain_IsBusy()
    {
        TestDomain domain = system.AddDomain("domain");
        var done = new KernelEvent(system.Group);
        Fault fault = Fault.None;
        system.Group.Executors[0].AddPollStep(context =>
        {
            if (domain.Gate.Word == GateState.Occupied)
            {
                fault = domain.Call(context, _ => { });
                done.Signal();
            }

            return false;
        });
        system.Run(context => domain.Call(context, inner => done.Wait(inner)));
        Assert.Equal(Fault.Busy, fault);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public void Deposits_SuspendedInMidUpdate_LoseNothing(int threads, bool acrossExecutors)
    {
        const int Deposits = 2000;
        TestDomain bank = system.AddDomain("bank");
        TestDomain far = system.AddDomain("far", executor: 1);
        long balance = 0;
        int refused = 0;
        KernelThread[] depositors = [.. Enumerable.Range(0, threads).Select(number => system.Start(
            context =>
            {
                for (int i = 0; i < Deposits; i++)
                {
                    Fault fault = bank.Call(context, inner =>
                    {
                        long before = balance;
                        if (acrossExecutors)
                        {
                            far.Call(inner, _ => { });
                        }
                        else
                        {
                            system.Group.Yield(inner.Thread);
                        }

                        balance = before + 1;
                    });
                    refused += fault == Fault.None ? 0 : 1;
                }
            },
            executor: number % 2))];
        Array.ForEach(depositors, TestSystem.Finish);
        Assert.Equal((0, (long)threads * Deposits), (refused, balance));
    }

    [Fact]
    public void Deposits_IntoAReentrantDomain_GetLost()
    {
        // Shows that the test above can fail: without closing, the same code loses updates.
        TestDomain bank = system.AddDomain("bank", isReentrant: true);
        long balance = 0;
        ThreadBody depositor = context =>
        {
            for (int i = 0; i < 100; i++)
            {
                bank.Call(context, inner =>
                {
                    long before = balance;
                    system.Group.Yield(inner.Thread);
                    balance = before + 1;
                });
            }
        };
        system.Run(context =>
        {
            KernelThread[] both = [system.Start(depositor), system.Start(depositor)];
            KernelEvent pause = KernelEvent.Create(context);
            while (!both.All(thread => thread.IsCompleted))
            {
                pause.Wait(context, 100);
            }
        });
        Assert.True(balance < 200);
    }

    [Fact]
    public void Waiters_ForASuspendedDomain_EnterInOrderOfArrival()
    {
        TestDomain domain = system.AddDomain("domain");
        var signal = new KernelEvent(system.Group);
        var order = new List<int>();
        ThreadBody Caller(int number) => context => domain.Call(context, inner =>
        {
            order.Add(number);
            system.Group.Yield(inner.Thread);
        });
        system.Run(
            context => domain.Call(context, inner => signal.Wait(inner)),
            Caller(1), Caller(2), Caller(3), _ => signal.Signal());
        Assert.Equal([1, 2, 3], order);
    }

    [Fact]
    public void Calls_CrossingEachOther_AreADeadlockForTheSecond()
    {
        TestDomain left = system.AddDomain("left", executor: 0);
        TestDomain right = system.AddDomain("right", executor: 1);
        var leftInside = new KernelEvent(system.Group);
        var rightInside = new KernelEvent(system.Group);
        var faults = new List<Fault>();
        KernelThread one = system.Start(context => left.Call(context, inner =>
        {
            rightInside.Signal();
            leftInside.Wait(inner);
            Fault fault = right.Call(inner, _ => { });
            lock (faults)
            {
                faults.Add(fault);
            }
        }));
        KernelThread two = system.Start(
            context => right.Call(context, inner =>
            {
                leftInside.Signal();
                rightInside.Wait(inner);
                Fault fault = left.Call(inner, _ => { });
                lock (faults)
                {
                    faults.Add(fault);
                }
            }),
            executor: 1);
        TestSystem.Finish(one);
        TestSystem.Finish(two);
        Assert.Equal(1, faults.Count(fault => fault == Fault.Deadlock));
        Assert.Equal(1, faults.Count(fault => fault is Fault.None));
    }

    [Fact]
    public void Call_TooDeep_IsRefusedAndTheChainIsRestored()
    {
        TestDomain domain = system.AddDomain("domain", isReentrant: true);
        Fault deepest = Fault.None;
        uint self = 0;
        void Recurse(CallContext context)
        {
            Fault fault = domain.Call(context, Recurse);
            deepest = fault == Fault.None ? deepest : fault;
        }

        system.Run(context =>
        {
            Recurse(context);
            self = context.Self.Value;
        });
        Assert.Equal((Fault.TooDeep, DomainId.Kernel.Value), (deepest, self));
    }

    [Fact]
    public void Start_InADomainThatIsOccupied_WaitsForIt()
    {
        TestDomain domain = system.AddDomain("domain");
        var signal = new KernelEvent(system.Group);
        var order = new List<string>();
        KernelThread inside = system.Start(context => domain.Call(context, inner =>
        {
            signal.Wait(inner);
            order.Add("first");
        }));
        KernelThread bottom = system.Group.Executors[0].Start("bottom", domain.Id, _ => order.Add("second"));
        KernelThread waker = system.Start(_ => signal.Signal());
        Array.ForEach([inside, bottom, waker], TestSystem.Finish);
        Assert.Equal(["first", "second"], order);
    }

    public void Dispose() => system.Dispose();
}
