using System.Text;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>The tables of docs/hostile-corpus.md, made from the corpus and from what a run of it found.</summary>
internal static class CorpusPage
{
    private const string ClassesHead = "| class | attacks | must be stopped by |\n|---|---|---|\n";
    private const string ResultsHead = "| class | attack | tries | stopped by | with | us |\n|---|---|---|---|---|---|\n";

    /// <summary>Each class with its size and the wall that has to stop its attacks.</summary>
    internal static string Classes()
    {
        var text = new StringBuilder(ClassesHead);
        foreach (IGrouping<(string Family, Wall Wall), Attack> group in HostileCorpus.All.GroupBy(attack => (attack.Family, attack.Wall)))
        {
            text.Append($"| {group.Key.Family} | {group.Count()} | {NameOf(group.Key.Wall)} |\n");
        }

        return text.ToString();
    }

    /// <summary>Each attack with what stopped it and how long that took.</summary>
    internal static string Results(IEnumerable<AttackResult> results)
    {
        var text = new StringBuilder(ResultsHead);
        foreach (AttackResult result in results)
        {
            string wall = result.Wall is { } stopper ? NameOf(stopper) : "nothing";
            text.Append($"| {result.Attack.Family} | {result.Attack.Name} | {result.Attack.Tries} | {wall} | {result.By} | {result.Micros:F0} |\n");
        }

        return text.ToString();
    }

    /// <summary>Lines of a table without their last column, which another run finds different.</summary>
    internal static IEnumerable<string> WithoutTimes(string text) => text.Split('\n')
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line[..line.TrimEnd(' ', '|').LastIndexOf('|')]);

    private static string NameOf(Wall wall) => wall switch
    {
        Wall.Loader => "loader",
        Wall.Verifier => "verifier",
        Wall.Rewriter => "safepoints",
        _ => "run time",
    };
}
