namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// How much time each call on one thread's chain has taken for itself: what passes while it is the innermost. The watchdog looks
/// now and then; the calls themselves count nothing.
/// </summary>
/// <remarks>
/// As with <see cref="CallMeter"/>, the time between two looks is charged to the innermost call that was there during all of it. So
/// a caller is not charged for a callee that takes long, and one that makes calls without end is.
/// </remarks>
internal sealed class CallClock
{
    /// <summary>The kernel's entry and the thread's own: what they run is no call.</summary>
    private const int FirstCall = 2;

    private readonly long[] ownMicros = new long[ThreadContext.ChainDepthMax + 2];
    private long lookedMicros;
    private long processorMicros;
    private int countedLength;

    /// <summary>
    /// The place in the chain of a call that has asked the kernel for something that takes its own time, and is charged nothing
    /// for it; 0 for none. Written by the thread itself.
    /// </summary>
    internal volatile int Excused;

    /// <summary>Takes one look at a thread. Under the group's lock.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="nowMicros">The time.</param>
    /// <param name="simulation">Where processor time is counted by polls; null for that of the host.</param>
    internal Charge Look(KernelThread thread, long nowMicros, Simulation? simulation)
    {
        long passed = nowMicros - lookedMicros;
        lookedMicros = nowMicros;
        int marked = thread.Context.MarkCalls(ThreadContext.Timed);
        if (marked < countedLength)
        {
            Array.Clear(ownMicros, marked, countedLength - marked);
        }

        countedLength = marked;
        if (marked <= FirstCall || Excused == marked - 1)
        {
            return default;
        }

        ulong word = thread.Context.WordAt(marked - 1);
        if ((word & ThreadContext.Timed) == 0)
        {
            return default;
        }

        bool isWaiting = thread.State == RunState.Waiting && thread.WaitsForGate is null;
        ownMicros[marked - 1] += isWaiting ? passed : thread.State == RunState.Running ? Spent(thread, passed, simulation) : 0;
        return new Charge(word, ownMicros[marked - 1], isWaiting);
    }

    /// <summary>
    /// A thread that runs is charged what the host lets it run: a host with other things to do makes no call late. Of what it ran
    /// before it waited last, at most the time of the look.
    /// </summary>
    private long Spent(KernelThread thread, long passed, Simulation? simulation)
    {
        long before = processorMicros;
        processorMicros = simulation?.WorkMicros ?? thread.Host?.ProcessorMicros ?? before;
        return Math.Min(processorMicros - before, passed);
    }

    /// <summary>What a look found.</summary>
    /// <param name="Word">The entry of the call that is charged; 0 for none.</param>
    /// <param name="OwnMicros">What it has taken so far.</param>
    /// <param name="IsWaiting">Whether it goes on to take time while everybody waits.</param>
    internal readonly record struct Charge(ulong Word, long OwnMicros, bool IsWaiting);
}
