using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>The corpus itself, and the attacks that the kernel's own checks answer.</summary>
public sealed class CorpusTests
{
    private const int AttackCountMin = 150;

    /// <summary>Classes whose programs need neither a verdict on their IL nor a kill in the middle of a loop.</summary>
    private static readonly string[] AnsweredClasses =
    [
        "endless waits", "descriptors, pipes, processes without end", "system calls with mad arguments",
            "exceptions thrown at the kernel",
        "contracts abused",
    ];

    [Fact]
    public void Corpus_EveryAttack_CanBeBuilt()
    {
        string[] failed =
        [
            .. HostileCorpus.Programs.Select(attack => (attack, Failure: Record.Exception(() => attack.Build())))
                .Where(one => one.Failure is not null).Select(one => $"{one.attack}: {one.Failure!.Message}"),
        ];
        Assert.Empty(failed);
    }

    [Fact]
    public void Corpus_Names_AreUniqueAndMany()
    {
        string[] names = [.. HostileCorpus.All.Select(attack => attack.ToString())];

        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.True(names.Length >= AttackCountMin, $"{names.Length} attacks");
    }

    [Fact]
    public void Page_OfTheCorpus_NamesEveryClass()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "hostile-corpus.md"));

        Assert.Contains(CorpusPage.Classes(), page, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AttacksThatTheKernelAnswers_AreStoppedBesideHonestWork()
    {
        using var corpus = new CorpusRun();
        corpus.RunAll(HostileCorpus.Programs.Where(IsAnswered), HostileCorpus.Boots);

        Assert.Equal("", string.Join('\n', corpus.Results.Where(result => !result.IsAsExpected)));
        Assert.True(corpus.Copies > 0, "the workload made no copy");
        Assert.Equal((0, ""), (corpus.FailedCopies, corpus.FirstFailure));
    }

    private static bool IsAnswered(Attack attack) =>
        AnsweredClasses.Contains(attack.Family) || (attack.Family == "forged tokens" && attack.Wall == Wall.Runtime);
}
