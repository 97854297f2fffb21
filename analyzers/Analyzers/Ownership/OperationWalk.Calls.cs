using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>Calls: what they take, free, fill, borrow and empty.</summary>
internal sealed partial class OperationWalk
{
    private Value Invocation(IInvocationOperation invocation, Need need)
    {
        IMethodSymbol method = invocation.TargetMethod;
        Value receiver = Receiver(invocation);
        CheckTypeArguments(method, invocation.Arguments, invocation.Syntax);
        ImmutableHashSet<Origin> origins = receiver.Origins.Union(Arguments(invocation.Arguments, invocation.Syntax));
        ImmutableArray<Implication> implications = ByReference(invocation, origins);
        if (ExchangeTypes.IsCell(method.ContainingType) && method.Name == "Take" && CellOf(invocation.Instance) is { } cell)
        {
            EndBorrows(cell, Ending.Emptied, invocation.Syntax);
        }

        Effects(invocation);
        if (method.RefKind != RefKind.None && need == Need.Value)
        {
            CheckCopyOut(invocation, "what this returns is a reference in another place, which keeps it");
        }

        if (method.RefKind != RefKind.None || ExchangeTypes.CanBorrow(method.ReturnType))
        {
            bool isRead = need == Need.Value && method.RefKind != RefKind.None && !ExchangeTypes.CanBorrow(method.ReturnType);
            return isRead ? Value.None : new Value(origins.Union(BorrowedBy(method)), Holding.Unknown, []);
        }

        return !ExchangeTypes.IsOwned(method.ReturnType) ? Value.Condition(implications)
            : ExchangeTypes.IsReference(method.ReturnType) ? Value.Fresh(Holding.Owned)
            : Value.Fresh(method.Name == "Fail" ? Holding.Empty : Holding.Owned | Holding.Empty);
    }

    private Value Receiver(IInvocationOperation invocation)
    {
        IOperation? instance = invocation.Instance;
        if (instance is null)
        {
            return Value.None;
        }

        IMethodSymbol method = invocation.TargetMethod;
        if (isReporting && ExchangeTypes.IsOwned(instance.Type)
            && method.ContainingType.SpecialType is SpecialType.System_Object or SpecialType.System_ValueType)
        {
            subject.Reports.Kept(instance.Syntax, $"'{method.Name}' boxes the exchange reference it is called on",
                "use its content");
        }

        Value value = Visit(instance, Need.Inspect);
        DropUnnamed(instance, value);
        if (ExchangeTypes.HasCell(instance.Type) && !method.IsReadOnly && IsReadOnlyPlace(instance) && isReporting)
        {
            subject.Reports.Copied(
                instance.Syntax, $"'{method.Name}' works on a copy here, since '{NameOf(instance)}' is read-only",
                    "make it writable, or pass it by ref");
        }

        if (!ExchangeTypes.IsReference(instance.Type) || subject.PlaceOf(instance) is not { } place || IsRefLocal(instance))
        {
            return value;
        }

        return Value.Borrowed([new Origin(place.Key, null, NameOf(instance), Ending.None, null)]);
    }

    /// <summary>A reference that only a temporary holds is lost at the end of the expression that looks at it.</summary>
    private void DropUnnamed(IOperation instance, Value value)
    {
        if (subject.PlaceOf(instance) is null && instance is IInvocationOperation or IPropertyReferenceOperation
            && ExchangeTypes.IsOwned(instance.Type)
            && !IsByReference(instance) && (value.Holding & Holding.Owned) != 0)
        {
            Dropped(instance);
        }
    }

    /// <summary>Evaluates arguments; returns where the memory comes from that they show.</summary>
    private ImmutableHashSet<Origin> Arguments(ImmutableArray<IArgumentOperation> arguments, SyntaxNode call)
    {
        ImmutableHashSet<Origin> all = [];
        var shown = new List<(IOperation Argument, ImmutableHashSet<Origin> Origins)>();
        foreach (IArgumentOperation argument in arguments)
        {
            Need need = argument.Parameter?.RefKind switch
            {
                RefKind.Ref or RefKind.Out => Need.Place,
                RefKind.In or RefKind.RefReadOnlyParameter => Need.Inspect,
                _ => Need.Value,
            };
            Value value = Visit(argument.Value, need);
            if (need == Need.Inspect)
            {
                DropUnnamed(argument.Value, value);
            }

            shown.Add((argument.Value, value.Origins));
            all = all.Union(value.Origins);
        }

        foreach ((IOperation argument, ImmutableHashSet<Origin> origins) in shown)
        {
            CheckMovedByLaterArgument(argument, origins, call);
        }

        return all;
    }

