using System.Globalization;
using Xunit;

namespace RedLeafSharp.Tests.Executors;

/// <summary>Threads of one executor stay together on the core of the baton, and the host may move them from time to time.</summary>
public sealed class CoreTests : IDisposable
{
    private static readonly string AllCores = CoresOf("/proc/self/status");

    private readonly TestSystem system = new();

    [Fact]
    public void HandOver_BetweenThreads_TiesThemToOneCoreUntilTheHostMayMoveThem()
    {
        bool isTied = false, isFree = false;
        system.Run(
            context =>
            {
                while (!isTied)
                {
                    system.Group.Yield(context.Thread);
                    isTied = int.TryParse(CoresOf("/proc/thread-self/status"), CultureInfo.InvariantCulture, out _);
                }

                isFree = SpinWait.SpinUntil(() => CoresOf("/proc/thread-self/status") == AllCores, TestSystem.Patience);
            },
            context =>
            {
                while (!isTied)
                {
                    system.Group.Yield(context.Thread);
                }
            });
        Assert.True(isTied);
        Assert.True(isFree);
    }

    public void Dispose() => system.Dispose();

    private static string CoresOf(string status) =>
        File.ReadLines(status).First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':')[1].Trim();
}
