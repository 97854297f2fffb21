using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0003: takes <c>unsafe</c> off a declaration or block that has no pointers in it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveUnsafeFix() : SyntaxFix("RL0003", "Remove 'unsafe'")
{
    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text)
    {
        SyntaxToken keyword = node switch
        {
            UnsafeStatementSyntax statement => statement.UnsafeKeyword,
            MemberDeclarationSyntax member => UnsafeOf(member.Modifiers),
            LocalFunctionStatementSyntax function => UnsafeOf(function.Modifiers),
            _ => default,
        };
        return keyword.IsKind(SyntaxKind.UnsafeKeyword) && !node.DescendantNodes().Any(part => NeedsUnsafe(part, model))
            ? [Remove(text, keyword.SpanStart, keyword.Span.End)]
            : [];
    }

    private static SyntaxToken UnsafeOf(SyntaxTokenList modifiers) =>
        modifiers.FirstOrDefault(modifier => modifier.IsKind(SyntaxKind.UnsafeKeyword));

    /// <summary>Pointers that are written, and those that only have a type: <c>var</c>, a field declared elsewhere.</summary>
    private static bool NeedsUnsafe(SyntaxNode part, SemanticModel model) => part switch
    {
        FixedStatementSyntax or SizeOfExpressionSyntax => true,
        FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.FixedKeyword),
        ExpressionSyntax expression => model.GetTypeInfo(expression).Type is IPointerTypeSymbol or IFunctionPointerTypeSymbol
            && !IsSpan(expression, model),
        _ => false,
    };

    /// <summary><c>stackalloc</c> has the type of a pointer, also where a span takes it.</summary>
    private static bool IsSpan(ExpressionSyntax expression, SemanticModel model) =>
        expression is StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax
        && model.GetTypeInfo(expression).ConvertedType is INamedTypeSymbol;
}
