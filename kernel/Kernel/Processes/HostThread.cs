using System.Runtime.ExceptionServices;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>A thread of the system that runs code of the host, and hands back what that throws.</summary>
internal sealed class HostThread
{
    private ExceptionDispatchInfo? thrown;

    /// <param name="executor">Where it runs.</param>
    /// <param name="name">For people.</param>
    /// <param name="domain">In whose name it runs.</param>
    /// <param name="body">What it runs.</param>
    internal HostThread(Executor executor, string name, uint domain, ThreadBody body) =>
        Thread = executor.Start(name, domain, context => Run(context, body));

    internal KernelThread Thread { get; }

    /// <summary>Waits for its end and throws what it has thrown, unless it has been killed.</summary>
    internal void Join()
    {
        Thread.Join();
        if (thrown is { SourceException: not DomainKilledException })
        {
            thrown.Throw();
        }
    }

    private void Run(CallContext context, ThreadBody body)
    {
        try
        {
            body(context);
        }
        catch (Exception exception)
        {
            thrown = ExceptionDispatchInfo.Capture(exception);
        }
    }
}
