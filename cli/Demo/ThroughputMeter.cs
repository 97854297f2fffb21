namespace RedLeafSharp.Cli.Demo;

/// <summary>A thread of the host that reads a counter of bytes at fixed intervals.</summary>
internal sealed class ThroughputMeter : IDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>An hour of samples; older ones are dropped.</summary>
    private const int SamplesMax = 72_000;

    private readonly Func<long> readBytes;
    private readonly Func<TimeSpan> clock;
    private readonly Action<IReadOnlyList<ThroughputSample>> observer;
    private readonly Queue<ThroughputSample> samples = new();
    private readonly Lock samplesLock = new();
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread thread;

    /// <param name="readBytes">The counter; called on this object's thread.</param>
    /// <param name="clock">The system's uptime.</param>
    /// <param name="observer">Told after each sample, on this object's thread.</param>
    internal ThroughputMeter(Func<long> readBytes, Func<TimeSpan> clock, Action<IReadOnlyList<ThroughputSample>> observer)
    {
        this.readBytes = readBytes;
        this.clock = clock;
        this.observer = observer;
        thread = new Thread(Run) { IsBackground = true, Name = "demo-throughput" };
        thread.Start();
    }

    /// <summary>The samples so far, oldest first.</summary>
    internal IReadOnlyList<ThroughputSample> Samples
    {
        get
        {
            lock (samplesLock)
            {
                return [.. samples];
            }
        }
    }

    public void Dispose()
    {
        stop.Set();
        thread.Join();
        stop.Dispose();
    }

    private void Run()
    {
        TimeSpan lastAt = clock();
        long lastBytes = readBytes();
        while (!stop.Wait(Interval))
        {
            TimeSpan at = clock();
            long bytes = readBytes();
            if (at > lastAt)
            {
                Add(new ThroughputSample(at, (bytes - lastBytes) / (at - lastAt).TotalSeconds));
                (lastAt, lastBytes) = (at, bytes);
                observer(Samples);
            }
        }
    }

    private void Add(ThroughputSample sample)
    {
        lock (samplesLock)
        {
            samples.Enqueue(sample);
            if (samples.Count > SamplesMax)
            {
                samples.Dequeue();
            }
        }
    }
}
