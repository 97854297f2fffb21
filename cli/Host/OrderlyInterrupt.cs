using System.Runtime.InteropServices;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.Host;

/// <summary>
/// While it lives, SIGINT and SIGTERM unmount before the process ends, so that an interrupted run leaves a clean image. The
/// second signal ends the process at once.
/// </summary>
internal sealed class OrderlyInterrupt : IDisposable
{
    private readonly RedLeafSystem system;
    private readonly Action? beforeShutdown;
    private readonly PosixSignalRegistration[] registrations;
    private int signalCount;

    /// <param name="system">The system to shut down.</param>
    /// <param name="beforeShutdown">What is to be done first, on the thread of the signal.</param>
    internal OrderlyInterrupt(RedLeafSystem system, Action? beforeShutdown = null)
    {
        this.system = system;
        this.beforeShutdown = beforeShutdown;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    /// <summary>Once a signal has come, the end of the process and its status are the handler's: this does not return.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref signalCount) > 0)
        {
            Thread.Sleep(Timeout.Infinite);
        }

        foreach (PosixSignalRegistration registration in registrations)
        {
            registration.Dispose();
        }
    }

    private void Handle(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref signalCount) > 1)
        {
            return;
        }

        context.Cancel = true;
        try
        {
            beforeShutdown?.Invoke();
            system.Shutdown();
        }
        catch (BootException exception)
        {
            Console.Error.WriteLine($"redleaf: {exception.Message}");
        }

        Environment.Exit(context.Signal == PosixSignal.SIGTERM ? ExitCode.Terminated : ExitCode.Interrupted);
    }
}
