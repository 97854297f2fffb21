using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace RedLeafSharp.CodeFixes;

/// <summary>RL0008: <c>lock (x) { ... }</c> becomes what it held. The block stays, for it may declare names.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveLockFix() : SyntaxFix("RL0008", "Leave the lock out")
{
    private protected override SyntaxNode? Apply(SyntaxNode root, SyntaxNode node, SemanticModel? model) =>
        node is LockStatementSyntax statement
            ? root.ReplaceNode(
                statement, statement.Statement.WithTriviaFrom(statement).WithAdditionalAnnotations(Formatter.Annotation))
            : null;
}
