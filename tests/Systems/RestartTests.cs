using RedLeafSharp.Kernel;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>Driver deaths under a running file system: nothing above notices, nothing is left behind.</summary>
public sealed class RestartTests
{
    private const string WriteAndSum = "dd if=/big of=/copy bs=65536 status=none && sync && cmp /big /copy && rm /copy";

    /// <summary>Every fourth site; the block stack's own test strikes at each.</summary>
    [Fact]
    public void Crash_AtSitesAllOverTheDriver_CommandsSucceed()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(100_000), crashSites: true);
        CrashInjector crashes = system.System.Crashes("Nvme");
        Assert.Equal((0, ""), system.Shell("seq 20000 > /big"));

        int struck = 0;
        for (int site = 0; site < crashes.SiteCount; site += 4)
        {
            crashes.ArmAt(site);
            (int status, string output) = system.Shell("cat /big > /copy && sync && cmp /big /copy");
            struck += crashes.Disarm() ? 0 : 1;

            Assert.True(status == 0, $"{crashes.Describe(site)}: status {status}: {output}");
        }

        Assert.True(struck > 10, $"{struck} sites struck");
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
        Assert.All(system.System.Reclaims, record => Assert.Equal(string.Empty, record.Detail));
        system.System.Shutdown();
    }

    [Fact]
    public void Crash_InsideRecoveryItself_RecoversAgain()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(100_000), crashSites: true);
        CrashInjector crashes = system.System.Crashes("Nvme");
        Assert.Equal((0, ""), system.Shell("seq 20000 > /big"));
        for (int hits = 0; hits < 200; hits += 8)
        {
            crashes.ArmAfter(hits);
            var rearm = new Thread(() =>
            {
                int seen = system.System.Restarts.Count;
                for (int round = 0; round < 100_000 && system.System.Restarts.Count == seen; round++)
                {
                    Thread.Yield();
                }

                crashes.ArmAfter(hits);
            });
            rearm.Start();
            (int status, string output) = system.Shell(WriteAndSum);
            rearm.Join();
            crashes.Disarm();
            Assert.True(status == 0, $"after {hits} hits: status {status}: {output}");
        }

        Assert.True(system.System.Restarts.Count >= 25, $"{system.System.Restarts.Count} restarts");
        system.System.Shutdown();
    }

    [Fact]
    public void Crash_BeyondTheBudget_GivesUpWithALegalError()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(restartsMax: 3), crashSites: true);
        CrashInjector crashes = system.System.Crashes("Nvme");
        Assert.Equal((0, ""), system.Shell("seq 2000 > /big && sync"));
        string output = string.Empty;
        int status = 0;
        for (int death = 0; death < 4; death++)
        {
            crashes.ArmAfter(0);
            (status, output) = system.Shell("seq 3000 > /big && sync");
        }

        Assert.NotEqual(0, status);
        Assert.Contains("Input/output error", output, StringComparison.Ordinal);
        Assert.Equal(3, system.System.Restarts.Count);
        Assert.Contains(system.Log, line => line.StartsWith("222 ", StringComparison.Ordinal));
    }
}
