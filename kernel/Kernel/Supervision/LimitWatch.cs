using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// Holds domains to the limits of their manifests: a thread of the host counts what each of them has on the exchange heap and
/// kills the one that has too much.
/// </summary>
/// <remarks>
/// Counting now and then instead of at each allocation keeps allocations and crossings free of bookkeeping; between two looks a
/// domain can overshoot, at most up to the size of the heap.
/// </remarks>
internal sealed class LimitWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly ExchangeHeap heap;
    private readonly Supervisor supervisor;
    private readonly Domain[] limited;
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread? thread;

    internal LimitWatch(DomainRegistry registry, ExchangeHeap heap, Supervisor supervisor)
    {
        this.heap = heap;
        this.supervisor = supervisor;
        limited = [.. registry.Domains.Where(domain => domain.Image.Manifest.ExchangeBytesMax < long.MaxValue)];
        if (limited.Length > 0)
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

    private void Run()
    {
        while (!stop.Wait(Interval))
        {
            foreach (Domain domain in limited)
            {
                Check(domain);
            }
        }
    }

    private void Check(Domain domain)
    {
        if (domain.Current is not { DiedMicros: 0 } generation)
        {
            return;
        }

        long bytes = heap.Count(generation.Id).Bytes;
        long bytesMax = domain.Image.Manifest.ExchangeBytesMax;
        if (bytes > bytesMax)
        {
            supervisor.Kill(generation, $"it holds {bytes} bytes of the exchange heap, its limit is {bytesMax}");
        }
    }
}
