using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Bench.Crossings;

/// <summary>
/// The rungs of the ladder one by one under BenchmarkDotNet, for its statistics. For comparing rungs take the harness
/// (<c>crossings</c>), which interleaves them. In this process, because the domains are loaded into it.
/// </summary>
[Config(typeof(ShortInProcess))]
[MemoryDiagnoser]
public class CrossingBenchmarks
{
    private const int Calls = 1000;

    private ExchangeHeap? heap;
    private ThreadContext? thread;
    private Rung? rung;

    /// <summary>All rungs.</summary>
    public static IEnumerable<string> Names => CrossingLadder.Build().Select(r => r.Name);

    /// <summary>The rung.</summary>
    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    /// <summary>Loads the domains.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        heap = new ExchangeHeap(64L << 20);
        thread = new ThreadContext(new BenchScheduler(), new ExchangeHeapCache(heap), executorId: 0, CrossingLadder.CallerId);
        rung = CrossingLadder.Build().Single(r => r.Name == Name);
    }

    /// <summary>One call.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public void Call() => rung!.Call(thread!, Calls);

    /// <summary>Frees what is not the collector's.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        thread?.Dispose();
        heap?.Dispose();
    }

    private sealed class ShortInProcess : ManualConfig
    {
        public ShortInProcess() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }
}
