using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using RedLeafSharp.Rewriting;

namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>
/// Makes in the source the mistake that a mutant makes in the code. Where a statement has several such places, a name twice, say, each of them
/// is one; and a variable that is not assigned is declared alone, or with its default where C# demands a value.
/// </summary>
internal static class SourceMistakes
{
    private static readonly Dictionary<string, string> Operators = new(StringComparer.Ordinal)
    {
        ["add"] = "+",
        ["sub"] = "-",
        ["mul"] = "*",
        ["div"] = "/",
        ["and"] = "&",
        ["or"] = "|",
        ["xor"] = "^",
        ["shl"] = "<<",
        ["shr"] = ">>",
        ["shr.un"] = ">>",
    };

    /// <summary>Whole files with the mistake; none where C# has nothing that corresponds.</summary>
    internal static IEnumerable<string> Of(SourcePlace at, MutationOperator kind, string effect) => kind switch
    {
        MutationOperator.Mfc or MutationOperator.Mvae or MutationOperator.Mvav or MutationOperator.Mviv => Remove(at, 1),
        MutationOperator.Mlpa => Remove(at, effect[0] - '0'),
        MutationOperator.Efc => Twice(at),
        MutationOperator.Walr => Swap(at),
        MutationOperator.Mifs or MutationOperator.Mieb when at.Node is IfStatementSyntax one => [at.With(one, one.Else?.Statement.ToString() ?? ";")],
        MutationOperator.Mia when at.Node is IfStatementSyntax one => [at.With(one, one.Statement.ToString())],
        MutationOperator.Mlac or MutationOperator.Mloc => Conditions.Legs(at, isFirstForgotten: effect.Contains("first")),
        MutationOperator.Wlec or MutationOperator.Branch or MutationOperator.Loop =>
            effect.Contains("negated") ? Conditions.Negated(at) : Conditions.Shifted(at),
        MutationOperator.Wvav or MutationOperator.Text => Constants(at, effect),
        MutationOperator.Wpfv or MutationOperator.Source => Names(at, effect, (_, other) => other),
        MutationOperator.Pointer when effect.StartsWith("the element", StringComparison.Ordinal) =>
            Replacements(at, at.Scope.DescendantNodesAndSelf().OfType<ElementAccessExpressionSyntax>()
                .Select(one => ((SyntaxNode)one.ArgumentList.Arguments[0], $"({one.ArgumentList.Arguments[0]}) + 1"))),
        MutationOperator.Pointer => Names(at, effect, (_, other) => other).Concat(Halves(at, effect)),
        MutationOperator.Interface => Names(at, effect, (name, _) => at.Model.GetTypeInfo(name).Type is { } type ? $"default({TypeOf(type)})" : "default"),
        MutationOperator.Destination => Destinations(at, effect),
        MutationOperator.Waep => Arithmetic(at, effect),
        MutationOperator.Null => Nulls(at, effect),
        _ => [],
    };

    private static IEnumerable<string> Remove(SourcePlace at, int count)
    {
        if (at.Node is ExpressionSyntax { Parent: ArrowExpressionClauseSyntax { Parent: BaseMethodDeclarationSyntax or AccessorDeclarationSyntax } arrow })
        {
            return [at.With((new TextSpan(arrow.SpanStart, arrow.Parent!.Span.End - arrow.SpanStart), "{ }"))];
        }

        if (at.Node is ExpressionSyntax or VariableDeclarationSyntax)
        {
            return at.Node is ExpressionSyntax ? [at.With(at.Node, string.Empty)]
                : ((VariableDeclarationSyntax)at.Node).Variables is [{ Initializer: { } first }] ? [at.With(first.Value, "default")] : [];
        }

        return at.Row(count) is { } row
            ? [.. Enum.GetValues<Unassigned>().Select(how => at.With(row.Select(one => (one.Span, Without(at, one, how)))))]
            : count == 1 ? [at.With(at.Node, Without(at, (StatementSyntax)at.Node, Unassigned.Default))] : [];
    }

