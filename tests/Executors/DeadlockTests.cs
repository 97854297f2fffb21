using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Tests.Generators;
using Xunit;

namespace RedLeafSharp.Tests.Executors;

/// <summary>Waits in a circle, which the watchdog ends, and waits that only look like one.</summary>
public sealed class DeadlockTests : IDisposable
{
    private readonly TestSystem system = new();
    private readonly List<string> circles = [];
    private readonly TestDomain left;
    private readonly TestDomain right;

    public DeadlockTests()
    {
        system.Group.DeadlockFound = circle =>
        {
            lock (circles)
            {
                circles.Add(circle);
            }
        };
        left = system.AddDomain("left");
        right = system.AddDomain("right");
    }

    public void Dispose() => system.Dispose();

    [Fact]
    public void Wait_ForEachOthersEvent_EndsForTheFirstAndTheCircleIsSaid()
    {
        WaitResult first = default, second = default;
        KernelEvent? wanted = null;
        KernelThread one = system.Start(name: "one", body: context => left.Call(context, inner =>
        {
            KernelEvent mine = Handed(inner, right);
            first = mine.Wait(inner);
            wanted!.Signal();
        }));
        SpinUntilWaiting(one);
        KernelThread two = system.Start(name: "two", body: context => right.Call(context, inner =>
        {
            wanted = Handed(inner, left);
            second = wanted.Wait(inner);
        }));

        TestSystem.Finish(one);
        TestSystem.Finish(two);

        Assert.Equal((WaitResult.Deadlock, WaitResult.Signaled), (first, second));
        Assert.Contains("thread one in left waits for an event that only left or right can signal", Circle());
        Assert.Contains("thread two in right waits for an event that only right or left can signal", Circle());
        Assert.StartsWith(Circle().Split(" in ")[0], Circle().Split(" -> ")[^1]);
    }

    [Fact]
    public void Wait_ForADomainThatWaitsToEnter_EndsAndLetsItIn()
    {
        WaitResult result = default;
        Fault fault = Fault.Deadlock;
        KernelThread one = system.Start(
            name: "one", body: context => left.Call(context, inner => result = Handed(inner, right).Wait(inner)));
        SpinUntilWaiting(one);
        KernelThread two = system.Start(
            name: "two", body: context => right.Call(context, inner => fault = left.Call(inner, _ => { })));

        TestSystem.Finish(one);
        TestSystem.Finish(two);

        Assert.Equal((WaitResult.Deadlock, Fault.None), (result, fault));
        Assert.Contains("thread two in right waits to enter left", Circle());
    }

    [Fact]
    public void Wait_ForAnEventThatOnlyTheClosedDomainItselfHas_EndsAndIsSaidOnce()
    {
        var results = new List<WaitResult>();
        system.Run(context => left.Call(context, inner =>
        {
            KernelEvent mine = KernelEvent.Create(inner);
            results.Add(mine.Wait(inner));
            results.Add(mine.Wait(inner));
        }));

        Assert.Equal([WaitResult.Deadlock, WaitResult.Deadlock], results);
        Assert.Equal("thread test in left waits for an event that only left can signal -> thread test", Circle());
    }

    [Theory]
    [InlineData("interrupt")]
    [InlineData("host")]
    [InlineData("time-out")]
    [InlineData("handed to an open domain")]
    [InlineData("handed to two")]
    [InlineData("re-entrant")]
    public void Wait_ThatSomebodyElseMayEnd_IsLeftAlone(string signaller)
    {
        TestDomain waitsIn = signaller == "re-entrant" ? system.AddDomain("shared", isReentrant: true) : left;
        KernelEvent? awaited = null;
        WaitResult result = default;
        KernelThread thread = system.Start(context => waitsIn.Call(context, inner =>
        {
            awaited = signaller == "host" ? new KernelEvent(system.Group) : KernelEvent.Create(inner);
            Prepare(awaited, signaller);
            result = awaited.Wait(inner, signaller == "time-out" ? 3_600_000_000 : KernelEvent.Forever);
        }));
        SpinUntilWaiting(thread);

        Assert.False(system.Group.EndCycle());

        awaited!.Signal();
        TestSystem.Finish(thread);
        Assert.Equal(WaitResult.Signaled, result);
        Assert.Empty(circles);
    }

    [Fact]
    public void Wait_ForADomainWhoseThreadWaitsForTheHost_IsLeftAlone()
    {
        var fromHost = new KernelEvent(system.Group);
        KernelEvent? mine = null;
        WaitResult result = default;
        KernelThread two = system.Start(context => right.Call(context, inner =>
        {
            fromHost.Wait(inner);
            mine!.Signal();
        }));
        SpinUntilWaiting(two);
        KernelThread one = system.Start(context => left.Call(context, inner =>
        {
            mine = Handed(inner, right);
            result = mine.Wait(inner);
        }));
        SpinUntilWaiting(one);

        Assert.False(system.Group.EndCycle());

        fromHost.Signal();
        TestSystem.Finish(one);
        TestSystem.Finish(two);
        Assert.Equal(WaitResult.Signaled, result);
    }

    [Fact]
    public void FindCycle_WhenItsDomainDiesMeanwhile_TellsWhatItHasSeen()
    {
        KernelEvent? awaited = null;
        KernelThread one = system.Start(context => left.Call(context, inner =>
        {
            awaited = Handed(inner, right);
            awaited.Wait(inner);
        }));
        SpinUntilWaiting(one);
        int looks = 0;
        var graph = new WaitForGraph(_ => looks++ < 2 ? left.Gate.Occupancy as GateOccupancy : null);

        IReadOnlyList<KernelThread> cycle = graph.FindCycle(one);

        awaited!.Signal();
        TestSystem.Finish(one);
        Assert.Equal([one], cycle);
    }

    [Fact]
    public void Proxy_ThatPassesAnEvent_HandsItToTheCallee()
    {
        var proxy = new OrderedProxy(new Ordered(), right.Gate);
        KernelEvent? mine = null;
        system.Run(context => left.Call(context, inner =>
        {
            mine = KernelEvent.Create(inner);
            proxy.Look(inner, mine);
        }));

        Assert.Equal((left.Id, right.Id, true), (mine!.Maker, mine.Receiver, mine.IsTraced));
    }

    /// <summary>An event of the domain inside, as if a proxy had passed it to another.</summary>
    private static KernelEvent Handed(CallContext context, TestDomain to)
    {
        KernelEvent made = KernelEvent.Create(context);
        made.HandTo(to.Id);
        return made;
    }

    private void Prepare(KernelEvent awaited, string signaller)
    {
        switch (signaller)
        {
            case "interrupt":
                awaited.Untrace();
                break;
            case "handed to an open domain":
                awaited.HandTo(right.Id);
                break;
            case "handed to two":
                awaited.HandTo(right.Id);
                awaited.HandTo(system.AddDomain("third").Id);
                break;
        }
    }

    /// <summary>The one circle that was said. The wait ends first and is said of afterwards, so this waits for the words.</summary>
    private string Circle()
    {
        SpinWait.SpinUntil(() => { lock (circles) { return circles.Count > 0; } }, TestSystem.Patience);
        lock (circles)
        {
            return Assert.Single(circles);
        }
    }

    private static void SpinUntilWaiting(KernelThread thread) =>
        Assert.True(SpinWait.SpinUntil(() => thread.State == RunState.Waiting, TestSystem.Patience));
}
