using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>
/// What the methods of the compilation do to cells in fields: which they may empty, from which they return a borrow, and
/// whether they wait or call out. Followed through calls within a type and into the types of its fields.
/// </summary>
/// <remarks>
/// It reads syntax and resolves names by the members of the type, so that it needs no semantic model of another file. Calls
/// on locals, through interfaces and through delegates are not followed.
/// </remarks>
internal sealed class CellSummaries(Compilation compilation)
{
    private readonly ConcurrentDictionary<IMethodSymbol, MethodFacts> facts = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<IMethodSymbol, MethodFacts> closures = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<INamedTypeSymbol, ImmutableHashSet<ISymbol>> emptiedByType =
        new(SymbolEqualityComparer.Default);
    private readonly Lazy<bool> isReentrant = new(() => FindsReentrant(compilation.Assembly.GlobalNamespace));

    internal ImmutableHashSet<ISymbol> Emptied(IMethodSymbol method) => Closure(method).Emptied;

    internal ImmutableHashSet<ISymbol> Borrowed(IMethodSymbol method) => Closure(method).Borrowed;

    /// <summary>Whether another thread may run in this domain before the call returns.</summary>
    internal bool LetsOthersIn(IMethodSymbol method) => isReentrant.Value && (IsWait(method) || Closure(method).Waits);

    /// <summary>Whether any method of the type that has a cell may empty it.</summary>
    internal bool IsEverEmptied(ISymbol cell) => cell.ContainingType is { } type && emptiedByType
        .GetOrAdd(type, holder => [.. holder.GetMembers().OfType<IMethodSymbol>().SelectMany(method => FactsOf(method).Emptied)])
        .Contains(cell);

