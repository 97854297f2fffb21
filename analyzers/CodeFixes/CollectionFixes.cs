using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0001: a list written as <c>[a, b]</c> becomes <c>new List&lt;T&gt; { a, b }</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ListInitializerFix() : SyntaxFix("RL0001", "Write new List<T> { ... }")
{
    private protected override bool NeedsModel => true;

    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model)
    {
        if (node is not CollectionExpressionSyntax collection || CollectionElements.Of(collection) is not { } elements
            || model.GetTypeInfo(collection).ConvertedType is not INamedTypeSymbol { TypeArguments.Length: 1 } type)
        {
            return null;
        }

        string argument = type.TypeArguments[0].ToMinimalDisplayString(model!, collection.SpanStart);
        return root.ReplaceNode(
            collection, SyntaxFactory.ParseExpression($"new List<{argument}> {{ {elements} }}").WithTriviaFrom(collection));
    }
}

/// <summary>RL0017: a span written as <c>[a, b]</c> becomes <c>new[] { a, b }</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class SpanArrayFix() : SyntaxFix("RL0017", "Make an array")
{
    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model)
    {
        SyntaxNode found = node is ArgumentSyntax argument ? argument.Expression : node;
        return found is CollectionExpressionSyntax collection && CollectionElements.Of(collection) is { } elements
            ? root.ReplaceNode(
                collection, SyntaxFactory.ParseExpression($"new[] {{ {elements} }}").WithTriviaFrom(collection))
            : null;
    }
}

/// <summary>The elements of a collection expression as they are written; null if it has a spread.</summary>
internal static class CollectionElements
{
    internal static string? Of(CollectionExpressionSyntax collection) =>
        collection.Elements.All(element => element is ExpressionElementSyntax) ? collection.Elements.ToString() : null;
}