    /// <summary>`M(page.Borrow(context), page)`: the borrow is evaluated before the move, and used after it.</summary>
    private void CheckMovedByLaterArgument(IOperation argument, ImmutableHashSet<Origin> origins, SyntaxNode call)
    {
        foreach (Origin origin in origins.Where(origin => origin.Ending == Ending.None))
        {
            Ownership ownership = State.OwnershipOf(new Place(origin.Key));
            SyntaxNode? site = ownership.Sites.FirstOrDefault(site =>
                call.Span.Contains(site.Span) && site.SpanStart > argument.Syntax.SpanStart);
            if (site is not null && (ownership.Holding & Holding.Moved) != 0)
            {
                CheckBorrow(argument.Syntax, argument.Syntax.ToString(), [origin with { Ending = Ending.Moved, Site = site }]);
            }
        }
    }

    /// <summary>What a call does to the variables that it gets by reference; says what its result tells of them.</summary>
    private ImmutableArray<Implication> ByReference(IInvocationOperation invocation, ImmutableHashSet<Origin> origins)
    {
        ImmutableArray<Implication> implications = [];
        foreach (IArgumentOperation argument in invocation.Arguments)
        {
            IOperation target = (argument.Value as IDeclarationExpressionOperation)?.Expression ?? argument.Value;
            switch (argument.Parameter?.RefKind)
            {
                case RefKind.Ref when ExchangeTypes.IsOwned(target.Type):
                    Lend(invocation, target);
                    break;
                case RefKind.Out when ExchangeTypes.IsOwned(target.Type):
                    implications = implications.AddRange(Fill(invocation, target));
                    break;
                case RefKind.Ref when ExchangeTypes.HasCell(target.Type) && CellOf(target) is { } cell:
                    EndBorrows(cell, Ending.Emptied, invocation.Syntax);
                    break;
                case RefKind.Ref when ExchangeTypes.CanBorrow(target.Type) && subject.PlaceOf(target) is { } view:
                    State = State.With(view, State.OriginsOf(view).Union(origins));
                    break;
                case RefKind.Out when ExchangeTypes.CanBorrow(target.Type) && subject.PlaceOf(target) is { } view:
                    State = State.With(view, origins.Union(BorrowedBy(invocation.TargetMethod)));
                    break;
            }
        }

        if (ExchangeTypes.CanBorrow(invocation.Instance?.Type) && subject.PlaceOf(invocation.Instance) is { } receiver)
        {
            State = State.With(receiver, State.OriginsOf(receiver).Union(origins));
        }

        return implications;
    }

    /// <summary>
    /// A reference passed by ref: <c>Put</c> of a cell takes it, methods named <c>Free...</c> free it, and all others may do
    /// either or neither.
    /// </summary>
    private void Lend(IInvocationOperation invocation, IOperation target)
    {
        IMethodSymbol method = invocation.TargetMethod;
        if (subject.PlaceOf(target) is not { } place || IsRefLocal(target))
        {
            return;
        }

        bool isPut = ExchangeTypes.IsCell(method.ContainingType);
        bool isFree = method.Name.StartsWith("Free", StringComparison.Ordinal);
        if (isPut || isFree)
        {
            CheckUsable(target, place, isMove: true);
            State = State.With(place, Ownership.GoneAt(isPut ? Holding.Given : Holding.Freed, target.Syntax));
            EndBorrowsOf(place, isPut ? Ending.Moved : Ending.Freed, invocation.Syntax);
            return;
        }

        CheckTestable(target, place);
        State = State.With(place, Ownership.Of(Holding.Unknown));
        EndBorrowsOf(place, Ending.Moved, invocation.Syntax);
    }

    /// <summary>
    /// A reference that a call returns in an out parameter. A method that says whether it did so fills it only then.
    /// </summary>
    private ImmutableArray<Implication> Fill(IInvocationOperation invocation, IOperation target)
    {
        ITypeSymbol result = invocation.TargetMethod.ReturnType;
        if (target is IDiscardOperation)
        {
            Dropped(target);
            return [];
        }

        if (subject.PlaceOf(target) is not { } place)
        {
            return [];
        }

        Overwrite(target, place);
        bool isTold = result.SpecialType == SpecialType.System_Boolean;
        Holding holding = isTold ? Holding.Owned | Holding.Empty
            : result.SpecialType == SpecialType.System_Void ? Holding.Owned
            : Holding.Unknown;
        State = State.With(place, Ownership.Of(holding));
        return isTold ? [new Implication(place, IsEmptyWhenTrue: false, IsEmptyWhenFalse: true)] : [];
    }

