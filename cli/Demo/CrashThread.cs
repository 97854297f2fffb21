using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.Demo;

/// <summary>
/// A thread of the host that makes the driver throw again and again, each time after a random number of points of its code: in
/// submission, completion, interrupt handling and its own recovery.
/// </summary>
internal sealed class CrashThread : IDisposable
{
    /// <summary>
    /// A disk command passes some tens of points, so the crash falls somewhere in the next few commands, at any stage of one.
    /// </summary>
    private const int HitsMax = 1_000;

    private readonly CrashInjector injector;
    private readonly TimeSpan period;
    private readonly Random random;
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread thread;

    internal CrashThread(CrashInjector injector, TimeSpan period, ulong seed)
    {
        this.injector = injector;
        this.period = period;
        random = new Random(seed.GetHashCode());
        thread = new Thread(Run) { IsBackground = true, Name = "demo-crashes" };
        thread.Start();
    }

    public void Dispose()
    {
        stop.Set();
        thread.Join();
        injector.Disarm();
        stop.Dispose();
    }

    private void Run()
    {
        while (!stop.Wait(period))
        {
            injector.ArmAfter(random.Next(HitsMax));
        }
    }
}
