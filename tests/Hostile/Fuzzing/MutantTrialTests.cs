using Xunit;

namespace RedLeafSharp.Tests.Hostile.Fuzzing;

/// <summary>That mutants are judged and run at all: what an unchanged domain and a broken one are found to be.</summary>
public sealed class MutantTrialTests : IDisposable
{
    private readonly MutantTrial trial = new();

    public static TheoryData<string> Folders => [.. FuzzTarget.All.Select(target => target.Folder)];

    public void Dispose() => trial.Dispose();

    [Theory]
    [MemberData(nameof(Folders))]
    public void Judge_DomainAsItIs_Works(string folder)
    {
        FuzzTarget target = FuzzTarget.All.Single(one => one.Folder == folder);
        string verdict = trial.Judge(trial.SoundImageOf(target), target, isRun: true);
        Assert.True(verdict == "worked", $"{verdict}: {trial.Complaint}");
    }

    [Fact]
    public void Judge_Mutants_AreRejectedAndRunAndFoundOut()
    {
        var verdicts = new HashSet<string>();
        FuzzTarget target = FuzzTarget.All.First();
        for (int seed = 0; seed < 1_000 && !(verdicts.Contains("rejected") && verdicts.Contains("worked") && verdicts.Count > 2); seed++)
        {
            verdicts.Add(trial.Judge(trial.Mutate(target, seed).Image, target, isRun: true).Split(' ')[0]);
        }

        Assert.Superset(new HashSet<string> { "rejected", "worked" }, verdicts);
        Assert.True(verdicts.Count > 2, string.Join(", ", verdicts));
    }
}
