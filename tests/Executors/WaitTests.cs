using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Lab.Simulation;
using Xunit;

namespace RedLeafSharp.Tests.Executors;

public sealed class WaitTests : IDisposable
{
    private readonly TestSystem system = new();

    [Fact]
    public void Start_Body_RunsInItsBottomDomainOnItsExecutor()
    {
        uint domain = 0;
        int executor = -1;
        KernelThread thread = system.Group.Executors[0].Start("t", 77, context =>
        {
            domain = context.Self.Value;
            executor = context.Thread.ExecutorId;
        });
        TestSystem.Finish(thread);
        Assert.Equal((77u, 0), (domain, executor));
        Assert.True(thread.IsCompleted);
    }

    [Fact]
    public void Wait_SignaledBefore_PassesOnce()
    {
        WaitResult first = default, second = default;
        system.Run(context =>
        {
            KernelEvent signal = KernelEvent.Create(context);
            signal.Signal();
            first = signal.Wait(context, 0);
            second = signal.Wait(context, 0);
        });
        Assert.Equal((WaitResult.Signaled, WaitResult.TimedOut), (first, second));
    }

    [Fact]
    public void Signal_FromHostThread_WakesAnIdleExecutor()
    {
        var signal = new KernelEvent(system.Group);
        WaitResult result = WaitResult.Deadlock;
        KernelThread thread = system.Start(context => result = signal.Wait(context));
        Assert.True(SpinWait.SpinUntil(() => system.Group.Executors[0].Sleeper is not null, TestSystem.Patience));
        signal.Signal();
        TestSystem.Finish(thread);
        Assert.Equal(WaitResult.Signaled, result);
    }

    [Fact]
    public void Signal_SeveralWaiters_WakesInOrderOfArrival()
    {
        var signal = new KernelEvent(system.Group);
        var order = new List<int>();
        ThreadBody Waiter(int number) => context =>
        {
            signal.Wait(context);
            order.Add(number);
        };
        system.Run(Waiter(1), Waiter(2), Waiter(3), _ =>
        {
            signal.Signal();
            signal.Signal();
            signal.Signal();
        });
        Assert.Equal([1, 2, 3], order);
    }

    [Fact]
    public void SignalAll_SeveralWaiters_WakesAll()
    {
        var signal = new KernelEvent(system.Group);
        int woken = 0;
        ThreadBody waiter = context =>
        {
            signal.Wait(context);
            woken++;
        };
        system.Run(waiter, waiter, waiter, _ => signal.SignalAll());
        Assert.Equal(3, woken);
    }

    [Fact]
    public void Wait_TimeOuts_EndInOrderOfTheirDeadlines()
    {
        // In virtual time, and all begin before any of it passes: on a busy host starting a thread takes longer than these waits.
        using var simulated = new TestSystem(options: new ExecutorOptions { Simulation = new TrialSimulation(1, 1, new Trace(false)) });
        var order = new List<int>();
        simulated.Run(context =>
        {
            KernelEvent done = KernelEvent.Create(context);
            foreach (int millis in new[] { 30, 10, 20, 0 })
            {
                simulated.Start(inner =>
                {
                    Assert.Equal(WaitResult.TimedOut, KernelEvent.Create(inner).Wait(inner, millis * 1000L));
                    order.Add(millis);
                    done.Signal();
                });
            }

            while (order.Count < 4)
            {
                done.Wait(context);
            }
        });
        Assert.Equal([0, 10, 20, 30], order);
    }

    [Fact]
    public void Wait_Leader_RunsPollStepsItself()
    {
        var signal = new KernelEvent(system.Group);
        int polls = 0;
        system.Group.Executors[0].AddPollStep(_ =>
        {
            if (++polls == 5)
            {
                signal.Signal();
            }

            return true;
        });
        WaitResult result = WaitResult.Deadlock;
        system.Run(context => result = signal.Wait(context));
        Assert.Equal(WaitResult.Signaled, result);
    }

    [Fact]
    public void Wait_InPollStep_IsRefused()
    {
        var signal = new KernelEvent(system.Group);
        var done = new KernelEvent(system.Group);
        string? refusal = null;
        system.Group.Executors[0].AddPollStep(context =>
        {
            if (refusal is null)
            {
                try
                {
                    signal.Wait(context);
                }
                catch (InvalidOperationException exception)
                {
                    refusal = exception.Message;
                }

                done.Signal();
            }

            return false;
        });
        system.Run(context => done.Wait(context));
        Assert.Equal("a poll step may not wait", refusal);
    }

    [Fact]
    public void Wait_ProducerAndConsumer_LoseNothing()
    {
        const int Items = 20_000, Capacity = 8;
        var pipe = new Queue<int>();
        var changed = new KernelEvent(system.Group);
        long sum = 0;
        system.Run(
            context =>
            {
                for (int item = 1; item <= Items; item++)
                {
                    while (pipe.Count == Capacity)
                    {
                        changed.Wait(context);
                    }

                    pipe.Enqueue(item);
                    changed.Signal();
                }
            },
            context =>
            {
                for (int taken = 0; taken < Items; taken++)
                {
                    while (pipe.Count == 0)
                    {
                        changed.Wait(context);
                    }

                    sum += pipe.Dequeue();
                    changed.Signal();
                }
            });
        Assert.Equal((long)Items * (Items + 1) / 2, sum);
    }

    [Fact]
    public void Body_Throws_IsRecordedAndTheExecutorGoesOn()
    {
        KernelThread thread = system.Start(_ => throw new InvalidTimeZoneException());
        thread.Join();
        Assert.Equal("System.InvalidTimeZoneException", thread.FailureTypeName);
        bool ran = false;
        system.Run(_ => ran = true);
        Assert.True(ran);
    }

    [Fact]
    public void Join_ByAnExecutorsThread_IsRefused()
    {
        KernelThread other = system.Start(_ => { });
        KernelThread thread = system.Start(_ => other.Join());
        thread.Join();
        Assert.Equal("System.InvalidOperationException", thread.FailureTypeName);
    }

    [Fact]
    public void Yield_TwoThreads_Alternate()
    {
        var order = new List<int>();
        ThreadBody Yielder(int number) => context =>
        {
            for (int i = 0; i < 3; i++)
            {
                order.Add(number);
                system.Group.Yield(context.Thread);
            }
        };
        system.Run(
            context =>
            {
                KernelThread one = system.Start(Yielder(1));
                KernelThread two = system.Start(Yielder(2));
                while (!(one.IsCompleted && two.IsCompleted))
                {
                    KernelEvent.Create(context).Wait(context, 100);
                }
            });
        Assert.Equal([1, 2, 1, 2, 1, 2], order);
    }

    [Fact]
    public void Wait_NothingCanSignal_IsADeadlockWhenAskedFor()
    {
        using var strict = new TestSystem(1, new ExecutorOptions { DetectDeadlock = true });
        WaitResult result = WaitResult.Signaled;
        strict.Run(context => result = KernelEvent.Create(context).Wait(context));
        Assert.Equal(WaitResult.Deadlock, result);
    }

    public void Dispose() => system.Dispose();
}
