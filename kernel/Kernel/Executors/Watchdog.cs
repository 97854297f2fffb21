using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Executors;

/// <summary>
/// A thread of the host that makes a round every millisecond while it is asked to, and seldom otherwise.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Parker parker = new();
    private readonly Func<bool> makeRound;
    private readonly Thread thread;
    private volatile int ticksLeft;
    private volatile bool isStopping;
    private volatile bool isDozing;

    /// <param name="makeRound">Returns whether there is something to come back for.</param>
    internal Watchdog(Func<bool> makeRound)
    {
        this.makeRound = makeRound;
        thread = new Thread(Run) { IsBackground = true, Name = "executor-watchdog" };
        thread.Start();
    }

    /// <summary>Asks for rounds. Cheap while the watchdog is awake already.</summary>
    internal void Ask()
    {
        ticksLeft = ExecutorLimits.WatchdogTicksAfterAsked;
        Interlocked.MemoryBarrier();
        if (isDozing)
        {
            parker.Wake();
        }
    }

    public void Dispose()
    {
        isStopping = true;
        parker.Wake();
        thread.Join();
    }

    private void Run()
    {
        while (!isStopping)
        {
            isDozing = true;
            Interlocked.MemoryBarrier();
            if (ticksLeft == 0)
            {
                parker.Sleep(ExecutorLimits.WatchdogDozeMicros, spins: 0);
            }

            isDozing = false;
            if (ticksLeft > 0)
            {
                ticksLeft--;
                parker.Sleep(ExecutorLimits.WatchdogMicros, spins: 0);
            }

            if (makeRound())
            {
                ticksLeft = Math.Max(ticksLeft, 2);
            }
        }
    }
}
