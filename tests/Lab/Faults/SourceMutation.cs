using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Tests.Lab.Faults;

/// <summary>Makes in the source the mistake that a mutant makes in the code.</summary>
internal static class SourceMutation
{
    /// <summary>The source with the mistake; null for a kind that is not made here.</summary>
    internal static string? Apply(string source, Mutant mutant)
    {
        SyntaxNode root = CSharpSyntaxTree.ParseText(source).GetRoot();
        StatementSyntax? at = root.DescendantNodes().OfType<StatementSyntax>()
            .Where(one => one is not BlockSyntax && one.GetLocation().GetLineSpan().StartLinePosition.Line + 1 == mutant.Line)
            .MinBy(one => one.Span.Length);
        return at is null ? null : mutant.Operator switch
        {
            MutationOperator.Mifs or MutationOperator.Mieb when at is IfStatementSyntax one =>
                Replace(root, at, one.Else?.Statement.ToString() ?? ";"),
            MutationOperator.Mia when at is IfStatementSyntax one => Replace(root, at, one.Statement.ToString()),
            MutationOperator.Wlec when at is IfStatementSyntax one && mutant.Effect.Contains("negated") =>
                Replace(root, one.Condition, NegatedOf(one.Condition)),
            MutationOperator.Mlac or MutationOperator.Mloc when at is IfStatementSyntax { Condition: BinaryExpressionSyntax both } =>
                Replace(root, both, (mutant.Effect.Contains("first") ? both.Right : both.Left).ToString()),
            MutationOperator.Mfc or MutationOperator.Mvae or MutationOperator.Mvav when at is ExpressionStatementSyntax => Replace(root, at, ";"),
            MutationOperator.Mviv or MutationOperator.Mvae or MutationOperator.Mvav when at is LocalDeclarationStatementSyntax one =>
                Replace(root, one.Declaration.Variables[0].Initializer!.Value, "default!").Replace("var ", "dynamic "),
            MutationOperator.Efc when at is ExpressionStatementSyntax => Replace(root, at, $"{{ {at} {at} }}"),
            MutationOperator.Walr => Swap(root, at),
            MutationOperator.Mlpa => Remove(root, at, mutant.Effect[0] - '0'),
            _ => null,
        };
    }

    /// <summary>The compiler negates the last leg only: the branch behind it is the one that decides.</summary>
    private static string NegatedOf(ExpressionSyntax condition) => condition is BinaryExpressionSyntax
    {
        RawKind: (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression,
    } both ? $"{both.Left} {both.OperatorToken} !({both.Right})" : $"!({condition})";

    private static string? Swap(SyntaxNode root, StatementSyntax at) =>
        Row(at, 2) is [ExpressionStatementSyntax, ExpressionStatementSyntax other] row
            ? root.ReplaceNodes(row, (one, _) => SyntaxFactory.ParseStatement(one == at ? other + "\n" : at + "\n")).ToFullString()
            : null;

    private static string? Remove(SyntaxNode root, StatementSyntax at, int count) =>
        Row(at, count) is { } row && row.All(one => one is ExpressionStatementSyntax)
            ? root.ReplaceNodes(row, (_, _) => SyntaxFactory.ParseStatement(";\n")).ToFullString()
            : null;

    private static StatementSyntax[]? Row(StatementSyntax at, int count)
    {
        if (at.Parent is not BlockSyntax block)
        {
            return null;
        }

        StatementSyntax[] row = [.. block.Statements.SkipWhile(one => one != at).Take(count)];
        return row.Length == count ? row : null;
    }

    private static string Replace(SyntaxNode root, SyntaxNode node, string text)
    {
        string all = root.ToFullString();
        return all[..node.Span.Start] + text + all[node.Span.End..];
    }
}
