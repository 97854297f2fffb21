using RedLeafSharp.Kernel;
using RedLeafSharp.Tests.Support;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>
/// What honest users do meanwhile: a tree is copied and its sums are checked, again and again, as the demonstration does.
/// </summary>
internal sealed class Workload : IDisposable
{
    private const string Setup =
        "mkdir /src && seq 4000 > /src/a && seq 9000 > /src/b && mkdir /src/c && seq 20000 > /src/c/d "
        + "&& cd /src && sha256sum a b c/d > /src.sha256";

    private const string Job = "rm -rf /copy && cp -r /src /copy && sync && cd /copy && sha256sum -c --status /src.sha256";

    private readonly HostileSystem system;
    private readonly TimeSpan rest;
    private readonly BackgroundWork work;
    private readonly ManualResetEventSlim stop = new();
    private volatile int copies;
    private volatile int failures;

    /// <param name="system">Where it is done.</param>
    /// <param name="rest">Between two copies; a long run is not about copies.</param>
    internal Workload(HostileSystem system, TimeSpan rest = default)
    {
        this.system = system;
        this.rest = rest;
        if (system.Shell(Setup) != 0)
        {
            throw new InvalidOperationException("the tree of the workload could not be made");
        }

        work = new BackgroundWork("hostile-workload", Run);
    }

    /// <summary>Copies that were made and checked.</summary>
    internal int Copies => copies;

    /// <summary>Copies that were wrong or could not be made.</summary>
    internal int Failures => failures;

    /// <summary>Why the first of them failed; empty when none did.</summary>
    internal string FirstFailure { get; private set; } = string.Empty;

    public void Dispose()
    {
        stop.Set();
        work.Join(Timeout.InfiniteTimeSpan);
        stop.Dispose();
    }

    private void Run()
    {
        do
        {
            string failure = Copy();
            if (failure.Length == 0)
            {
                copies++;
            }
            else
            {
                FirstFailure = failures == 0 ? failure : FirstFailure;
                failures++;
            }
        }
        while (!stop.Wait(rest));
    }

    /// <summary>A system that cannot even begin a process has failed its user as much as one that copies wrongly.</summary>
    private string Copy()
    {
        try
        {
            int status = system.Shell(Job);
            return status == 0 ? string.Empty : $"the job ended with status {status}";
        }
        catch (BootException exception)
        {
            return exception.Message;
        }
    }
}
