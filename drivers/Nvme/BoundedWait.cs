namespace RedLeafSharp.Drivers.Nvme;

/// <summary>
/// A wait for a condition that only reading can tell: short pauses first, then longer ones, up to a deadline. Other threads
/// of the executor and the device's model work during the pauses.
/// </summary>
internal struct BoundedWait
{
    private readonly long deadlineMicros;
    private long pauseMicros;

    internal BoundedWait(CallContext context, long timeoutMicros)
    {
        deadlineMicros = context.UptimeMicros + timeoutMicros;
        pauseMicros = NvmeLimits.PauseMicrosMin;
    }

    /// <summary>Pauses, shorter when <paramref name="signal"/> comes. False when the time is over.</summary>
    internal bool TryPause(CallContext context, KernelEvent signal)
    {
        if (context.UptimeMicros >= deadlineMicros || signal.Wait(context, pauseMicros) == WaitResult.Deadlock)
        {
            return false;
        }

        pauseMicros = Math.Min(2 * pauseMicros, NvmeLimits.PauseMicrosMax);
        return true;
    }
}
