using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Tests.Executors;
using Xunit;

namespace RedLeafSharp.Tests.Limits;

/// <summary>Who is charged for processor time, and when it is too much. Domains here spin until the limit is reported.</summary>
public sealed class CallLimitTests : IDisposable
{
    private static readonly DomainLimits Short = new() { CallMicros = 20_000 };

    private readonly TestSystem system = new();
    private readonly List<string> exceeded = [];
    private volatile bool isOver;

    public CallLimitTests() => system.Group.LimitExceeded = (gate, cause) =>
    {
        lock (exceeded)
        {
            exceeded.Add($"{gate.Name}: {cause}");
        }

        system.Group.Kill(gate);
        isOver = true;
    };

    public void Dispose() => system.Dispose();

    [Fact]
    public void Call_ThatRunsTooLong_IsChargedToItAndNotToItsCaller()
    {
        TestDomain caller = Limited("caller", Short);
        TestDomain callee = Limited("callee", Short);
        Fault fault = Fault.None;

        system.Run(context => caller.Call(context, inner => fault = callee.Call(inner, _ => Spin())));

        Assert.Equal(Fault.CalleeKilled, fault);
        Assert.False(caller.Gate.IsDead);
        Assert.Matches(@"^callee: a call has run for \d+ ms without a wait, its limit is 20 ms$", Assert.Single(exceeded));
    }

    [Fact]
    public void Call_ThatMakesShortCallsWithoutEnd_IsCharged()
    {
        TestDomain caller = Limited("caller", Short);
        TestDomain callee = Limited("callee", Short);

        system.Run(context => caller.Call(context, inner =>
        {
            while (!isOver)
            {
                callee.Call(inner, _ => { });
            }
        }));

        Assert.StartsWith("caller: ", Assert.Single(exceeded), StringComparison.Ordinal);
        Assert.False(callee.Gate.IsDead);
    }

    [Fact]
    public void Calls_ManyThatAreShort_AreNotOneThatIsLong()
    {
        TestDomain callee = Limited("callee", Short);
        TestDomain caller = Limited("caller", new DomainLimits { CallMicros = 200_000 });

        system.Run(context => caller.Call(context, inner =>
        {
            while (!isOver)
            {
                callee.Call(inner, _ => Thread.SpinWait(100));
            }
        }));

        Assert.StartsWith("caller: ", Assert.Single(exceeded), StringComparison.Ordinal);
    }

    [Fact]
    public void Call_ThatWaitsNowAndThen_MayGoOn()
    {
        TestDomain domain = Limited("domain", Short);
        TestDomain other = Limited("other", new DomainLimits { ProcessorPercent = 1, ProcessorBurstMicros = 100_000 });
        KernelEvent pause = new(system.Group);

        system.Run(context => other.Call(context, outer =>
        {
            while (!isOver)
            {
                domain.Call(outer, inner =>
                {
                    Thread.SpinWait(100);
                    pause.Signal();
                    pause.Wait(inner);
                });
                Thread.SpinWait(1000);
            }
        }));

        Assert.Equal("other: it has used more than 1 % of a core and 100 ms saved up", Assert.Single(exceeded));
    }

    [Fact]
    public void Call_OfADomainWithoutLimits_IsLeftAlone()
    {
        TestDomain free = system.AddDomain("free");
        TestDomain limited = Limited("limited", Short);

        system.Run(context =>
        {
            free.Call(context, _ => SpinMicros(60_000));
            limited.Call(context, _ => Spin());
        });

        Assert.StartsWith("limited: ", Assert.Single(exceeded), StringComparison.Ordinal);
    }

    private static void SpinMicros(long micros)
    {
        long end = Environment.TickCount64 + (micros / 1000);
        while (Environment.TickCount64 < end)
        {
        }
    }

    private TestDomain Limited(string name, DomainLimits limits)
    {
        TestDomain domain = system.AddDomain(name);
        system.Group.Limit(domain.Gate, new ResourceAccount(limits, system.Group.UptimeMicros));
        return domain;
    }

    private void Spin()
    {
        while (!isOver)
        {
        }
    }
}
