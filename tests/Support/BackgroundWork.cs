using System.Runtime.ExceptionServices;

namespace RedLeafSharp.Tests.Support;

/// <summary>Work on a thread of its own that hands what it throws to whoever waits for it, instead of ending the process.</summary>
internal sealed class BackgroundWork
{
    private readonly Thread thread;
    private ExceptionDispatchInfo? thrown;

    internal BackgroundWork(string name, Action work)
    {
        thread = new Thread(() => Run(work)) { IsBackground = true, Name = name };
        thread.Start();
    }

    internal bool IsAlive => thread.IsAlive;

    /// <summary>Waits for the end and throws what the work has thrown.</summary>
    /// <returns>False when <paramref name="patience"/> is over first.</returns>
    internal bool Join(TimeSpan patience)
    {
        if (!thread.Join(patience))
        {
            return false;
        }

        thrown?.Throw();
        return true;
    }

    private void Run(Action work)
    {
        try
        {
            work();
        }
        catch (Exception exception)
        {
            thrown = ExceptionDispatchInfo.Capture(exception);
        }
    }
}
