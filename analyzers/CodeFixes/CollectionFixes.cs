using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0001: a list written as <c>[a, b]</c> becomes <c>new List&lt;T&gt; { a, b }</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ListInitializerFix() : SyntaxFix("RL0001", "Write new List<T> { ... }")
{
    private static readonly HashSet<string> Lists = ["List`1", "IList`1", "ICollection`1"];

    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text) =>
        node is CollectionExpressionSyntax collection && CollectionInitializer.TargetOf(collection, model) is { } target
        && Lists.Contains(target.MetadataName)
        && model.Compilation.GetTypeByMetadataName("System.Collections.Generic.List`1") is { } list
            ? CollectionInitializer.Edit(
                collection, model, list.Construct(target.TypeArguments, target.TypeArgumentNullableAnnotations))
            : [];
}

/// <summary>RL0017: a span written as <c>[a, b]</c> becomes <c>new T[] { a, b }</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class SpanArrayFix() : SyntaxFix("RL0017", "Make an array")
{
    private static readonly HashSet<string> Spans = ["Span`1", "ReadOnlySpan`1"];

    /// <remarks>The type is written out: of two ints the compiler would infer an array of int, also for a span of long.</remarks>
    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text) =>
        node is CollectionExpressionSyntax collection && CollectionInitializer.TargetOf(collection, model) is { } target
        && Spans.Contains(target.MetadataName)
            ? CollectionInitializer.Edit(
                collection, model,
                model.Compilation.CreateArrayTypeSymbol(
                    target.TypeArguments[0], elementNullableAnnotation: target.TypeArgumentNullableAnnotations[0]))
            : [];
}

/// <summary>A collection expression written as the creation of a given type with an initializer.</summary>
internal static class CollectionInitializer
{
    /// <summary>The generic type of one argument that a collection expression is made into.</summary>
    internal static INamedTypeSymbol? TargetOf(CollectionExpressionSyntax collection, SemanticModel model) =>
        model.GetTypeInfo(collection).ConvertedType is INamedTypeSymbol { TypeArguments.Length: 1 } type ? type : null;

    internal static IEnumerable<TextChange> Edit(CollectionExpressionSyntax collection, SemanticModel model, ITypeSymbol type)
    {
        if (!collection.Elements.All(IsInitializer))
        {
            return [];
        }

        SyntaxToken open = collection.OpenBracketToken;
        SyntaxToken close = collection.CloseBracketToken;
        string before = open.HasTrailingTrivia || collection.Elements[0].HasLeadingTrivia ? "" : " ";
        string after = close.HasLeadingTrivia || close.GetPreviousToken().HasTrailingTrivia ? "" : " ";
        return
        [
            new TextChange(open.Span, $"new {type.ToMinimalDisplayString(model, collection.SpanStart)} {{{before}"),
            new TextChange(close.Span, $"{after}}}"),
        ];
    }

    /// <summary>In braces <c>..a</c> means nothing, <c>a = b</c> and <c>[a]</c> name a member to set.</summary>
    private static bool IsInitializer(CollectionElementSyntax element) =>
        element is ExpressionElementSyntax { Expression: not (AssignmentExpressionSyntax or CollectionExpressionSyntax) };
}
