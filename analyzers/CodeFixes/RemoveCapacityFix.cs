using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0019: a collection made with a capacity is made without one, and grows.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveCapacityFix() : SyntaxFix("RL0019", "Let the collection grow")
{
    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text)
    {
        bool isCapacity = node is BaseObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: 1 }
            && model.GetSymbolInfo(node).Symbol is IMethodSymbol { Parameters.Length: 1 } constructor
            && constructor.Parameters[0].Type.SpecialType == SpecialType.System_Int32
            && constructor.Parameters[0].Name.EndsWith("capacity", StringComparison.OrdinalIgnoreCase)
            && constructor.ContainingType.InstanceConstructors.Any(other => other.Parameters.IsEmpty);
        return isCapacity
            ? [new TextChange(((BaseObjectCreationExpressionSyntax)node).ArgumentList!.Arguments.Span, string.Empty)]
            : [];
    }
}
