using System.Text.RegularExpressions;

namespace RedLeafSharp.Tests.Tidy;

/// <summary>Links of the Markdown pages: they lead somewhere, and every page is reached from docs/README.md.</summary>
internal static partial class Documentation
{
    /// <param name="pages">All Markdown files.</param>
    /// <param name="exists">Whether a path from the root is a file or folder.</param>
    internal static IEnumerable<string> CheckLinks(IReadOnlyCollection<SourceText> pages, Func<string, bool> exists)
    {
        Dictionary<string, SourceText> byPath = pages.ToDictionary(page => page.Path);
        foreach (SourceText page in pages)
        {
            foreach ((string text, string path, string anchor) in LinksOf(page))
            {
                if (!exists(path))
                {
                    yield return $"{page.Path}: ({text}) leads nowhere";
                }
                else if (anchor.Length > 0 && !AnchorsOf(byPath.GetValueOrDefault(path)).Contains(anchor))
                {
                    yield return $"{page.Path}: ({text}): {path} has no heading #{anchor}";
                }
            }
        }
    }

    /// <summary>The pages under docs/ that no chain of links reaches from <paramref name="start"/>.</summary>
    internal static IEnumerable<string> FindUnreachable(IReadOnlyCollection<SourceText> pages, string start)
    {
        Dictionary<string, SourceText> byPath = pages.ToDictionary(page => page.Path);
        var reached = new HashSet<string>();
        var pending = new Stack<string>([start]);
        while (pending.TryPop(out string? path))
        {
            if (byPath.TryGetValue(path, out SourceText? page) && reached.Add(path))
            {
                foreach (var link in LinksOf(page))
                {
                    pending.Push(link.Path);
                }
            }
        }

        return byPath.Keys.Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && !reached.Contains(path))
            .Select(path => $"{path}: no chain of links reaches it from {start}");
    }

    /// <summary>Paths in backticks of numbered list items: how a reading order is written.</summary>
    internal static IEnumerable<string> CheckReadingOrder(SourceText page, Func<string, bool> exists)
    {
        foreach (Match item in NumberedItem().Matches(page.Text))
        {
            foreach (Match path in CodePath().Matches(item.Value))
            {
                if (!exists(path.Groups[1].Value))
                {
                    yield return $"{page.Path}: the reading order names {path.Groups[1].Value}, which is not there";
                }
            }
        }
    }

    private static IEnumerable<(string Text, string Path, string Anchor)> LinksOf(SourceText page)
    {
        string text = CodeBlock().Replace(page.Text, "");
        foreach (Match match in Link().Matches(text))
        {
            string target = match.Groups[1].Value;
            if (!target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal))
            {
                string[] parts = target.Split('#', 2);
                yield return (target, Resolve(page.Path, parts[0]), parts.Length > 1 ? parts[1] : "");
            }
        }
    }

    private static string Resolve(string page, string target) => target.Length == 0
        ? page
        : Path.GetFullPath(Path.Combine(Path.GetDirectoryName("/" + page)!, target))[1..].TrimEnd('/');

    /// <summary>Anchors as GitHub makes them: lower case, spaces to hyphens, other punctuation dropped.</summary>
    private static HashSet<string> AnchorsOf(SourceText? page) =>
    [
        .. Heading().Matches(CodeBlock().Replace(page?.Text ?? "", ""))
            .Select(match => NotInAnchor().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-')),
    ];

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^\d+\. .*(\n {2,}.*)*", RegexOptions.Multiline)]
    private static partial Regex NumberedItem();

    [GeneratedRegex(@"`([\w.-]+/[\w./-]+)`")]
    private static partial Regex CodePath();
}
