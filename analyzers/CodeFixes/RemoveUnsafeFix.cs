using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0003: takes <c>unsafe</c> off a declaration or block that has no pointers in it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveUnsafeFix() : SyntaxFix("RL0003", "Remove 'unsafe'")
{
    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model)
    {
        if (node.DescendantNodesAndSelf().Any(HasPointers))
        {
            return null;
        }

        return node switch
        {
            UnsafeStatementSyntax statement => root.ReplaceNode(
                statement, statement.Block.WithTriviaFrom(statement).WithAdditionalAnnotations(Formatter.Annotation)),
            MemberDeclarationSyntax member when Without(member.Modifiers) is { } modifiers =>
                root.ReplaceNode(member, member.WithModifiers(modifiers).WithTriviaFrom(member)),
            LocalFunctionStatementSyntax function when Without(function.Modifiers) is { } modifiers =>
                root.ReplaceNode(function, function.WithModifiers(modifiers).WithTriviaFrom(function)),
            _ => null,
        };
    }

    private static SyntaxTokenList? Without(SyntaxTokenList modifiers)
    {
        int index = modifiers.IndexOf(SyntaxKind.UnsafeKeyword);
        return index < 0 ? null : modifiers.RemoveAt(index);
    }

    private static bool HasPointers(SyntaxNode node) => node.Kind() is SyntaxKind.PointerType or SyntaxKind.FunctionPointerType
        or SyntaxKind.FixedStatement or SyntaxKind.AddressOfExpression or SyntaxKind.PointerIndirectionExpression
        or SyntaxKind.PointerMemberAccessExpression or SyntaxKind.SizeOfExpression;
}
