namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// How much managed memory the running call of one thread has allocated since it was looked at before. Used by the thread itself:
/// the runtime counts by thread and tells nobody else.
/// </summary>
/// <remarks>
/// A look leaves a note at the call's entry in the chain, which the next call in its place wipes out: what lies between two
/// looks that find the note was allocated by this call, or by calls that it has made. The first look at a call charges nothing.
/// </remarks>
internal sealed class AllocationMeter
{
    private long bytesBefore;
    private bool isUsed;

    /// <summary>Takes a look.</summary>
    /// <returns>Bytes to be charged to the running domain.</returns>
    internal long Look(ThreadContext thread)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long spent = thread.NoteLook() ? bytes - bytesBefore : 0;
        bytesBefore = bytes;
        isUsed = true;
        return spent;
    }

    /// <summary>What the thread allocates from here to <see cref="Resume"/> is not its domains': it leads.</summary>
    /// <returns>What to hand to <see cref="Resume"/>.</returns>
    internal long Pause() => isUsed ? GC.GetAllocatedBytesForCurrentThread() : 0;

    internal void Resume(long paused)
    {
        if (isUsed)
        {
            bytesBefore += GC.GetAllocatedBytesForCurrentThread() - paused;
        }
    }
}
