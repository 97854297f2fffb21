namespace RedLeafSharp.Lab.Campaigns;

/// <summary>The processor time of all workers of a run, from their start to their end; of one that died nothing is known.</summary>
internal sealed class WorkerClock
{
    private long ticks;

    internal TimeSpan Total => TimeSpan.FromTicks(Volatile.Read(ref ticks));

    /// <summary>A worker has ended. Any thread may call it.</summary>
    internal void Add(TimeSpan processorTime) => Interlocked.Add(ref ticks, processorTime.Ticks);
}
