using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0015: takes a rule out of a <c>#pragma warning disable</c>, or all of it if nothing else is in it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveSuppressionFix() : SyntaxFix("RL0015", "Remove the suppression")
{
    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model)
    {
        if (node.FirstAncestorOrSelf<PragmaWarningDirectiveTriviaSyntax>() is not { } pragma)
        {
            return null;
        }

        int index = pragma.ErrorCodes.IndexOf(code => code.Span.Contains(node.Span));
        if (index < 0 || pragma.ErrorCodes.Count == 1)
        {
            return root.ReplaceTrivia(pragma.ParentTrivia, default(SyntaxTrivia));
        }

        SeparatedSyntaxList<ExpressionSyntax> codes = pragma.ErrorCodes.RemoveAt(index);
        PragmaWarningDirectiveTriviaSyntax shorter = pragma.WithErrorCodes(codes);
        return root.ReplaceTrivia(pragma.ParentTrivia, SyntaxFactory.Trivia(shorter));
    }
}
