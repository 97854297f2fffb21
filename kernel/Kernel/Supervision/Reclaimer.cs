using System.Diagnostics;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Memory;
using Serilog;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// Takes back what dead generations held, off the path of recovery, and proves it: exchange bytes are counted, and a weak
/// reference shows that the load context is gone.
/// </summary>
/// <remarks>What could not be taken back is reported once, and tried again: a device may map lent pages for as long as a peer pleases.</remarks>
internal sealed class Reclaimer : IDisposable
{
    /// <summary>Full collections are shared by all generations that died within this time.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>A collection stops every thread: after one that took t, the next waits at least this many times t.</summary>
    private const int RestPerCollection = 20;

    /// <summary>Between two looks at what has been reported as held; more, when a look takes long.</summary>
    private static readonly TimeSpan RevisitInterval = TimeSpan.FromSeconds(1);

    /// <summary>Collections after which a generation that is still in memory is reported as held.</summary>
    private const int CollectionsMax = 20;

    /// <summary>
    /// How long a thread may stay inside a dead generation, or something refer to it, before that is reported: a thread on its
    /// way out, or one that the host does not schedule, can hold code for a while.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks, when somebody waits and there is nothing to collect.</summary>
    private static readonly TimeSpan HurriedInterval = TimeSpan.FromMilliseconds(1);

    private readonly ExecutorGroup executors;
    private readonly ExchangeHeap heap;
    private readonly ILogger log;
    private readonly bool isSimulated;
    private readonly Thread? thread;

    /// <summary>Guards the fields below; pulsed whenever one of them changes.</summary>
    private readonly object sync = new();
    private readonly List<DeadGeneration> waiting = [];
    private readonly RecordLog<ReclaimRecord> records = new();
    private ReclaimTotals totals;
    private TimeSpan revisitInterval = RevisitInterval;
    private long lastRound;
    private int hurriedCount;
    private bool isDisposed;

    /// <param name="executors">Who may still be inside.</param>
    /// <param name="heap">What is taken back.</param>
    /// <param name="log">Where it is said.</param>
    /// <param name="isSimulated">
    /// Whether somebody else makes the rounds, instead of a thread of its own; then nothing is collected, and nothing reported as held.
    /// </param>
    internal Reclaimer(ExecutorGroup executors, ExchangeHeap heap, ILogger log, bool isSimulated = false)
    {
        this.isSimulated = isSimulated;
        this.executors = executors;
        this.heap = heap;
        this.log = log;
        if (!isSimulated)
        {
            thread = new Thread(Run) { IsBackground = true, Name = "redleaf-reclaim" };
            thread.Start();
        }
    }

    /// <summary>What has become of the latest dead generations, oldest first.</summary>
    internal IReadOnlyList<ReclaimRecord> Records
    {
        get
        {
            lock (sync)
            {
                return records.Kept;
            }
        }
    }

    /// <summary>What has become of all dead generations.</summary>
    internal ReclaimTotals Totals
    {
        get
        {
            lock (sync)
            {
                return totals;
            }
        }
    }

    /// <summary>
    /// Hands over a dead generation. No thread can enter it any more; some may still be inside, and its device may be about
    /// to be fenced. A second hand-over of the same generation is ignored.
    /// </summary>
    /// <remarks>
    /// It wakes nobody who is not waited for: that would cost a recovery, on whose path this is called, some 40 us.
    /// </remarks>
    internal void Add(Generation generation)
    {
        if (!generation.TryHandOver())
        {
            return;
        }

        lock (sync)
        {
            waiting.Add(new DeadGeneration(generation));
            if (hurriedCount > 0)
            {
                Monitor.PulseAll(sync);
            }
        }
    }