    /// <summary>The facts of a method and of all that it calls.</summary>
    private MethodFacts Closure(IMethodSymbol method)
    {
        method = method.OriginalDefinition;
        if (!HasSource(method))
        {
            return MethodFacts.None;
        }

        return closures.GetOrAdd(method, root =>
        {
            MethodFacts all = FactsOf(root);
            var visited = new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default) { root };
            var open = new Queue<(IMethodSymbol Method, bool IsReturned)>(
                all.Callees.Select(callee => (callee, all.ReturnsBorrow)));
            while (open.Count > 0)
            {
                (IMethodSymbol callee, bool isReturned) = open.Dequeue();
                if (visited.Add(callee))
                {
                    MethodFacts own = FactsOf(callee);
                    all = all.With(own, isReturned && own.ReturnsBorrow);
                    own.Callees.ForEach(next => open.Enqueue((next, isReturned && own.ReturnsBorrow)));
                }
            }

            return all;
        });
    }

    private MethodFacts FactsOf(IMethodSymbol method) => HasSource(method) ? facts.GetOrAdd(method, Read) : MethodFacts.None;

    private static MethodFacts Read(IMethodSymbol method)
    {
        INamedTypeSymbol type = method.ContainingType;
        MethodFacts found = MethodFacts.None with
        {
            ReturnsBorrow = method.RefKind != RefKind.None || ExchangeTypes.CanBorrow(method.ReturnType),
        };
        foreach (SyntaxNode node in method.DeclaringSyntaxReferences
            .SelectMany(reference => reference.GetSyntax().DescendantNodes()))
        {
            found = node switch
            {
                MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Content" } content
                    when found.ReturnsBorrow && CellAt(type, content.Expression) is { } shown => found.Borrowing(shown),
                InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Take" } take }
                    when CellAt(type, take.Expression) is { } taken => found.Emptying(taken),
                ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.RefKeyword } argument
                    when CellAt(type, argument.Expression) is { } lent => found.Emptying(lent),
                AssignmentExpressionSyntax assignment
                    when CellAt(type, assignment.Left) is { } replaced => found.Emptying(replaced),
                InvocationExpressionSyntax call => found.Calling(CalleesOf(method, call)),
                _ => found,
            };
        }

        return found;
    }

    /// <summary>All methods of the name that is called: overloads are not told apart.</summary>
    private static IEnumerable<IMethodSymbol> CalleesOf(IMethodSymbol caller, InvocationExpressionSyntax call)
    {
        (ITypeSymbol? target, string name) = call.Expression switch
        {
            SimpleNameSyntax simple => (caller.ContainingType, simple.Identifier.ValueText),
            MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax or BaseExpressionSyntax } own =>
                (caller.ContainingType, own.Name.Identifier.ValueText),
            MemberAccessExpressionSyntax member => (TypeOf(caller, member.Expression), member.Name.Identifier.ValueText),
            _ => ((ITypeSymbol?)null, ""),
        };
        for (ITypeSymbol? declaring = target; declaring is not null && name.Length > 0; declaring = declaring.BaseType)
        {
            foreach (IMethodSymbol callee in declaring.GetMembers(name).OfType<IMethodSymbol>())
            {
                yield return callee.OriginalDefinition;
            }
        }
    }

    private static bool HasSource(IMethodSymbol method) =>
        method.MethodKind is MethodKind.Ordinary or MethodKind.PropertyGet or MethodKind.ExplicitInterfaceImplementation
        && !method.DeclaringSyntaxReferences.IsEmpty;

    /// <summary>The type of a field, property or parameter that a call goes to.</summary>
    private static ITypeSymbol? TypeOf(IMethodSymbol caller, ExpressionSyntax expression)
    {
        string? name = expression is IdentifierNameSyntax identifier ? identifier.Identifier.ValueText
            : expression is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } member
                ? member.Name.Identifier.ValueText
            : null;
        if (name is null)
        {
            return null;
        }

        return caller.Parameters.FirstOrDefault(parameter => parameter.Name == name)?.Type
            ?? caller.ContainingType.GetMembers(name).Select(found => found switch
            {
                IFieldSymbol field => field.Type,
                IPropertySymbol property => property.Type,
                _ => null,
            }).FirstOrDefault(found => found is not null);
    }

    /// <summary>The field with a cell, or with an array of cells, that an expression names.</summary>
    private static ISymbol? CellAt(INamedTypeSymbol type, ExpressionSyntax expression) => expression switch
    {
        ElementAccessExpressionSyntax element => CellAt(type, element.Expression),
        MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax, Name: { } name } =>
            CellNamed(type, name.Identifier.ValueText),
        IdentifierNameSyntax name => CellNamed(type, name.Identifier.ValueText),
        _ => null,
    };

    private static ISymbol? CellNamed(INamedTypeSymbol type, string name) =>
        type.GetMembers(name).OfType<IFieldSymbol>().FirstOrDefault(field =>
            ExchangeTypes.HasCell(field.Type is IArrayTypeSymbol array ? array.ElementType : field.Type))?.OriginalDefinition;

    /// <summary>To wait and to call into another domain are the two ways to let others run.</summary>
    private static bool IsWait(IMethodSymbol method) =>
        ExchangeTypes.IsContract(method.ContainingType)
        || (method.Name == "Wait" && ExchangeTypes.Is(method.ContainingType, "KernelEvent"));

    private static bool FindsReentrant(INamespaceOrTypeSymbol scope) => scope.GetMembers().Any(member => member switch
    {
        INamedTypeSymbol type => ExchangeTypes.HasAttribute(type, "ReentrantAttribute"),
        INamespaceSymbol inner => FindsReentrant(inner),
        _ => false,
    });

    private sealed record MethodFacts(
        ImmutableHashSet<ISymbol> Emptied,
        ImmutableHashSet<ISymbol> Borrowed,
        ImmutableList<IMethodSymbol> Callees,
        bool Waits,
        bool ReturnsBorrow)
    {
        private static readonly ImmutableHashSet<ISymbol> NoCells =
            ImmutableHashSet.Create<ISymbol>(SymbolEqualityComparer.Default);

        internal static readonly MethodFacts None = new(NoCells, NoCells, [], false, false);

        internal MethodFacts Emptying(ISymbol cell) => this with { Emptied = Emptied.Add(cell) };

        internal MethodFacts Borrowing(ISymbol cell) => this with { Borrowed = Borrowed.Add(cell) };

        internal MethodFacts Calling(IEnumerable<IMethodSymbol> callees) =>
            this with { Callees = Callees.AddRange(callees), Waits = Waits || callees.Any(IsWait) };

        internal MethodFacts With(MethodFacts callee, bool isReturned) => this with
        {
            Emptied = Emptied.Union(callee.Emptied),
            Borrowed = isReturned ? Borrowed.Union(callee.Borrowed) : Borrowed,
            Waits = Waits || callee.Waits,
        };
    }
}
