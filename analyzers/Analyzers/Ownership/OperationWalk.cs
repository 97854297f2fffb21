using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>What the surrounding operation does with the value of an operation.</summary>
internal enum Need
{
    /// <summary>Takes the value: an exchange reference is moved.</summary>
    Value,

    /// <summary>Looks at it in place: calls a member, tests it.</summary>
    Inspect,

    /// <summary>Wants the variable itself: assigns it or passes it by reference.</summary>
    Place,
}

/// <summary>What an operation has produced.</summary>
/// <param name="Origins">Where the memory comes from that it shows.</param>
/// <param name="Holding">What it is, if it is a reference.</param>
/// <param name="Implications">What it says of variables, if it is a condition.</param>
internal readonly record struct Value(
    ImmutableHashSet<Origin> Origins, Holding Holding, ImmutableArray<Implication> Implications)
{
    internal static readonly Value None = new([], Holding.Nothing, []);

    internal static Value Fresh(Holding holding) => new([], holding, []);

    internal static Value Borrowed(ImmutableHashSet<Origin> origins) => new(origins, Holding.Nothing, []);

    internal static Value Condition(params ImmutableArray<Implication> implications) => new([], Holding.Nothing, implications);
}

/// <summary>
/// Walks the operations of a block in the order in which they are evaluated, changes the state, and reports when told to.
/// This part knows expressions and assignments; the other parts know variables and calls.
/// </summary>
internal sealed partial class OperationWalk(FlowSubject subject, FlowState state, bool isReporting)
{
    internal FlowState State { get; private set; } = state;

    /// <summary>A top-level operation of a block; what it returns is not used.</summary>
    internal void Statement(IOperation operation)
    {
        IOperation expression = operation is IExpressionStatementOperation statement ? statement.Operation : operation;
        Visit(expression, IsFollowedVariable(expression) ? Need.Inspect : Need.Value);
        if (expression is IInvocationOperation or IObjectCreationOperation or IPropertyReferenceOperation
            && ExchangeTypes.IsOwned(expression.Type) && !IsByReference(expression))
        {
            Dropped(expression);
        }
    }

    /// <summary>The condition on which a block branches, or what it returns or throws.</summary>
    internal ImmutableArray<Implication> BranchValue(IOperation operation, bool isReturn)
    {
        bool returnsByReference = isReturn
            && subject.Owner is IMethodSymbol { ReturnsByRef: true } or IMethodSymbol { ReturnsByRefReadonly: true };
        return Visit(operation, returnsByReference ? Need.Inspect : Need.Value).Implications;
    }

    private Value Visit(IOperation? operation, Need need) => operation switch
    {
        null => Value.None,
        ILocalReferenceOperation or IParameterReferenceOperation or IFlowCaptureReferenceOperation => Variable(operation, need),
        IParenthesizedOperation parenthesized => Visit(parenthesized.Operand, need),
        IFlowCaptureOperation capture => Capture(capture),
        ISimpleAssignmentOperation assignment => Assignment(assignment, need),
        IDeconstructionAssignmentOperation deconstruction => Deconstruction(deconstruction),
        IInvocationOperation invocation => Invocation(invocation, need),
        IObjectCreationOperation creation => Creation(creation),
        IPropertyReferenceOperation property => Property(property, need),
        IFieldReferenceOperation or IArrayElementReferenceOperation or IInstanceReferenceOperation => Stored(operation, need),
        IConversionOperation conversion => Conversion(conversion, need),
        IIsPatternOperation pattern => Pattern(pattern),
        IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not =>
            Value.Condition([.. Visit(not.Operand, Need.Value).Implications.Select(implication => implication.Negated)]),
        IBinaryOperation binary => Comparison(binary),
        IDefaultValueOperation => Value.Fresh(Holding.Empty),
        IMethodReferenceOperation method => MethodGroup(method),
        IAwaitOperation awaited => Await(awaited),
        ITupleOperation tuple => Parts(tuple.Elements, "a tuple"),
        IAnonymousObjectCreationOperation creation => Parts(
            creation.Initializers.Select(part => part is ISimpleAssignmentOperation { Value: { } value } ? value : part),
                "an anonymous object"),
        IInterpolationOperation interpolation => Interpolation(interpolation),
        IFlowAnonymousFunctionOperation or ILocalFunctionOperation => Value.None,
        INameOfOperation or ITypeOfOperation or ISizeOfOperation => Value.None,
        _ => Children(operation),
    };

    /// <summary>An operation without a rule of its own shows whatever its parts show, if it can show anything.</summary>
    private Value Children(IOperation operation)
    {
        ImmutableHashSet<Origin> origins = [];
        foreach (IOperation child in operation.ChildOperations)
        {
            origins = origins.Union(Visit(child, Need.Value).Origins);
        }

        bool isNewReference = ExchangeTypes.IsReference(operation.Type);
        return isNewReference ? Value.Fresh(Holding.Owned)
            : ExchangeTypes.CanBorrow(operation.Type) ? Value.Borrowed(origins)
            : Value.None;
    }

