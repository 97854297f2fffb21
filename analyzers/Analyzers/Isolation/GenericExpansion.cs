using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Isolation;

/// <summary>
/// Generic code that asks for ever larger instances of itself: <c>M&lt;T&gt;</c> that calls <c>M&lt;List&lt;T&gt;&gt;</c>. The
/// graph is that of ECMA-335 II.9.2: its nodes are type parameters, an edge leads from one to the parameter that its
/// type is passed for, and the edge expands if the type is only a part of what is passed. No circle may have such an edge.
/// </summary>
internal sealed class GenericExpansion
{
    private readonly ConcurrentBag<Edge> edges = [];

    internal static void Register(CompilationStartAnalysisContext context)
    {
        var expansion = new GenericExpansion();
        context.RegisterOperationAction(
            operation => expansion.Collect(operation.Operation), OperationKind.Invocation, OperationKind.ObjectCreation,
            OperationKind.MethodReference, OperationKind.FieldReference, OperationKind.PropertyReference,
            OperationKind.ArrayCreation, OperationKind.VariableDeclarator, OperationKind.TypeOf, OperationKind.DefaultValue,
            OperationKind.IsType, OperationKind.Conversion);
        context.RegisterSymbolAction(symbol => expansion.Collect(symbol.Symbol), SymbolKind.NamedType, SymbolKind.Field);
        context.RegisterCompilationEndAction(expansion.Report);
    }

    private void Collect(IOperation operation)
    {
        Location location = operation.Syntax.GetLocation();
        switch (operation)
        {
            case IInvocationOperation invocation:
                AddMethod(invocation.TargetMethod, location);
                break;
            case IMethodReferenceOperation reference:
                AddMethod(reference.Method, location);
                break;
            case IMemberReferenceOperation reference:
                AddType(reference.Member.ContainingType, location);
                break;
            case IVariableDeclaratorOperation local:
                AddType(local.Symbol.Type, location);
                break;
            case ITypeOfOperation use:
                AddType(use.TypeOperand, location);
                break;
            case IIsTypeOperation use:
                AddType(use.TypeOperand, location);
                break;
            default:
                AddType(operation.Type, location);
                break;
        }
    }

    private void Collect(ISymbol symbol)
    {
        Location location = symbol.Locations.FirstOrDefault() ?? Location.None;
        if (symbol is IFieldSymbol field)
        {
            AddType(field.Type, location);
            return;
        }

        var type = (INamedTypeSymbol)symbol;
        foreach (INamedTypeSymbol parent in type.BaseType is null ? type.Interfaces : type.Interfaces.Add(type.BaseType))
        {
            AddType(parent, location);
        }
    }

    private void AddMethod(IMethodSymbol method, Location location)
    {
        AddArguments(method.OriginalDefinition.TypeParameters, method.TypeArguments, location);
        AddType(method.ContainingType, location);
    }

    private void AddType(ITypeSymbol? type, Location location)
    {
        if (type is IArrayTypeSymbol array)
        {
            AddType(array.ElementType, location);
        }

        for (var named = type as INamedTypeSymbol; named is not null; named = named.ContainingType)
        {
            AddArguments(named.OriginalDefinition.TypeParameters, named.TypeArguments, location);
        }
    }

    private void AddArguments(
        IReadOnlyList<ITypeParameterSymbol> parameters, IReadOnlyList<ITypeSymbol> arguments, Location location)
    {
        for (int index = 0; index < Math.Min(parameters.Count, arguments.Count); index++)
        {
            foreach (ITypeParameterSymbol part in PartsOf(arguments[index]))
            {
                edges.Add(new Edge(part, parameters[index], !Same(part, arguments[index]), location));
            }

            AddType(arguments[index] as INamedTypeSymbol, location);
        }
    }

    private static IEnumerable<ITypeParameterSymbol> PartsOf(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol parameter => [parameter],
        IArrayTypeSymbol array => PartsOf(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.SelectMany(PartsOf)
            .Concat(named.ContainingType is { } outer ? PartsOf(outer) : []),
        _ => [],
    };

    private void Report(CompilationAnalysisContext context)
    {
        ILookup<ITypeParameterSymbol, Edge> from =
            edges.ToLookup(edge => edge.From, (IEqualityComparer<ITypeParameterSymbol>)SymbolEqualityComparer.Default);
        var reported = new HashSet<Location>();
        foreach (Edge edge in edges.Where(edge => edge.IsExpanding))
        {
            if (Reaches(from, edge.To, edge.From) && reported.Add(edge.Location))
            {
                context.ReportDiagnostic(new Offence(
                    IsolationDiagnostics.GenericExpansion,
                    $"each instance needs a larger one, with {edge.From.Name} wrapped once more: pass a value, not a type")
                    .At(edge.Location));
            }
        }
    }

    private static bool Reaches(ILookup<ITypeParameterSymbol, Edge> from, ITypeParameterSymbol start, ITypeParameterSymbol goal)
    {
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var pending = new Stack<ITypeParameterSymbol>();
        pending.Push(start);
        while (pending.Count > 0)
        {
            ITypeParameterSymbol at = pending.Pop();
            if (Same(at, goal))
            {
                return true;
            }

            foreach (Edge edge in seen.Add(at) ? from[at] : [])
            {
                pending.Push(edge.To);
            }
        }

        return false;
    }

    private static bool Same(ISymbol left, ISymbol right) => SymbolEqualityComparer.Default.Equals(left, right);

    private readonly record struct Edge(ITypeParameterSymbol From, ITypeParameterSymbol To, bool IsExpanding, Location Location);
}
