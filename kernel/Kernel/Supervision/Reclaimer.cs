using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Memory;
using Serilog;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// Takes back what dead generations held, off the path of recovery, and proves it: exchange bytes are counted, and a weak
/// reference shows that the load context is gone.
/// </summary>
internal sealed class Reclaimer : IDisposable
{
    /// <summary>Full collections are shared by all generations that died within this time.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Collections after which a generation that is still in memory is reported as held.</summary>
    private const int CollectionsMax = 20;

    private readonly ExecutorGroup executors;
    private readonly ExchangeHeap heap;
    private readonly ILogger log;
    private readonly Thread thread;
    private readonly SemaphoreSlim work = new(0);
    private readonly Lock listLock = new();
    private readonly List<Dead> waiting = [];
    private readonly List<ReclaimRecord> records = [];
    private volatile bool isDisposed;
    private bool isHurried;

    internal Reclaimer(ExecutorGroup executors, ExchangeHeap heap, ILogger log)
    {
        this.executors = executors;
        this.heap = heap;
        this.log = log;
        thread = new Thread(Run) { IsBackground = true, Name = "redleaf-reclaim" };
        thread.Start();
    }

    /// <summary>What has become of dead generations, oldest first.</summary>
    internal IReadOnlyList<ReclaimRecord> Records
    {
        get
        {
            lock (listLock)
            {
                return [.. records];
            }
        }
    }

    /// <summary>Hands over a dead generation. No thread can enter it any more; some may still be inside.</summary>
    internal void Add(Generation generation)
    {
        lock (listLock)
        {
            waiting.Add(new Dead(generation));
        }

        work.Release();
    }

    /// <summary>Waits until everything handed over has been reclaimed or reported as held.</summary>
    /// <returns>False when the time is over first.</returns>
    internal bool WaitUntilIdle(TimeSpan bound)
    {
        long end = Environment.TickCount64 + (long)bound.TotalMilliseconds;
        isHurried = true;
        while (true)
        {
            lock (listLock)
            {
                if (waiting.Count == 0)
                {
                    isHurried = false;
                    return true;
                }
            }

            if (Environment.TickCount64 > end)
            {
                isHurried = false;
                return false;
            }

            work.Release();
            Thread.Sleep(1);
        }
    }

    public void Dispose()
    {
        isDisposed = true;
        work.Release();
        thread.Join();
        work.Dispose();
    }

    private void Run()
    {
        while (!isDisposed)
        {
            work.Wait(Interval);
            Dead[] batch;
            lock (listLock)
            {
                batch = [.. waiting];
            }

            if (batch.Length == 0)
            {
                continue;
            }

            foreach (Dead dead in batch)
            {
                TryDetach(dead);
            }

            Collect(batch);
            foreach (Dead dead in batch)
            {
                TrySettle(dead);
            }

            if (!isHurried)
            {
                Thread.Sleep(Interval);
            }
        }
    }

    /// <summary>One full collection finds a context dead, its finalizers let the runtime free it, the next one frees it.</summary>
    private static void Collect(Dead[] batch)
    {
        if (batch.Any(dead => dead.IsDetached))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private void TryDetach(Dead dead)
    {
        if (dead.Generation is not { } generation || !executors.IsQuiescent(generation.Id))
        {
            return;
        }

        dead.ReclaimedBytes = heap.Reclaim(generation.Id).Bytes;
        generation.Detach();
        executors.Forget(generation.Gate);
        dead.Forget();
    }

    private void TrySettle(Dead dead)
    {
        dead.Collections++;
        bool isCollected = dead.IsDetached && !dead.LoadContext.IsAlive;
        if (!isCollected && dead.Collections < CollectionsMax)
        {
            return;
        }

        Census rest = heap.Count(dead.Id);
        if (rest.Bytes > 0 && dead.Collections < CollectionsMax)
        {
            heap.Reclaim(dead.Id);
            return;
        }

        string detail = Explain(dead, isCollected, rest);
        var record = new ReclaimRecord(dead.DomainName, dead.Number, isCollected, dead.ReclaimedBytes, rest.Bytes, detail);
        lock (listLock)
        {
            waiting.Remove(dead);
            records.Add(record);
        }

        Log(record);
    }

    private static string Explain(Dead dead, bool isCollected, Census rest)
    {
        if (!dead.IsDetached)
        {
            return "a thread is still inside";
        }

        string held = isCollected ? string.Empty : "the load context is still referenced";
        return rest.Bytes == 0 ? held : $"{held} {rest.QuarantinedBlocks} lent blocks are still mapped by a device".Trim();
    }

    private void Log(in ReclaimRecord record)
    {
        if (record.Detail.Length == 0)
        {
            log.ForContext("EventId", EventIds.Reclaimed).Debug(
                "{Domain}.{Generation}: reclaimed, {ExchangeBytes} bytes of the exchange heap", record.Domain, record.Generation, record.ExchangeBytesReclaimed);
        }
        else
        {
            log.ForContext("EventId", EventIds.NotReclaimed).Error(
                "{Domain}.{Generation}: not reclaimed: {Detail}", record.Domain, record.Generation, record.Detail);
        }
    }

    /// <summary>A dead generation on its way out; once detached it is known by weak reference only.</summary>
    private sealed class Dead
    {
        internal Dead(Generation generation)
        {
            Generation = generation;
            Id = generation.Id;
            DomainName = generation.DomainName;
            Number = generation.Number;
            LoadContext = generation.LoadContext;
        }

        internal Generation? Generation { get; private set; }

        internal uint Id { get; }

        internal string DomainName { get; }

        internal uint Number { get; }

        internal WeakReference LoadContext { get; }

        internal bool IsDetached => Generation is null;

        internal long ReclaimedBytes { get; set; }

        internal int Collections { get; set; }

        internal void Forget() => Generation = null;
    }
}
