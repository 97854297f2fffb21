namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// How much processor time each call on one thread's chain has taken since the thread last waited. The watchdog looks now and then;
/// the calls themselves count nothing.
/// </summary>
/// <remarks>
/// The time between two looks is charged to the innermost call that was there during all of it: a call that computes is charged
/// itself, one that makes short calls without end is charged for them. A stretch with a wait in it is charged to nobody.
/// </remarks>
internal sealed class CallMeter
{
    private readonly long[] chargedMicros = new long[ThreadContext.ChainDepthMax + 2];
    private long processorMicros;
    private long suspensionCount = -1;

    /// <summary>Takes one look at a running thread. Under the group's lock.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="simulation">Where processor time is counted by polls; null for that of the host.</param>
    internal Charge Look(KernelThread thread, Simulation? simulation = null)
    {
        long before = processorMicros;
        processorMicros = simulation?.WorkMicros ?? thread.Host?.ProcessorMicros ?? before;
        int marked = thread.Context.MarkCalls(ThreadContext.Metered);
        bool hasWaited = suspensionCount != thread.SuspensionCount;
        suspensionCount = thread.SuspensionCount;
        Array.Clear(chargedMicros, hasWaited ? 0 : marked, chargedMicros.Length - (hasWaited ? 0 : marked));
        if (marked <= 1)
        {
            return default;
        }

        int innermost = marked - 1;
        long spent = processorMicros - before;
        chargedMicros[innermost] += hasWaited ? 0 : spent;
        return new Charge((uint)thread.Context.WordAt(innermost), spent, chargedMicros[innermost]);
    }

    /// <summary>What a look found.</summary>
    /// <param name="Domain">Who is charged; 0 for nobody.</param>
    /// <param name="SpentMicros">Processor time since the look before.</param>
    /// <param name="CallMicros">Processor time that the call has been charged with since the thread last waited.</param>
    internal readonly record struct Charge(uint Domain, long SpentMicros, long CallMicros);
}
