using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RedLeafSharp.CodeFixes;

/// <summary>
/// RL0008: <c>lock (x) { ... }</c> becomes what it held. The block stays, for it may declare names. What is locked has to be a
/// name: a call would be left out with it.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveLockFix() : SyntaxFix("RL0008", "Leave the lock out")
{
    private protected override IEnumerable<TextChange> Edit(SyntaxNode node, SemanticModel model, SourceText text) =>
        node is LockStatementSyntax statement && IsName(statement.Expression)
            ? [Remove(text, statement.LockKeyword.SpanStart, statement.CloseParenToken.Span.End)]
            : [];

    private static bool IsName(ExpressionSyntax expression) => expression switch
    {
        SimpleNameSyntax or ThisExpressionSyntax or TypeOfExpressionSyntax => true,
        MemberAccessExpressionSyntax access => IsName(access.Expression),
        _ => false,
    };
}
