using System.Diagnostics;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Processes;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// Holds domains and processes to what they may have on the exchange heap: a thread of the host counts the heap now and then and
/// kills those that have too much.
/// </summary>
/// <remarks>
/// A count at each allocation, free and move would be exact, and would cost each of them what docs/limits.md says. Between two
/// looks a domain can overshoot, at most up to the size of the heap.
/// </remarks>
internal sealed class LimitWatch : IDisposable
{
    /// <summary>Between two counts; what a domain can take meanwhile is bounded by the heap only.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>A count of a large heap takes long: after one that took t, the next waits at least this many times t.</summary>
    private const int RestPerCount = 20;

    private readonly DomainRegistry registry;
    private readonly ProcessLoader processes;
    private readonly ExchangeHeap heap;
    private readonly Supervisor supervisor;
    private readonly Dictionary<uint, Census> byOwner = [];
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread? thread;

    /// <param name="registry">The domains.</param>
    /// <param name="processes">The processes.</param>
    /// <param name="heap">What is counted.</param>
    /// <param name="supervisor">Who kills.</param>
    /// <param name="isSimulated">Whether somebody else makes the rounds, instead of a thread of its own.</param>
    internal LimitWatch(
        DomainRegistry registry, ProcessLoader processes, ExchangeHeap heap, Supervisor supervisor, bool isSimulated = false)
    {
        this.registry = registry;
        this.processes = processes;
        this.heap = heap;
        this.supervisor = supervisor;
        if (!isSimulated)
        {
            thread = new Thread(Run) { IsBackground = true, Name = "redleaf-limits" };
            thread.Start();
        }
    }

    public void Dispose()
    {
        stop.Set();
        thread?.Join();
        stop.Dispose();
    }

    /// <summary>Counts once.</summary>
    internal void MakeRound()
    {
        heap.CountEach(byOwner);
        foreach (Domain domain in registry.Domains)
        {
            Check(domain.Current);
        }

        foreach (Generation process in processes.Generations)
        {
            Check(process);
        }
    }

    private void Run()
    {
        TimeSpan rest = Interval;
        while (!stop.Wait(rest))
        {
            long start = Stopwatch.GetTimestamp();
            MakeRound();
            TimeSpan spent = Stopwatch.GetElapsedTime(start) * RestPerCount;
            rest = spent > Interval ? spent : Interval;
        }
    }

    private void Check(Generation? generation)
    {
        if (generation is not { DiedMicros: 0 } || !byOwner.TryGetValue(generation.Id, out Census held))
        {
            return;
        }

        DomainLimits limits = generation.Limits;
        if (held.Bytes > limits.ExchangeBytes)
        {
            supervisor.OnLimit(generation.Gate, $"it holds {held.Bytes} bytes of the exchange heap, its limit is {limits.ExchangeBytes}");
        }
        else if (held.Blocks > limits.ExchangeBlocks)
        {
            supervisor.OnLimit(generation.Gate, $"it holds {held.Blocks} blocks of the exchange heap, its limit is {limits.ExchangeBlocks}");
        }
    }
}
