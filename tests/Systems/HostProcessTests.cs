using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <remarks>Looks at the memory of the whole process, so no other test may run meanwhile.</remarks>
[CollectionDefinition(nameof(HostProcessTests), DisableParallelization = true)]
[Collection(nameof(HostProcessTests))]
public sealed class HostProcessTests
{
    [Fact]
    public void Run_ProgramThatThrows_ThrowsItAndClosesItsFiles()
    {
        using var system = new TestSystem();

        Assert.Throws<TimeZoneNotFoundException>(() => system.System.Run("thrower", (context, posix) =>
        {
            Assert.True(posix.Open(context, "/held"u8, OpenFlags.WriteOnly | OpenFlags.Create, 0x1b6).IsOk);
            throw new TimeZoneNotFoundException();
        }));

        // An open file would keep the file system from being unmounted.
        Assert.DoesNotContain("thrower", system.Shell("ps").Output, StringComparison.Ordinal);
        system.System.Shutdown();
    }

    [Fact]
    public void Run_ProgramThatLeavesPages_LosesThem()
    {
        using var system = new TestSystem();

        system.System.Run("hoarder", (context, posix) => PageBuffer.Allocate(context, 4).GetLength(context) > 0 ? 0 : 1);

        Assert.Equal(0, system.System.Census().UnattributedBytes);
    }

    [Fact]
    public void Run_FromSeveralThreadsOfTheHost_RunsAll()
    {
        using var system = new TestSystem();
        int[] statuses = new int[4];
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(index => new Thread(() =>
        {
            for (int round = 0; round < 10; round++)
            {
                statuses[index] += system.System.Run($"host{index}", (context, posix) => posix.GetProcessId(context).IsOk ? 1 : 0);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal([10, 10, 10, 10], statuses);
        system.System.Shutdown();
    }

    [Fact]
    public void Processes_FiveHundredShortOnes_LeaveMemoryFlat()
    {
        using var system = new TestSystem();
        Assert.Equal((0, ""), system.Shell(Loop(50)));
        (long managed, SystemCensus exchange) = Measure(system);

        Assert.Equal((0, ""), system.Shell(Loop(500)));

        (long managedAfter, SystemCensus exchangeAfter) = Measure(system);
        Assert.Equal(exchange.TotalBytes, exchangeAfter.TotalBytes);
        Assert.Equal(0, exchangeAfter.UnattributedBytes);
        Assert.True(system.System.Reclaims.Count >= 550, $"{system.System.Reclaims.Count} reclaimed");
        Assert.All(system.System.Reclaims, record => Assert.Equal((true, string.Empty), (record.IsCollected, record.Detail)));
        Assert.Equal(new ReclaimTotals(system.System.Reclaims.Count, 0), system.System.ReclaimTotals);
        Assert.True(managedAfter < managed + (2 << 20), $"{managed} bytes before, {managedAfter} after");
    }

    private static string Loop(int count) => string.Join("; ", Enumerable.Repeat("/bin/true", count));

    private static (long Managed, SystemCensus Exchange) Measure(TestSystem system)
    {
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(30)));
        return (GC.GetTotalMemory(forceFullCollection: true), system.System.Census());
    }
}
