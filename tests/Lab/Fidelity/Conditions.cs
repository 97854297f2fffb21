using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>Mistakes in conditions, made in the source.</summary>
internal static class Conditions
{
    private static readonly Dictionary<SyntaxKind, string> Shifts = new()
    {
        [SyntaxKind.LessThanExpression] = "<=",
        [SyntaxKind.LessThanOrEqualExpression] = "<",
        [SyntaxKind.GreaterThanExpression] = ">=",
        [SyntaxKind.GreaterThanOrEqualExpression] = ">",
    };

    /// <summary>The compiler negates the last leg only: the branch behind it is the one that decides.</summary>
    internal static IEnumerable<string> Negated(SourcePlace at) =>
        at.Condition is { } condition && Leaves(condition)[^1] is var last ? [at.With(last, $"!({last})")] : [];

    internal static IEnumerable<string> Shifted(SourcePlace at) =>
        at.Condition is { } condition && Inner(Leaves(condition)[^1]) is BinaryExpressionSyntax last && Shifts.TryGetValue(last.Kind(), out string? shifted)
            ? [at.With((last.OperatorToken.Span, shifted))] : [];

    internal static IEnumerable<string> Legs(SourcePlace at, bool isFirstForgotten)
    {
        if (at.Condition is not { } condition)
        {
            return [];
        }

        List<ExpressionSyntax> leaves = Leaves(condition);
        return Enumerable.Range(1, leaves.Count - 1).Select(count => new HashSet<ExpressionSyntax>(isFirstForgotten ? leaves[count..] : leaves[..count]))
            .Select(kept => at.With(condition, Prune(condition, kept)!));
    }

    /// <summary>What is left of a condition of which only some parts are looked at; null if nothing is.</summary>
    private static string? Prune(ExpressionSyntax one, HashSet<ExpressionSyntax> kept)
    {
        if (Both(one) is not { } both)
        {
            return kept.Contains(one) ? one.ToString() : null;
        }

        (string? left, string? right) = (Prune(both.Left, kept), Prune(both.Right, kept));
        return left is null || right is null ? left ?? right : $"({left} {both.OperatorToken} {right})";
    }

    private static List<ExpressionSyntax> Leaves(ExpressionSyntax one) =>
        Both(one) is { } both ? [.. Leaves(both.Left), .. Leaves(both.Right)] : [one];

    private static BinaryExpressionSyntax? Both(ExpressionSyntax one) =>
        Inner(one) is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression } both ? both : null;

    private static ExpressionSyntax Inner(ExpressionSyntax one) => one is ParenthesizedExpressionSyntax inside ? Inner(inside.Expression) : one;
}
