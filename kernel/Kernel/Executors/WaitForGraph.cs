namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// Which thread waits for which: to enter a domain, for the thread inside it; for an event, for the threads that stand in the
/// way of all domains that can signal it. Every use is under the group's lock, which keeps the waits that it has seen.
/// </summary>
/// <remarks>
/// A killer closes a gate before it takes that lock, so what a gate says may change between two looks: each is looked at once.
/// <para>
/// A wait is hopeless when all that can be reached from it are waits. It is not when anything else is reached: a thread that can
/// run, a time-out, an event that an interrupt or the host may signal, or a domain that is open, so that anybody may enter it.
/// Knapp, "Deadlock detection in distributed databases", ACM Computing Surveys 19 (1987), calls it the AND model.
/// </para>
/// </remarks>
internal sealed class WaitForGraph(Func<uint, GateOccupancy?> findGate)
{
    private readonly List<KernelThread> reached = new(ExecutorLimits.WaitGraphThreadsMax);

    /// <summary>For each thread reached, one that it waits for.</summary>
    private readonly List<KernelThread> next = new(ExecutorLimits.WaitGraphThreadsMax);

    /// <summary>The threads of a circle that a thread is in or waits for; empty when its wait may end.</summary>
    internal IReadOnlyList<KernelThread> FindCycle(KernelThread start)
    {
        reached.Clear();
        next.Clear();
        reached.Add(start);
        for (int i = 0; i < reached.Count; i++)
        {
            if (AddBlockers(reached[i]) is not { } blocker)
            {
                return [];
            }

            next.Add(blocker);
        }

        KernelThread onCycle = start;
        for (int i = 0; i < reached.Count; i++)
        {
            onCycle = Next(onCycle);
        }

        List<KernelThread> cycle = [onCycle];
        while (Next(cycle[^1]) != onCycle)
        {
            cycle.Add(Next(cycle[^1]));
        }

        return cycle;
    }

    /// <summary>The circle in words, for the log.</summary>
    internal string Describe(IReadOnlyList<KernelThread> cycle) =>
        string.Join(" -> ", cycle.Select(Describe).Append($"thread {cycle[0].Name}"));

    private string Describe(KernelThread thread)
    {
        if (thread.WaitsForGate is { } gate)
        {
            return $"thread {thread.Name} in {NameOf(thread.Context.CallingDomain)} waits to enter {gate.Gate.Name}";
        }

        KernelEvent waitedFor = thread.Queue!.WaitedFor!;
        string signallers = NameOf(waitedFor.Maker) + (waitedFor.Receiver == 0 ? "" : $" or {NameOf(waitedFor.Receiver)}");
        return $"thread {thread.Name} in {NameOf(thread.Context.CurrentDomain)} waits for an event that only {signallers} can signal";
    }

    private string NameOf(uint domain) => findGate(domain)?.Gate.Name ?? "the kernel";

    /// <summary>Adds all that a thread waits for, when nothing but other threads can end its wait.</summary>
    /// <returns>
    /// One of them; null when something else can end it. Whoever received an event is named first: the maker is mostly the waiter.
    /// </returns>
    private KernelThread? AddBlockers(KernelThread thread)
    {
        if (thread.State != RunState.Waiting || thread.TimerIndex >= 0)
        {
            return null;
        }

        if (thread.WaitsForGate is { } gate)
        {
            return Added(gate.Occupant);
        }

        if (thread.Queue?.WaitedFor is not { IsTraced: true } waitedFor || Added(ThreadIn(waitedFor.Maker)) is not { } maker)
        {
            return null;
        }

        return waitedFor.Receiver == 0 ? maker : Added(ThreadIn(waitedFor.Receiver));
    }

    /// <returns>The thread; null when there is none, or too many to follow.</returns>
    private KernelThread? Added(KernelThread? thread)
    {
        if (thread is null || reached.Contains(thread))
        {
            return thread;
        }

        reached.Add(thread);
        return reached.Count <= ExecutorLimits.WaitGraphThreadsMax ? thread : null;
    }

    private KernelThread Next(KernelThread thread) => next[reached.IndexOf(thread)];

    /// <summary>The thread that keeps a domain closed to all others; null when it is open, re-entrant, dead or unknown.</summary>
    private KernelThread? ThreadIn(uint domain) =>
        findGate(domain) is { Gate.Word: GateState.Occupied, Occupant: { } occupant } occupancy
            && occupant.Closed.Contains(occupancy) ? occupant : null;
}
