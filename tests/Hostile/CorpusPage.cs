using System.Text;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>The tables of docs/hostile-corpus.md, made from the corpus and from what a run of it found.</summary>
internal static class CorpusPage
{
    private const string ClassesHead = "| class | attacks | must be stopped by |\n|---|---|---|\n";
    private const string ResultsTitle = "# What stopped each attack\n\n";
    private const string ResultsHead = "| class | attack | tries | its author is told | stopped by | with | us |\n|---|---|---|---|---|---|---|\n";

    /// <summary>Each class with its size and the wall that has to stop its attacks.</summary>
    internal static string Classes()
    {
        List<string> order = [.. HostileCorpus.All.Select(attack => attack.Family).Distinct()];
        var text = new StringBuilder(ClassesHead);
        foreach (IGrouping<(string Family, Wall Wall), Attack> group in HostileCorpus.All.GroupBy(attack => (attack.Family, attack.Wall))
            .OrderBy(group => order.IndexOf(group.Key.Family)))
        {
            text.Append($"| {group.Key.Family} | {group.Count()} | {NameOf(group.Key.Wall)} |\n");
        }

        return text.ToString();
    }

    /// <summary>The page of results: each attack with what stopped it and how long that took.</summary>
    internal static string Results(IReadOnlyCollection<AttackResult> results, int copies)
    {
        var text = new StringBuilder(ResultsTitle);
        text.Append($"""
            Made by `dotnet run -c Release --project tests -- table`: {results.Count} attacks, one after another in one process, while files were copied
            and checked in the same system ({copies} times, none failed). [The corpus](hostile-corpus.md) explains the walls and the classes.

            The fourth column is advice: what the analyzers say of the source, if there is C# that it was made of. "compiler" means that it does
            not compile with an honest compiler, "nothing" that the rules for source have nothing against it. The last column is of one run on
            a shared virtual machine with two cores: microseconds from the start to the refusal or the end, of an endless attack from the kill
            to the end.


            """);
        text.Append(ResultsHead);
        foreach (AttackResult result in results)
        {
            text.Append(RowOf(result.Attack));
            text.Append($" {(result.Wall is { } wall ? NameOf(wall) : "nothing")} | {result.By} | {result.Micros:F0} |\n");
        }

        return text.ToString();
    }

    /// <summary>The columns of an attack that do not depend on a run: class, name, what it tries, what its author is told.</summary>
    internal static string RowOf(Attack attack) =>
        $"| {attack.Family} | {attack.Name} | {attack.Tries} | {AuthorAdvice.Of(attack)} |";

    /// <summary>The beginning of a row that names the wall.</summary>
    internal static string RowWithWallOf(Attack attack) => $"{RowOf(attack)} {NameOf(attack.Wall)} |";

    private static string NameOf(Wall wall) => wall switch
    {
        Wall.Loader => "loader",
        Wall.Verifier => "verifier",
        Wall.Rewriter => "safepoints",
        _ => "run time",
    };
}
