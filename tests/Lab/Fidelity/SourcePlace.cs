using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>A statement in the source, as the compiler's symbols name it.</summary>
/// <param name="Text">The whole file.</param>
/// <param name="Model">What its names mean.</param>
/// <param name="Node">The statement; a part of a for loop; or the expression that is a method's body.</param>
internal sealed record SourcePlace(string Text, SemanticModel Model, SyntaxNode Node)
{
    /// <summary>What is decided there; null where nothing is.</summary>
    internal ExpressionSyntax? Condition => Node switch
    {
        IfStatementSyntax one => one.Condition,
        WhileStatementSyntax one => one.Condition,
        DoStatementSyntax one => one.Condition,
        ExpressionSyntax one when one.Parent is ForStatementSyntax loop && loop.Condition == one => one,
        _ => null,
    };

    /// <summary>What is executed there: not what is in the braces of an if.</summary>
    internal SyntaxNode Scope => Condition ?? Node;

    /// <returns>Null if no statement is there.</returns>
    internal static SourcePlace? Find(SyntaxTree tree, SemanticModel model, SequencePoint point)
    {
        SourceText text = tree.GetText();
        int start = text.Lines[point.StartLine - 1].Start + point.StartColumn - 1;
        int end = text.Lines[point.EndLine - 1].Start + point.EndColumn - 1;
        SyntaxNode? node = tree.GetRoot().FindToken(start).Parent?.AncestorsAndSelf().FirstOrDefault(one => IsAt(one, start, end));
        return node is null ? null : new SourcePlace(text.ToString(), model, node);
    }

    /// <summary>The text of the file with another text in the place of a part.</summary>
    internal string With(SyntaxNode part, string text) => With((part.Span, text));

    /// <summary>The text of the file with others in the place of parts.</summary>
    internal string With(params IEnumerable<(TextSpan Part, string Text)> changes)
    {
        string all = Text;
        foreach ((TextSpan part, string text) in changes.OrderByDescending(change => change.Part.Start))
        {
            all = string.Concat(all.AsSpan(0, part.Start), text, all.AsSpan(part.End));
        }

        return all;
    }

    /// <summary>This statement and those behind it in the same braces; null if there are not so many.</summary>
    internal StatementSyntax[]? Row(int count)
    {
        if (Node is not StatementSyntax || Node.Parent is not BlockSyntax block)
        {
            return null;
        }

        StatementSyntax[] row = [.. block.Statements.SkipWhile(one => one != Node).Take(count)];
        return row.Length == count ? row : null;
    }

    private static bool IsAt(SyntaxNode node, int start, int end) => node switch
    {
        IfStatementSyntax one => one.SpanStart == start && one.CloseParenToken.Span.End == end,
        WhileStatementSyntax one => one.SpanStart == start && one.CloseParenToken.Span.End == end,
        DoStatementSyntax one => one.WhileKeyword.SpanStart == start,
        StatementSyntax or ExpressionSyntax or VariableDeclarationSyntax => node.SpanStart == start && node.Span.End == end,
        _ => false,
    };
}
