using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>One function as the data flow sees it: its variables, and where to report.</summary>
internal sealed class FlowSubject
{
    private readonly ImmutableDictionary<CaptureId, IOperation> aliases;

    internal FlowSubject(
        ISymbol owner, ControlFlowGraph graph, CellSummaries summaries, OwnershipReports reports, CancellationToken cancellationToken)
    {
        Owner = owner;
        Summaries = summaries;
        Reports = reports;
        CancellationToken = cancellationToken;
        Parameters = owner is IMethodSymbol method ? method.Parameters : [];
        aliases = FindAliases(graph);
    }

    /// <summary>The method, lambda, local function, or the field whose initializer this is.</summary>
    internal ISymbol Owner { get; }

    internal ImmutableArray<IParameterSymbol> Parameters { get; }

    internal CellSummaries Summaries { get; }

    internal OwnershipReports Reports { get; }

    internal CancellationToken CancellationToken { get; }

    /// <summary>By value, the function owns what it gets; by reference, it does not know what is there.</summary>
    internal FlowState EntryState()
    {
        FlowState state = FlowState.Start;
        foreach (IParameterSymbol parameter in Parameters.Where(parameter => ExchangeTypes.IsOwned(parameter.Type)))
        {
            Holding holding = parameter.RefKind switch
            {
                RefKind.None => Holding.Owned,
                RefKind.Out => Holding.Nothing,
                _ => Holding.Unknown,
            };
            state = state.With(new Place(parameter), Ownership.Of(holding));
        }

        return state;
    }

    /// <summary>A local or a parameter by value: what is lost when an exception leaves the function.</summary>
    internal bool IsOwnVariable(Place place) => place.Symbol switch
    {
        ILocalSymbol => true,
        IParameterSymbol parameter => parameter.RefKind == RefKind.None,
        _ => false,
    };

    /// <summary>The variable that an operation names; null when it names none that is followed.</summary>
    internal Place? PlaceOf(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation local => new Place(local.Local),
        IParameterReferenceOperation parameter => new Place(parameter.Parameter),
        IFlowCaptureReferenceOperation capture when aliases.TryGetValue(capture.Id, out IOperation? aliased) => PlaceOf(aliased),
        IFlowCaptureReferenceOperation capture => new Place(capture.Id),
        IParenthesizedOperation parenthesized => PlaceOf(parenthesized.Operand),
        _ => null,
    };

    /// <summary>Whether a capture stands for a variable itself, not for the value it had.</summary>
    internal bool IsAlias(CaptureId capture) => aliases.ContainsKey(capture);

    /// <summary>What an operation names, seen through the compiler's captures.</summary>
    internal IOperation Resolve(IOperation operation) =>
        operation is IFlowCaptureReferenceOperation capture && aliases.TryGetValue(capture.Id, out IOperation? aliased)
            ? Resolve(aliased)
            : operation;

    /// <summary>
    /// While an expression branches, the graph keeps what was evaluated before in captures: of a value, or of a variable that
    /// is assigned, passed by reference or called upon later. Only the use tells which.
    /// </summary>
    private static ImmutableDictionary<CaptureId, IOperation> FindAliases(ControlFlowGraph graph)
    {
        var captured = new Dictionary<CaptureId, IOperation>();
        var byPlace = new HashSet<CaptureId>();
        IEnumerable<IOperation> roots = graph.Blocks.SelectMany(block =>
            block.BranchValue is { } value ? block.Operations.Append(value) : block.Operations);
        foreach (IOperation operation in roots.SelectMany(root => root.DescendantsAndSelf()))
        {
            if (operation is IFlowCaptureOperation capture && MayBePlace(capture.Value))
            {
                captured[capture.Id] = capture.Value;
            }
            else if (operation is IFlowCaptureReferenceOperation reference && IsUsedAsPlace(reference))
            {
                byPlace.Add(reference.Id);
            }
        }

        return captured.Where(entry => byPlace.Contains(entry.Key)).ToImmutableDictionary();
    }

    private static bool MayBePlace(IOperation captured) => captured is ILocalReferenceOperation or IParameterReferenceOperation
        or IFieldReferenceOperation or IArrayElementReferenceOperation or IPropertyReferenceOperation
        or IFlowCaptureReferenceOperation or IInstanceReferenceOperation;

    private static bool IsUsedAsPlace(IFlowCaptureReferenceOperation reference) => reference.Parent switch
    {
        IAssignmentOperation assignment => ReferenceEquals(assignment.Target, reference),
        IArgumentOperation argument => argument.Parameter is { RefKind: not RefKind.None },
        IInvocationOperation invocation =>
            ReferenceEquals(invocation.Instance, reference) && reference.Type is { IsValueType: true },
        IPropertyReferenceOperation property =>
            ReferenceEquals(property.Instance, reference) && reference.Type is { IsValueType: true },
        IFieldReferenceOperation field => reference.Type is { IsValueType: true } && ReferenceEquals(field.Instance, reference),
        IIncrementOrDecrementOperation => true,
        _ => false,
    };
}
