using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>
/// RL0015: takes our rules out of a <c>#pragma warning disable</c>, all at once, or the whole line if nothing else is in it: a
/// disable that is left without a rule would disable every one.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveSuppressionFix() : SyntaxFix("RL0015", "Remove the suppression")
{
    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text)
    {
        if (node.FirstAncestorOrSelf<PragmaWarningDirectiveTriviaSyntax>() is not { } pragma)
        {
            return [];
        }

        string[] others = [.. pragma.ErrorCodes.Select(code => code.ToString()).Where(code => !IsOurs(code))];
        return others.Length > 0
            ? [new TextChange(pragma.ErrorCodes.Span, string.Join(", ", others))]
            : [new TextChange(text.Lines.GetLineFromPosition(pragma.SpanStart).SpanIncludingLineBreak, string.Empty)];
    }

    private static bool IsOurs(string code) =>
        code.StartsWith("RL", StringComparison.OrdinalIgnoreCase) && code.Skip(2).FirstOrDefault() is >= '0' and <= '9';
}
