using RedLeafSharp.Kernel;
using Xunit;

namespace RedLeafSharp.Tests.Systems;

/// <summary>Driver deaths under a running file system: nothing above notices, nothing is left behind.</summary>
public sealed class RestartTests
{
    private const string WriteAndSum = "dd if=/big of=/copy bs=65536 status=none && sync && cmp /big /copy && rm /copy";

    [Fact]
    public void Crash_OnceInEachSite_CommandsSucceedAndTheImageIsClean()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(100_000), crashSites: true);
        CrashInjector crashes = system.System.Crashes("Nvme");
        Assert.True(crashes.SiteCount > 100, $"{crashes.SiteCount} sites");
        Assert.Equal((0, ""), system.Shell("seq 20000 > /big"));

        var notReached = new List<string>();
        for (int site = 0; site < crashes.SiteCount; site++)
        {
            int before = system.System.Restarts.Count;
            crashes.ArmAt(site);
            (int status, string output) = system.Shell("cat /big > /copy && sync && cmp /big /copy");
            crashes.Disarm();

            Assert.True(status == 0, $"{crashes.Describe(site)}: status {status}: {output}");
            if (system.System.Restarts.Count == before)
            {
                notReached.Add(crashes.Describe(site));
            }
        }

        Assert.True(notReached.Count < crashes.SiteCount * 3 / 4, $"{notReached.Count} sites not reached");
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
        for (int hits = 0; hits < 200; hits += 3)
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

        Assert.True(system.System.Restarts.Count >= 60, $"{system.System.Restarts.Count} restarts");
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

    [Fact]
    public void Crash_AThousandTimes_LeavesNothingBehind()
    {
        using var system = new TestSystem(TestSystem.WithRestarts(100_000, standbyCount: 4), crashSites: true);
        CrashInjector crashes = system.System.Crashes("Nvme");
        Assert.Equal((0, ""), system.Shell("seq 20000 > /big && sync"));
        Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
        SystemCensus before = system.System.Census();

        long[] managed = new long[4];
        for (int quarter = 0; quarter < 4; quarter++)
        {
            int target = (quarter + 1) * 250;
            while (system.System.Restarts.Count < target)
            {
                crashes.ArmAfter(system.System.Restarts.Count * 7 % 400);
                (int status, string output) = system.Shell(WriteAndSum);
                Assert.True(status == 0, output);
            }

            crashes.Disarm();
            Assert.True(system.System.WaitForReclaims(TimeSpan.FromSeconds(60)));
            managed[quarter] = GC.GetTotalMemory(forceFullCollection: true);
        }

        SystemCensus after = system.System.Census();
        Assert.All(system.System.Reclaims, record => Assert.Equal(string.Empty, record.Detail));
        Assert.All(system.System.Reclaims, record => Assert.True(record.IsCollected));
        Assert.Equal(0, after.UnattributedBytes);
        Assert.Equal(before.BytesByDomain.Values.Sum(), after.BytesByDomain.Values.Sum());
        Assert.True(managed[3] < managed[0] + (4 << 20), $"managed bytes after each quarter: {string.Join(", ", managed)}");
        system.System.Shutdown();
    }
}
