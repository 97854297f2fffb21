using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Machine.Links;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Memory;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Supervision;

/// <summary>
/// Where standbys rehearse: a simulated controller without a medium or a peer, a small exchange heap, one thread without an
/// executor, and a time of its own. Nothing of the running system can be reached from here.
/// </summary>
internal sealed class RehearsalStage : Scheduler, IDisposable
{
    /// <summary>Room for one block of each size: a driver's queues and lists, once.</summary>
    private const long HeapBytes = 16L << 20;

    /// <summary>Rounds of the device that a wait takes before it counts as hopeless.</summary>
    private const int RoundsMax = 1_000;

    private readonly ExchangeHeap heap = new(HeapBytes);
    private readonly World world;
    private long uptimeMicros;

    private RehearsalStage(Func<ExchangeHeap, Scheduler, World> makeWorld)
    {
        HeapCache = new ExchangeHeapCache(heap);
        world = makeWorld(heap, this);
    }

    /// <summary>Imitates a disk.</summary>
    internal static RehearsalStage ForDisk(NvmeDescription device) => new((heap, scheduler) => new SimulatedWorld(
        heap, scheduler, [device with { ImagePath = null, MovesData = false, Deferral = null, Faults = null }]));

    /// <summary>Imitates a network controller, at a cable that leads nowhere.</summary>
    internal static RehearsalStage ForNetwork(E1000eOptions options) => new((heap, scheduler) => new NicWorld(
        heap, scheduler, options with { Faults = null, Misprogrammed = null }, new WirePair().First));

    internal ExchangeHeapCache HeapCache { get; }

    internal override long UptimeMicros => uptimeMicros;

    internal override long WallClockMicros => uptimeMicros;

    /// <summary>
    /// The generation that rehearses. Waits here do not block, so one that waits again and again would never end; when it is
    /// killed its next wait unwinds it.
    /// </summary>
    internal DomainGate? Player { get; set; }

    /// <summary>The rights to the device, for one rehearsal.</summary>
    internal PciFunction MakeFunction() => new(world.Functions[0].Backend, world.Functions[0].Window);

    /// <summary>What rehearsals have left behind, in bytes.</summary>
    internal long UsedBytes => heap.CountAll().Bytes;

    /// <summary>Frees what a generation has left.</summary>
    internal void Clear(uint domainId) => heap.Reclaim(domainId);

    /// <summary>There is one domain and one thread: a gate that does not let it in is one that is dead.</summary>
    internal override int Enter(ThreadContext thread, DomainGate gate) => (int)(gate.IsDead ? Fault.CalleeDead : Fault.Busy);

    internal override Fault Leave(ThreadContext thread, DomainGate gate, int token) => Fault.None;

    internal override Fault Caught(ThreadContext thread, DomainGate gate, Exception exception)
    {
        gate.Kill();
        return Fault.CalleeFaulted;
    }

    internal override WaitResult Wait(ThreadContext thread, KernelEvent kernelEvent, long timeoutMicros)
    {
        if (thread.Scheduler != this)
        {
            // The world behind it knows one thread, which may be rehearsing the next standby.
            throw new InvalidOperationException("an event of a rehearsal is not waited for after it");
        }

        if (Player is { IsDead: true } dead)
        {
            throw new DomainKilledException(dead.Name);
        }

        for (int round = 0; round < RoundsMax && !kernelEvent.IsSignaled && world.Step(); round++)
        {
        }

        if (kernelEvent.IsSignaled)
        {
            kernelEvent.IsSignaled = false;
            return WaitResult.Signaled;
        }

        if (timeoutMicros == KernelEvent.Forever)
        {
            return WaitResult.Deadlock;
        }

        uptimeMicros += Math.Max(timeoutMicros, 1);
        return WaitResult.TimedOut;
    }

    internal override void Signal(KernelEvent kernelEvent, bool all) => kernelEvent.IsSignaled = true;

    internal override void Yield(ThreadContext thread)
    {
    }

    public void Dispose()
    {
        world.Dispose();
        heap.Dispose();
    }
}
