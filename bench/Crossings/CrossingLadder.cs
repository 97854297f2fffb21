using RedLeafSharp.Memory;

namespace RedLeafSharp.Bench.Crossings;

/// <summary>
/// What isolation costs a call: the same calls directly, through a proxy, with a moved reference, through a shadow. All
/// rungs take turns in one process, round by round, so that whatever else the machine does hits them alike.
/// </summary>
internal static class CrossingLadder
{
    private const int TriesPerRound = 6;
    private const int Rounds = 60;

    internal const uint CallerId = 101;

    private const uint ShadowId = 102;
    private const uint CalleeId = 103;

    internal static int Run(string[] arguments)
    {
        PointerCallPeer? peer = PointerCallPeer.Run();
        TimeStampCounter counter = TimeStampCounter.Find(peer);
        using var heap = new ExchangeHeap(64L << 20);
        using var thread = new ThreadContext(new BenchScheduler(), new ExchangeHeapCache(heap), executorId: 0, CallerId);
        Rung[] rungs = Build();
        WarmUp(rungs, thread);
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Rung rung in rungs)
            {
                rung.MeasureRound(thread, TriesPerRound);
            }
        }

        foreach (Rung rung in rungs)
        {
            rung.MeasureAllocations(thread);
        }

        CrossingReport.Print(rungs, peer, counter);
        return 0;
    }

    /// <summary>Loads the domains and puts proxies between them.</summary>
    internal static Rung[] Build()
    {
        ICrossingDomain caller = BenchDomain.Load("caller");
        ICrossingDomain shadow = BenchDomain.Load("shadow");
        ICrossingDomain callee = BenchDomain.Load("callee");
        ICrossing target = callee.NewCallee();
        var proxy = new CrossingProxy(target, new DomainGate(CalleeId, "callee", homeExecutorId: 0, isReentrant: false));
        var shadowProxy = new CrossingProxy(
            shadow.NewShadow(proxy), new DomainGate(ShadowId, "shadow", homeExecutorId: 0, isReentrant: false));
        ICrossingLoops direct = caller.NewLoops(0, callee.NewCallee());
        ICrossingLoops crossing = caller.NewLoops(1, proxy);
        ICrossingLoops shadowed = caller.NewLoops(2, shadowProxy);
        return
        [
            new("interface call, no proxy", null, direct.Add),
            new("crossing", 20, crossing.Add),
            new("interface call, RRef passed", null, direct.PutAndTake),
            new("crossing + RRef moved", 25, crossing.PutAndTake),
            new("crossing + RRef moved there and back", null, crossing.Pass),
            new("through a shadow", 45, shadowed.Add),
            new("through a shadow + RRef moved", 45, shadowed.PutAndTake),
        ];
    }

    /// <summary>Many short runs with pauses, so that the proxies are compiled by the last tier before the first round.</summary>
    private static void WarmUp(Rung[] rungs, ThreadContext thread)
    {
        for (int pass = 0; pass < 6; pass++)
        {
            foreach (Rung rung in rungs)
            {
                for (int run = 0; run < 60; run++)
                {
                    rung.Call(thread, 200);
                }
            }

            Thread.Sleep(150);
        }
    }
}