    private Value Capture(IFlowCaptureOperation capture)
    {
        var place = new Place(capture.Id);
        if (subject.IsAlias(capture.Id))
        {
            // The variable itself is named later; what is in it now is not touched. Its parts are evaluated here.
            foreach (IOperation child in capture.Value.ChildOperations)
            {
                Visit(child, Need.Inspect);
            }

            return Value.None;
        }

        Value value = Visit(capture.Value, ExchangeTypes.IsReplyWithReference(capture.Value.Type) ? Need.Inspect : Need.Value);
        Store(place, capture.Value.Type, value);
        return Value.None;
    }

    private Value Assignment(ISimpleAssignmentOperation assignment, Need need)
    {
        if (assignment.IsRef)
        {
            return RefAssignment(assignment);
        }

        bool isDiscard = assignment.Target is IDiscardOperation;
        Visit(assignment.Target, Need.Place);
        Value value = Visit(assignment.Value, Need.Value);
        if (isDiscard && (value.Holding & Holding.Owned) != 0 && ExchangeTypes.IsOwned(assignment.Value.Type))
        {
            Dropped(assignment.Value);
        }

        Assign(assignment.Target, value);

        // `a = b = c` would store one reference twice.
        return ExchangeTypes.IsReference(assignment.Type) && need == Need.Value
            && subject.PlaceOf(assignment.Target) is { } target
            && assignment.Parent is not (null or IExpressionStatementOperation)
            ? TakeOut(assignment.Syntax, target)
            : value with { Holding = Holding.Nothing };
    }

    /// <summary>
    /// A ref local names a variable a second time. That is a borrow of a block's content, and a copy of a reference.
    /// </summary>
    private Value RefAssignment(ISimpleAssignmentOperation assignment)
    {
        Value value = Visit(assignment.Value, Need.Inspect);
        if (assignment.Target is ILocalReferenceOperation { Local: { RefKind: RefKind.Ref } local }
            && ExchangeTypes.IsOwned(local.Type))
        {
            if (isReporting)
            {
                subject.Reports.Copied(
                    assignment.Value.Syntax, $"'{local.Name}' would be a second name of the same variable",
                    "use the variable itself, or move it into a new one");
            }

            return Value.None;
        }

        if (subject.PlaceOf(assignment.Target) is { } place)
        {
            State = State.With(place, value.Origins);
        }

        return value;
    }

    private void Assign(IOperation target, Value value)
    {
        if (subject.PlaceOf(target) is { } place)
        {
            if (IsRefLocal(target))
            {
                return;
            }

            if (ExchangeTypes.IsOwned(target.Type))
            {
                Overwrite(target, place);
            }

            Store(place, target.Type, value);
            return;
        }

        IOperation resolved = subject.Resolve(target);
        if (resolved is IFieldReferenceOperation { Instance: { } instance } && subject.PlaceOf(instance) is { } holder
            && ExchangeTypes.CanBorrow(target.Type))
        {
            State = State.With(holder, State.OriginsOf(holder).Union(value.Origins));
        }

        if (CellOf(resolved) is { } cell && ExchangeTypes.HasCell(target.Type))
        {
            EndBorrows(cell, Ending.Emptied, target.Syntax);
        }
    }

    /// <summary>Keeps in a variable what an expression has produced.</summary>
    private void Store(Place place, ITypeSymbol? type, Value value)
    {
        if (ExchangeTypes.IsOwned(type))
        {
            Holding holding = value.Holding & (Holding.Owned | Holding.Empty | Holding.Unknown);
            State = State.With(place, Ownership.Of(holding == Holding.Nothing ? Holding.Owned : holding));
        }

        if (ExchangeTypes.CanBorrow(type) || place.Key is CaptureId)
        {
            State = State.With(place, value.Origins);
        }

        if (type?.SpecialType == SpecialType.System_Boolean)
        {
            State = State.With(place, value.Implications);
        }
    }

    /// <summary>
    /// Only plain targets on the left and a tuple of values on the right move one by one; a swap is such a pair.
    /// </summary>
    private Value Deconstruction(IDeconstructionAssignmentOperation deconstruction)
    {
        IOperation right = deconstruction.Value is IConversionOperation conversion ? conversion.Operand : deconstruction.Value;
        IOperation left = (deconstruction.Target as IDeclarationExpressionOperation)?.Expression ?? deconstruction.Target;
        if (right is not ITupleOperation values || left is not ITupleOperation targets
            || values.Elements.Length != targets.Elements.Length)
        {
            Visit(right, Need.Value);
            return Value.None;
        }

        Value[] results = [.. values.Elements.Select(element => Visit(element, Need.Value))];
        for (int index = 0; index < results.Length; index++)
        {
            IOperation target = targets.Elements[index];
            Assign(target is IDeclarationExpressionOperation declared ? declared.Expression : target, results[index]);
        }

        return Value.None;
    }

