using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace RedLeafSharp.Analyzers.Ownership;

/// <summary>Reads and moves of variables, and of what lies in fields, arrays and cells.</summary>
internal sealed partial class OperationWalk
{
    private Value Variable(IOperation operation, Need need)
    {
        if (operation is IFlowCaptureReferenceOperation capture && subject.IsAlias(capture.Id)
            && subject.Resolve(operation) is not (ILocalReferenceOperation or IParameterReferenceOperation) and { } stored)
        {
            return stored is IPropertyReferenceOperation property ? Property(property, need) : Stored(stored, need);
        }

        Place place = subject.PlaceOf(operation)!.Value;
        CheckCapture(operation, place);
        if (ExchangeTypes.IsOwned(operation.Type))
        {
            return Reference(operation, place, need);
        }

        if (need == Need.Value && ExchangeTypes.HasCell(operation.Type) && operation is not IFlowCaptureReferenceOperation)
        {
            CopyOfCell(operation);
        }

        ImmutableHashSet<Origin> origins = State.OriginsOf(place);
        if (!origins.IsEmpty && (need != Need.Place || IsRefLocal(operation)) && !(IsRebound(operation)))
        {
            CheckBorrow(operation.Syntax, NameOf(operation), origins);
        }

        ImmutableArray<Implication> implications =
            State.Conditions.TryGetValue(place, out ImmutableArray<Implication> known) ? known : [];
        return new Value(origins, Holding.Nothing, implications);
    }

    /// <summary>A read of a variable that holds an exchange reference, or a reply with one.</summary>
    private Value Reference(IOperation operation, Place place, Need need)
    {
        if (IsRefLocal(operation))
        {
            // A `ref readonly` local that shows a cell's content: a borrow, and to read it by value is a copy.
            ImmutableHashSet<Origin> origins = State.OriginsOf(place);
            CheckBorrow(operation.Syntax, NameOf(operation), origins);
            if (need == Need.Value)
            {
                CopyOfReference(operation, $"'{NameOf(operation)}' is a reference in another place, which keeps it");
            }

            return new Value(origins, Holding.Unknown, []);
        }

        switch (need)
        {
            case Need.Place:
                return Value.None;
            case Need.Inspect:
                CheckUsable(operation, place, isMove: false);
                return new Value([], State.OwnershipOf(place).Holding, []);
            default:
                if (place.Symbol is IParameterSymbol { RefKind: RefKind.In or RefKind.RefReadOnlyParameter })
                {
                    CopyOfReference(operation, $"'{NameOf(operation)}' is the caller's, who keeps it");
                    return Value.Fresh(Holding.Unknown);
                }

                CheckUsable(operation, place, isMove: true);
                return TakeOut(operation.Syntax, place);
        }
    }

    /// <summary>Moves what a variable holds into a value.</summary>
    private Value TakeOut(SyntaxNode site, Place place)
    {
        Holding holding = State.OwnershipOf(place).Holding;
        State = State.With(place, Ownership.GoneAt(Holding.Moved, site));
        EndBorrowsOf(place, Ending.Moved, site);
        Holding taken = holding & (Holding.Owned | Holding.Empty | Holding.Unknown);
        return Value.Fresh(taken == Holding.Nothing ? Holding.Unknown : taken);
    }

    private void CheckUsable(IOperation use, Place place, bool isMove)
    {
        Ownership ownership = State.OwnershipOf(place);
        if (isReporting && (ownership.Holding & Holding.Gone) != 0)
        {
            subject.Reports.UseOfGone(use.Syntax, place, NameOf(use), ownership, isMove);
        }
    }

    /// <summary>A test for emptiness may be asked of a variable that was emptied, but not of a stale copy.</summary>
    private void CheckTestable(IOperation use, Place place)
    {
        Ownership ownership = State.OwnershipOf(place);
        if (isReporting && (ownership.Holding & Holding.Moved) != 0)
        {
            subject.Reports.UseOfGone(use.Syntax, place, NameOf(use), ownership, isMove: false);
        }
    }

    private void CheckBorrow(SyntaxNode use, string name, ImmutableHashSet<Origin> origins)
    {
        if (isReporting
            && origins.Where(origin => origin.Ending != Ending.None)
                .OrderBy(origin => origin.Site!.SpanStart).FirstOrDefault() is { } ended)
        {
            subject.Reports.EndedBorrow(use, name, ended);
        }
    }

    /// <summary>A variable of another function: a closure has it in a field.</summary>
    private void CheckCapture(IOperation operation, Place place)
    {
        if (isReporting && place.Symbol is { } variable && subject.Owner is IMethodSymbol && ExchangeTypes.IsOwned(operation.Type)
            && !SymbolEqualityComparer.Default.Equals(variable.ContainingSymbol, subject.Owner))
        {
            subject.Reports.Kept(
                operation.Syntax, $"'{variable.Name}' is captured, which keeps it in an object",
                    "pass it as an argument, or capture a cell");
        }
    }

