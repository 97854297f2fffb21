using System.Text.RegularExpressions;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>Marks of unfinished work, and paths of the machine somebody worked on.</summary>
internal static partial class Leftovers
{
    internal static IEnumerable<string> Check(SourceText file)
    {
        string[] lines = file.Lines;
        for (int index = 0; index < lines.Length; index++)
        {
            foreach (Match match in Pattern().Matches(lines[index]).Concat(MachinePath().Matches(lines[index])))
            {
                yield return $"{file.Path}:{index + 1}: {match.Value.Trim()}";
            }
        }
    }

    // A character class in each word keeps this file from finding itself.
    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|HA[C]K|XX[X])\b")]
    private static partial Regex Pattern();

    [GeneratedRegex(@"(?<![\w.])/(wor[k]/|tmp/w[t]/|hom[e]/\w|Use[r]s/\w)")]
    private static partial Regex MachinePath();
}
