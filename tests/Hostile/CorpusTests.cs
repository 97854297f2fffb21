using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>The corpus itself, and the pages that are made of it.</summary>
public sealed class CorpusTests
{
    private const int AttackCountMin = 474;

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

    /// <summary>The page is made by "dotnet run -c Release --project tests -- table"; what one run found differs from another's.</summary>
    [Fact]
    public void Page_OfTheResults_ListsExactlyTheAttacks()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "hostile-results.md"));
        string[] rows = [.. page.Split('\n').SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .Where(line => line.Length > 0)];
        string[] attacks = [.. HostileCorpus.All.Select(CorpusPage.RowWithWallOf)];

        Assert.Equal(attacks, rows.Zip(attacks, (row, attack) => row[..Math.Min(row.Length, attack.Length)]));
        Assert.Equal(attacks.Length, rows.Length);
    }
}
