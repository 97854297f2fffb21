using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.Tests.Generators;

/// <summary>Source with the expected findings marked in it: <c>{|RL0203:text|}</c>.</summary>
internal sealed record MarkedSource(string Text, IReadOnlyList<(string Id, TextSpan Span)> Findings)
{
    internal static MarkedSource Parse(string marked)
    {
        var findings = new List<(string, TextSpan)>();
        int removed = 0;
        string text = Regex.Replace(marked, @"\{\|(RL\d+):(.*?)\|\}", match =>
        {
            string content = match.Groups[2].Value;
            findings.Add((match.Groups[1].Value, new TextSpan(match.Index - removed, content.Length)));
            removed += match.Length - content.Length;
            return content;
        });
        return new MarkedSource(text, findings);
    }
}
