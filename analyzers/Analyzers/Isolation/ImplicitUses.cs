using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>Members that the compiler calls for a construct of the language, without their names being in the source.</summary>
internal static class ImplicitUses
{
    internal static void Register(CompilationStartAnalysisContext context, DomainRules rules)
    {
        context.RegisterOperationAction(
            operation => MemberUses.Report(operation, rules, SymbolsOf(operation.Operation)),
            OperationKind.RecursivePattern, OperationKind.ListPattern, OperationKind.SlicePattern,
            OperationKind.ImplicitIndexerReference, OperationKind.With, OperationKind.Range, OperationKind.Spread);
        context.RegisterOperationAction(
            operation => CheckUsing(operation, rules), OperationKind.Using, OperationKind.UsingDeclaration);
        context.RegisterSyntaxNodeAction(
            node => CheckForEach(node, rules), SyntaxKind.ForEachStatement, SyntaxKind.ForEachVariableStatement);
        context.RegisterSyntaxNodeAction(node => CheckDeconstruction(node, rules), SyntaxKind.SimpleAssignmentExpression);
        context.RegisterOperationAction(operation => CheckCollection(operation, rules), OperationKind.CollectionExpression);
        context.RegisterOperationAction(CheckFormat, OperationKind.Interpolation);
    }

    private static IEnumerable<ISymbol?> SymbolsOf(IOperation operation) => operation switch
    {
        IRecursivePatternOperation pattern => [pattern.DeconstructSymbol],
        IListPatternOperation pattern => [GetterOf(pattern.LengthSymbol), GetterOf(pattern.IndexerSymbol)],
        ISlicePatternOperation pattern => [pattern.SliceSymbol],
        IImplicitIndexerReferenceOperation reference => [GetterOf(reference.LengthSymbol), GetterOf(reference.IndexerSymbol)],
        IWithOperation clone => [clone.CloneMethod],
        IRangeOperation range => [range.Method],
        _ => [],
    };

    private static ISymbol? GetterOf(ISymbol? symbol) => symbol is IPropertySymbol property ? property.GetMethod : symbol;

    private static void CheckForEach(SyntaxNodeAnalysisContext context, DomainRules rules)
    {
        var loop = (CommonForEachStatementSyntax)context.Node;
        ForEachStatementInfo info = context.SemanticModel.GetForEachStatementInfo(loop);
        ISymbol?[] used =
        [
            info.GetEnumeratorMethod, info.MoveNextMethod, info.CurrentProperty?.GetMethod, info.DisposeMethod,
            info.ElementConversion.MethodSymbol, info.CurrentConversion.MethodSymbol,
        ];

        // Arrays, strings and spans are counted through, whatever the pattern says.
        ITypeSymbol? type = context.SemanticModel.GetTypeInfo(loop.Expression, context.CancellationToken).Type;
        if (type is IArrayTypeSymbol or { SpecialType: SpecialType.System_String })
        {
            used = [.. used.Skip(4)];
        }

        ReportFirst(context, rules, used, loop.Expression.GetLocation());
    }

    private static void CheckDeconstruction(SyntaxNodeAnalysisContext context, DomainRules rules)
    {
        var assignment = (AssignmentExpressionSyntax)context.Node;
        if (assignment.Left is TupleExpressionSyntax or DeclarationExpressionSyntax)
        {
            DeconstructionInfo info = context.SemanticModel.GetDeconstructionInfo(assignment);
            ReportFirst(context, rules, [info.Method], assignment.Right.GetLocation());
        }
    }

    private static void ReportFirst(
        SyntaxNodeAnalysisContext context, DomainRules rules, IEnumerable<ISymbol?> symbols, Location location)
    {
        foreach (ISymbol? symbol in symbols)
        {
            if (rules.CheckMember(symbol) is { } offence)
            {
                context.ReportDiagnostic(offence.At(location));
                return;
            }
        }
    }

    private static void CheckUsing(OperationAnalysisContext context, DomainRules rules)
    {
        IOperation resources = context.Operation is IUsingOperation block ? block.Resources
            : ((IUsingDeclarationOperation)context.Operation).DeclarationGroup;
        ITypeSymbol? type = resources is IVariableDeclarationGroupOperation group
            ? group.Declarations.FirstOrDefault()?.Declarators.FirstOrDefault()?.Symbol.Type : resources.Type;
        ISymbol? dispose = type?.GetMembers("Dispose").FirstOrDefault(member => member is IMethodSymbol { Parameters.Length: 0 });
        if (rules.CheckMember(dispose) is { } offence)
        {
            context.ReportDiagnostic(offence.At(resources.Syntax.GetLocation()));
        }
    }

    /// <summary>
    /// How <c>[a, b]</c> becomes a list or a span is the compiler's choice: through CollectionsMarshal, or an inline array on the
    /// stack. A literal of constants lies in the image, one element is a reference to a local, and an empty one is nothing.
    /// </summary>
    private static void CheckCollection(OperationAnalysisContext context, DomainRules rules)
    {
        var collection = (ICollectionExpressionOperation)context.Operation;
        MemberUses.Report(context, rules, [collection.ConstructMethod]);
        string name = collection.Type is INamedTypeSymbol type ? MetadataNames.Of(type) : string.Empty;
        int count = collection.Elements.Length;
        bool isList = name is "System.Collections.Generic.List`1" or "System.Collections.Generic.IList`1"
            or "System.Collections.Generic.ICollection`1";
        bool isSpan = name is "System.ReadOnlySpan`1" or "System.Span`1";
        if (isList && count > 0)
        {
            context.ReportDiagnostic(new Offence(
                IsolationDiagnostics.Member,
                "a list written as [...] is filled through CollectionsMarshal: write new List<T> { ... }")
                .At(collection.Syntax.GetLocation()));
        }
        else if (isSpan && count > 1 && collection.Elements.Any(element => !IsLiteral(element)))
        {
            context.ReportDiagnostic(new Offence(
                IsolationDiagnostics.Size,
                "a span of values is an inline array on the stack: write new[] { ... }").At(collection.Syntax.GetLocation()));
        }
    }

    private static bool IsLiteral(IOperation element)
    {
        IOperation value = element is IConversionOperation { IsImplicit: true } conversion ? conversion.Operand : element;
        return value.ConstantValue.HasValue
            && value.Type is { IsUnmanagedType: true, SpecialType: not SpecialType.System_Decimal };
    }

    /// <summary>A width or a precision is a length: <c>$"{1:D999999999}"</c> is two gigabytes.</summary>
    private static void CheckFormat(OperationAnalysisContext context)
    {
        var part = (IInterpolationOperation)context.Operation;
        bool isWide = part.Alignment?.ConstantValue is { HasValue: true, Value: int width }
            && (width > IsolationLimits.FormatWidthMax || width < -IsolationLimits.FormatWidthMax);
        string format = part.FormatString?.ConstantValue is { HasValue: true, Value: string text } ? text : string.Empty;
        if (isWide || LargestNumber(format) > IsolationLimits.FormatWidthMax)
        {
            context.ReportDiagnostic(new Offence(
                IsolationDiagnostics.Cost, $"a value is written at most {IsolationLimits.FormatWidthMax} characters wide")
                .At(part.Syntax.GetLocation()));
        }
    }

    private static long LargestNumber(string format)
    {
        long largest = 0;
        long number = 0;
        foreach (char character in format)
        {
            number = character is >= '0' and <= '9' ? Math.Min((number * 10) + (character - '0'), int.MaxValue) : 0;
            largest = Math.Max(largest, number);
        }

        return largest;
    }
}
