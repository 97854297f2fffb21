using RedLeafSharp.Tests.Hostile.Fuzzing;
using Xunit;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>
/// All walls against the whole corpus, and against mutants and endless programs by the hundred, each in a process of its own: a wall
/// that fails would take the tests with it.
/// </summary>
public sealed class WallTests
{
    private const int MutantCount = 90;
    private const int BootEvery = 4;
    private const int KillCount = 100;
    private const int WorkloadRestMillis = 200;
    private const int Seed = 1;

    [Fact]
    public void Corpus_InOneProcessBesideHonestWork_IsStoppedAsItSays()
    {
        var (status, output, error) = ChildProcess.Run("hostile");

        Assert.True(status == 0, string.Join('\n', output.Where(line => line.Contains("WRONG")).Concat(output.TakeLast(2)).Concat(error)));
    }

    [Fact]
    public void Mutants_OfOurOwnDomains_HarmNobody()
    {
        var output = new StringWriter();

        Assert.True(FuzzRun.Supervise(MutantCount, Seed, BootEvery, output), output.ToString());
    }

    [Fact]
    public void Kills_OfEndlessPrograms_MissNone()
    {
        var (status, output, error) = ChildProcess.Run("kills", $"{KillCount}", $"{WorkloadRestMillis}");

        Assert.True(status == 0, string.Join('\n', output.Concat(error)));
    }
}