    /// <summary>What is left of a statement: its variables are still declared.</summary>
    private static string Without(SourcePlace at, StatementSyntax statement, Unassigned how)
    {
        IEnumerable<SyntaxNode> declared = statement is LocalDeclarationStatementSyntax one
            ? statement.DescendantNodes().OfType<SingleVariableDesignationSyntax>().Concat<SyntaxNode>(one.Declaration.Variables)
            : statement.DescendantNodes().OfType<SingleVariableDesignationSyntax>();
        return string.Concat(declared.Select(each => at.Model.GetDeclaredSymbol(each)).OfType<ILocalSymbol>().Select(local => how switch
        {
            Unassigned.Default => $"{TypeOf(local.Type)} {local.Name} = default!; ",
            Unassigned.Skipped => $"{TypeOf(local.Type)} {local.Name}; {Mistake.SkipCall}(out {local.Name}); ",
            _ => $"{TypeOf(local.Type)} {local.Name}; ",
        })) + ";";
    }

    private static string TypeOf(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    private static IEnumerable<string> Twice(SourcePlace at) => at.Node switch
    {
        ExpressionStatementSyntax => [at.With(at.Node, $"{{ {at.Node} {at.Node} }}")],
        ExpressionSyntax { Parent: ArrowExpressionClauseSyntax { Parent: BaseMethodDeclarationSyntax or AccessorDeclarationSyntax } arrow } =>
            [at.With((new TextSpan(arrow.SpanStart, arrow.Parent!.Span.End - arrow.SpanStart), $"{{ {at.Node}; {at.Node}; }}"))],
        _ => [],
    };

    private static IEnumerable<string> Swap(SourcePlace at) =>
        at.Row(2) is [var one, var other] ? [at.With((one.Span, other.ToString()), (other.Span, one.ToString()))] : [];

    private static IEnumerable<string> Constants(SourcePlace at, string effect)
    {
        long[] values = [.. effect.Split(" is ").Select(one => long.Parse(one, CultureInfo.InvariantCulture))];
        return Replacements(at, at.Scope.DescendantNodesAndSelf().OfType<ExpressionSyntax>()
            .Where(one => Value(at.Model.GetConstantValue(one)) == values[0])
            .Select(one => ((SyntaxNode)one, Constant(at.Model.GetTypeInfo(one).Type, values[1]))));
    }

    private static string Constant(ITypeSymbol? type, long value) => type?.SpecialType == SpecialType.System_Boolean
        ? value == 0 ? "false" : "true"
        : string.Create(CultureInfo.InvariantCulture, $"unchecked(({(type is null ? "int" : TypeOf(type))})({value}))");

    private static long? Value(Optional<object?> constant) => constant is { HasValue: true, Value: { } value } ? value switch
    {
        bool one => one ? 1 : 0,
        char one => one,
        ulong one => unchecked((long)one),
        uint one => unchecked((int)one),
        IConvertible one when value is not string and not double and not float and not decimal => one.ToInt64(CultureInfo.InvariantCulture),
        _ => null,
    } : null;

    private static IEnumerable<string> Names(SourcePlace at, string effect, Func<SyntaxNode, string, string> other)
    {
        string[] names = [.. effect.Split(" is ").Select(Plain)];
        return Replacements(at, at.Scope.DescendantNodesAndSelf().OfType<SimpleNameSyntax>()
            .Where(one => one.Identifier.ValueText == names[0]).Select(one => ((SyntaxNode)one, other(one, names[1]))));
    }

    /// <summary>What reads and writes a field may be wrong in either.</summary>
    private static IEnumerable<string> Halves(SourcePlace at, string effect)
    {
        string[] names = [.. effect.Split(" is ").Select(Plain)];
        (ExpressionSyntax? field, string? rest) = at.Node is not ExpressionStatementSyntax statement ? (null, null) : statement.Expression switch
        {
            PostfixUnaryExpressionSyntax one => (one.Operand, $"{one.OperatorToken.ValueText[..1]} 1"),
            AssignmentExpressionSyntax one when !one.IsKind(SyntaxKind.SimpleAssignmentExpression) =>
                (one.Left, $"{one.OperatorToken.ValueText.TrimEnd('=')} ({one.Right})"),
            _ => (null, null),
        };
        if (field is null || NameOf(field) != names[0])
        {
            return [];
        }

        string wrong = field.ToString()[..^names[0].Length] + names[1];
        return [at.With(at.Node, $"{field} = {wrong} {rest};"), at.With(at.Node, $"{wrong} = {field} {rest};")];
    }

    /// <summary>The name in the source of what the compiler keeps in a field of its own.</summary>
    private static string Plain(string name) => name.StartsWith('<') ? name[1..name.IndexOf('>')] : name;

    private static IEnumerable<string> Destinations(SourcePlace at, string effect)
    {
        string[] names = effect.Split(" is assigned, not ");
        string wrong = names[0];
        return at.Node switch
        {
            LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer: { } first }] } =>
                [.. Enum.GetValues<Unassigned>().Select(how => at.With(at.Node, $"{Without(at, (StatementSyntax)at.Node, how)} {wrong} = {first.Value};"))],
            ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax { Left: IdentifierNameSyntax name } one } => one.IsKind(SyntaxKind.SimpleAssignmentExpression)
                ? [at.With(name, wrong)]
                : [at.With(at.Node, $"{wrong} = {name} {one.OperatorToken.ValueText.TrimEnd('=')} ({one.Right});")],
            ExpressionStatementSyntax { Expression: PostfixUnaryExpressionSyntax one } => [at.With(at.Node, $"{wrong} = {one.Operand} {one.OperatorToken.ValueText[..1]} 1;")],
            ExpressionSyntax and PostfixUnaryExpressionSyntax one => [at.With(at.Node, $"{wrong} = {one.Operand} {one.OperatorToken.ValueText[..1]} 1")],
            _ => [],
        };
    }

    private static IEnumerable<string> Arithmetic(SourcePlace at, string effect)
    {
        string[] names = effect.Split(" is ");
        (string right, string wrong) = (Operators.GetValueOrDefault(names[0], "?"), Operators.GetValueOrDefault(names[1], "?"));
        return at.Scope.DescendantTokens().Where(one => one.Parent is BinaryExpressionSyntax && one.ValueText == right)
            .Select(one => at.With((one.Span, wrong)))
            .Concat(at.Scope.DescendantTokens().Where(one => one.ValueText == right + "=").Select(one => at.With((one.Span, wrong + "="))))
            .Concat(at.Scope.DescendantTokens().Where(one => one.ValueText == right + right).Select(one => at.With((one.Span, wrong + wrong))));
    }

    private static IEnumerable<string> Nulls(SourcePlace at, string effect)
    {
        string name = effect[..effect.IndexOf(' ')];
        string plain = name.StartsWith("get_", StringComparison.Ordinal) ? name[4..] : name;
        return Replacements(at, at.Scope.DescendantNodesAndSelf().OfType<ExpressionSyntax>()
            .Where(one => one switch
            {
                InvocationExpressionSyntax call => NameOf(call.Expression) == plain,
                MemberAccessExpressionSyntax or IdentifierNameSyntax => name != plain && NameOf(one) == plain,
                ElementAccessExpressionSyntax => plain is "Item" or "get_Item",
                _ => false,
            })
            .Select(one => ((SyntaxNode)one, $"{Mistake.NullCall}({one})")));
    }

    private static string? NameOf(ExpressionSyntax one) => one switch
    {
        MemberAccessExpressionSyntax member => member.Name.Identifier.ValueText,
        SimpleNameSyntax name => name.Identifier.ValueText,
        _ => null,
    };

    private static IEnumerable<string> Replacements(SourcePlace at, IEnumerable<(SyntaxNode Node, string Text)> each) =>
        each.DistinctBy(one => one.Node.Span).Select(one => at.With(one.Node, one.Text));

    /// <summary>How a variable is declared that is not assigned.</summary>
    private enum Unassigned
    {
        /// <summary>Without a value, where it is always assigned later.</summary>
        Plain,

        /// <summary>With its default.</summary>
        Default,

        /// <summary>Without a value, and C# is told that it has one.</summary>
        Skipped,
    }
}