    private void CopyOfReference(IOperation operation, string what)
    {
        if (isReporting)
        {
            subject.Reports.Copied(operation.Syntax, what, "borrow it in place, or take it out of the cell with Take");
        }
    }

    private void CopyOfCell(IOperation operation)
    {
        if (isReporting)
        {
            subject.Reports.Copied(
                operation.Syntax, $"this copies a value of type '{operation.Type?.Name}' with the reference in its cell",
                    "pass it by ref");
        }
    }

    private void Dropped(IOperation operation)
    {
        if (isReporting)
        {
            subject.Reports.Dropped(operation.Syntax);
        }
    }

    /// <summary>What a variable holds is replaced.</summary>
    private void Overwrite(IOperation target, Place place)
    {
        if (isReporting && (State.OwnershipOf(place).Holding & Holding.Owned) != 0)
        {
            subject.Reports.Overwritten(target.Syntax, place, NameOf(target));
        }

        EndBorrowsOf(place, Ending.Moved, target.Syntax);
    }

    private void EndBorrowsOf(Place place, Ending ending, SyntaxNode site) =>
        State = State.End(origin => origin.Key.Equals(place.Key), ending, site);

    private void EndBorrows(Origin cell, Ending ending, SyntaxNode site) =>
        State = State.End(origin => origin.MayBe(cell.Key, cell.Index), ending, site);

    /// <summary>A read of a field, an element or the object itself.</summary>
    private Value Stored(IOperation operation, Need need)
    {
        ImmutableHashSet<Origin> origins = [];
        if (operation is IFieldReferenceOperation field)
        {
            bool isPart = field.Instance is { Type.IsValueType: true };
            origins = Visit(field.Instance, isPart && need == Need.Place ? Need.Place : Need.Inspect).Origins;
        }
        else if (operation is IArrayElementReferenceOperation element)
        {
            Visit(element.ArrayReference, Need.Inspect);
            foreach (IOperation index in element.Indices)
            {
                Visit(index, Need.Value);
            }
        }

        if (need == Need.Value && ExchangeTypes.HasCell(operation.Type))
        {
            CopyOfCell(operation);
        }

        if (need == Need.Value && operation is IInstanceReferenceOperation && ExchangeTypes.IsReference(operation.Type))
        {
            CopyOfReference(operation, "'this' stays where it is");
        }

        return ExchangeTypes.IsReference(operation.Type) ? Value.Fresh(Holding.Unknown)
            : need != Need.Value || ExchangeTypes.CanBorrow(operation.Type) ? Value.Borrowed(origins)
            : Value.None;
    }

    /// <summary>The field or variable that holds the cell an operation names, with the element if it is a constant one.</summary>
    private Origin? CellOf(IOperation? operation)
    {
        switch (operation is null ? null : subject.Resolve(operation))
        {
            case IFieldReferenceOperation { Field: var field }:
                return new Origin(field.OriginalDefinition, null, field.Name, Ending.None, null);
            case ILocalReferenceOperation { Local: var local }:
                return new Origin(local, null, local.Name, Ending.None, null);
            case IParameterReferenceOperation { Parameter: var parameter }:
                return new Origin(parameter, null, parameter.Name, Ending.None, null);
            case IArrayElementReferenceOperation element when CellOf(element.ArrayReference) is { } array:
                Optional<object?>? constant = element.Indices.FirstOrDefault()?.ConstantValue;
                return array with { Index = constant is { HasValue: true, Value: int index } ? index : null };
            case IPropertyReferenceOperation { Instance: { } span, Property.IsIndexer: true } when CellOf(span) is { } holder:
                return holder;
            default:
                return null;
        }
    }

    private bool IsFollowedVariable(IOperation operation) =>
        operation is ILocalReferenceOperation or IParameterReferenceOperation or IFlowCaptureReferenceOperation;

    private bool IsRefLocal(IOperation operation) =>
        subject.Resolve(operation) is ILocalReferenceOperation { Local.RefKind: not RefKind.None };

    /// <summary>The target of `p = ref ...`, which is not read.</summary>
    private static bool IsRebound(IOperation operation) =>
        operation.Parent is ISimpleAssignmentOperation { IsRef: true } assignment
            && ReferenceEquals(assignment.Target, operation);

    private static bool IsByReference(IOperation operation) => operation switch
    {
        IInvocationOperation invocation => invocation.TargetMethod.RefKind != RefKind.None,
        IPropertyReferenceOperation property => property.Property.RefKind != RefKind.None,
        _ => false,
    };

    private string NameOf(IOperation operation) => subject.PlaceOf(operation)?.Symbol?.Name ?? operation.Syntax.ToString();
}