    /// <summary>What else a call may do: empty cells of this compilation, or let other threads in that do.</summary>
    private void Effects(IInvocationOperation invocation)
    {
        IMethodSymbol method = invocation.TargetMethod;
        ImmutableHashSet<ISymbol> emptied = subject.Summaries.Emptied(method);
        if (!emptied.IsEmpty)
        {
            State = State.End(origin => emptied.Contains((ISymbol)origin.Key), Ending.Emptied, invocation.Syntax);
        }

        if (subject.Summaries.LetsOthersIn(method))
        {
            State = State.End(
                origin => origin.Key is ISymbol cell && subject.Summaries.IsEverEmptied(cell), Ending.Waited, invocation.Syntax);
        }
    }

    private IEnumerable<Origin> BorrowedBy(IMethodSymbol method) =>
        subject.Summaries.Borrowed(method).Select(cell => new Origin(cell, null, cell.Name, Ending.None, null));

    private Value Creation(IObjectCreationOperation creation)
    {
        ImmutableHashSet<Origin> origins = Arguments(creation.Arguments, creation.Syntax);
        Visit(creation.Initializer, Need.Value);
        return ExchangeTypes.IsOwned(creation.Type) ? Value.Fresh(creation.Arguments.IsEmpty ? Holding.Empty : Holding.Owned)
            : ExchangeTypes.CanBorrow(creation.Type) ? Value.Borrowed(origins)
            : Value.None;
    }

    private Value MethodGroup(IMethodReferenceOperation group)
    {
        Visit(group.Instance, Need.Inspect);
        CheckTypeArguments(group.Method, [], group.Syntax);
        if (isReporting && ExchangeTypes.IsOwned(group.Instance?.Type))
        {
            subject.Reports.Kept(group.Instance!.Syntax, "a delegate keeps a boxed copy of the exchange reference",
                "call the method itself");
        }

        return Value.None;
    }

    private void CheckTypeArguments(IMethodSymbol method, ImmutableArray<IArgumentOperation> arguments, SyntaxNode call)
    {
        for (int index = 0; isReporting && index < method.TypeArguments.Length; index++)
        {
            ITypeParameterSymbol parameter = method.TypeParameters[index];
            if (!ExchangeTypes.IsOwned(method.TypeArguments[index]) || !ExchangeTypes.MayCopy(parameter))
            {
                continue;
            }

            IArgumentOperation? passed = arguments.FirstOrDefault(argument =>
                SymbolEqualityComparer.Default.Equals(argument.Parameter?.OriginalDefinition.Type, parameter.OriginalDefinition));
            subject.Reports.Copied(
                passed?.Value.Syntax ?? call, $"'{method.Name}' is written for any type and may copy the reference",
                "constrain its type parameter to IExchangeReference, or pass the content");
        }
    }

    /// <summary>By-value reads of what a ref-returning member shows.</summary>
    private void CheckCopyOut(IOperation operation, string what)
    {
        if (ExchangeTypes.IsReference(operation.Type))
        {
            CopyOfReference(operation, what);
        }
        else if (ExchangeTypes.HasCell(operation.Type))
        {
            CopyOfCell(operation);
        }
    }

    /// <summary>A call of a mutating member on one of these works on a copy that the compiler makes.</summary>
    private bool IsReadOnlyPlace(IOperation operation) => subject.Resolve(operation) switch
    {
        IFieldReferenceOperation { Field.IsReadOnly: true } field => !IsInConstructorOf(field.Field),
        IFieldReferenceOperation { Instance: { Type.IsValueType: true } holder } => IsReadOnlyPlace(holder),
        IParameterReferenceOperation { Parameter.RefKind: RefKind.In or RefKind.RefReadOnlyParameter } => true,
        ILocalReferenceOperation { Local: var local } => local.RefKind == RefKind.In || local.IsForEach || local.IsUsing,
        IPropertyReferenceOperation { Property.RefKind: RefKind.None or RefKind.RefReadOnly } => true,
        _ => false,
    };

    private bool IsInConstructorOf(IFieldSymbol field) =>
        subject.Owner is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor
        && SymbolEqualityComparer.Default.Equals(constructor.ContainingType, field.ContainingType);
}
