using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>Kills that come while another kill, or a recovery, is under way.</summary>
public sealed class KillTimingTests
{
    private const string Driver = "Nvme";
    private const int Rounds = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Kill_OfTheDriverFromManyThreadsAtOnce_IsOneDeathAtATime()
    {
        using var system = new HostileSystem();
        using (var workload = new Workload(system))
        {
            for (int round = 0; round < Rounds; round++)
            {
                BackgroundWork[] killers =
                [
                    .. Enumerable.Range(0, 4).Select(n => new BackgroundWork($"killer{n}", () => system.System.Kill(Driver))),
                ];
                Assert.All(killers, killer => Assert.True(killer.Join(Patience)));
                Assert.Equal(0, system.Shell("sync && cat /src/a > /dev/null"));
            }

            Assert.Equal((0, ""), (workload.Failures, workload.FirstFailure));
        }

        Assert.All(Reclaimed(system), record => Assert.True(record is { IsCollected: true, ExchangeBytesLeft: 0 }, record.ToString()));
    }

    /// <summary>The next generation may be dead before it has started, in the middle of the replay, or just after it.</summary>
    [Fact]
    public void Kill_OfTheDriverWhileItIsBeingRecovered_IsRecoveredFromAgain()
    {
        using var system = new HostileSystem();
        using (var workload = new Workload(system))
        {
            using var stop = new ManualResetEventSlim();
            var killer = new BackgroundWork("killer", () =>
            {
                int seen = 0;
                while (!stop.IsSet)
                {
                    system.System.Kill(Driver);
                    SpinWait.SpinUntil(() => stop.IsSet || system.System.Restarts.Count > seen, TimeSpan.FromMilliseconds(5));
                    seen = system.System.Restarts.Count;
                }
            });
            Assert.True(SpinWait.SpinUntil(() => system.System.Restarts.Count >= Rounds, Patience), "the driver is not restarted");
            stop.Set();
            Assert.True(killer.Join(Patience));
            Assert.Equal(0, system.Shell("sync && cat /src/a > /dev/null"));
            Assert.Equal((0, ""), (workload.Failures, workload.FirstFailure));
        }

        Assert.All(Reclaimed(system), record => Assert.True(record is { IsCollected: true, ExchangeBytesLeft: 0 }, record.ToString()));
    }

    private static IReadOnlyList<Kernel.ReclaimRecord> Reclaimed(HostileSystem system)
    {
        Assert.True(system.System.WaitForReclaims(Patience));
        return system.System.Reclaims;
    }
}
