using RedLeafSharp.Devices;
using RedLeafSharp.Kernel.Boot;
using RedLeafSharp.Kernel.Domains;
using RedLeafSharp.Kernel.Executors;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Kernel.Supervision;
using RedLeafSharp.Tests.Support;
using Serilog.Core;
using Xunit;

namespace RedLeafSharp.Tests.Supervision;

/// <summary>What becomes of a dead generation whose pages a device maps for somebody else.</summary>
public sealed class ReclaimerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TestThread thread = new();
    private readonly ExecutorGroup executors;

    public ReclaimerTests() => executors = new ExecutorGroup(thread.Heap);

    public void Dispose()
    {
        executors.Dispose();
        thread.Dispose();
    }

    [Fact]
    public void Generation_WhosePagesAreStillMapped_IsReportedAndReclaimedOnceTheyAreNotThoughNothingElseDies()
    {
        using var reclaimer = new Reclaimer(executors, thread.Heap, Logger.None);
        var window = new DmaWindow(thread.Heap);
        var loans = new DeviceLoans(window);
        ulong page = PageBuffer.Allocate(thread.Context).Lend(thread.Context, LoanAccess.DeviceReads);
        Assert.True(loans.Grant(page, LoanAccess.DeviceReads));

        Die(reclaimer);
        Assert.True(reclaimer.WaitUntilIdle(Patience));
        Assert.Equal(1, reclaimer.Totals.Held);
        Assert.Equal("1 lent blocks are still mapped by a device", Assert.Single(reclaimer.Records).Detail);

        loans.Revoke(page);
        Assert.True(SpinWait.SpinUntil(() => reclaimer.Totals is { Held: 0, Reclaimed: 1 }, Patience), reclaimer.Totals.ToString());
        Assert.Equal(string.Empty, Assert.Single(reclaimer.Records).Detail);
        Assert.Equal(0, thread.Heap.Count(thread.Context.Self.Value).Bytes);
    }

    /// <summary>In a method of its own: nothing here refers to the code afterwards.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private void Die(Reclaimer reclaimer)
    {
        var gate = new DomainGate(thread.Context.Self.Value, "Sender", homeExecutorId: 0, isReentrant: false);
        var generation = new Generation("Sender", 1, gate, new DomainLoadContext("Sender")) { Limits = DomainLimits.OfDomains };
        gate.Kill();
        reclaimer.Add(generation);
    }
}