    private Value Parts(IEnumerable<IOperation> elements, string holder)
    {
        foreach (IOperation element in elements)
        {
            Visit(element, Need.Value);
            if (isReporting && ExchangeTypes.IsOwned(element.Type))
            {
                subject.Reports.Copied(
                    element.Syntax, $"{holder} would hold a second copy of the reference",
                        "pass the reference by itself, or return it in an out parameter");
            }
        }

        return Value.None;
    }

    private Value Conversion(IConversionOperation conversion, Need need)
    {
        if (conversion.OperatorMethod is not null)
        {
            Value operand = Visit(conversion.Operand, Need.Value);
            return ExchangeTypes.IsOwned(conversion.Type)
                ? Value.Fresh(ExchangeTypes.IsOwned(conversion.Operand.Type) ? Holding.Owned : Holding.Empty)
                : ExchangeTypes.CanBorrow(conversion.Type) ? operand : Value.None;
        }

        if (ExchangeTypes.IsOwned(conversion.Operand.Type) && !ExchangeTypes.IsOwned(conversion.Type)
            && conversion.Type is { TypeKind: not TypeKind.Error })
        {
            Visit(conversion.Operand, Need.Value);
            if (isReporting && conversion.Type.IsReferenceType)
            {
                subject.Reports.Kept(conversion.Operand.Syntax, "converting an exchange reference to an object boxes it",
                    "pass it by its own type");
            }
            else if (isReporting)
            {
                subject.Reports.Copied(conversion.Operand.Syntax,
                    $"'{conversion.Type}' would hold a second copy of the reference", "use the empty reference and test IsNull");
            }

            return Value.None;
        }

        return Visit(conversion.Operand, need);
    }

    private Value Interpolation(IInterpolationOperation interpolation)
    {
        Visit(interpolation.Expression, Need.Inspect);
        if (isReporting && ExchangeTypes.IsOwned(interpolation.Expression.Type))
        {
            subject.Reports.Kept(interpolation.Expression.Syntax, "formatting an exchange reference boxes it",
                "format its content");
        }

        return Value.None;
    }

    private Value Pattern(IIsPatternOperation pattern)
    {
        Value value = Visit(pattern.Value, Need.Inspect);
        IEnumerable<IOperation> parts = pattern.Pattern.DescendantsAndSelf();
        foreach (ISymbol? declared in parts.Select(DeclaredBy))
        {
            if (declared is ILocalSymbol local && ExchangeTypes.IsOwned(local.Type))
            {
                State = State.With(new Place(local), Ownership.Of(Holding.Unknown));
                if (isReporting)
                {
                    subject.Reports.Copied(
                        pattern.Pattern.Syntax, $"the pattern copies the reference into '{local.Name}'",
                            "test IsNull, and use the variable itself");
                }
            }
        }

        if (pattern.Pattern is IRecursivePatternOperation { DeclaredSymbol: null, PropertySubpatterns: { Length: 1 } tests }
            && tests[0] is { Member: IPropertyReferenceOperation tested } part && subject.PlaceOf(pattern.Value) is { } place
                && ExchangeTypes.IsOwned(pattern.Value.Type))
        {
            return Expect(Value.Condition(MeaningOf(tested.Property.Name, place)), ConstantOf(part.Pattern));
        }

        return Expect(value, ConstantOf(pattern.Pattern));
    }

    private static bool? ConstantOf(IPatternOperation pattern) =>
        pattern is IConstantPatternOperation { Value.ConstantValue: { HasValue: true, Value: bool expected } } ? expected : null;

    /// <summary>What a condition says when it is compared with a constant.</summary>
    private static Value Expect(Value value, bool? constant)
    {
        return constant switch
        {
            true => value,
            false => Value.Condition([.. value.Implications.Select(implication => implication.Negated)]),
            null => Value.None,
        };
    }

    private static ISymbol? DeclaredBy(IOperation pattern) => pattern switch
    {
        IDeclarationPatternOperation declaration => declaration.DeclaredSymbol,
        IRecursivePatternOperation recursive => recursive.DeclaredSymbol,
        IListPatternOperation list => list.DeclaredSymbol,
        _ => null,
    };

    private Value Await(IAwaitOperation awaited)
    {
        Visit(awaited.Operation, Need.Value);
        State = State.End(_ => true, Ending.Waited, awaited.Syntax);
        return ExchangeTypes.IsOwned(awaited.Type) ? Value.Fresh(Holding.Owned) : Value.None;
    }
}
