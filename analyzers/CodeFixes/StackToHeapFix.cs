using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0004: <c>stackalloc T[n]</c> becomes <c>new T[n]</c>, which a span takes as well.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class StackToHeapFix() : SyntaxFix("RL0004", "Make an array")
{
    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model) => node switch
    {
        StackAllocArrayCreationExpressionSyntax { Type: ArrayTypeSyntax type } creation => root.ReplaceNode(
            creation,
            SyntaxFactory.ArrayCreationExpression(NewFor(creation), type, creation.Initializer).WithTriviaFrom(creation)),
        ImplicitStackAllocArrayCreationExpressionSyntax creation => root.ReplaceNode(
            creation,
            SyntaxFactory.ImplicitArrayCreationExpression(creation.Initializer).WithNewKeyword(
                SyntaxFactory.Token(SyntaxKind.NewKeyword))
                .WithCloseBracketToken(creation.CloseBracketToken).WithTriviaFrom(creation)),
        _ => null,
    };

    private static SyntaxToken NewFor(StackAllocArrayCreationExpressionSyntax creation) =>
        SyntaxFactory.Token(SyntaxKind.NewKeyword).WithTriviaFrom(creation.StackAllocKeyword);
}
