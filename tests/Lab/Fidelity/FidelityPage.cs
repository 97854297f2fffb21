using System.Globalization;
using System.Text;
using RedLeafSharp.Lab.Statistics;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>docs/mutant-fidelity.md.</summary>
internal static class FidelityPage
{
    private const string Head = """
        # Mutant fidelity

        A [mutant](faults.md) is a mistake made in a driver's IL. Is it the mistake that its author would have made in C#? So the mistake is made a second
        time, in the source, at the statement that the symbols name, and that is compiled. Both methods are then executed with symbols, side by side: they
        are *equal* if on every way through them the same calls, accesses and branches come in the same order with the same values. In which local
        or register the compiler keeps a value, in which order it lays out blocks, and whether it reads what nobody uses, makes no difference.

        This page is written by

        ```
        dotnet run -c Release --project tests -- fidelity docs/mutant-fidelity.md [NUMBER]
        ```

        which takes the drivers of NVMe and of the 82574L, as optimised builds, and of each as many mutants of each kind as the number says, drawn by
        chance from those that the verifier accepts; without it, all of them. The suite does the same with two, of the first.

        Where the compiler makes several instructions of one name in the source, the mutant changes all of them: an increment reads and writes what
        it names, `x is A or B` reads `x` for each comparison, and `bytes[520..]` has the 520 in the slice's length, too.

        A statement may have several places for one mistake, a name that stands in it twice, say: the mutant is one of them, and it is equal if it
        equals one of the sources. *No source* are those that have no counterpart: the mistaken source is no C# (a variable that is not assigned, a
        name that is not in scope), or the statement is one that only the compiler sees. They are in no rate.


        """;

    internal static string Render(IReadOnlyList<FidelityResult> results, string scope)
    {
        var text = new StringBuilder(Head);
        Proportion all = RateOf(results);
        text.Append(CultureInfo.InvariantCulture, $"Equal: {Text(all)}, of {results.Count} mutants: {scope}.\n\n");
        text.Append("| mistake | mutants | no source | equal | of | share, 95 % interval |\n|---|---|---|---|---|---|\n");
        foreach (IGrouping<MutationOperator, FidelityResult> group in results.GroupBy(one => one.Mutant.Operator).OrderBy(group => group.Key))
        {
            Proportion rate = RateOf(group);
            string share = rate.Trials > 0 ? Text(rate) : "";
            text.Append(CultureInfo.InvariantCulture, $"| `code.{group.Key.ToString().ToLowerInvariant()}` | {group.Count()} | {group.Count() - rate.Trials} | {rate.Events} | {rate.Trials} | {share} |\n");
        }

        text.Append("\n## Those that differ\n\n");
        text.Append("The last column has the first event in which they do: the mutant's, then the recompiled source's.\n\n");
        text.Append("| mistake | where | what is wrong | why they differ | first difference |\n|---|---|---|---|---|\n");
        foreach (FidelityResult one in results.Where(one => one.Fidelity == Fidelity.Different))
        {
            text.Append($"| `code.{one.Mutant.Operator.ToString().ToLowerInvariant()}` | {Short(one.Mutant)} | {one.Mutant.Effect} | {Explanation.Of(one)} | `{Cut(one.Detail)}` |\n");
        }

        return text.ToString();
    }

    internal static Proportion RateOf(IEnumerable<FidelityResult> results)
    {
        FidelityResult[] compared = [.. results.Where(one => one.Fidelity != Fidelity.NoSource)];
        return new Proportion(compared.Count(one => one.Fidelity == Fidelity.Equal), compared.Length);
    }

    private static string Text(Proportion rate)
    {
        Interval interval = rate.Wilson();
        return string.Create(CultureInfo.InvariantCulture, $"{rate.Events} of {rate.Trials}, {100 * rate.Value:0.0} % [{100 * interval.Low:0.0}, {100 * interval.High:0.0}]");
    }

    private static string Short(Mutant mutant) => $"{Path.GetFileName(mutant.Document)}:{mutant.Line}";

    private static string Cut(string detail)
    {
        string plain = detail.Replace("RedLeafSharp.Drivers.Nvme.", string.Empty, StringComparison.Ordinal)
            .Replace("RedLeafSharp.Drivers.E1000e.", string.Empty, StringComparison.Ordinal)
            .Replace("RedLeafSharp.", string.Empty, StringComparison.Ordinal).Replace("System.", string.Empty, StringComparison.Ordinal)
            .Replace("|", "/", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal);
        return plain.Length > 110 ? plain[..110] + "..." : plain;
    }
}
