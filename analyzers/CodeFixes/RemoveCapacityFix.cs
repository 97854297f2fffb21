using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0019: a collection made with a capacity is made without one, and grows.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveCapacityFix() : SyntaxFix("RL0019", "Let the collection grow")
{
    private protected override bool NeedsModel => true;

    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model)
    {
        SyntaxNode found = node is ArgumentSyntax argument ? argument.Expression : node;
        bool isCapacity = found is BaseObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: 1 }
            && model?.GetSymbolInfo(found).Symbol is IMethodSymbol { Parameters.Length: 1 } constructor
            && constructor.Parameters[0].Type.SpecialType == SpecialType.System_Int32;
        return isCapacity
            ? root.ReplaceNode(
                found,
                ((BaseObjectCreationExpressionSyntax)found).WithArgumentList(SyntaxFactory.ArgumentList()).WithTriviaFrom(found))
            : null;
    }
}
