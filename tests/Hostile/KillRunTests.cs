using Xunit;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>Many kills in one system: none missed, everything taken back.</summary>
public sealed class KillRunTests
{
    private const int KillCount = 60;

    [Fact]
    public void Kills_OfProgramsThatWaitAndOfTheDriver_MissNoneAndLeaveNothing()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("redleaf-kills-");
        using (var system = new HostileSystem())
        using (var workload = new Workload(system))
        {
            KillReport report = new KillRun(
                system, HostileCorpus.Programs.Where(attack => attack.Family == "endless waits"), folder.FullName,
                    seed: 1).Execute(KillCount);

            Assert.Equal((0, 0), (report.Missed, report.Held));
            Assert.True(report.Collected >= KillCount, report.ToString());
            Assert.Equal((0, ""), (workload.Failures, workload.FirstFailure));
            Assert.True(SpinWait.SpinUntil(() => IsAllTakenBack(system), TimeSpan.FromSeconds(30)),
                "the exchange heap is not empty");
        }

        folder.Delete(recursive: true);
    }

    /// <summary>The driver that was killed last is fenced when its shadow next calls it.</summary>
    private static bool IsAllTakenBack(HostileSystem system) =>
        system.System.WaitForReclaims(TimeSpan.FromSeconds(10)) && system.System.Census().UnattributedBytes == 0;
}