    /// <summary>Waits until everything handed over has been reclaimed or reported as held.</summary>
    /// <returns>False when the time is over first.</returns>
    internal bool WaitUntilIdle(TimeSpan bound)
    {
        long start = Stopwatch.GetTimestamp();
        lock (sync)
        {
            hurriedCount++;
            Monitor.PulseAll(sync);
            while (HasWork && !isDisposed)
            {
                TimeSpan left = bound - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(sync, left))
                {
                    break;
                }
            }

            hurriedCount--;
            return !HasWork;
        }
    }

    /// <summary>Stops reclaiming. Its thread looks into the executors, so this comes before their end.</summary>
    public void Dispose()
    {
        lock (sync)
        {
            isDisposed = true;
            Monitor.PulseAll(sync);
        }

        thread?.Join();
    }

    /// <summary>Lets go of what was not reclaimed, at the end of the system, when no thread is left.</summary>
    internal void DetachAll()
    {
        foreach (DeadGeneration dead in waiting)
        {
            dead.Generation?.Detach();
        }
    }

    /// <summary>Dead generations that have not been reclaimed.</summary>
    internal int WaitingCount
    {
        get
        {
            lock (sync)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>Takes back what can be taken back now, on the caller's thread.</summary>
    internal void MakeRound()
    {
        DeadGeneration[] batch;
        lock (sync)
        {
            batch = [.. waiting];
        }

        foreach (DeadGeneration dead in batch)
        {
            TryDetach(dead);
            TrySettle(dead);
        }
    }

    private bool HasWork => waiting.Exists(dead => !dead.IsReported);

    private void Run()
    {
        TimeSpan rest = Interval;
        while (AwaitBatch(rest) is { } batch)
        {
            foreach (DeadGeneration dead in batch)
            {
                TryDetach(dead);
            }

            long start = Stopwatch.GetTimestamp();
            if (Array.Exists(batch, dead => dead is { IsDetached: true, IsReported: false }))
            {
                // One full collection finds a context dead, its finalizers let the runtime free it, the next one frees it.
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            TimeSpan spent = Stopwatch.GetElapsedTime(start) * RestPerCollection;
            rest = spent > Interval ? spent : Interval;
            foreach (DeadGeneration dead in batch)
            {
                TrySettle(dead);
            }

            TimeSpan pause = Stopwatch.GetElapsedTime(start) * RestPerCollection;
            revisitInterval = pause > RevisitInterval ? pause : RevisitInterval;
            lastRound = Stopwatch.GetTimestamp();
        }
    }

    private bool IsRevisitDue => waiting.Count > 0 && Stopwatch.GetElapsedTime(lastRound) > revisitInterval;

    /// <summary>Waits for dead generations, and then for more of them to share the collection with.</summary>
    /// <returns>Null at the end.</returns>
    private DeadGeneration[]? AwaitBatch(TimeSpan rest)
    {
        lock (sync)
        {
            while (!HasWork && !IsRevisitDue && !isDisposed)
            {
                Monitor.Wait(sync, hurriedCount > 0 ? HurriedInterval : Interval);
            }

            long start = Stopwatch.GetTimestamp();
            while (!isDisposed && (hurriedCount > 0 ? HurriedInterval : rest) - Stopwatch.GetElapsedTime(start) is var left
                && left > TimeSpan.Zero)
            {
                Monitor.Wait(sync, left);
            }

            return isDisposed ? null : [.. waiting];
        }
    }

    private void TryDetach(DeadGeneration dead)
    {
        // What a device still maps must not be given to the next owner.
        if (dead.Generation is not { Device: null } generation || !executors.IsQuiescent(generation.Id))
        {
            return;
        }

        dead.ReclaimedBytes = heap.Reclaim(generation.Id).Bytes;
        generation.Detach();
        executors.Forget(generation.Gate);
        dead.Forget();
    }

    private void TrySettle(DeadGeneration dead)
    {
        bool isCollected = dead.IsDetached && (isSimulated || !dead.LoadContext.IsAlive);
        Census rest = heap.Count(dead.Id);
        if (dead.IsDetached && rest.Bytes > 0)
        {
            // Lent pages whose shadow has taken its grants back meanwhile.
            long mapped = heap.Reclaim(dead.Id).QuarantinedBlocks;
            rest = heap.Count(dead.Id) with { QuarantinedBlocks = mapped };
        }

        bool isDone = isCollected && rest.Bytes == 0;
        dead.Collections += dead.IsDetached ? 1 : 0;
        bool isHeld = !isSimulated && dead.Age > Patience && (!dead.IsDetached || dead.Collections >= CollectionsMax);
        if (!isDone && (dead.IsReported || !isHeld))
        {
            return;
        }

        string detail = isDone ? string.Empty : Explain(dead, isCollected, rest);
        var record = new ReclaimRecord(dead.DomainName, dead.Number, isCollected, dead.ReclaimedBytes, rest.Bytes, detail);
        Log(record);
        lock (sync)
        {
            Record(dead, record);
            Monitor.PulseAll(sync);
        }
    }

    /// <summary>What has been reported as held and is reclaimed after all changes its record.</summary>
    private void Record(DeadGeneration dead, in ReclaimRecord record)
    {
        long heldBefore = totals.Held;
        if (dead.IsReported)
        {
            heldBefore--;
            records.Replace(dead.RecordNumber, record);
        }
        else
        {
            dead.RecordNumber = records.Add(record);
        }

        if (record.Detail.Length == 0)
        {
            waiting.Remove(dead);
            totals = new ReclaimTotals(totals.Reclaimed + 1, heldBefore);
        }
        else
        {
            totals = totals with { Held = heldBefore + 1 };
        }
    }

    private static string Explain(DeadGeneration dead, bool isCollected, Census rest)
    {
        if (!dead.IsDetached)
        {
            return dead.Generation!.Device is null ? "a thread is still inside" : "its device is not fenced yet";
        }

        string held = isCollected
            ? string.Empty
            : $"the load context is still referenced; 'redleaf doctor {Environment.ProcessId}' names by what";
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
}
