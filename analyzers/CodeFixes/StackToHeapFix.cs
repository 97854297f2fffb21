using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0004: <c>stackalloc T[n]</c> becomes <c>new T[n]</c>, which a span takes as well and a pointer does not.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class StackToHeapFix() : SyntaxFix("RL0004", "Make an array")
{
    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text) =>
        node is StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax
        && model.GetTypeInfo(node).ConvertedType is INamedTypeSymbol && IsForASpan(node)
            ? [new TextChange(node.GetFirstToken().Span, "new")]
            : [];

    /// <summary>In parentheses, or after a question mark, it is a span by itself; an array is not.</summary>
    private static bool IsForASpan(SyntaxNode creation)
    {
        SyntaxNode whole = creation;
        while (whole.Parent is ParenthesizedExpressionSyntax or ConditionalExpressionSyntax)
        {
            whole = whole.Parent;
        }

        return whole == creation
            || whole.Parent is EqualsValueClauseSyntax { Parent.Parent: VariableDeclarationSyntax { Type.IsVar: false } };
    }
}
